create view meetings as
-- Every meeting, customers' included; one whose time has passed without a word about it is unknown.
-- Grain: one row per meeting.
select
    m.meeting_id,
    m.system,
    m.email,
    m.name,
    coalesce(h.channel_group, 'Unknown') as channel_group,
    coalesce(h.channel, 'Unknown') as channel,
    m.booked_on,
    m.starts_on,
    case
        when m.outcome = 'scheduled' and m.starts_on < d.value then 'unknown'
        when m.outcome = 'unknown' and m.starts_on >= d.value then 'scheduled'
        else m.outcome
    end as outcome,
    m.is_prospect
from meeting_facts as m
left join channels as h on h.id = m.channel
left join meta as d on d.key = 'data_date'

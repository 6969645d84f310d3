-- Meetings of prospects: booked by booking day, the others by the day they were to take place.
-- key: meeting

with prospects as (
    select m.booked_on, m.starts_on, m.outcome, m.person, m.is_opportunity_after, h.channel_group, h.channel
    from meeting_facts as m
    left join channels as h on h.id = m.channel
    where m.is_prospect and m.meeting in (select id from touched_meeting)
)

select 'meetings_booked' as measure, booked_on as day, channel_group, channel, 1 as value, 0 as incomplete
from prospects where booked_on is not null
union all
select 'meetings_attended', starts_on, channel_group, channel, 1, 0 from prospects where outcome = 'held'
union all
select 'meetings_missed', starts_on, channel_group, channel, 1, 0 from prospects where outcome = 'no_show'
union all
select 'meetings_unknown', starts_on, channel_group, channel, 1, 1 from prospects
where outcome in ('unknown', 'scheduled')
union all
select 'meeting_people', starts_on, channel_group, channel, 1, 0 from prospects
where outcome = 'held' and person is not null
union all
select 'meeting_opportunity_people', starts_on, channel_group, channel, 1, 0 from prospects
where outcome = 'held' and person is not null and is_opportunity_after

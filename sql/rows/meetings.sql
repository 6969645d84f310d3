-- Meetings of prospects in the period
-- measures: meetings_booked, meetings_attended, meetings_missed, meetings_unknown, meeting_people, meeting_opportunity_people
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    case :measure when 'meetings_booked' then booked_on else starts_on end as day,
    system || ':' || meeting_id as record,
    email as name,
    coalesce(h.channel, 'Unknown') as channel,
    1 as value
from meeting_facts as f
left join channels as h on f.channel = h.id
where
    is_prospect
    and case :measure when 'meetings_booked' then booked_on else starts_on end
    between :from and :to
    and (
        :channel is null
        or :channel in (coalesce(h.channel, 'Unknown'), coalesce(h.channel_group, 'Unknown'))
    )
    and case :measure
        when 'meetings_booked' then 1
        when 'meetings_missed' then outcome = 'no_show'
        when 'meetings_unknown' then outcome in ('unknown', 'scheduled')
        when 'meeting_people' then outcome = 'held' and person is not null
        when 'meeting_opportunity_people'
            then outcome = 'held' and person is not null and is_opportunity_after
        else outcome = 'held'
    end
order by day, record

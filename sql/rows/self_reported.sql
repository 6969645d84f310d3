-- New people of the period who said what brought them
-- measures: self_reported_people
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    created_on as day,
    person_id as record,
    self_reported_source as name,
    channel,
    case :measure when 'self_reported_people' then 1 end as value
from people
where
    self_reported_source is not null
    and created_on between :from and :to
    and (:channel is null or :channel in (channel, channel_group))
order by created_on, person_id

-- Inbound requests of the period
-- measures: inbound_requests, inbound_response_minutes, inbound_answered, inbound_with_outcome
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    substr(requested_at, 1, 10) as day,
    system || ':' || request_id as record,
    email as name,
    channel,
    case :measure when 'inbound_response_minutes' then response_minutes else 1 end
        as value
from inbound_requests
where
    substr(requested_at, 1, 10) between :from and :to
    and (:channel is null or channel = :channel)
    and (:measure = 'inbound_requests' or response_minutes is not null)
order by requested_at, record

-- Inbound requests by the day they were made. Times in seconds.
-- key: request

with requests as (
    select
        r.requested_on,
        r.response_seconds,
        r.business_seconds,
        r.first_response_at,
        r.is_within_target,
        r.has_outcome,
        h.channel_group,
        h.channel
    from request_facts as r
    left join channels as h on h.id = r.channel
    where r.is_counted and r.requested_on is not null and r.request in (select id from touched_request)
)

select
    'inbound_requests' as measure,
    requested_on as day,
    channel_group,
    channel,
    1 as value,
    0 as incomplete
from requests
union all
select 'inbound_answered', requested_on, channel_group, channel, 1, 0 from requests where response_seconds is not null
union all
select
    'inbound_response_seconds', requested_on, channel_group, channel, response_seconds, response_seconds is null
from requests
union all
select 'inbound_business_answered', requested_on, channel_group, channel, 1, 0
from requests where business_seconds is not null
union all
select
    'inbound_business_seconds', requested_on, channel_group, channel, business_seconds, business_seconds is null
from requests
union all
select 'inbound_never_answered', requested_on, channel_group, channel, 1, 0
from requests where response_seconds is null and first_response_at is null
union all
select 'inbound_within_target', requested_on, channel_group, channel, 1, 0 from requests where is_within_target
union all
select 'inbound_outcomes', requested_on, channel_group, channel, 1, 0 from requests where has_outcome
union all
select 'inbound_minutes', requested_on, channel_group, channel, 1, 0 from requests where response_seconds is not null
union all
select 'inbound_business_minutes', requested_on, channel_group, channel, 1, 0
from requests where business_seconds is not null

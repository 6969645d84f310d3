-- Minutes of business hours to the first human response.
-- key: request
select
    request, requested_day as day, channel, business_seconds / 60.0 as value,
    system || ':' || request_id as record, coalesce(email, form) as name
from request_facts
where is_counted and business_seconds is not null

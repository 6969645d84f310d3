-- Minutes to the first human response.
-- key: request
select
    request, requested_day as day, channel, response_seconds / 60.0 as value,
    system || ':' || request_id as record, coalesce(email, form) as name
from request_facts
where is_counted and response_seconds is not null

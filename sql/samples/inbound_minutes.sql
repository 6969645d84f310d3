-- Minutes to the first human response.
select requested_on as day, channel_group, channel, response_seconds / 60.0 as value
from request_facts
where is_counted and response_seconds is not null

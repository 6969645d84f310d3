-- Minutes of business hours to the first human response.
select requested_on as day, channel_group, channel, business_seconds / 60.0 as value
from request_facts
where is_counted and business_seconds is not null

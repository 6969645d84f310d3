-- Minutes of business hours to the first human response.
select requested_on as day, coalesce(h.channel_group, 'Unknown') as channel_group,
    coalesce(h.channel, 'Unknown') as channel, business_seconds / 60.0 as value,
    f.system || ':' || f.request_id as record, coalesce(f.email, f.form) as name
from request_facts as f
left join channels as h on h.id = f.channel
where is_counted and business_seconds is not null

create view inbound_requests as
-- Forms, chats and calls that ask for sales, and how long the first human response took.
-- Grain: one row per request.
select
    q.request_id,
    q.system,
    q.email,
    q.form,
    coalesce(h.channel_group, 'Unknown') as channel_group,
    coalesce(h.channel, 'Unknown') as channel,
    q.requested_at,
    q.first_response_at,
    q.response_seconds / 60.0 as response_minutes,
    q.business_seconds / 60.0 as business_minutes,
    q.outcome,
    q.is_within_target,
    q.is_counted
from request_facts as q
left join channels as h on h.id = q.channel

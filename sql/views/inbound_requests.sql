create view inbound_requests as
-- Forms, chats and calls that ask for sales, and how long the first human response took.
-- Grain: one row per request.
select
    request_id,
    system,
    email,
    form,
    channel_group,
    channel,
    requested_at,
    first_response_at,
    response_seconds / 60.0 as response_minutes,
    business_seconds / 60.0 as business_minutes,
    outcome,
    is_within_target,
    is_counted
from request_facts

create view emails as
-- E-mail campaigns with their lifetime numbers; rates are of what was delivered.
-- Grain: one row per e-mail campaign.
select
    system,
    email_id,
    name,
    subject,
    sent_on,
    recipients,
    delivered,
    unique_opens,
    unique_clicks,
    forwards,
    unsubscribes,
    bounces,
    1.0 * unique_opens / nullif(delivered, 0) as open_rate,
    1.0 * unique_clicks / nullif(delivered, 0) as click_rate
from email_sends

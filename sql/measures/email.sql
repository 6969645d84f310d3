-- E-mail campaigns by the day they were sent. Rates count only campaigns that say both of their parts.
-- key: all
-- reads: email_campaigns

with sends as (
    select sent_on, 'Inbound' as channel_group, 'Email' as channel, * from email_sends where sent_on is not null
)

select 'email_recipients' as measure, sent_on as day, channel_group, channel, recipients as value, recipients is null as incomplete
from sends where bounces is not null
union all
select 'email_bounces', sent_on, channel_group, channel, bounces, 0 from sends where recipients is not null
union all
select 'email_delivered_of_opens', sent_on, channel_group, channel, delivered, delivered is null
from sends where unique_opens is not null
union all
select 'email_opens', sent_on, channel_group, channel, unique_opens, 0 from sends where delivered is not null
union all
select 'email_delivered_of_clicks', sent_on, channel_group, channel, delivered, delivered is null
from sends where unique_clicks is not null
union all
select 'email_clicks', sent_on, channel_group, channel, unique_clicks, 0 from sends where delivered is not null
union all
select 'email_clicks_of_opens', sent_on, channel_group, channel, unique_clicks, 0
from sends where unique_opens is not null
union all
select 'email_opens_of_clicks', sent_on, channel_group, channel, unique_opens, 0
from sends where unique_clicks is not null
union all
select 'email_delivered_of_unsubscribes', sent_on, channel_group, channel, delivered, delivered is null
from sends where unsubscribes is not null
union all
select 'email_unsubscribes', sent_on, channel_group, channel, unsubscribes, 0 from sends where delivered is not null
union all
select 'email_forwards', sent_on, channel_group, channel, forwards, 0 from sends where forwards is not null

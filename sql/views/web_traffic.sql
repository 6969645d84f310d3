create view web_traffic as
-- Website sessions, each property and day counted once.
-- Grain: one row per day, property, channel, source, medium and campaign.
select
    day,
    property,
    channel_group,
    channel,
    nullif(traffic_source, '') as source,
    nullif(traffic_medium, '') as medium,
    nullif(campaign, '') as campaign,
    sessions,
    engaged_sessions,
    bounces,
    conversions_millionths / 1000000.0 as conversions
from web_days
where is_older = 0 or day not in (select n.day from web_days as n where n.is_older = 0)

create view web_pages as
-- Sessions by the page they began on.
-- Grain: one row per day, property, page, channel and country.
select
    day,
    property,
    page,
    channel_group,
    channel,
    nullif(country, '') as country,
    sessions,
    engaged_sessions
from web_page_days

create view link_clicks as
-- Clicks of short links: what people share where no tracker sees it.
-- Grain: one row per link and day.
select
    day,
    link,
    target,
    campaign,
    clicks
from link_click_days

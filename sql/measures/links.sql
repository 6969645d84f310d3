-- Clicks of short links by day.
-- key: all
-- reads: link_days

select 'link_clicks' as measure, day, 'Unknown' as channel_group, 'Unknown' as channel, clicks as value, 0 as incomplete
from link_click_days
where clicks is not null

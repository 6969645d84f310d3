-- Clicks and impressions of organic search by day.
-- key: all
-- reads: web_rows

select 'organic_clicks' as measure, day, 'Inbound' as channel_group, 'Organic search' as channel, clicks as value, 0 as incomplete
from search_days where clicks is not null
union all
select 'organic_impressions', day, 'Inbound', 'Organic search', impressions, 0
from search_days where impressions is not null

-- Clicks of short links in the period
-- measures: link_clicks
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    day,
    link as record,
    coalesce(campaign, target) as name,
    'Unknown' as channel,
    case :measure when 'link_clicks' then clicks end as value
from link_clicks
where
    day between :from and :to
    and clicks is not null
    and (:channel is null or :channel = 'Unknown')
order by day, link

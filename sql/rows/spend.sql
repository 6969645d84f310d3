-- Spend of the period: ads and manual costs
-- measures: spend, ad_spend
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    day,
    coalesce(nullif(platform, ''), category) as record,
    campaign as name,
    channel,
    spend_reporting as value
from spend
where
    day between :from and :to
    and (:measure = 'spend' or coalesce(platform, '') <> '')
    and (:channel is null or :channel in (channel, channel_group))
order by day, record, name

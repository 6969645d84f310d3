-- Ad statistics of the period
-- measures: impressions, clicks, ad_conversions, platform_leads
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    day,
    platform || ' ' || coalesce(campaign_id, '') as record,
    campaign || coalesce(' / ' || nullif(ad_group, ''), '') as name,
    channel,
    case :measure
        when 'impressions' then impressions
        when 'clicks' then clicks
        when 'ad_conversions' then conversions
        else leads
    end as value
from ad_performance
where
    day between :from and :to
    and (:channel is null or :channel in (channel, channel_group))
order by day, record, name

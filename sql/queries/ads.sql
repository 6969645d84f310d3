-- Ads per platform: impressions, clicks, CTR, CPC, CPM, conversions
-- Each platform claims conversions for itself, so they are not added across platforms.
-- Grain: one row per period and platform, or campaign.
-- :from  first day, default last-3-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel, optional
-- :campaign  a name in which * stands for anything, optional
-- :by  one row per period and this, default platform, one of platform|account|channel|campaign
-- :limit  how many rows, default 200
with spans as (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

-- months, quarters and years from sums by month, which are small
monthly as (
    select
        s.label,
        s.starts,
        s.is_complete,
        case when :by = 'channel' then null else c.platform end as ad_platform,
        case :by when 'channel' then c.channel when 'campaign' then c.campaign end as name,
        c.spend,
        c.impressions,
        c.clicks,
        c.conversions,
        c.platform_leads
    from spans as s
    inner join campaigns_monthly as c on c.month between s.starts and s.ends
    where
        :grain <> 'week'
        and :by <> 'account'
        and c.impressions is not null
        and (:channel is null or :channel = c.channel)
        and (:campaign is null or c.campaign like :campaign escape '\')
),

daily as (
    select
        s.label,
        s.starts,
        s.is_complete,
        case when :by = 'channel' then null else a.platform end as ad_platform,
        case :by
            when 'account' then a.account
            when 'channel' then a.channel
            when 'campaign' then a.campaign
        end as name,
        a.spend_reporting,
        a.impressions,
        a.clicks,
        a.conversions,
        a.leads
    from spans as s
    inner join ad_performance as a on a.day between s.starts and s.ends
    where
        (:grain = 'week' or :by = 'account')
        and (:channel is null or :channel in (a.channel, a.channel_group))
        and (:campaign is null or a.campaign like :campaign escape '\')
),

counted as (
    select
        label,
        starts,
        is_complete,
        ad_platform,
        name,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        -- each platform claims the same deals
        case when ad_platform is not null then sum(conversions) end as conversions,
        sum(platform_leads) as platform_leads
    from (select * from monthly union all select * from daily)
    group by starts, label, is_complete, ad_platform, name
)

select
    label as period,
    ad_platform as platform,
    name,
    spend,
    impressions,
    clicks,
    1.0 * clicks / nullif(impressions, 0) as ctr,
    1.0 * spend / nullif(clicks, 0) as cpc,
    1000.0 * spend / nullif(impressions, 0) as cpm,
    conversions,
    1.0 * conversions / nullif(clicks, 0) as conversion_rate,
    platform_leads,
    1.0 * spend / nullif(platform_leads, 0) as cost_per_platform_lead,
    is_complete
from counted
order by starts, spend desc, ad_platform, name
limit :limit

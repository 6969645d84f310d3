-- Ads per platform: impressions, clicks, CTR, CPC, CPM, conversions
-- Each platform claims conversions for itself, so they are not added across platforms.
-- Grain: one row per period and platform, or campaign.
-- :from  first day, default last-3-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :by  one row per period and this, default platform, one of platform|account|channel|campaign
-- :limit  how many rows, default 200
with spans as materialized (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

days as materialized (
    select starts as day, starts, ends
    from spans
    where :grain = 'week'
    union all
    select date(day, '+1 day'), starts, ends
    from days
    where day < ends
),

-- months, quarters and years from sums by month, which are small
performance as (
    select
        s.starts, a.platform, a.account, a.campaign, a.channel_group, a.channel,
        a.spend_reporting, a.impressions, a.clicks, a.conversions, a.leads
    from spans as s
    inner join ad_performance_monthly as a on a.month between s.starts and s.ends
    where :grain <> 'week'
    union all
    select
        d.starts, a.platform, a.account, a.campaign, a.channel_group, a.channel,
        a.spend_reporting, a.impressions, a.clicks, a.conversions, a.leads
    -- `cross`: the ads of these days are read once, whether they lie by day or by campaign
    from ad_performance as a
    cross join days as d
    where :grain = 'week' and a.day between :from and date(:to, '+6 days') and a.day = d.day
),

counted as (
    select
        starts,
        case when :by = 'channel' then null else platform end as ad_platform,
        case :by
            when 'account' then account
            when 'channel' then channel
            when 'campaign' then campaign
        end as name,
        sum(spend_reporting) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        -- each platform claims the same deals
        case when count(distinct platform) = 1 then sum(conversions) end as conversions,
        sum(leads) as platform_leads
    from performance
    where
        (:channel is null or :channel in (channel, channel_group))
        and (:campaign is null or campaign like :campaign escape '\')
    group by starts, ad_platform, name
)

select
    s.label as period,
    c.ad_platform as platform,
    c.name,
    c.spend,
    c.impressions,
    c.clicks,
    1.0 * c.clicks / nullif(c.impressions, 0) as ctr,
    1.0 * c.spend / nullif(c.clicks, 0) as cpc,
    1000.0 * c.spend / nullif(c.impressions, 0) as cpm,
    c.conversions,
    1.0 * c.conversions / nullif(c.clicks, 0) as conversion_rate,
    c.platform_leads,
    1.0 * c.spend / nullif(c.platform_leads, 0) as cost_per_platform_lead,
    s.is_complete,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where
            n.day between s.starts and s.ends
            and (n.channel is null or :channel is null or n.channel = :channel)
    ) as notes
from counted as c
inner join spans as s on c.starts = s.starts
order by c.starts, c.spend desc, c.ad_platform, c.name
limit :limit

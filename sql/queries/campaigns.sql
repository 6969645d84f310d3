-- Campaigns: spend, clicks, people and revenue of each
-- People and deals whose first touch is the campaign, by the month they took each step;
-- campaigns that only the CRM knows (a webinar, a trade show) are rows too.
-- Grain: one row per campaign.
-- :from  first day, default last-3-months
-- :to  last day, default last-month
-- :channel  a channel, optional
-- :campaign  a name in which * stands for anything, optional
-- :sort  what comes first, default spend, one of spend|leads|mqls|opportunities|revenue|cost_per_lead
-- :limit  how many rows, default 50
with counted as (
    select
        platform,
        campaign_id,
        campaign,
        channel,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(leads) as leads,
        sum(mqls) as mqls,
        sum(opportunities) as opportunities,
        sum(won_deals) as won_deals,
        sum(new_customers) as new_customers,
        sum(revenue) as revenue
    from campaigns_monthly
    where
        month between substr(:from, 1, 7) || '-01' and :to
        and (:channel is null or channel = :channel)
        and (:campaign is null or campaign like :campaign escape '\')
    group by platform, campaign_id, campaign, channel
)

select
    campaign,
    platform,
    channel,
    spend,
    impressions,
    clicks,
    1.0 * clicks / nullif(impressions, 0) as ctr,
    1.0 * spend / nullif(clicks, 0) as cpc,
    leads,
    1.0 * spend / nullif(leads, 0) as cost_per_lead,
    mqls,
    1.0 * spend / nullif(mqls, 0) as cost_per_mql,
    opportunities,
    1.0 * spend / nullif(opportunities, 0) as cost_per_opportunity,
    won_deals,
    new_customers,
    revenue,
    1.0 * spend / nullif(new_customers, 0) as cac,
    campaign_id
from counted
order by
    case :sort
        when 'spend' then spend
        when 'leads' then leads
        when 'mqls' then mqls
        when 'opportunities' then opportunities
        when 'revenue' then revenue
        else 1.0 * spend / nullif(leads, 0)
    end desc,
    campaign, platform, campaign_id
limit :limit

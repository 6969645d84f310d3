-- Ad spend without a CRM campaign, beside CRM campaigns without spend
-- A pair that is one campaign under two names is joined by a `[[campaign_alias]]` in
-- funnelite.toml; `funnelite check --fix-rules` proposes some.
-- Grain: one row per campaign.
-- :from  first day, default last-12-months
-- :to  last day, default last-month
-- :limit  how many rows of each side, default 50
with counted as (
    select
        campaign,
        max(platform) as platform,
        max(channel) as channel,
        sum(spend) as spend,
        sum(clicks) as clicks,
        sum(leads) as leads,
        sum(opportunities) as opportunities,
        sum(revenue) as revenue,
        min(month) as first_month,
        max(month) as last_month
    from campaigns_monthly
    where month between substr(:from, 1, 7) || '-01' and :to
    group by coalesce(nullif(campaign_id, ''), campaign), campaign
),

sided as (
    select
        case
            when spend > 0 then 'spend without people'
            else 'people without spend'
        end as side,
        *
    from counted
    where
        (spend > 0 and coalesce(leads, 0) + coalesce(opportunities, 0) = 0)
        or (coalesce(spend, 0) = 0 and coalesce(leads, 0) + coalesce(opportunities, 0) > 0)
),

ranked as (
    select
        *,
        row_number() over (partition by side order by spend desc, leads desc, campaign)
            as place
    from sided
)

select
    side,
    campaign,
    platform,
    channel,
    spend,
    clicks,
    leads,
    opportunities,
    revenue,
    substr(first_month, 1, 7) as first_month,
    substr(last_month, 1, 7) as last_month
from ranked
where place <= :limit
order by side desc, place

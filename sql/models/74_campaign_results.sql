-- What came of each campaign that people and deals name, by the month in which it happened.
-- Grain: one row per campaign name, platform, channel and month.
-- key: campaign_name
-- column: campaign_key

create table campaign_results (
    campaign_key text not null,
    platform text not null,
    channel_group text not null,
    channel text not null,
    month text not null,                       -- '' = at an unknown date
    campaign text not null,
    leads integer not null,
    mqls integer not null,
    opportunities integer not null,
    won_deals integer not null,
    new_customers integer not null,
    revenue_micros integer not null,
    new_business_deals integer not null,
    new_business_deals_with_amount integer not null,
    new_business_revenue_micros integer not null,
    sales_cycles integer not null,
    sales_cycle_days integer not null,
    primary key (campaign_key, platform, channel_group, channel, month)
) strict, without rowid;

insert into campaign_results
with people as (
    select
        o.campaign_key,
        o.platform,
        o.campaign,
        p.channel,
        p.reached,
        p.lead_day,
        p.mql_day,
        p.opportunity_day
    from origins as o
    cross join persons as p on p.origin = o.id
    where o.campaign_key in (select id from touched_campaign_name) and o.campaign_key <> ''
),

deals as (
    select
        o.campaign_key,
        o.platform,
        o.campaign,
        d.*,
        exists (select 1 from customers as c where c.customer = d.customer and c.first_deal = d.deal) as is_first
    from origins as o
    cross join deal_facts as d on d.origin = o.id
    where
        o.campaign_key in (select id from touched_campaign_name) and o.campaign_key <> ''
        and d.status = 'won' and d.closed_day is not null
),

counted as (
    select campaign_key, platform, channel, campaign, lead_day as day, reached >= 1 as lead, 0 as mql, 0 as opportunity,
        null as deal
    from people
    union all
    select campaign_key, platform, channel, campaign, mql_day, 0, 1, 0, null
    from people where reached >= 2
    union all
    select campaign_key, platform, channel, campaign, opportunity_day, 0, 0, 1, null
    from people where reached >= 4
    union all
    select campaign_key, platform, channel, campaign, closed_day, 0, 0, 0, deal from deals
),

dated as (
    select n.*, coalesce(substr(k.day, 1, 7) || '-01', '') as month
    from counted as n
    left join calendar_days as k on k.day_number = n.day
)

select
    n.campaign_key,
    n.platform,
    h.channel_group,
    h.channel,
    n.month,
    max(n.campaign),
    sum(n.lead),
    sum(n.mql),
    sum(n.opportunity),
    count(d.deal),
    coalesce(sum(d.is_first), 0),
    coalesce(sum(d.amount_reporting_micros), 0),
    coalesce(sum(d.is_new_business), 0),
    coalesce(sum(d.is_new_business and d.amount_reporting_micros is not null), 0),
    coalesce(sum(iif(d.is_new_business, d.amount_reporting_micros, 0)), 0),
    coalesce(sum(d.is_new_business and d.sales_cycle_days is not null), 0),
    coalesce(sum(iif(d.is_new_business, d.sales_cycle_days, 0)), 0)
from dated as n
join channels as h on h.id = n.channel
left join deals as d on d.deal = n.deal
group by n.campaign_key, n.platform, n.channel, n.month;

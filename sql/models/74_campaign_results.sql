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
    select * from campaign_people where campaign_key in (select id from touched_campaign_name)
),

deals as (
    select
        d.*,
        exists (select 1 from customers as c where c.customer_key = d.customer_key and c.first_deal = d.deal) as is_first
    from campaign_deals as d
    where d.campaign_key in (select id from touched_campaign_name)
),

counted as (
    select campaign_key, platform, channel_group, channel, campaign, coalesce(lead_month, '') as month,
        lead_month is not null as lead, 0 as mql, 0 as opportunity, null as deal
    from people
    union all
    select campaign_key, platform, channel_group, channel, campaign, mql_month, 0, 1, 0, null
    from people where mql_month is not null
    union all
    select campaign_key, platform, channel_group, channel, campaign, opportunity_month, 0, 0, 1, null
    from people where opportunity_month is not null
    union all
    select campaign_key, platform, channel_group, channel, campaign, month, 0, 0, 0, deal from deals
)

select
    n.campaign_key,
    n.platform,
    n.channel_group,
    n.channel,
    n.month,
    max(n.campaign),
    sum(n.lead),
    sum(n.mql),
    sum(n.opportunity),
    count(d.deal),
    coalesce(sum(d.is_first), 0),
    coalesce(sum(d.amount_micros), 0),
    coalesce(sum(d.is_new_business), 0),
    coalesce(sum(d.is_new_business and d.amount_micros is not null), 0),
    coalesce(sum(iif(d.is_new_business, d.amount_micros, 0)), 0),
    coalesce(sum(d.is_new_business and d.sales_cycle_days is not null), 0),
    coalesce(sum(iif(d.is_new_business, d.sales_cycle_days, 0)), 0)
from counted as n
left join deals as d on d.deal = n.deal
group by n.campaign_key, n.platform, n.channel_group, n.channel, n.month;

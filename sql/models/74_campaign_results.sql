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
with parts as (
    select
        campaign_key, platform, channel, month, campaign,
        leads, mqls, opportunities,
        0 as won, 0 as customers, 0 as revenue,
        0 as new_deals, 0 as new_with_amount, 0 as new_revenue, 0 as cycles, 0 as cycle_days
    from campaign_people
    where campaign_key in (select id from touched_campaign_name)
    union all
    select
        campaign_key, platform, channel, month, campaign,
        0, 0, 0,
        won_deals, 0, revenue_micros,
        new_business_deals, new_business_deals_with_amount, new_business_revenue_micros, sales_cycles, sales_cycle_days
    from campaign_deals
    where campaign_key in (select id from touched_campaign_name)
    union all
    select
        campaign_key, platform, channel, month, campaign,
        0, 0, 0,
        0, new_customers, 0,
        0, 0, 0, 0, 0
    from campaign_customers
    where campaign_key in (select id from touched_campaign_name)
)

select
    p.campaign_key,
    p.platform,
    h.channel_group,
    h.channel,
    p.month,
    max(p.campaign),
    sum(p.leads),
    sum(p.mqls),
    sum(p.opportunities),
    sum(p.won),
    sum(p.customers),
    sum(p.revenue),
    sum(p.new_deals),
    sum(p.new_with_amount),
    sum(p.new_revenue),
    sum(p.cycles),
    sum(p.cycle_days)
from parts as p
join channels as h on h.id = p.channel
group by p.campaign_key, p.platform, p.channel, p.month;

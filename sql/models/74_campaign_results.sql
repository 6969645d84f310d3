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
with named as materialized (
    select id, campaign_key, platform, campaign
    from origins
    where campaign_key in (select id from touched_campaign_name) and campaign_key <> ''
),

parts as (
    select
        r.origin, r.channel, r.month,
        r.leads, r.mqls, r.opportunities,
        0 as won, 0 as customers, 0 as revenue,
        0 as new_deals, 0 as new_with_amount, 0 as new_revenue, 0 as cycles, 0 as cycle_days
    from named as n
    cross join campaign_people as r on r.origin = n.id
    union all
    select
        r.origin, r.channel, r.month,
        0, 0, 0,
        r.won_deals, 0, r.revenue_micros,
        r.new_business_deals, r.new_business_deals_with_amount, r.new_business_revenue_micros,
        r.sales_cycles, r.sales_cycle_days
    from named as n
    cross join campaign_deals as r on r.origin = n.id
    union all
    select
        r.origin, r.channel, r.month,
        0, 0, 0,
        0, r.new_customers, 0,
        0, 0, 0, 0, 0
    from named as n
    cross join campaign_customers as r on r.origin = n.id
)

select
    n.campaign_key,
    n.platform,
    h.channel_group,
    h.channel,
    iif(p.month = 0, '', printf('%04d-%02d-01', p.month / 100, p.month % 100)),
    max(n.campaign),
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
join named as n on n.id = p.origin
join channels as h on h.id = p.channel
group by n.campaign_key, n.platform, p.channel, p.month;

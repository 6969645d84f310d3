-- Campaigns by month: what they cost and what came of them.
-- Grain: one row per campaign and month.
-- key: entity_month
-- column: entity || month

create table campaign_month_sums (
    entity text not null,
    month text not null,                       -- '' = at an unknown date, or no stage yet
    first_day text,
    last_day text,
    spend_micros integer,                      -- null where there is spend, but none with an exchange rate
    ad_spend_micros integer,                   -- the same
    incomplete integer not null,
    impressions integer not null,
    clicks integer not null,
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
    primary key (entity, month)
) strict, without rowid;

insert into campaign_month_sums
with parts as (
    select
        entity, month, first_day, last_day,
        spend_reporting_micros as spend, spend_reporting_micros as ad_spend, incomplete, impressions, clicks,
        0 as leads, 0 as mqls, 0 as opportunities, 0 as won, 0 as customers, 0 as revenue,
        0 as new_deals, 0 as new_with_amount, 0 as new_revenue, 0 as cycles, 0 as cycle_days
    from (select *, 'ad:' || campaign as entity, 'ad:' || campaign || month as id from ad_campaign_months)
    where id in (select id from touched_entity_month)
    union all
    select
        c.entity, c.month, min(c.day), max(c.day),
        coalesce(sum(c.amount_reporting_micros), 0), 0, sum(c.amount_reporting_micros is null), 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    from (
        select l.entity || c.month as id, l.entity, c.*
        from cost_days as c
        join campaign_links as l on l.campaign_key = c.campaign_key and l.platform = ''
    ) as c
    where c.id in (select id from touched_entity_month)
    group by c.entity, c.month
    union all
    select
        r.entity, r.month, null, null, 0, 0, 0, 0, 0,
        r.leads, r.mqls, r.opportunities, r.won_deals, r.new_customers, r.revenue_micros,
        r.new_business_deals, r.new_business_deals_with_amount, r.new_business_revenue_micros,
        r.sales_cycles, r.sales_cycle_days
    from (
        select l.entity || r.month as id, l.entity, r.*
        from campaign_results as r
        join campaign_links as l on l.campaign_key = r.campaign_key and l.platform = r.platform
    ) as r
    where r.id in (select id from touched_entity_month)
)

select
    entity,
    month,
    min(first_day),
    max(last_day),
    case when sum(incomplete) = 0 or sum(spend) <> 0 then sum(spend) end,
    case when sum(incomplete) = 0 or sum(ad_spend) <> 0 then sum(ad_spend) end,
    sum(incomplete),
    sum(impressions),
    sum(clicks),
    sum(leads),
    sum(mqls),
    sum(opportunities),
    sum(won),
    sum(customers),
    sum(revenue),
    sum(new_deals),
    sum(new_with_amount),
    sum(new_revenue),
    sum(cycles),
    sum(cycle_days)
from parts
group by entity, month;

-- Won deals of each campaign, by the month in which they closed.
-- Grain: one row per campaign name as it is written, platform, channel and month.
-- key: deal
-- form: sums

create table campaign_deals (
    campaign_key text not null,
    platform text not null,
    campaign text not null,
    channel integer not null,
    month text not null,
    won_deals integer not null,
    revenue_micros integer not null,
    new_business_deals integer not null,
    new_business_deals_with_amount integer not null,
    new_business_revenue_micros integer not null,
    sales_cycles integer not null,
    sales_cycle_days integer not null,
    primary key (campaign_key, platform, campaign, channel, month)
) strict, without rowid;

insert into campaign_deals
select
    o.campaign_key,
    o.platform,
    o.campaign,
    d.channel,
    substr(date_of(d.closed_day), 1, 7) || '-01',
    ?1 * count(*),
    ?1 * coalesce(sum(d.amount_reporting_micros), 0),
    ?1 * sum(d.is_new_business),
    ?1 * sum(d.is_new_business and d.amount_reporting_micros is not null),
    ?1 * coalesce(sum(iif(d.is_new_business, d.amount_reporting_micros, 0)), 0),
    ?1 * sum(d.is_new_business and d.sales_cycle_days is not null),
    ?1 * coalesce(sum(iif(d.is_new_business, d.sales_cycle_days, 0)), 0)
from deal_facts as d
join origins as o on o.id = d.origin
where
    d.deal in (select id from touched_deal)
    and o.campaign_key <> '' and d.status = 'won' and d.closed_day is not null
group by 1, 2, 3, 4, 5
on conflict do update set
    won_deals = won_deals + excluded.won_deals,
    revenue_micros = revenue_micros + excluded.revenue_micros,
    new_business_deals = new_business_deals + excluded.new_business_deals,
    new_business_deals_with_amount = new_business_deals_with_amount + excluded.new_business_deals_with_amount,
    new_business_revenue_micros = new_business_revenue_micros + excluded.new_business_revenue_micros,
    sales_cycles = sales_cycles + excluded.sales_cycles,
    sales_cycle_days = sales_cycle_days + excluded.sales_cycle_days;

delete from campaign_deals where won_deals = 0;

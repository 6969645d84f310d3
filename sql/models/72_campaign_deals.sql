-- Won deals of each campaign, by the month in which they closed.
-- Grain: one row per campaign and ad platform, channel and month.
-- key: deal
-- form: sums

create table campaign_deals (
    origin integer not null,
    channel integer not null,
    month integer not null,                    -- 202610
    won_deals integer not null,
    revenue_micros integer not null,
    new_business_deals integer not null,
    new_business_deals_with_amount integer not null,
    new_business_revenue_micros integer not null,
    sales_cycles integer not null,
    sales_cycle_days integer not null,
    primary key (origin, channel, month)
) strict, without rowid;

select
    origin,
    channel,
    month_number(closed_day) as month,
    1 as won_deals,
    amount_reporting_micros as revenue_micros,
    is_new_business as new_business_deals,
    is_new_business and amount_reporting_micros is not null as new_business_deals_with_amount,
    iif(is_new_business, amount_reporting_micros, 0) as new_business_revenue_micros,
    is_new_business and sales_cycle_days is not null as sales_cycles,
    iif(is_new_business, sales_cycle_days, 0) as sales_cycle_days
from deal_facts
where
    deal in (select id from touched_deal)
    -- in the order of the table: by an index, each deal would be looked up
    and origin is not null and +status = 'won' and +closed_day is not null;

-- Deals by the day they closed. Money in the reporting currency; deals without it are incomplete.
-- key: deal
-- form: wide

with deals as (
    select
        d.channel,
        iif(d.status = 'won', d.closed_day, null) as won_day,
        iif(d.status = 'won' and d.is_new_business, d.closed_day, null) as new_day,
        iif(d.status = 'lost' and d.is_new_business, d.closed_day, null) as lost_day,
        d.amount_reporting_micros as amount,
        d.amount_reporting_micros is null as no_amount,
        d.sales_cycle_days
    from deal_facts as d
    -- in the order of the table: by an index, each deal would be looked up
    where d.deal in (select id from touched_deal) and +d.closed_day is not null
)

select
    channel,
    won_day as "won_deals, won_customers, won_revenue",
    new_day as "new_business_deals, new_business_revenue, sales_cycle_days",
    lost_day as "lost_deals, lost_revenue",
    amount as "won_revenue.value, new_business_revenue.value, lost_revenue.value",
    no_amount as "won_revenue.incomplete, new_business_revenue.incomplete, lost_revenue.incomplete",
    iif(no_amount, null, new_day) as new_business_deals_with_amount,
    sales_cycle_days as "sales_cycle_days.value",
    sales_cycle_days is null as "sales_cycle_days.incomplete",
    iif(sales_cycle_days is null, null, new_day) as sales_cycles
from deals

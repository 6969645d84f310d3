-- Deals by the day they closed or became opportunities. Money in the reporting currency; deals without it are incomplete.
-- key: deal
-- form: wide

with deals as (
    select
        d.channel,
        d.created_day,
        d.opportunity_day,
        d.closed_day,
        iif(d.status = 'won', d.closed_day, null) as won_day,
        iif(d.status = 'won' and d.is_new_business, d.closed_day, null) as new_day,
        iif(d.status = 'lost' and d.is_new_business, d.closed_day, null) as lost_day,
        d.status = 'open' as is_open,
        coalesce(d.amount_reporting_micros, 0) as amount,
        d.amount_reporting_micros is null as no_amount,
        d.sales_cycle_days,
        d.probability_millionths as probability
    from deal_facts as d
    where d.deal in (select id from touched_deal)
)

select
    channel,
    created_day as created_deals,
    won_day as won_deals,
    won_day as won_revenue,
    amount as "won_revenue.value",
    no_amount as "won_revenue.incomplete",
    won_day as won_customers,
    new_day as new_business_deals,
    new_day as new_business_revenue,
    amount as "new_business_revenue.value",
    no_amount as "new_business_revenue.incomplete",
    iif(no_amount, null, new_day) as new_business_deals_with_amount,
    lost_day as lost_deals,
    lost_day as lost_revenue,
    amount as "lost_revenue.value",
    no_amount as "lost_revenue.incomplete",
    new_day as sales_cycle_days,
    coalesce(sales_cycle_days, 0) as "sales_cycle_days.value",
    sales_cycle_days is null as "sales_cycle_days.incomplete",
    iif(sales_cycle_days is null, null, new_day) as sales_cycles,
    opportunity_day as qualified_deals,
    opportunity_day as pipeline_created,
    amount as "pipeline_created.value",
    no_amount as "pipeline_created.incomplete",
    iif(is_open or closed_day > opportunity_day, opportunity_day, null) as pipeline_open,
    amount as "pipeline_open.value",
    no_amount as "pipeline_open.incomplete",
    iif(closed_day > opportunity_day, closed_day, null) as "pipeline_open#closed",
    -amount as "pipeline_open#closed.value",
    -no_amount as "pipeline_open#closed.incomplete",
    iif(is_open, opportunity_day, null) as weighted_pipeline,
    coalesce(amount * probability / 1000000, 0) as "weighted_pipeline.value",
    no_amount or probability is null as "weighted_pipeline.incomplete"
from deals

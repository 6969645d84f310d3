-- Deals by the day they closed or became opportunities. Money in the reporting currency; deals without it are incomplete.
-- key: deal

with deals as (
    select
        *,
        coalesce(amount_reporting_micros, 0) as amount,
        amount_reporting_micros is null as no_amount
    from deal_facts
    where deal in (select id from touched_deal)
)

select 'won_deals' as measure, closed_on as day, channel_group, channel, 1 as value, 0 as incomplete
from deals where status = 'won'
union all
select 'won_revenue', closed_on, channel_group, channel, amount, no_amount from deals where status = 'won'
union all
select 'won_customers', closed_on, channel_group, channel, 1, 0 from deals where status = 'won'
union all
select 'new_business_deals', closed_on, channel_group, channel, 1, 0 from deals
where status = 'won' and is_new_business
union all
select 'new_business_revenue', closed_on, channel_group, channel, amount, no_amount from deals
where status = 'won' and is_new_business
union all
select 'new_business_deals_with_amount', closed_on, channel_group, channel, 1, 0 from deals
where status = 'won' and is_new_business and not no_amount
union all
select 'lost_deals', closed_on, channel_group, channel, 1, 0 from deals
where status = 'lost' and is_new_business
union all
select 'lost_revenue', closed_on, channel_group, channel, amount, no_amount from deals
where status = 'lost' and is_new_business
union all
select 'sales_cycle_days', closed_on, channel_group, channel, sales_cycle_days, sales_cycle_days is null from deals
where status = 'won' and is_new_business
union all
select 'sales_cycles', closed_on, channel_group, channel, 1, 0 from deals
where status = 'won' and is_new_business and sales_cycle_days is not null
union all
select 'qualified_deals', opportunity_on, channel_group, channel, 1, 0 from deals where opportunity_on is not null
union all
select 'pipeline_created', opportunity_on, channel_group, channel, amount, no_amount from deals
where opportunity_on is not null
union all
select 'pipeline_open', opportunity_on, channel_group, channel, amount, no_amount from deals
where opportunity_on is not null and (status = 'open' or closed_on > opportunity_on)
union all
select 'pipeline_open', closed_on, channel_group, channel, -amount, -no_amount from deals
where opportunity_on is not null and closed_on > opportunity_on
union all
select 'weighted_pipeline', opportunity_on, channel_group, channel, amount * probability_millionths / 1000000,
    no_amount or probability_millionths is null
from deals
where opportunity_on is not null and status = 'open';

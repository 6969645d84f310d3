-- Recurring revenue: how each month differs from the one before, on the first of the month.
-- key: mrr_customer

with moves as (
    select m.*, h.channel_group, h.channel
    from mrr_changes as m
    join mrr_customers as c on c.customer = m.customer
    left join channels as h on h.id = c.channel
    where m.customer in (select id from touched_mrr_customer)
)

select
    'mrr' as measure,
    month as day,
    channel_group,
    channel,
    closing_micros - opening_micros as value,
    incomplete_change as incomplete
from moves
union all
select 'mrr_customers', month, channel_group, channel, (closing_micros > 0) - (opening_micros > 0), 0 from moves
union all
select 'mrr_known', month, channel_group, channel, 1, 0 from moves
union all
select 'new_mrr', month, channel_group, channel, new_micros, 0 from moves where new_micros <> 0
union all
select 'expansion_mrr', month, channel_group, channel, expansion_micros, 0 from moves where expansion_micros <> 0
union all
select 'contraction_mrr', month, channel_group, channel, contraction_micros, 0 from moves where contraction_micros <> 0
union all
select 'churned_mrr', month, channel_group, channel, churn_micros, 0 from moves where churn_micros <> 0
union all
select 'reactivation_mrr', month, channel_group, channel, reactivation_micros, 0 from moves where reactivation_micros <> 0
union all
select 'churned_customers', month, channel_group, channel, 1, 0 from moves where churn_micros <> 0

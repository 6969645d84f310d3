-- Customers' recurring revenue: movements of the period, or the state at its end
-- measures: mrr, mrr_customers, opening(mrr_customers), new_mrr, expansion_mrr, contraction_mrr, churned_mrr, reactivation_mrr, churned_customers
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
with bounds as (
    select
        case
            when :measure in ('mrr', 'mrr_customers') then substr(:to, 1, 7) || '-01'
            else substr(:from, 1, 7) || '-01'
        end as first_month,
        case
            when :measure = 'opening(mrr_customers)' then substr(:from, 1, 7) || '-01'
            else substr(:to, 1, 7) || '-01'
        end as last_month
),

valued as (
    select
        m.month as day,
        m.customer_id as record,
        m.customer as name,
        m.channel,
        m.channel_group,
        case :measure
            when 'mrr' then m.closing
            when 'mrr_customers' then m.closing > 0
            when 'opening(mrr_customers)' then m.opening > 0
            when 'new_mrr' then m.new
            when 'expansion_mrr' then m.expansion
            when 'contraction_mrr' then m.contraction
            when 'churned_mrr' then m.churn
            when 'churned_customers' then m.churn <> 0
            else m.reactivation
        end as value
    from mrr_movements as m
    inner join bounds as b on m.month between b.first_month and b.last_month
)

select day, record, name, channel, value
from valued
where value <> 0 and (:channel is null or :channel in (channel, channel_group))
order by day, record

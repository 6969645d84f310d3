-- Monthly recurring revenue and what moved it
-- Opening + new + expansion + contraction + churn + reactivation = closing, exactly;
-- contraction and churn are negative.
-- Grain: one row per month.
-- :from  first day, default last-12-months
-- :to  last day, default last-month
-- :channel  a channel or channel group of the customers, optional
with moved as (
    select
        month,
        sum(opening) as opening_mrr,
        sum(new) as new_mrr,
        sum(expansion) as expansion_mrr,
        sum(contraction) as contraction_mrr,
        sum(churn) as churned_mrr,
        sum(reactivation) as reactivation_mrr,
        sum(closing) as closing_mrr,
        sum(opening > 0) as customers_at_start,
        sum(closing > 0) as customers_at_end,
        sum(opening > 0 and closing = 0) as customers_lost
    from mrr_movements
    where
        month between substr(:from, 1, 7) || '-01' and :to
        and (:channel is null or :channel in (channel, channel_group))
    group by month
)

select
    substr(month, 1, 7) as month,
    opening_mrr,
    new_mrr,
    expansion_mrr,
    contraction_mrr,
    churned_mrr,
    reactivation_mrr,
    closing_mrr,
    1.0 * (closing_mrr - opening_mrr) / nullif(opening_mrr, 0) as change,
    customers_at_end as customers,
    customers_lost,
    1.0 * customers_lost / nullif(customers_at_start, 0) as customer_churn_rate,
    1.0 * closing_mrr / nullif(customers_at_end, 0) as arpc,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where substr(n.day, 1, 7) = substr(moved.month, 1, 7)
    ) as notes
from moved
order by month

create view mrr_movements as
-- How each customer's monthly recurring revenue moved, in the reporting currency. Contraction and churn are negative.
-- Grain: one row per month and customer with revenue at its start or end.
select
    m.month,
    coalesce(nullif(c.name, ''), nullif(c.email, ''), c.customer_id) as customer,
    c.customer_id,
    coalesce(h.channel_group, 'Unknown') as channel_group,
    coalesce(h.channel, 'Unknown') as channel,
    m.opening_micros / 1000000.0 as opening,
    m.new_micros / 1000000.0 as new,
    m.expansion_micros / 1000000.0 as expansion,
    m.contraction_micros / 1000000.0 as contraction,
    m.churn_micros / 1000000.0 as churn,
    m.reactivation_micros / 1000000.0 as reactivation,
    m.closing_micros / 1000000.0 as closing
from mrr_changes as m
join mrr_customers as c on c.customer = m.customer
left join channels as h on h.id = c.channel
where m.opening_micros <> 0 or m.closing_micros <> 0

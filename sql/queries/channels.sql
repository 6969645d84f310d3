-- Channels side by side: spend, funnel, customers, revenue and what each step costs
-- Spend without results and results without spend are rows too; the rows sum to the last.
-- Grain: one row per channel, and one for all.
-- :period  the period, default last-{grain}
-- :grain  its length, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
with cells as (
    select channel_group, channel, level, kpi, value
    from kpi_cells
    where
        grain = :grain
        and period = :period
        and level in ('channel', 'total')
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in (
            'spend', 'leads', 'mqls', 'sqls', 'opportunities', 'new_customers',
            'won_revenue', 'cost_per_lead', 'cost_per_mql', 'cost_per_opportunity',
            'cac', 'lead_to_mql_rate', 'mql_to_opportunity_rate', 'roi'
        )
)

select
    channel_group,
    channel,
    max(case when kpi = 'spend' then value end) as spend,
    max(case when kpi = 'leads' then value end) as leads,
    max(case when kpi = 'mqls' then value end) as mqls,
    max(case when kpi = 'sqls' then value end) as sqls,
    max(case when kpi = 'opportunities' then value end) as opportunities,
    max(case when kpi = 'new_customers' then value end) as new_customers,
    max(case when kpi = 'won_revenue' then value end) as won_revenue,
    max(case when kpi = 'lead_to_mql_rate' then value end) as lead_to_mql_rate,
    max(case when kpi = 'mql_to_opportunity_rate' then value end)
        as mql_to_opportunity_rate,
    max(case when kpi = 'cost_per_lead' then value end) as cost_per_lead,
    max(case when kpi = 'cost_per_mql' then value end) as cost_per_mql,
    max(case when kpi = 'cost_per_opportunity' then value end) as cost_per_opportunity,
    max(case when kpi = 'cac' then value end) as cac,
    max(case when kpi = 'roi' then value end) as roi
from cells
group by level, channel_group, channel
order by level, spend desc, leads desc, channel_group, channel

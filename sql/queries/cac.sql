-- CAC: what a new customer costs
-- Spend of the period divided by the companies whose first deal was won in it. Under a long
-- sales cycle read `cohort_cac`: spend of the period per person created in it who ever won.
-- Grain: one row per period and, with `--by`, channel or group.
-- :from  first day, default last-12-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :by  one row per period and this, default total, one of total|channel_group|channel
with spans as (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

cells as (
    select period, channel_group, channel, kpi, value
    from kpi_cells
    where
        grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in (
            'spend',
            'new_customers',
            'cac',
            'cohort_cac',
            'cost_per_opportunity',
            'cac_payback_months',
            'cltv_to_cac'
        )
)

select
    s.label as period,
    coalesce(c.channel_group, 'All') as channel_group,
    coalesce(c.channel, 'All') as channel,
    max(case when c.kpi = 'spend' then c.value end) as spend,
    max(case when c.kpi = 'new_customers' then c.value end) as new_customers,
    max(case when c.kpi = 'cac' then c.value end) as cac,
    max(case when c.kpi = 'cohort_cac' then c.value end) as cohort_cac,
    max(case when c.kpi = 'cost_per_opportunity' then c.value end) as cost_per_opportunity,
    max(case when c.kpi = 'cac_payback_months' then c.value end) as cac_payback_months,
    max(case when c.kpi = 'cltv_to_cac' then c.value end) as cltv_to_cac,
    s.is_complete,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where
            n.day between s.starts and s.ends
            and (n.channel is null or :channel is null or n.channel = :channel)
    ) as notes
from spans as s
left join cells as c on s.starts = c.period
group by s.starts, s.ends, s.label, s.is_complete, c.channel_group, c.channel
order by s.starts, c.channel_group, c.channel

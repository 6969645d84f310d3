-- ARPC: average revenue per customer
-- MRR per customer where recurring revenue is known, else won revenue per customer with a deal
-- won in the period; `funnelite kpi arpc` says which.
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
            'arpc',
            'mrr',
            'won_revenue',
            'new_customers'
        )
)

select
    s.label as period,
    coalesce(c.channel_group, 'All') as channel_group,
    coalesce(c.channel, 'All') as channel,
    max(case when c.kpi = 'arpc' then c.value end) as arpc,
    max(case when c.kpi = 'mrr' then c.value end) as mrr,
    max(case when c.kpi = 'won_revenue' then c.value end) as won_revenue,
    max(case when c.kpi = 'new_customers' then c.value end) as new_customers,
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

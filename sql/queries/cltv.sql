-- CLTV: what a customer is worth over its lifetime
-- Revenue per customer × lifetime in months × gross margin (`[margin] gross`, default 1).
-- Empty until six full months of churn are known.
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
            'customer_churn_rate',
            'customer_lifetime_months',
            'cltv',
            'cltv_to_cac',
            'lead_lifetime_value'
        )
)

select
    s.label as period,
    coalesce(c.channel_group, 'All') as channel_group,
    coalesce(c.channel, 'All') as channel,
    max(case when c.kpi = 'arpc' then c.value end) as arpc,
    max(case when c.kpi = 'customer_churn_rate' then c.value end) as customer_churn_rate,
    max(case when c.kpi = 'customer_lifetime_months' then c.value end) as customer_lifetime_months,
    max(case when c.kpi = 'cltv' then c.value end) as cltv,
    max(case when c.kpi = 'cltv_to_cac' then c.value end) as cltv_to_cac,
    max(case when c.kpi = 'lead_lifetime_value' then c.value end) as lead_lifetime_value,
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

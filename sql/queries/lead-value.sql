-- Lead value: new-business revenue per lead
-- Lead lifetime value is lead value × customer lifetime in years.
-- Grain: one row per period and, with `--by`, channel or group.
-- :from  first day, default last-12-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :by  one row per period and this, default total, one of total|channel_group|channel
with spans as (
    select label, starts, is_complete
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
            'leads',
            'new_business_revenue',
            'lead_value',
            'lead_to_close_rate',
            'average_deal_size',
            'lead_lifetime_value'
        )
)

select
    s.label as period,
    coalesce(c.channel_group, 'All') as channel_group,
    coalesce(c.channel, 'All') as channel,
    max(case when c.kpi = 'leads' then c.value end) as leads,
    max(case when c.kpi = 'new_business_revenue' then c.value end) as new_business_revenue,
    max(case when c.kpi = 'lead_value' then c.value end) as lead_value,
    max(case when c.kpi = 'lead_to_close_rate' then c.value end) as lead_to_close_rate,
    max(case when c.kpi = 'average_deal_size' then c.value end) as average_deal_size,
    max(case when c.kpi = 'lead_lifetime_value' then c.value end) as lead_lifetime_value,
    s.is_complete
from spans as s
left join cells as c on s.starts = c.period
group by s.starts, s.label, s.is_complete, c.channel_group, c.channel
order by s.starts, c.channel_group, c.channel

-- Scorecard: every KPI against the previous period, a year ago, and its target
-- A running period is compared with the same number of elapsed days. Change is
-- (value − before) ÷ |before|, empty when before is 0.
-- Grain: one row per KPI.
-- :period  the period, default last-{grain}
-- :grain  its length, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :by  how the channel is meant, default total, one of total|channel_group|channel
with spans as (
    select
        :period as period,
        (select max(starts) from periods where grain = :grain and starts < :period)
            as previous,
        case :grain
            when 'week' then date(:period, '-364 days')
            else date(:period, '-1 year')
        end as year_ago
),

cells as (
    select
        c.kpi,
        max(case when c.period = s.period then c.value end) as value,
        max(case when c.period = s.previous then c.value end) as previous,
        max(case when c.period = s.year_ago then c.value end) as year_ago,
        max(case when c.period = s.period then c.incomplete end) as incomplete
    from spans as s
    inner join kpi_cells as c
        on c.grain = :grain and c.period in (s.period, s.previous, s.year_ago)
    where c.level = :by and (:channel is null or :channel in (c.channel, c.channel_group))
    group by c.kpi
)

select
    k.kpi,
    k.label,
    k.unit,
    c.value,
    c.previous,
    1.0 * (c.value - c.previous) / nullif(abs(c.previous), 0) as change,
    c.year_ago,
    1.0 * (c.value - c.year_ago) / nullif(abs(c.year_ago), 0) as year_change,
    t.target,
    t.attainment,
    c.incomplete
from kpis as k
left join cells as c on k.kpi = c.kpi
left join targets as t
    on
        k.kpi = t.kpi
        and t.grain = :grain
        and t.period = :period
        and t.channel = coalesce(:channel, 'All')
where c.kpi is not null or t.target is not null
order by k.rowid

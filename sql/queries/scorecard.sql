-- Scorecard: every KPI against the previous period, a year ago, and its target
-- A running period is compared with the same number of elapsed days. Change is
-- (value − before) ÷ |before|, empty when before is 0. Targets of a running period are also
-- held against their elapsed share.
-- Below: what the numbers rest on.
-- Grain: one row per KPI.
-- :period  the period, default last-{grain}
-- :grain  its length, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :by  how the channel is meant, default total, one of total|channel_group|channel
with spans as (
    select
        (select max(starts) from periods where grain = :grain and starts < :period)
            as previous,
        case :grain
            when 'week' then date(:period, '-364 days')
            else date(:period, '-1 year')
        end as year_ago,
        (
            select
                (julianday(w.data_date) - julianday(p.starts) + 1)
                / (julianday(p.ends) - julianday(p.starts) + 1)
            from periods as p
            cross join workspace as w
            where p.grain = :grain and p.starts = :period and p.is_complete = 0
        ) as elapsed_share,
        -- a running period is compared with as many days as it has had
        :grain || case
            when exists (
                select 1
                from periods
                where grain = :grain and starts = :period and is_complete = 0
            )
                then '_elapsed'
            else ''
        end as before_grain
),

cells as (
    select 'now' as which, c.*
    from kpis as k
    inner join kpi_cells as c
        on c.grain = :grain and k.kpi = c.kpi and c.period = :period
    union all
    select 'previous', c.*
    from spans as s
    cross join kpis as k
    inner join kpi_cells as c
        on s.before_grain = c.grain and k.kpi = c.kpi and s.previous = c.period
    union all
    select 'year ago', c.*
    from spans as s
    cross join kpis as k
    inner join kpi_cells as c
        on s.before_grain = c.grain and k.kpi = c.kpi and s.year_ago = c.period
),

compared as (
    select
        kpi,
        max(case when which = 'now' then value end) as value,
        max(case when which = 'previous' then value end) as previous,
        max(case when which = 'year ago' then value end) as year_ago,
        max(case when which = 'now' then incomplete end) as incomplete
    from cells
    where level = :by and (:channel is null or :channel in (channel, channel_group))
    group by kpi
)

select
    k.label,
    c.value,
    c.previous,
    1.0 * (c.value - c.previous) / nullif(abs(c.previous), 0) as change,
    c.year_ago,
    1.0 * (c.value - c.year_ago) / nullif(abs(c.year_ago), 0) as year_change,
    t.target,
    t.attainment,
    case
        when k.kind = 'flow' and s.elapsed_share < 1
            then case k.better
                when 'lower' then 1.0 * t.target * s.elapsed_share / nullif(c.value, 0)
                else 1.0 * c.value / nullif(t.target * s.elapsed_share, 0)
            end
    end as attainment_of_elapsed,
    c.incomplete,
    k.unit,
    k.kpi
from kpis as k
cross join spans as s
left join compared as c on k.kpi = c.kpi
left join targets as t
    on
        k.kpi = t.kpi
        and t.grain = :grain
        and t.period = :period
        and case :by
            when 'channel' then t.channel = :channel
            when 'channel_group' then t.channel_group = :channel and t.channel = 'All'
            else t.channel_group = 'All'
        end
where c.kpi is not null or t.target is not null
order by k.position

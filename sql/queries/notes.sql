-- Notes: what a KPI did in the four weeks before and after each webinar, launch or campaign
-- Weeks of the calendar: `week_of` holds the day of the note; before and after are per week,
-- of whole weeks. A ratio is the ratio of the sums of its weeks. Empty where weeks are not
-- over, or the KPI is not counted by week.
-- Grain: one row per note.
-- :kpi  the KPI, default leads
-- :from  first day, default last-12-months
-- :to  last day, default last-month
-- :channel  a channel or channel group, optional
-- :by  how the channel is meant, default total, one of total|channel_group|channel
with noted as (
    select
        n.day,
        n.channel,
        n.kind,
        n.text,
        p.starts
    from notes as n
    inner join periods as p on p.grain = 'week' and n.day between p.starts and p.ends
    where n.day between :from and :to
),

weeks as (
    select
        n.day,
        n.channel,
        n.kind,
        n.text,
        cast((julianday(p.starts) - julianday(n.starts)) / 7 as integer) as week,
        k.kind as kpi_kind,
        p.is_complete,
        sum(
            case
                when c.value is not null then c.value
                when k.kind in ('flow', 'stock') and c.incomplete is null then 0
            end
        ) as value,
        sum(c.value * c.denominator) as above,
        sum(c.denominator) as below
    from noted as n
    inner join kpis as k on k.kpi = :kpi
    inner join periods as p
        on
            p.grain = 'week'
            and p.starts between date(n.starts, '-28 days') and date(n.starts, '+28 days')
    left join kpi_cells as c
        on
            c.grain = 'week'
            and k.kpi = c.kpi
            and p.starts = c.period
            and c.level = :by
            and (:channel is null or :channel in (c.channel, c.channel_group))
    group by n.day, n.channel, n.kind, n.text, p.starts, k.kind, p.is_complete
),

sides as (
    select
        day,
        channel,
        kind,
        text,
        max(case week when -4 then value end) as weeks_before_4,
        max(case week when -3 then value end) as weeks_before_3,
        max(case week when -2 then value end) as weeks_before_2,
        max(case week when -1 then value end) as weeks_before_1,
        max(case week when 0 then value end) as week_of,
        max(case week when 1 then value end) as weeks_after_1,
        max(case week when 2 then value end) as weeks_after_2,
        max(case week when 3 then value end) as weeks_after_3,
        max(case week when 4 then value end) as weeks_after_4,
        case kpi_kind
            when 'ratio'
                then sum(case when week < 0 then above end)
                    / nullif(sum(case when week < 0 then below end), 0)
            else avg(case when week < 0 then value end)
        end as before,
        case
            when sum(week > 0 and is_complete) < 4 then null
            when kpi_kind = 'ratio'
                then sum(case when week > 0 then above end)
                    / nullif(sum(case when week > 0 then below end), 0)
            else avg(case when week > 0 then value end)
        end as after
    from weeks
    group by day, channel, kind, text, kpi_kind
)

select
    *,
    1.0 * (after - before) / nullif(abs(before), 0) as change
from sides
order by day, channel, text

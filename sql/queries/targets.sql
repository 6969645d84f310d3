-- Targets (OKRs) against what was reached
-- Attainment is actual ÷ target, or target ÷ actual where lower is better. While a period
-- runs, what adds up over time is also held against the elapsed share of its target.
-- Grain: one row per target.
-- :from  first day of the periods, optional
-- :to  last day, optional
-- :channel  a channel or channel group, optional
with dated as (
    select
        t.*,
        k.label,
        k.unit,
        k.kind,
        k.better,
        k.position,
        p.label as period_label,
        p.is_complete,
        case
            when p.is_complete = 0
                then (julianday(w.data_date) - julianday(p.starts) + 1)
                    / (julianday(p.ends) - julianday(p.starts) + 1)
        end as elapsed_share
    from targets as t
    inner join kpis as k on t.kpi = k.kpi
    left join periods as p on t.grain = p.grain and t.period = p.period
    cross join workspace as w
)

select
    coalesce(period_label, period) as period,
    grain,
    kpi,
    label,
    unit,
    case channel when 'All' then channel_group else channel end as channel,
    target,
    actual,
    attainment,
    elapsed_share,
    case
        when kind = 'flow' and elapsed_share < 1
            then case better
                when 'lower' then 1.0 * target * elapsed_share / nullif(actual, 0)
                else 1.0 * actual / nullif(target * elapsed_share, 0)
            end
    end as attainment_of_elapsed,
    note
from dated
where
    (:from is null or period >= :from)
    and (:to is null or period <= :to)
    and (:channel is null or :channel in (channel, channel_group))
order by dated.period, grain, position, channel_group, dated.channel

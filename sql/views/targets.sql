create view targets as
-- Targets beside what happened: attainment is actual ÷ target, or target ÷ actual where lower is better.
-- Grain: one row per KPI, period and channel with a target.
select
    t.kpi,
    t.grain,
    t.period,
    t.channel_group,
    t.channel,
    t.value as target,
    v.value as actual,
    case d.better
        when 'lower' then 1.0 * t.value / nullif(v.value, 0)
        else 1.0 * v.value / nullif(t.value, 0)
    end as attainment,
    t.note
from target_periods as t
left join kpi_definitions as d on d.kpi = t.kpi
left join scopes as s on s.channel_group = t.channel_group and s.channel = t.channel
left join calendar_periods as p on p.grain = t.grain and p.period = t.period
left join kpi_values as v on v.id = p.place + (d.id << 44) + s.id;

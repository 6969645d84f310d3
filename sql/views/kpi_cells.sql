create view kpi_cells as
-- Every KPI value of all grains in one place; what the four kpi_* views show, with its level: total, channel_group or
-- channel. The grains week_elapsed, month_elapsed, … hold what a running period is compared with: the same number of
-- elapsed days of the period before and of a year before.
-- Grain: one row per grain, period, channel group, channel and KPI.
select
    v.grain,
    v.period,
    case
        when s.channel_group = 'All' then 'total'
        when s.channel = 'All' then 'channel_group'
        else 'channel'
    end as level,
    s.channel_group,
    s.channel,
    d.kpi,
    v.value,
    v.numerator,
    v.denominator,
    v.incomplete
-- read in this order: the values of a KPI lie together
from kpi_definitions as d
cross join kpi_values as v
cross join scopes as s
where v.kpi = d.id and s.id = v.scope

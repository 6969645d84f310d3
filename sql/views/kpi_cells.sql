create view kpi_cells as
-- Every KPI value of all grains in one place; what the four kpi_* views show, with its level: total, channel_group or
-- channel. The grains week_elapsed, month_elapsed, … hold what a running period is compared with: the same number of
-- elapsed days of the period before and of a year before.
-- Grain: one row per grain, period, channel group, channel and KPI.
with grains (grain, periods, place) as (
    values
    ('week', 'week', 0),
    ('month', 'month', 0),
    ('quarter', 'quarter', 0),
    ('year', 'year', 0),
    -- 2 to the 58th, behind all whole periods
    ('week_elapsed', 'week', 288230376151711744),
    ('month_elapsed', 'month', 288230376151711744),
    ('quarter_elapsed', 'quarter', 288230376151711744),
    ('year_elapsed', 'year', 288230376151711744)
)

select
    g.grain,
    p.period,
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
cross join grains as g
cross join calendar_periods as p
cross join kpi_values as v
cross join scopes as s
where
    p.grain = g.periods
    and v.id between p.place + g.place + (d.id << 44) and p.place + g.place + (d.id << 44) + 1048575
    and s.id = v.id & 1048575

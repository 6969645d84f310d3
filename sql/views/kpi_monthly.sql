create view kpi_monthly as
-- Every KPI by month: what each means stands in `kpis`.
-- Totals are rows of their own: ('All', 'All'), and (group, 'All'). `incomplete` counts the records left out.
-- Grain: one row per month, channel and KPI that has something in it.
select
    p.period,
    s.channel_group,
    s.channel,
    d.kpi,
    v.value,
    v.numerator,
    v.denominator,
    v.incomplete
-- read in this order: the values of a KPI lie together
from kpi_definitions as d
cross join calendar_periods as p
cross join kpi_values as v
cross join scopes as s
where
    p.grain = 'month'
    and v.id between p.place + (d.id << 44) and p.place + (d.id << 44) + 1048575
    and s.id = v.id & 1048575;

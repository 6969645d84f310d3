create view kpi_yearly as
-- Every KPI by year: what each means stands in `kpis`.
-- Totals are rows of their own: ('All', 'All'), and (group, 'All'). `incomplete` counts the records left out.
-- Grain: one row per year, channel and KPI that has something in it.
select
    v.period,
    v.channel_group,
    v.channel,
    v.kpi,
    v.value,
    v.numerator,
    v.denominator,
    v.incomplete
from kpi_values as v
where v.grain = 'year';

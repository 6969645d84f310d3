create view kpis as
-- What every KPI means and how it is computed.
-- Grain: one row per KPI.
select
    d.kpi,
    d.label,
    d.unit,
    d.better,
    d.definition,
    d.formula,
    d.numerator,
    d.denominator,
    d.source,
    d.kind,
    d.position,
    d.version
from kpi_definitions as d;

create view periods as
-- Every week, month, quarter and year up to the data date, to join the sparse kpi_ views to.
-- Grain: one row per grain and period.
select
    p.grain,
    p.period,
    p.label,
    p.starts,
    p.ends,
    p.is_complete
from calendar_periods as p;

create view workspace as
-- What all numbers rest on: how far the data reaches, the reporting currency, and from what age a cohort is mature.
-- Grain: one row.
select
    max(case when m.key = 'data_date' then m.value end) as data_date,
    max(case when m.key = 'reporting_currency' then nullif(m.value, '') end) as currency,
    (select max(d.mature_after_days) from workspace_dates as d) as mature_after_days
from meta as m
where m.key in ('data_date', 'reporting_currency')

-- Targets for a KPI that does not exist
-- do: correct the name in the sheet (`funnelite kpi` lists them) and import it again.
-- Grain: one row per name.
select
    t.kpi as subject,
    'targets for ' || count(*) || ' periods' as finding,
    count(*) as records
from targets_given as t
left join kpis as k on t.kpi = k.kpi
where k.kpi is null
group by t.kpi
order by subject

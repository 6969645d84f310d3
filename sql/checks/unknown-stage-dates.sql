-- People who reached a stage on a day that no export tells
-- They count in cohorts, and in no period.
-- do: export stage dates (HubSpot: "Became a … date" columns; Salesforce: field history), or
-- do: import the CRM weekly: from the second import on, changes are dated by the difference.
-- kpis: leads, mqls, sqls, opportunities
-- Grain: one row per stage.
select
    stage as subject,
    count(*) || ' people reached it on an unknown day' as finding,
    count(*) as records
from stage_entries
where entered_on is null
group by stage
order by records desc, stage

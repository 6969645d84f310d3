-- People who reached a stage on a day that no export tells
-- They count in cohorts, and in no period.
-- do: export stage dates (HubSpot: "Became a … date" columns; Salesforce: field history), or
-- do: import the CRM weekly: from the second import on, changes are dated by the difference.
-- kpis: leads, mqls, sqls, opportunities
-- Grain: one row per stage.
with counted as (
    select
        count(*) filter (where coalesce(contact_day, created_day) is null) as contacts,
        count(*) filter (where reached >= 1 and lead_day is null) as leads,
        count(*) filter (where reached >= 2 and mql_day is null) as mqls,
        count(*) filter (where reached >= 3 and sql_day is null) as sqls,
        count(*) filter (where reached >= 4 and opportunity_day is null) as opportunities,
        count(*) filter (where reached >= 5 and won_day is null) as won
    from persons
),

stages as (
    select 'contact' as stage, contacts as records from counted
    union all
    select 'lead', leads from counted
    union all
    select 'mql', mqls from counted
    union all
    select 'sql', sqls from counted
    union all
    select 'opportunity', opportunities from counted
    union all
    select 'won', won from counted
)

select
    stage as subject,
    records || ' people reached it on an unknown day' as finding,
    records
from stages
where records > 0
order by records desc, stage

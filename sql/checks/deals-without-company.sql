-- Deals won without a company
-- A new customer is then the deal's person, or the deal itself.
-- do: associate the deals with companies in the CRM, and export the company column.
-- kpis: new_customers, cac
-- Grain: one row per system and pipeline.
select
    system || ' / ' || coalesce(nullif(pipeline, ''), '(no pipeline)') as subject,
    count(*) || ' won deals, such as ' || min(deal_id) || coalesce(' ' || min(name), '')
        as finding,
    count(*) as records
from deals
where status = 'won' and coalesce(company, '') = ''
group by system, pipeline
order by records desc, subject

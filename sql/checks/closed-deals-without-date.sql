-- Deals won or lost on a day that nothing tells
-- They are in no period: neither the won deals nor the revenue of any month has them.
-- do: add the close date to the export (Pipedrive: `Won time` and `Lost time`; Dynamics: `Actual Close Date`);
-- do: deals that end between two exports get the day of the later one.
-- short: deals won or lost on an unknown day
-- kpis: won_deals, won_revenue, new_customers, new_business_revenue, average_deal_size, win_rate
-- Grain: one row per system, pipeline and status.
select
    system || ' / ' || coalesce(nullif(pipeline, ''), '(no pipeline)') || ' / ' || status as subject,
    count(*) || ' deals, such as ' || min(deal_id) || coalesce(' ' || min(name), '') as finding,
    count(*) as records
-- an index says whether to look at all
from (select 1 from deal_facts where closed_day is null and status <> 'open' limit 1)
cross join deals
where status in ('won', 'lost') and closed_on is null
group by system, pipeline, status
order by records desc, subject

-- Deals won or lost on a day that nothing tells
-- They are in no period: neither the won deals nor the revenue of any month has them.
-- do: add the close date to the export (Pipedrive: `Won time` and `Lost time`; Dynamics: `Actual Close Date`);
-- do: deals that end between two exports get the day of the later one.
-- short: deals won or lost on an unknown day
-- kpis: won_deals, won_revenue, new_customers, new_business_revenue, average_deal_size, win_rate
-- Grain: one row per system, pipeline and status.
select
    s.system || ' / ' || coalesce(nullif(p.text, ''), '(no pipeline)') || ' / ' || d.status as subject,
    count(*) || ' deals, such as ' || min(r.record_id) || coalesce(' ' || min(r.name), '') as finding,
    count(*) as records
-- found by an index
from deal_facts as d
inner join crm_deals as r on d.deal = r.id
inner join sources as s on d.source = s.id
left join texts as p on r.pipeline = p.id
where d.closed_day is null and d.status <> 'open'
group by s.system, coalesce(r.pipeline, 0), d.status
order by records desc, subject

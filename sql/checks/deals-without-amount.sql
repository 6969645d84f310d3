-- Deals without an amount
-- They are counted as deals and are in no sum of money. An amount of 0 is no amount.
-- do: fill in the amount in the CRM; the next import takes it.
-- short: deals without an amount
-- kpis: won_revenue, new_business_revenue, average_deal_size, win_rate_amount, pipeline_created, pipeline_open
-- Grain: one row per pipeline, status and stage.
select
    coalesce(nullif(p.text, ''), '(no pipeline)') || ' / ' || d.status as subject,
    count(*) || ' deals, such as ' || min(r.record_id) || coalesce(' ' || min(r.name), '')
        as finding,
    count(*) as records
-- what the sums lack is found by an index
from deal_facts as d
inner join crm_deals as r on d.deal = r.id
left join texts as p on r.pipeline = p.id
where d.amount_reporting_micros is null and coalesce(r.amount_micros, 0) = 0
group by coalesce(r.pipeline, 0), d.status
order by records desc, subject

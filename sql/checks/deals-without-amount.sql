-- Deals without an amount
-- They are counted as deals and are in no sum of money. An amount of 0 is no amount.
-- do: fill in the amount in the CRM; the next import takes it.
-- short: deals without an amount
-- kpis: won_revenue, new_business_revenue, average_deal_size, win_rate_amount, pipeline_created, pipeline_open
-- Grain: one row per pipeline, status and stage.
select
    coalesce(nullif(pipeline, ''), '(no pipeline)') || ' / ' || status as subject,
    count(*) || ' deals, such as ' || min(deal_id) || coalesce(' ' || min(name), '')
        as finding,
    count(*) as records
-- an index says whether to look at all
from (select 1 from deal_facts where amount_reporting_micros is null limit 1)
cross join deals
where
    amount is null
    -- what the sums lack is looked at first
    and amount_reporting is null
group by pipeline, status
order by records desc, subject

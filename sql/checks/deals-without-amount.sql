-- Deals without an amount
-- They are counted as deals and are in no sum of money. An amount of 0 is no amount.
-- do: fill in the amount in the CRM; the next import takes it.
-- Grain: one row per pipeline, status and stage.
select
    coalesce(nullif(pipeline, ''), '(no pipeline)') || ' / ' || status as subject,
    count(*) || ' deals, such as ' || min(deal_id) || coalesce(' ' || min(name), '')
        as finding,
    count(*) as records
from deals
where amount is null or amount = 0
group by pipeline, status
order by records desc, subject

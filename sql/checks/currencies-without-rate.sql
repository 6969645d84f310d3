-- Money in a currency that cannot be converted
-- It is in no total; `incomplete` counts it.
-- do: set `currency` in funnelite.toml where several are used, and import a sheet of
-- do: exchange rates (or the CRM's dated rates).
-- short: amounts without an exchange rate
-- kpis: won_revenue, new_business_revenue, pipeline_created, pipeline_open, spend, mrr
-- Grain: one row per currency and kind of money.
with money as (
    select coalesce(nullif(currency, ''), '(none)') as currency, 'deals' as kind
    -- an index says whether to look at all
    from (select 1 from deal_facts where amount_reporting_micros is null limit 1)
    cross join deals
    where amount is not null and amount_reporting is null
    union all
    select coalesce(nullif(currency, ''), '(none)'), 'days of ads'
    from ad_performance
    where
        spend <> 0
        and spend_reporting is null
        -- the sums say whether to look at all
        and exists (select 1 from ad_channel_days where incomplete > 0)
    union all
    select coalesce(nullif(currency, ''), '(none)'), 'days of costs'
    from cost_days
    where amount_micros <> 0 and amount_reporting_micros is null
    union all
    select coalesce(nullif(s.currency, ''), '(none)'), 'months of recurring revenue'
    from mrr_said as s
    inner join mrr_changes as c on s.customer = c.customer and s.month = c.month
    where s.mrr_micros <> 0 and c.incomplete_change > 0
)

select
    currency as subject,
    count(*) || ' ' || kind || ' without a rate' as finding,
    count(*) as records
from money
group by currency, kind
order by records desc, subject

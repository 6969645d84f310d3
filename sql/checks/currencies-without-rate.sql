-- Money in a currency that cannot be converted
-- It is in no total; `incomplete` counts it.
-- do: set `currency` in funnelite.toml where several are used, and import a sheet of
-- do: exchange rates (or the CRM's dated rates).
-- short: amounts without an exchange rate
-- kpis: won_revenue, new_business_revenue, pipeline_created, pipeline_open, spend, mrr
-- Grain: one row per currency and kind of money.
with money as (
    select coalesce(d.currency, upper(trim(r.currency)), '') as currency, 'deals' as kind, 1 as records
    from deal_facts as d
    inner join crm_deals as r on d.deal = r.id
    where d.amount_reporting_micros is null and r.amount_micros <> 0
    union all
    -- the days of a campaign in one currency are counted already
    select l.currency, 'days of ads', m.incomplete
    from (
        select campaign, sum(incomplete) as incomplete
        from ad_campaign_months
        where incomplete > 0
        group by campaign
    ) as m
    inner join (
        select campaign, min(currency) as currency
        from ad_places
        group by campaign
        having count(distinct currency) = 1
    ) as l on m.campaign = l.campaign
    union all
    select l.currency, 'days of ads', 1
    from (
        select campaign
        from ad_places
        group by campaign
        having count(distinct currency) > 1
    ) as c
    inner join ad_places as l on c.campaign = l.campaign
    inner join ad_days as d on l.id = d.place
    where d.spend_micros <> 0 and d.spend_reporting_micros is null
    union all
    select currency, 'days of costs', 1
    from cost_days
    where amount_micros <> 0 and amount_reporting_micros is null
    union all
    select s.currency, 'months of recurring revenue', 1
    from mrr_said as s
    inner join mrr_changes as c on s.customer = c.customer and s.month = c.month
    where s.mrr_micros <> 0 and c.incomplete_change > 0
)

select
    coalesce(nullif(currency, ''), '(none)') as subject,
    sum(records) || ' ' || kind || ' without a rate' as finding,
    sum(records) as records
from money
group by coalesce(currency, ''), kind
order by records desc, subject

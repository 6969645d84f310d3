-- Money in a currency that cannot be converted
-- It is in no total; `incomplete` counts it.
-- do: set `currency` in funnelite.toml where several are used, and import a sheet of
-- do: exchange rates (or the CRM's dated rates).
-- Grain: one row per currency and kind of money.
with money as (
    select coalesce(nullif(currency, ''), '(none)') as currency, 'deals' as kind
    from deals
    where amount is not null and amount_reporting is null
    union all
    select coalesce(nullif(currency, ''), '(none)'), 'days of ads'
    from ad_performance
    where spend is not null and spend_reporting is null
)

select
    currency as subject,
    count(*) || ' ' || kind || ' without a rate' as finding,
    count(*) as records
from money
group by currency, kind
order by records desc, subject

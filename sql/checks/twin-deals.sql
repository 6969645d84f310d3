-- Deals that two systems seem to hold both
-- Company, amount and close date coincide; unless one carries the other's id both count.
-- do: export the column with the other system's id, or say in funnelite.toml which system
-- do: counts: `[deals] system = "salesforce"`.
-- short: deals that two systems seem to hold both
-- kpis: won_deals, won_revenue, new_business_deals, new_business_revenue
-- Grain: one row per pair of systems.
with closed as (
    select
        s.system,
        r.record_id as deal_id,
        d.closed_day,
        r.amount_micros,
        d.status,
        lower(coalesce(c.name, nullif(r.company, ''))) as company
    -- one system holds none twice
    from (
        select 1
        from sources as s
        where exists (select 1 from crm_deals as r where r.source = s.id)
        limit 1 offset 1
    )
    cross join deal_facts as d
    cross join crm_deals as r on d.deal = r.id
    inner join sources as s on d.source = s.id
    left join company_facts as c on d.company = c.record
    where +d.closed_day is not null and r.amount_micros <> 0
),

-- deals that coincide stand side by side: joined to each other, each would be compared with all of its day
alike as materialized (
    select closed_day, amount_micros, status, company, system, count(*) as deals, min(deal_id) as deal_id
    from closed
    where company is not null
    group by closed_day, amount_micros, status, company, system
),

beside as (
    select
        *,
        count(*) over (partition by closed_day, amount_micros, status, company) as systems
    from alike
),

twins as materialized (
    select * from beside where systems > 1
)

select
    a.system || ' = ' || b.system as subject,
    sum(a.deals * b.deals) || ' pairs, such as ' || min(a.deal_id || ' and ' || b.deal_id) as finding,
    sum(a.deals * b.deals) as records
from twins as a
inner join twins as b
    on
        a.closed_day = b.closed_day
        and a.amount_micros = b.amount_micros
        and a.status = b.status
        and a.company = b.company
        and a.system < b.system
group by a.system, b.system
order by records desc, subject

-- Deals that two systems seem to hold both
-- Company, amount and close date coincide; unless one carries the other's id both count.
-- do: export the column with the other system's id, or say in funnelite.toml which system
-- do: counts: `[deals] system = "salesforce"`.
-- short: deals that two systems seem to hold both
-- kpis: won_deals, won_revenue, new_business_deals, new_business_revenue
-- Grain: one row per pair of systems.
select
    a.system || ' = ' || b.system as subject,
    count(*) || ' pairs, such as ' || min(a.deal_id || ' and ' || b.deal_id) as finding,
    count(*) as records
-- one system holds none twice
from (
    select 1
    from sources as s
    where exists (select 1 from crm_deals as r where r.source = s.id)
    limit 1 offset 1
)
cross join deals as a
inner join deals as b
    on
        a.closed_on = b.closed_on
        and a.amount = b.amount
        and a.status = b.status
        and lower(a.company) = lower(b.company)
        and a.system < b.system
group by a.system, b.system
order by records desc, subject

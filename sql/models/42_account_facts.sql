-- Companies with their people, pipeline and revenue, across systems by domain.
-- Grain: one row per company.
-- key: company
-- column: customer

create table account_facts (
    customer integer primary key,
    company text,
    domain text,
    segments text,
    people integer not null,
    reached integer,                           -- the furthest stage of its people
    open_pipeline_micros integer not null,
    won_revenue_micros integer not null,
    first_touch_day integer,                   -- days since 1970-01-01
    last_touch_day integer
) strict;

insert into account_facts
with records as (
    select
        customer,
        min(name) as name,
        min(domain) as domain,
        max(industry) as industry,
        max(employees) as employees,
        max(country) as country,
        max(company_type) as company_type
    from company_facts
    where customer in (select id from touched_company)
    group by customer
),

staff as (
    select
        c.customer,
        count(*) as people,
        max(p.reached) as reached,
        min(coalesce(p.first_touch_day, p.created_day)) as first_touch_day,
        max(coalesce(p.last_touch_day, p.created_day)) as last_touch_day
    from company_facts as c
    join persons as p on p.company = c.reference
    where c.customer in (select id from touched_company)
    group by c.customer
),

business as (
    select
        d.customer,
        sum(case when d.status = 'open' and d.opportunity_day is not null then d.amount_reporting_micros else 0 end) as pipeline,
        sum(case when d.status = 'won' then d.amount_reporting_micros else 0 end) as revenue,
        max(case when d.status = 'won' then 5 when d.opportunity_day is not null then 4 else 0 end) as reached,
        min(coalesce(d.first_touch_day, d.created_day)) as first_touch_day
    from deal_facts as d
    where d.customer in (select id from touched_company) and d.customer < 0
    group by d.customer
),

keys as (
    select customer from records
    union
    select customer from business
)

select
    k.customer,
    -- of a company without a name of its own, what deals call it
    coalesce(r.name, (
        select max(nullif(n.company, ''))
        from deal_facts as d
        join crm_deals as n on n.id = d.deal
        where d.customer = k.customer and d.customer < 0
    )),
    r.domain,
    segments_of(r.industry, r.employees, r.country, null, r.company_type, r.domain),
    coalesce(s.people, 0),
    max(coalesce(s.reached, b.reached), coalesce(b.reached, s.reached)),
    coalesce(b.pipeline, 0),
    coalesce(b.revenue, 0),
    min(coalesce(s.first_touch_day, b.first_touch_day), coalesce(b.first_touch_day, s.first_touch_day)),
    s.last_touch_day
from keys as k
left join records as r on r.customer = k.customer
left join staff as s on s.customer = k.customer
left join business as b on b.customer = k.customer
where not coalesce(is_excluded(coalesce(r.domain, '')), 0);

-- Companies with their people, pipeline and revenue, across systems by domain.
-- Grain: one row per company.
-- key: company
-- column: company_key

create table account_facts (
    company_key text primary key,
    company text,
    domain text,
    segments text,
    people integer not null,
    reached integer,                           -- the furthest stage of its people
    open_pipeline_micros integer not null,
    won_revenue_micros integer not null,
    first_touch_on text,
    last_touch_on text
) strict, without rowid;

insert into account_facts
with records as (
    select
        company_key,
        min(name) as name,
        min(domain) as domain,
        max(industry) as industry,
        max(employees) as employees,
        max(country) as country,
        max(company_type) as company_type
    from company_facts
    where company_key in (select id from touched_company)
    group by company_key
),

staff as (
    select
        c.company_key,
        count(*) as people,
        max(p.reached) as reached,
        min(p.first_touch_on) as first_touch_on,
        max((select max(t.touched_on) from person_touches as t where t.person = p.person)) as last_touch_on
    from company_facts as c
    join persons as p on p.company_source = c.source and p.company_id = c.record_id
    where c.company_key in (select id from touched_company)
    group by c.company_key
),

business as (
    select
        customer_key as company_key,
        max(company) as name,
        sum(case when status = 'open' and opportunity_on is not null then amount_reporting_micros else 0 end) as pipeline,
        sum(case when status = 'won' then amount_reporting_micros else 0 end) as revenue,
        max(case when status = 'won' then 5 when opportunity_on is not null then 4 else 0 end) as reached,
        min(first_touch_on) as first_touch_on
    from deal_facts
    where customer_key in (select id from touched_company) and customer_key not like 'p:%' and customer_key not like 'x:%'
    group by customer_key
),

keys as (
    select company_key from records
    union
    select company_key from business
)

select
    k.company_key,
    coalesce(r.name, b.name),
    r.domain,
    segments_of(r.industry, r.employees, r.country, null, r.company_type, r.domain),
    coalesce(s.people, 0),
    max(coalesce(s.reached, b.reached), coalesce(b.reached, s.reached)),
    coalesce(b.pipeline, 0),
    coalesce(b.revenue, 0),
    min(coalesce(s.first_touch_on, b.first_touch_on), coalesce(b.first_touch_on, s.first_touch_on)),
    s.last_touch_on
from keys as k
left join records as r on r.company_key = k.company_key
left join staff as s on s.company_key = k.company_key
left join business as b on b.company_key = k.company_key
where not coalesce(is_excluded(coalesce(r.domain, '')), 0);

-- Companies with their people, pipeline and revenue, across systems by domain.
-- Grain: one row per company.
-- key: company
-- column: customer

create table account_facts (
    customer integer primary key,
    company text,                              -- null: what deals call it counts
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
select
    customer,
    min(name),
    min(domain),
    segments_of(max(industry), max(employees), max(country), null, max(company_type), min(domain)),
    0, null, 0, 0, null, null
from company_facts
where customer in (select id from touched_company)
group by customer
having not coalesce(is_excluded(coalesce(min(domain), '')), 0);

-- what people and deals add; of companies that are left out, nothing
insert into account_facts
select
    c.customer, null, null, null,
    count(*),
    max(p.reached),
    0, 0,
    min(coalesce(p.first_touch_day, p.created_day)),
    max(coalesce(p.last_touch_day, p.created_day))
from company_facts as c
join persons as p on p.company = c.reference
where c.customer in (select id from touched_company)
group by c.customer
having not exists (
    select 1 from company_facts as e
    where e.customer = c.customer
    group by e.customer
    having is_excluded(coalesce(min(e.domain), ''))
)
on conflict do update set
    people = excluded.people,
    reached = excluded.reached,
    first_touch_day = excluded.first_touch_day,
    last_touch_day = excluded.last_touch_day;

insert into account_facts
select
    d.customer, null, null,
    segments_of(null, null, null, null, null, null),
    0,
    max(case when d.status = 'won' then 5 when d.opportunity_day is not null then 4 else 0 end),
    coalesce(sum(case when d.status = 'open' and d.opportunity_day is not null then d.amount_reporting_micros else 0 end), 0),
    coalesce(sum(case when d.status = 'won' then d.amount_reporting_micros else 0 end), 0),
    min(coalesce(d.first_touch_day, d.created_day)),
    null
from deal_facts as d
where d.customer in (select id from touched_company) and d.customer < 0
group by d.customer
having not exists (
    select 1 from company_facts as e
    where e.customer = d.customer
    group by e.customer
    having is_excluded(coalesce(min(e.domain), ''))
)
on conflict do update set
    reached = max(coalesce(reached, excluded.reached), excluded.reached),
    open_pipeline_micros = excluded.open_pipeline_micros,
    won_revenue_micros = excluded.won_revenue_micros,
    first_touch_day = min(coalesce(first_touch_day, excluded.first_touch_day), coalesce(excluded.first_touch_day, first_touch_day));

-- Customers: companies, or the people or deals that stand in for one, with their first won deal.
-- Grain: one row per customer with a won deal.
-- key: customer

create table customers (
    customer integer primary key,
    first_deal integer not null,
    first_won_day integer not null,
    channel integer not null,
    origin integer                             -- campaign and ad platform of that deal
) strict;

insert into customers
with won as materialized (
    select customer, min(deal) as deal, count(*) > 1 as has_several
    from deal_facts
    where customer in (select id from touched_customer) and status = 'won' and closed_day is not null
    group by customer
),

-- the earliest of several; only deals of one day are told apart by their records
earliest as (
    select
        d.*,
        rank() over (partition by d.customer order by d.closed_day, d.created_day nulls last) as place
    from won as w
    cross join deal_facts as d on d.customer = w.customer and d.status = 'won' and d.closed_day is not null
    where w.has_several
),

told_apart as (
    select
        e.customer,
        e.deal,
        row_number() over (partition by e.customer order by s.system, r.record_id) as n
    from earliest as e
    join crm_deals as r on r.id = e.deal
    join sources as s on s.id = e.source
    where e.place = 1
),

first as (
    select deal from won where not has_several
    union all
    select deal from told_apart where n = 1
)

select d.customer, d.deal, d.closed_day, d.channel, d.origin
from first as f
cross join deal_facts as d on d.deal = f.deal;

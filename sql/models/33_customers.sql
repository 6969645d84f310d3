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
-- only deals of one day are told apart by their records; the unary plus lets an index by day be read alone
with won as materialized (
    select customer, deal, rank() over (partition by +customer order by closed_day) as place
    from deal_facts
    where customer in (select id from touched_customer) and status = 'won' and closed_day is not null
),

earliest as materialized (
    select customer, min(deal) as deal, count(*) > 1 as has_several
    from won
    where place = 1
    group by customer
),

told_apart as (
    select
        d.deal,
        row_number() over (partition by d.customer order by d.created_day nulls last, s.system, r.record_id) as n
    from earliest as e
    cross join won as w on w.customer = e.customer and w.place = 1
    cross join deal_facts as d on d.deal = w.deal
    join crm_deals as r on r.id = d.deal
    join sources as s on s.id = d.source
    where e.has_several
),

first as (
    select deal from earliest where not has_several
    union all
    select deal from told_apart where n = 1
)

select d.customer, d.deal, d.closed_day, d.channel, d.origin
from first as f
cross join deal_facts as d on d.deal = f.deal;

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
-- which deals made a customer
create index customers_deal on customers (first_deal);

insert into customers
with won as (
    select
        d.customer,
        d.deal,
        d.closed_day,
        d.channel,
        d.origin,
        row_number() over (
            partition by d.customer order by d.closed_day, d.created_day nulls last, s.system, r.record_id
        ) as n
    from deal_facts as d
    join crm_deals as r on r.id = d.deal
    join sources as s on s.id = d.source
    where d.customer in (select id from touched_customer) and d.status = 'won' and d.closed_day is not null
)

select customer, deal, closed_day, channel, origin
from won
where n = 1;

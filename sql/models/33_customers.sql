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
        *,
        rank() over (partition by customer order by closed_day, created_day nulls last) as place
    from deal_facts
    where customer in (select id from touched_customer) and status = 'won' and closed_day is not null
),

first as (
    select *, count(*) over (partition by customer) > 1 as is_tie
    from won
    where place = 1
),

-- only deals of one day are told apart by their records
told_apart as (
    select
        f.*,
        row_number() over (partition by f.customer order by s.system, r.record_id) as n
    from first as f
    left join crm_deals as r on f.is_tie and r.id = f.deal
    left join sources as s on f.is_tie and s.id = f.source
)

select customer, deal, closed_day, channel, origin
from told_apart
where n = 1;

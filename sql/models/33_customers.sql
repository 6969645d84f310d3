-- Companies (or people, where a deal has no company) with a won deal, at their first one.
-- Grain: one row per customer.
-- key: customer
-- column: customer_key

create table customers (
    customer_key text primary key,
    first_deal integer not null,
    first_won_on text not null,
    channel_group text not null,
    channel text not null
) strict, without rowid;
-- which deals made a customer
create index customers_deal on customers (first_deal);

insert into customers
with won as (
    select
        customer_key,
        deal,
        closed_on,
        channel_group,
        channel,
        row_number() over (
            partition by customer_key order by closed_on, created_on nulls last, system, deal_id
        ) as n
    from deal_facts
    where customer_key in (select id from touched_customer) and status = 'won' and closed_on is not null
)

select customer_key, deal, closed_on, channel_group, channel
from won
where n = 1;

-- Customers that each campaign made, by the month of their first won deal.
-- Grain: one row per campaign and ad platform, channel and month.
-- key: customer
-- form: sums

create table campaign_customers (
    origin integer not null,
    channel integer not null,
    month integer not null,                    -- 202610
    new_customers integer not null,
    primary key (origin, channel, month)
) strict, without rowid;

select origin, channel, month_number(first_won_day) as month, 1 as new_customers
from customers
where customer in (select id from touched_customer) and origin is not null;

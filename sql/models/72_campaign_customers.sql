-- Customers that each campaign made, by the month of their first won deal.
-- Grain: one row per campaign name as it is written, platform, channel and month.
-- key: customer
-- form: sums

create table campaign_customers (
    campaign_key text not null,
    platform text not null,
    campaign text not null,
    channel integer not null,
    month text not null,
    new_customers integer not null,
    primary key (campaign_key, platform, campaign, channel, month)
) strict, without rowid;

insert into campaign_customers
select
    o.campaign_key,
    o.platform,
    o.campaign,
    c.channel,
    substr(date_of(c.first_won_day), 1, 7) || '-01',
    ?1 * count(*)
from customers as c
join origins as o on o.id = c.origin
where c.customer in (select id from touched_customer) and o.campaign_key <> ''
group by 1, 2, 3, 4, 5
on conflict do update set new_customers = new_customers + excluded.new_customers;

delete from campaign_customers where new_customers = 0;

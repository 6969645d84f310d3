-- Customers with recurring revenue, and the channel of the person behind their address.
-- Grain: one row per billing source and customer.
-- key: mrr_customer
-- column: customer

create table mrr_customers (
    customer text primary key,                 -- source|customer id, or deal|customer
    source integer not null,                   -- 0 = won deals, where there is no billing source
    customer_id text not null,
    name text,
    email text,
    email_key text,
    person integer,
    channel_group text not null,
    channel text not null
) strict;
-- found again by address when a person appears
create index mrr_customers_email on mrr_customers (email_key);
create index mrr_customers_person on mrr_customers (person);

insert into mrr_customers
with said as (
    select source, customer_id, customer as name, email, month as said_on from mrr_months
    union all
    select
        source,
        coalesce(nullif(customer_id, ''), norm_email(email), customer, subscription_id),
        customer,
        email,
        coalesce(substr(started_at, 1, 10), '')
    from subscriptions
),

customers as (
    select
        source || '|' || customer_id as customer,
        source,
        customer_id,
        substr(max(said_on || '|' || nullif(name, '')), instr(max(said_on || '|' || nullif(name, '')), '|') + 1) as name,
        substr(max(said_on || '|' || nullif(email, '')), instr(max(said_on || '|' || nullif(email, '')), '|') + 1) as email
    from said
    group by source, customer_id
)

select
    c.customer,
    c.source,
    c.customer_id,
    c.name,
    c.email,
    norm_email(c.email),
    p.person,
    coalesce(p.channel_group, 'Unknown'),
    coalesce(p.channel, 'Unknown')
from customers as c
left join person_emails as e on e.email = norm_email(c.email)
left join persons as p on p.person = e.person
where c.customer in (select id from touched_mrr_customer);

insert into mrr_customers
with deals as (
    select
        'deal|' || customer_key as customer,
        *,
        row_number() over (partition by customer_key order by closed_on, deal) as n
    from deal_facts
    where
        mrr_micros is not null and status = 'won' and closed_on is not null
        and not exists (select 1 from mrr_months)
        and not exists (select 1 from subscriptions)
)

select
    d.customer,
    0,
    d.customer_key,
    coalesce(d.company, d.name),
    null,
    null,
    d.first_person,
    d.channel_group,
    d.channel
from deals as d
where d.n = 1 and d.customer in (select id from touched_mrr_customer);

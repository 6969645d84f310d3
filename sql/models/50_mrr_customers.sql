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
    email_key integer,                         -- hash of the address
    person integer,
    channel integer   -- null: unknown
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
    union all
    select
        source,
        coalesce(nullif(customer_id, ''), norm_email(email), customer, subscription_id),
        customer,
        email,
        substr(period_start, 1, 10)
    from invoices
    where
        coalesce(subscription_id, '') <> '' and period_start < period_end
        and source not in (select source from mrr_months union select source from subscriptions)
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
    mail_key(c.email),
    p.person,
    p.channel
from customers as c
left join persons as p on p.person = (
        select coalesce(r.person, q.id)
        from identity_keys as k
        cross join crm_people as q on q.id = k.record and has_mail(q.email, q.additional_emails, c.email)
        left join person_records as r on r.record = q.id
        where k.key = mail_key(c.email) and r.person is not 0
        limit 1
    )
where c.customer in (select id from touched_mrr_customer);

insert into mrr_customers
with deals as (
    select
        'deal|' || customer as mrr_customer,
        *,
        -- few deals say it: they are found by that, not in the order of all customers
        row_number() over (partition by +customer order by closed_day, deal) as n
    from deal_facts
    where
        mrr_micros is not null and +status = 'won' and +closed_day is not null
        and not exists (select 1 from mrr_months)
        and not exists (select 1 from subscriptions)
        and not exists (select 1 from invoices where subscription_id <> '' and period_start < period_end)
)

select
    d.mrr_customer,
    0,
    coalesce(c.company_key, s.system || ':' || r.record_id),
    coalesce(c.name, nullif(r.company, ''), r.name),
    null,
    null,
    d.first_person,
    d.channel
from deals as d
join crm_deals as r on r.id = d.deal
join sources as s on s.id = d.source
left join company_facts as c on c.record = d.company
where d.n = 1 and d.mrr_customer in (select id from touched_mrr_customer);

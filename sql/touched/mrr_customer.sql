-- Customers of every billing source from which anything came or went, those whose person changed, and all of a
-- source whose subscriptions have reached another month; all, where exchange rates came.
with sources_touched as (
    select m.source
    from touched_rows as t
    join mrr_months as m on m.id = t.record
    where t.target = 'mrr_months'
    union
    select s.source
    from touched_rows as t
    join subscriptions as s on s.id = t.record
    where t.target = 'subscriptions'
    union
    select i.source
    from touched_rows as t
    join invoices as i on i.id = t.record
    where t.target = 'invoices'
    union
    select source from mrr_customers where exists (
        select 1 from touched_rows as t where t.target in ('mrr_months', 'subscriptions', 'invoices')
    )
    union
    select c.source
    from mrr_customers as c
    join mrr_changes as m on m.customer = c.customer
    where c.source in (select source from subscriptions union select source from invoices)
    group by c.source
    having max(m.known_until) <> substr(data_date(), 1, 7) || '-01'
)

select source || '|' || customer_id from mrr_months where source in (select source from sources_touched)
union
select source || '|' || coalesce(nullif(customer_id, ''), norm_email(email), customer, subscription_id)
from subscriptions where source in (select source from sources_touched)
union
select source || '|' || coalesce(nullif(customer_id, ''), norm_email(email), customer, subscription_id)
from invoices where coalesce(subscription_id, '') <> '' and source in (select source from sources_touched)
union
select i.source || '|' || coalesce(nullif(i.customer_id, ''), norm_email(i.email), i.customer, i.subscription_id)
from invoices as i
join meta as d on d.key = 'data_date' and d.value <> data_date()
where
    substr(i.period_start, 1, 10) between min(d.value, data_date()) and max(d.value, data_date())
    or substr(i.period_end, 1, 10) between min(d.value, data_date()) and max(d.value, data_date())
union
-- subscriptions that begin or end between the data date before and the one now
select s.source || '|' || coalesce(nullif(s.customer_id, ''), norm_email(s.email), s.customer, s.subscription_id)
from subscriptions as s
join meta as d on d.key = 'data_date' and d.value <> data_date()
where
    substr(s.started_at, 1, 10) between min(d.value, data_date()) and max(d.value, data_date())
    or substr(s.ended_at, 1, 10) between min(d.value, data_date()) and max(d.value, data_date())
union
select customer from mrr_customers where source in (select source from sources_touched)
union
select customer from mrr_customers where person in (select id from touched_person)
union
select c.customer
from touched_mail as e
join mrr_customers as c on c.email_key = e.id
union
select 'deal|' || customer from deal_facts where deal in (select id from touched_deal) and mrr_micros is not null
union
-- deals count where there is no billing source: when one comes or goes, all of them change
select 'deal|' || customer
from deal_facts
where
    mrr_micros is not null
    and exists (select 1 from touched_rows as t where t.target in ('mrr_months', 'subscriptions', 'invoices'))
union
select c.customer
from mrr_customers as c
join mrr_changes as m on m.customer = c.customer
where c.source = 0
group by c.customer
having max(m.known_until) <> substr(data_date(), 1, 7) || '-01'
union
select customer from mrr_said where exists (select 1 from touched_rows where target = 'currency_rates')

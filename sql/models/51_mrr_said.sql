-- Monthly recurring revenue as each source says it. A source that gives months is read by its months, else its
-- subscriptions count as they stood at each month's end: annual ÷ 12, quarterly ÷ 3, trials and one-off payments left
-- out; a source of invoices alone is read by what the invoices of subscriptions pay for, spread over the months from
-- the first to the last day of their lines. Where there is no billing source at all, won deals count from their month on; a renewal continues what is there.
-- Grain: one row per customer, month and subscription or deal.
-- key: mrr_customer
-- column: customer

create table mrr_said (
    customer text not null,
    source integer not null,                   -- 0 = won deals
    month text not null,                       -- YYYY-MM-01
    currency text not null,
    mrr_micros integer not null,
    incomplete integer not null                -- its interval is unknown
) strict;
-- read and replaced by customer
create index mrr_said_customer on mrr_said (customer);

insert into mrr_said
select customer, source, month, currency, coalesce(mrr_micros, 0), 0
from (select source || '|' || customer_id as customer, * from mrr_months)
where customer in (select id from touched_mrr_customer);

insert into mrr_said
with recursive data_date as (
    select data_date() as day
),

intervals (word, per_year) as (
    values ('month', 12), ('mo', 12), ('m', 12), ('quarter', 4), ('half', 2), ('semi', 2), ('year', 1), ('annual', 1),
        ('yr', 1), ('y', 1), ('week', 52), ('day', 365), ('daily', 365),
        -- as people write it in their sheets
        ('monat', 12), ('quartal', 4), ('viertelj', 4), ('halbj', 2), ('jahr', 1), ('jähr', 1), ('mes', 12), ('mens', 12),
        ('trimestr', 4), ('semestr', 2), ('año', 1), ('anual', 1), ('mois', 12), ('an', 1), ('année', 1), ('aylik', 12),
        ('ay', 12), ('çeyrek', 4), ('yil', 1), ('bulan', 12), ('kuartal', 4), ('tahun', 1)
),

invoiced as (
    select
        *,
        cast(julianday(substr(period_end, 1, 10)) - julianday(substr(period_start, 1, 10)) as integer) as days
    from invoices
    where
        coalesce(subscription_id, '') <> '' and lower(status) in ('paid', 'open', 'past_due')
        and source not in (select source from mrr_months union select source from subscriptions)
),

terms as (
    select
        source, customer_id, customer, email, subscription_id, status, is_trial, started_at, ended_at, interval,
        interval_count, quantity, amount_micros, currency
    from subscriptions
    union all
    select
        source, customer_id, customer, email, subscription_id, 'active', 0, period_start, period_end,
        iif(days < 27, 'day', 'month'), iif(days < 27, days, (days * 12 + 182) / 365), 1,
        amount_micros - coalesce(tax_micros, 0), currency
    from invoiced
    where days > 0
),

worded as (
    select
        *,
        source || '|' || coalesce(nullif(customer_id, ''), norm_email(email), customer, subscription_id) as customer_key,
        coalesce(norm_name(interval), '') as word,
        lower(trim(coalesce(status, ''))) as state,
        coalesce(nullif(interval_count, 0), 1) as intervals
    from terms
    where coalesce(started_at, '') <> '' and amount_micros is not null and coalesce(is_trial, 0) = 0
),

paid as materialized (
    select
        w.customer_key,
        w.source,
        w.currency,
        local_date(w.started_at) as started_on,
        local_date(w.ended_at) as ended_on,
        12 * w.intervals as below,
        w.amount_micros * coalesce(w.quantity, 1)
            * (select max(i.per_year) from intervals as i where w.word like i.word || '%' and (length(i.word) > 2 or w.word = i.word))
            as above
    from worded as w
    join sources as o on o.id = w.source
    where
        w.word not like 'one%' and w.word not in ('once', 'lifetime', 'single', 'einmalig', 'einmal', 'unique', 'único', 'tek seferlik', 'sekali')
        and w.state not in (
            'trialing', 'trial', 'in_trial', 'incomplete', 'incomplete_expired', 'future', 'draft', 'pending'
        )
        and not (w.state in ('canceled', 'cancelled', 'expired', 'ended') and coalesce(w.ended_at, '') = '')
        and (
            w.source not in (select source from mrr_months)
            or (o.system = 'sheet' and not exists (
                select 1 from mrr_months as m where m.source = w.source and m.customer_id = w.customer_id
            ))
        )
),

months (source, month) as (
    select source, substr(min(started_on), 1, 7) || '-01' from paid group by source
    union
    select source, date(month, '+1 month') from months, data_date where date(month, '+1 month') <= data_date.day
)

select
    p.customer_key,
    p.source,
    m.month,
    coalesce(p.currency, ''),
    coalesce((2 * p.above + p.below) / (2 * p.below), 0),
    p.above is null
from paid as p
join months as m on m.source = p.source
join data_date as d
where
    p.customer_key in (select id from touched_mrr_customer)
    and p.started_on <= min(date(m.month, '+1 month', '-1 day'), d.day)
    and (p.ended_on is null or p.ended_on > min(date(m.month, '+1 month', '-1 day'), d.day));

insert into mrr_said
with recursive data_date as (
    select data_date() as day
),

sold as materialized (
    select
        'deal|' || d.customer as customer,
        substr(date_of(d.closed_day), 1, 7) || '-01' as month,
        coalesce(nullif(upper(trim(r.currency)), ''), d.currency) as currency,
        d.mrr_micros
    from deal_facts as d
    join crm_deals as r on r.id = d.deal
    left join texts as type on type.id = r.deal_type
    left join texts as pipeline on pipeline.id = r.pipeline
    where
        -- found by what few deals say
        d.mrr_micros is not null and +d.status = 'won' and +d.closed_day is not null
        and not exists (select 1 from mrr_months)
        and not exists (select 1 from subscriptions)
        and not exists (select 1 from invoices where subscription_id <> '' and period_start < period_end)
        and (d.is_new_business or not exists (
            select 1
            from json_each('["renew", "verläng", "erneuer", "renov", "renouv", "rinnov", "yenile"]') as w
            where instr(lower(coalesce(type.text, '') || ' ' || coalesce(pipeline.text, '')), w.value) > 0
        ))
),

months (month) as (
    select min(month) from sold
    union
    select date(month, '+1 month') from months, data_date where date(month, '+1 month') <= data_date.day
)

select s.customer, 0, m.month, coalesce(s.currency, reporting_currency(), ''), s.mrr_micros, 0
from sold as s
join months as m on m.month >= s.month
where s.customer in (select id from touched_mrr_customer);

-- Monthly recurring revenue by customer, and how each month differs from the one before.
-- A source that gives months is read by its months, else its subscriptions are counted as they stood at each month's
-- end: annual ÷ 12, quarterly ÷ 3, trials and one-off payments left out. Where there is no billing source at all, won
-- deals count from their month on; a renewal continues what is there.
-- Grain: one row per customer and month in which revenue was there or went.
-- key: mrr_customer
-- column: customer

create table mrr_changes (
    customer text not null,
    month text not null,                       -- YYYY-MM-01
    opening_micros integer not null,
    closing_micros integer not null,
    new_micros integer not null,
    expansion_micros integer not null,
    contraction_micros integer not null,
    churn_micros integer not null,
    reactivation_micros integer not null,
    incomplete integer not null,               -- amounts without a rate or an interval
    known_until text not null,                 -- the last month its source covers
    primary key (customer, month)
) strict, without rowid;

insert into mrr_changes
with recursive data_date as (
    select coalesce(max(substr(as_of, 1, 10)), '') as day from import_files
    where as_of_evidence in ('flag', 'content', 'name')
),

subscribed as (
    select
        s.source,
        s.source || '|' || coalesce(nullif(s.customer_id, ''), norm_email(s.email), s.customer, s.subscription_id)
            as customer,
        local_date(s.started_at) as started_on,
        local_date(s.ended_at) as ended_on,
        s.currency,
        s.amount_micros * coalesce(s.quantity, 1) as amount_micros,
        coalesce(nullif(s.interval_count, 0), 1) as interval_count,
        case
            when i.word like 'month%' or i.word in ('mo', 'm') then 12
            when i.word like 'quarter%' then 4
            when i.word like 'half%' or i.word like 'semi%' then 2
            when i.word like 'year%' or i.word like 'annual%' or i.word in ('yr', 'y') then 1
            when i.word like 'week%' then 52
            when i.word like 'day%' or i.word = 'daily' then 365
        end as per_year
    from subscriptions as s
    join sources as o on o.id = s.source
    join (select id, lower(trim(coalesce(interval, ''))) as word from subscriptions) as i on i.id = s.id
    where
        s.started_at is not null and s.started_at <> ''
        and s.amount_micros is not null
        and coalesce(s.is_trial, 0) = 0
        and i.word not like 'one%' and i.word not in ('once', 'lifetime', 'single')
        and lower(coalesce(s.status, '')) not in (
            'trialing', 'trial', 'in_trial', 'incomplete', 'incomplete_expired', 'future', 'draft', 'pending'
        )
        and not (
            lower(coalesce(s.status, '')) in ('canceled', 'cancelled', 'expired', 'ended')
            and coalesce(s.ended_at, '') = ''
        )
        and (
            s.source not in (select source from mrr_months)
            or (o.system = 'sheet' and not exists (
                select 1 from mrr_months as m where m.source = s.source and m.customer_id = s.customer_id
            ))
        )
),

subscription_months (source, month) as (
    select source, substr(min(started_on), 1, 7) || '-01' from subscribed group by source
    union
    select source, date(month, '+1 month') from subscription_months, data_date
    where date(month, '+1 month') <= data_date.day
),

sold as (
    select
        'deal|' || customer_key as customer,
        substr(closed_on, 1, 7) || '-01' as month,
        currency,
        mrr_micros
    from deal_facts
    where
        mrr_micros is not null and status = 'won' and closed_on is not null
        and not exists (select 1 from mrr_months)
        and not exists (select 1 from subscriptions)
        and (
            is_new_business
            or not exists (
                select 1
                from json_each('["renew", "verläng", "erneuer", "renov", "renouv", "rinnov", "yenile"]') as w
                where instr(lower(coalesce(deal_type, '') || ' ' || coalesce(pipeline, '')), w.value) > 0
            )
        )
),

sold_months (month) as (
    select min(month) from sold
    union
    select date(month, '+1 month') from sold_months, data_date
    where date(month, '+1 month') <= data_date.day
),

said as (
    select s.customer, n.month, s.currency, s.mrr_micros, 0 as incomplete
    from sold as s
    join sold_months as n on n.month >= s.month
    union all
    select
        m.source || '|' || m.customer_id as customer,
        m.month,
        m.currency,
        coalesce(m.mrr_micros, 0),
        0
    from mrr_months as m
    union all
    select
        s.customer,
        n.month,
        s.currency,
        coalesce(
            (2 * s.amount_micros * s.per_year + 12 * s.interval_count) / (24 * s.interval_count), 0
        ),
        s.per_year is null
    from subscribed as s
    join subscription_months as n on n.source = s.source
    join data_date as d
    where
        s.started_on <= min(date(n.month, '+1 month', '-1 day'), d.day)
        and (s.ended_on is null or s.ended_on > min(date(n.month, '+1 month', '-1 day'), d.day))
),

reported as (
    select
        customer,
        month,
        sum(coalesce(to_reporting(mrr_micros, currency, date(month, '+1 month', '-1 day')), 0)) as mrr,
        sum(
            incomplete
            or (mrr_micros <> 0 and to_reporting(mrr_micros, currency, date(month, '+1 month', '-1 day')) is null)
        ) as incomplete
    from said
    where customer in (select id from touched_mrr_customer)
    group by customer, month
),

source_months as (
    select distinct source, month from mrr_months
    union
    select source, month from subscription_months
    union
    select 0, month from sold_months where month is not null
),

months as (
    select
        f.customer,
        n.month,
        coalesce(r.mrr, 0) as closing,
        coalesce(r.incomplete, 0) as incomplete,
        max(n.month) over (partition by f.customer) as known_until
    from (
        select customer, min(month) as first_month, cast(substr(customer, 1, instr(customer, '|') - 1) as integer) as source
        from reported group by customer
    ) as f
    join source_months as n on n.source = f.source and n.month >= f.first_month
    left join reported as r on r.customer = f.customer and r.month = n.month
),

moves as (
    select
        customer,
        month,
        coalesce(lag(closing) over before, 0) as opening,
        closing,
        coalesce(max(closing) over (before rows between unbounded preceding and 1 preceding), 0) > 0 as was_customer,
        incomplete,
        known_until
    from months
    window before as (partition by customer order by month)
)

select
    customer,
    month,
    opening,
    closing,
    iif(opening <= 0 and closing > 0 and not was_customer, closing - opening, 0),
    iif((opening > 0 and closing > opening) or (opening <= 0 and closing <= 0 and closing > opening), closing - opening, 0),
    iif((closing > 0 and closing < opening) or (opening <= 0 and closing < opening), closing - opening, 0),
    iif(opening > 0 and closing <= 0, closing - opening, 0),
    iif(opening <= 0 and closing > 0 and was_customer, closing - opening, 0),
    incomplete,
    known_until
from moves
where opening <> 0 or closing <> 0 or incomplete > 0;

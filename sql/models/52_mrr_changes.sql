-- How each customer's monthly recurring revenue differs from the month before, in the reporting currency at the rate of
-- the month's last day.
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
    incomplete_change integer not null,        -- amounts without a rate or an interval, more or fewer than before
    known_until text not null,                 -- the last month its source covers
    primary key (customer, month)
) strict, without rowid;

insert into mrr_changes
with recursive data_date as (
    select data_date() as day
),

-- the last day of each month, found once
ends as materialized (
    select month, date(month, '+1 month', '-1 day') as day from (select distinct month from mrr_said)
),

said as materialized (
    select
        s.customer,
        s.source,
        s.month,
        s.mrr_micros,
        s.incomplete,
        to_reporting(s.mrr_micros, s.currency, e.day) as reporting_micros
    from mrr_said as s
    join ends as e on e.month = s.month
    where s.customer in (select id from touched_mrr_customer)
),

reported as (
    select
        customer,
        source,
        month,
        sum(coalesce(reporting_micros, 0)) as mrr,
        sum(incomplete or (mrr_micros <> 0 and reporting_micros is null)) as incomplete
    from said
    group by customer, source, month
),

ongoing (source, month) as (
    select source, min(month) from mrr_said
    where source not in (select source from mrr_months)
    group by source
    union
    select source, date(month, '+1 month') from ongoing, data_date
    where date(month, '+1 month') <= data_date.day
),

source_months as (
    select distinct source, month from mrr_said
    union
    select distinct source, month from mrr_months
    union
    select source, month from ongoing
),

months as (
    select
        f.customer,
        n.month,
        coalesce(r.mrr, 0) as closing,
        coalesce(r.incomplete, 0) as incomplete,
        max(n.month) over (partition by f.customer) as known_until
    from (select customer, source, min(month) as first_month from reported group by customer, source) as f
    join source_months as n on n.source = f.source and n.month >= f.first_month
    left join reported as r on r.customer = f.customer and r.month = n.month
),

moves as (
    select
        customer,
        month,
        coalesce(lag(closing) over earlier, 0) as opening,
        closing,
        coalesce(max(closing) over (earlier rows between unbounded preceding and 1 preceding), 0) > 0 as was_customer,
        incomplete - coalesce(lag(incomplete) over earlier, 0) as incomplete_change,
        known_until
    from months
    window earlier as (partition by customer order by month)
)

select
    customer,
    month,
    opening,
    closing,
    iif(opening <= 0 and closing > 0 and not was_customer, closing - opening, 0),
    iif(closing > opening and (opening > 0 or closing <= 0), closing - opening, 0),
    iif(closing < opening and (closing > 0 or opening <= 0), closing - opening, 0),
    iif(opening > 0 and closing <= 0, closing - opening, 0),
    iif(opening <= 0 and closing > 0 and was_customer, closing - opening, 0),
    incomplete_change,
    known_until
from moves
where opening <> 0 or closing <> 0 or incomplete_change <> 0;

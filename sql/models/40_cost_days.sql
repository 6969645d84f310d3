-- Costs entered by hand, spread over their days.
-- Grain: one row per cost and day.
-- key: all
-- reads: costs, currency_rates

create table cost_days (
    cost integer not null,
    day text not null,
    month text not null,
    channel_group text not null,
    channel text not null,
    campaign text not null,
    campaign_key text not null,                -- the name as names are compared
    category text not null,
    currency text not null,
    amount_micros integer not null,
    amount_reporting_micros integer,           -- null where no rate is known
    primary key (cost, day)
) strict, without rowid;
-- spend is asked for by day
create index cost_days_day on cost_days (day);

insert into cost_days
with recursive placed as (
    select
        id,
        day_number(day_from) as first_day,
        max(day_number(day_to) - day_number(day_from) + 1, 1) as days,
        coalesce(
            channel_named(channel),
            nullif(substr(by_source, instr(by_source, '|') + 1), 'Unknown'),
            nullif(substr(by_platform, instr(by_platform, '|') + 1), 'Unknown'),
            'Unknown'
        ) as channel,
        campaign,
        category,
        currency,
        amount_micros
    from (
        select
            *,
            channel_of(json_object('source', channel)) as by_source,
            channel_of(json_object('platform', channel)) as by_platform
        from costs
    )
    where amount_micros is not null and day_number(day_from) is not null
),

-- what a cost says is found once, not for each of its days
named as materialized (
    select *, channel_group_of(channel) as channel_group, coalesce(norm_name(campaign), '') as campaign_key
    from placed
),

-- one cost after another, which is the order of the table
spread_days (id, days, i) as (
    select id, days, 1 from named
    union all
    select id, days, i + 1 from spread_days where i < days
    order by 1
),

final as (
    select
        n.*,
        date_of(n.first_day + s.i - 1) as day,
        spread(n.amount_micros, n.days, s.i) as part_micros
    from spread_days as s
    join named as n on n.id = s.id
)

select
    id,
    day,
    substr(day, 1, 7) || '-01',
    channel_group,
    channel,
    campaign,
    campaign_key,
    category,
    currency,
    part_micros,
    to_reporting(part_micros, currency, day)
from final;

-- Open deals of new business by the day they were created. Money in the reporting currency.
-- Grain: one row per pipeline, stage, channel and day.
-- key: deal
-- form: sums

create table open_deals (
    pipeline integer not null,                 -- words.id; 0 = none
    stage integer not null,                    -- words.id; 0 = none
    channel integer not null,
    created_day integer not null,              -- -1000000 = unknown: no day of the calendar
    deals integer not null,
    opportunities integer not null,
    deals_with_amount integer not null,
    amount_micros integer not null,
    weighted_deals integer not null,           -- with an amount and a probability
    weighted_micros integer not null,
    primary key (pipeline, stage, channel, created_day)
) strict, without rowid;

select
    coalesce(pipeline, 0) as pipeline,
    coalesce(stage, 0) as stage,
    channel,
    coalesce(created_day, -1000000) as created_day,
    1 as deals,
    opportunity_day is not null as opportunities,
    amount_reporting_micros is not null as deals_with_amount,
    amount_reporting_micros as amount_micros,
    amount_reporting_micros is not null and probability_millionths is not null as weighted_deals,
    amount_reporting_micros * probability_millionths / 1000000 as weighted_micros
from deal_facts
where deal in (select id from touched_deal) and status = 'open' and is_new_business;

-- Settled ad numbers by campaign and month.
-- Grain: one row per campaign and month.
-- key: rust

create table ad_campaign_months (
    campaign integer not null,
    day_number integer not null,               -- of the first day of the month
    month text not null,
    first_day text,                            -- first and last day with any number but 0
    last_day text,
    spend_reporting_micros integer not null,
    incomplete integer not null,
    impressions integer not null,
    clicks integer not null,
    conversions_millionths integer not null,
    leads_millionths integer not null,
    primary key (campaign, day_number)
) strict, without rowid;

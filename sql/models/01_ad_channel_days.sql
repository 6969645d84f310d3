-- Settled ad numbers by day, platform and channel: what KPIs add up. Conversions and leads are in millionths.
-- Grain: one row per platform, channel and day.
-- key: rust

create table ad_channel_days (
    platform text not null,
    channel integer not null,
    day integer not null,                      -- days since 1970-01-01
    rows integer not null,
    spend_reporting_micros integer not null,
    incomplete integer not null,               -- rows whose spend has no rate to the reporting currency
    impressions integer not null,
    clicks integer not null,
    conversions_millionths integer not null,
    leads_millionths integer not null,
    primary key (platform, channel, day)
) strict, without rowid;

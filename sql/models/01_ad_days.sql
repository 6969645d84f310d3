-- Ad statistics settled: one number per place, day and metric, whatever reports it came from. Campaigns of which one
-- report alone tells, day by day and in the reporting currency, are shown as they are (`ad_campaign_paths.place`).
-- Grain: one row per place and day.
-- key: rust

create table ad_days (
    place integer not null,
    day integer not null,                      -- days since 1970-01-01
    spend_micros integer,
    spend_reporting_micros integer,
    impressions integer,
    clicks integer,
    conversions_millionths integer,
    leads_millionths integer,
    primary key (place, day)
) strict, without rowid;

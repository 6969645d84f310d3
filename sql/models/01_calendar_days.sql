-- Day numbers as dates, because views hold no date functions.
-- Grain: one row per day on which something is counted, and the days between.
-- key: rust

create table calendar_days (
    day_number integer primary key,
    day text not null unique
) strict;

-- Tables that Rust fills beside the models: identity, measures by day and period, and KPI values.

-- Records that are no person of their own, which most are: joined into a person who has several, or deleted or left out.
create table person_records (
    record integer primary key,                -- crm_people.id
    person integer not null                    -- the smallest record id of the person; 0 = none
) strict;
-- the other records of a person
create index person_records_person on person_records (person);

-- Hashes of what joins records: addresses and references to other records. Those that a record had stay.
create table identity_keys (
    key integer not null,
    record integer not null,
    primary key (key, record)
) strict, without rowid;

-- The deals that people's records name, by the hash of source and deal id. Those that a record named stay.
create table record_deals (
    key integer not null,
    record integer not null,                   -- crm_people.id
    primary key (key, record)
) strict, without rowid;

-- The same of deals: records in several systems are one deal, merged and deleted ones are none of their own.
create table deal_records (
    record integer primary key,                -- crm_deals.id
    deal integer not null                      -- the record whose values count; 0 = none
) strict;
-- the other records of a deal
create index deal_records_deal on deal_records (deal);

-- Hashes of what deals name that was not there: people by source and record id or by address, companies by source and
-- record id. Those that a deal named stay. What all deals name before there is any of it is not kept: the first people
-- and the first companies have all deals derived again.
create table deal_links (
    key integer not null,
    deal integer not null,
    primary key (key, deal)
) strict, without rowid;

-- Hashes of the source and the name by which a deal knows its contact, where it gives no id and no address.
create table deal_names (
    key integer not null,
    deal integer not null,
    primary key (key, deal)
) strict, without rowid;
create index deal_names_deal on deal_names (deal);

-- Channels of people and deals.
create table channels (
    id integer primary key,
    channel_group text not null,
    channel text not null,
    unique (channel_group, channel)
) strict;

-- The campaigns and ad platforms that people and deals come from; '' where there is none.
create table origins (
    id integer primary key,
    campaign text not null,
    platform text not null,
    campaign_key text not null,                -- the name as names are compared
    unique (campaign, platform)
) strict;
-- the origins of a campaign
create index origins_campaign on origins (campaign_key);

-- What people and deals say in words that others say as well: answers of people, pipelines and stages of deals.
create table words (
    id integer primary key,
    word text not null unique
) strict;

-- How touches are known.
create table touch_ways (
    id integer primary key,
    kind text not null,                        -- form | visit | campaign | meeting | request | or as given
    evidence text not null,
    origin text not null,                      -- record table
    unique (kind, evidence, origin)
) strict;

-- The names of what is counted and summed. Sums are kept under numbers: there are many, and an import changes most of
-- them.
create table measures (
    id integer primary key,
    name text not null unique,
    months integer not null                    -- in which it has sums
) strict;

-- What is counted of: a channel, a channel group with channel 'All', or ('All', 'All').
create table scopes (
    id integer primary key check (id < 1048576), -- 20 bits of kpi_values.id
    channel_group text not null,
    channel text not null,
    unique (channel_group, channel)
) strict;

-- Counts and sums by local day and channel; no total rows. One row holds a measure's days of a month: as rows of their
-- own they would be most of what an import writes.
create table measure_days (
    id integer primary key,                    -- month × 2^32 + measure, the months counted from the year 0
    days blob not null                         -- packed: day, scope, value, incomplete
) strict;

-- The records that medians and distinct counts are taken of, kept in the same way.
create table measure_records (
    id integer primary key,                    -- measure × 2^32 + month
    records blob not null                      -- packed: day, scope, number
) strict;

-- The days of the measures that views read by day.
create table measure_days_shown (
    measure integer not null,
    day integer not null,                      -- days since 1970-01-01
    scope integer not null,
    value integer not null,
    incomplete integer not null,
    primary key (measure, day, scope)
) strict, without rowid;

-- The same by calendar month, with totals ('All', 'All') and (group, 'All'), for views.
create table measure_months (
    month integer not null,                    -- first day, days since 1970-01-01
    measure integer not null,
    scope integer not null,
    value integer not null,
    incomplete integer not null,
    primary key (month, measure, scope)
) strict, without rowid;

-- A KPI's values of a grain lie together, because most questions are about few of them. Where they lie is one number:
-- there are many, and an import changes most of them.
create table kpi_values (
    id integer primary key,                    -- calendar_periods.place + kpi_definitions.id × 2^44 + scope
    value real,
    numerator real,
    denominator real,
    incomplete integer not null
) strict;

-- The catalogue as it is in force.
create table kpi_definitions (
    id integer primary key check (id < 4096),  -- stays with its name; 12 bits of kpi_values.id
    kpi text not null unique,
    position integer not null,
    label text not null,
    unit text not null,
    better text not null,
    kind text not null,
    definition text not null,
    formula text not null,
    numerator text,
    denominator text,
    source text not null,
    version text not null,                     -- changes with the definition
    expression text not null,                  -- what it is computed from, whatever its kind
    is_known integer not null                  -- whether what it needs is there
) strict;

-- Every period from the first day with data to the data date.
create table calendar_periods (
    grain text not null,
    period text not null,
    period_day integer not null,
    label text not null,
    starts text not null,
    ends text not null,
    ends_day integer not null,
    is_complete integer not null,
    place integer not null,                    -- grain × 2^56 + (first day + 2^23) × 2^20
    primary key (grain, period)
) strict, without rowid;

-- One row: how far the data reach, and after how many days a cohort is mature.
create table workspace_dates (
    data_date text not null,
    data_day integer not null,
    mature_after_days real not null
) strict;

-- Targets with their periods understood; filled from targets_given.
create table target_periods (
    kpi text not null,
    grain text not null,
    period text not null,
    channel_group text not null,
    channel text not null,
    written text not null,                     -- the period as written
    value real,
    note text,
    primary key (kpi, grain, period, channel_group, channel)
) strict, without rowid;

-- Ad statistics by campaign path and period, and costs entered by hand.

-- A place in an ad account: as deep as the report that named it. Days and numbers hang on it in ad_rows.
create table ad_paths (
    id integer primary key,
    path_hash integer not null unique,         -- of source, level, breakdown, and each id or else name
    source integer not null references sources (id),
    level text not null,                       -- account | campaign | ad_group | ad | item
    is_partial integer not null,               -- the report shows part of the traffic (keywords, search terms, placements)
    breakdown text not null default '',        -- the breakdown columns, sorted, comma-separated; '' = none
    campaign_id text not null default '',
    campaign text not null default '',
    campaign_type text not null default '',
    ad_group_id text not null default '',
    ad_group text not null default '',
    ad_id text not null default '',
    ad text not null default '',
    item text not null default '',             -- keyword, search term, location …
    platform text not null default ''          -- where one file holds several platforms; else the source's system
) strict;
create index ad_paths_source on ad_paths (source, level, breakdown);

-- What one file says in one currency.
create table ad_reports (
    id integer primary key,
    file integer not null references import_files (id),
    currency text not null,                    -- ISO code; '' = the file gave none and has no money
    unique (file, currency)
) strict;

-- By day before path: a week's rows lie together, whatever they are of.
create table ad_rows (
    period_start integer not null,             -- days since 1970-01-01
    path integer not null references ad_paths (id),
    days integer not null,                     -- the length of the period
    report integer not null references ad_reports (id),
    spend_micros integer,
    impressions integer,
    clicks integer,
    conversions_millionths integer,
    leads_millionths integer,
    primary key (period_start, path, days)
) strict, without rowid;

-- Costs outside the ad platforms, from fill-in sheets. Amounts of one key in one file are summed.
create table costs (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    day_from text not null,
    day_to text not null,
    channel text not null default '',
    campaign text not null default '',
    category text not null default '',
    currency text not null,
    amount_micros integer,
    note text,
    unique (source, day_from, day_to, channel, campaign, category, currency)
) strict;

-- Web traffic, search, e-mail, audiences, social posts and short links.

create table web_rows (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    last_file integer references import_files (id), -- the file that last held it
    property text not null default '',
    report text not null,                      -- what the rows are broken down by: channel, source_medium, landing_page, page, date, search …
    filters text not null default '',          -- a segment, comparison or filter that narrows the report
    day_from text not null,
    day_to text not null,
    channel text not null default '',          -- the platform's own channel grouping
    traffic_source text not null default '',
    traffic_medium text not null default '',
    campaign text not null default '',
    page text not null default '',
    country text not null default '',
    device text not null default '',
    keyword text not null default '',
    sessions integer,
    engaged_sessions integer,
    bounces integer,
    users integer,
    new_users integer,
    views integer,
    conversions_millionths integer,
    clicks integer,
    impressions integer,
    position_millionths integer,
    unique (source, property, report, filters, day_from, day_to, channel, traffic_source, traffic_medium, campaign, page, country, device, keyword)
) strict;

create table email_campaigns (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    last_file integer references import_files (id), -- the file that last held it
    email_id text not null,
    name text,
    subject text,
    list text,
    sent_at text,
    recipients integer,
    delivered integer,
    soft_bounces integer,
    hard_bounces integer,
    bounces integer,
    unique_opens integer,
    opens integer,
    unique_clicks integer,
    clicks integer,
    forwards integer,
    unsubscribes integer,
    unique (source, email_id)
) strict;

-- Lists and networks: members gained and lost, or the size on a day.
create table audience_days (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    kind text not null,                        -- email_list | followers
    name text not null default '',
    day text not null,
    size integer,
    joined integer,
    left_count integer,
    unique (source, kind, name, day)
) strict;

-- Members of an e-mail list, one row per address, from audience exports.
create table audience_members (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    last_file integer references import_files (id), -- the file that last held it
    name text not null default '',
    email text not null,
    status text,                               -- subscribed | unsubscribed | cleaned
    joined_at text,
    left_at text,
    unique (source, name, email)
) strict;

create table posts_given (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    platform text not null default '',
    post_id text not null,                     -- the day where only days exist
    is_day integer not null default 0,         -- 1: activity of a day; 0: lifetime of a post
    posted_at text,
    text text,
    impressions integer,
    reactions integer,
    comments integer,
    shares integer,
    clicks integer,
    unique (source, platform, is_day, post_id)
) strict;

create table link_days (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    day text not null,
    link text not null,
    target text,
    campaign text,
    clicks integer,
    unique (source, day, link)
) strict;

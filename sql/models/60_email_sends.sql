-- E-mail campaigns with the day they were sent; numbers are lifetime sums, so a later export replaces them.
-- A report without an id goes by its name and time (`Newsletter 1 Apr 26, 2021 12:25`): it is the campaign of that name
-- and day that an export with ids tells of, and of several such reports the newest counts.
-- Grain: one row per e-mail campaign.
-- key: all
-- reads: email_campaigns

create table email_sends (
    id integer primary key,                    -- email_campaigns.id
    system text not null,
    email_id text not null,
    name text,
    subject text,
    list text,
    sent_on text,
    recipients integer,
    delivered integer,
    unique_opens integer,
    unique_clicks integer,
    forwards integer,
    unsubscribes integer,
    bounces integer
) strict;

insert into email_sends
with files as (
    select id, row_number() over (order by sort_key, id) as rank from import_files
),

named as (
    select
        e.*,
        s.system,
        substr(e.email_id, 1, length(e.name) + 1) = e.name || ' ' as is_by_name,
        coalesce(f.rank, 0) as rank
    from email_campaigns as e
    join sources as s on s.id = e.source
    left join files as f on f.id = e.last_file
),

told as (
    select
        *,
        row_number() over (
            partition by source, name, local_date(sent_at) order by coalesce(is_by_name, 0), rank desc, email_id
        ) as place
    from named
),

counted as (
    select
        e.*,
        coalesce(e.bounces, coalesce(e.soft_bounces, 0) + coalesce(e.hard_bounces, 0)) as all_bounces,
        e.bounces is not null or e.soft_bounces is not null or e.hard_bounces is not null as has_bounces
    from told as e
    where not coalesce(is_by_name, 0) or place = 1
)

select
    id,
    system,
    email_id,
    name,
    subject,
    list,
    local_date(sent_at),
    coalesce(recipients, delivered + iif(has_bounces, all_bounces, null)),
    coalesce(delivered, recipients - iif(has_bounces, all_bounces, null)),
    unique_opens,
    unique_clicks,
    forwards,
    unsubscribes,
    iif(has_bounces, all_bounces, recipients - delivered)
from counted;

-- E-mail campaigns with the day they were sent; numbers are lifetime sums, so a later export replaces them.
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
with counted as (
    select
        e.*,
        s.system,
        coalesce(e.bounces, coalesce(e.soft_bounces, 0) + coalesce(e.hard_bounces, 0)) as all_bounces,
        e.bounces is not null or e.soft_bounces is not null or e.hard_bounces is not null as has_bounces
    from email_campaigns as e
    join sources as s on s.id = e.source
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

-- Social posts with their lifetime numbers, and the activity of days where a network reports days.
-- Periods count the days where a network gives them, else its posts on the day they were posted. What a sheet or a
-- publishing tool says of a network counts only outside the days that the network's own exports tell of.
-- Grain: one row per post, or per network and day.
-- key: all
-- reads: posts_given

create table social_activity (
    id integer primary key,                    -- posts_given.id
    platform text not null,
    post_id text not null,
    is_day integer not null,
    posted_on text,
    text text,
    impressions integer,
    reactions integer,
    comments integer,
    shares integer,
    clicks integer,
    is_counted integer not null
) strict;

insert into social_activity
with told as (
    select
        p.*,
        s.system,
        coalesce(nullif(p.platform, ''), s.system) as network,
        coalesce(local_date(p.posted_at), iif(p.is_day, p.post_id, null)) as posted_on
    from posts_given as p
    join sources as s on s.id = p.source
),

own as (
    select network, min(posted_on) as first_on, max(posted_on) as last_on
    from told
    where system <> 'sheet' and posted_on is not null
    group by network
),

with_days as (
    select distinct source, network from told where is_day
)

select
    t.id,
    t.network,
    t.post_id,
    t.is_day,
    t.posted_on,
    t.text,
    t.impressions,
    t.reactions,
    t.comments,
    t.shares,
    t.clicks,
    (t.is_day or d.source is null) and not (t.system = 'sheet' and o.network is not null)
from told as t
left join with_days as d on d.source = t.source and d.network = t.network
left join own as o on o.network = t.network and t.posted_on between o.first_on and o.last_on;

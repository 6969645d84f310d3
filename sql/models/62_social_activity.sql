-- Social posts with their lifetime numbers, and the activity of days where a network reports days.
-- Periods count the days where a network gives them, else its posts on the day they were posted.
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
select
    p.id,
    coalesce(nullif(p.platform, ''), s.system),
    p.post_id,
    p.is_day,
    coalesce(local_date(p.posted_at), iif(p.is_day, p.post_id, null)),
    p.text,
    p.impressions,
    p.reactions,
    p.comments,
    p.shares,
    p.clicks,
    p.is_day or not exists (
        select 1 from posts_given as d where d.source = p.source and d.platform = p.platform and d.is_day
    )
from posts_given as p
join sources as s on s.id = p.source;

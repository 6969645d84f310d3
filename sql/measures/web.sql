-- Sessions by day and channel. Bounces are sessions without engagement, or as counted by the older generation; page
-- sessions are those of days whose landing pages are known by channel.
-- key: web_property

with days as (
    select * from web_days
    where
        web_property in (select id from touched_web_property)
        and not (is_older and day in (select n.day from web_days as n where not n.is_older))
)

select 'sessions' as measure, day, channel_group, channel, sum(sessions) as value, 0 as incomplete
from days
group by day, channel_group, channel
union all
select 'web_bounces', day, channel_group, channel, sum(coalesce(bounces, sessions - engaged_sessions)), 0
from days
where sessions is not null and coalesce(bounces, engaged_sessions) is not null
group by day, channel_group, channel
union all
select 'web_bounce_sessions', day, channel_group, channel, sum(sessions), 0
from days
where sessions is not null and coalesce(bounces, engaged_sessions) is not null
group by day, channel_group, channel
union all
select 'page_sessions', day, channel_group, channel, sum(sessions), 0
from days
where exists (
    select 1 from web_page_days as p
    where p.web_property = days.web_property and p.day = days.day and p.channel <> 'Unknown'
)
group by day, channel_group, channel

-- Direct sessions that land on deep pages: nobody types such an address, so somebody sent a link.
-- key: web_property

select
    'dark_sessions' as measure,
    day,
    channel_group,
    channel,
    sum(sessions) as value,
    0 as incomplete
from web_page_days
where
    web_property in (select id from touched_web_property)
    and channel = 'Direct'
    and page not in ('', '/', '(not set)', '/index.html', '/index.htm', '/index.php', '/home', '/home/')
    and page not like '/?%'
group by day, channel_group, channel

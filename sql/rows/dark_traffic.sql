-- Direct sessions of the period that began on a deep page
-- measures: dark_sessions
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    day,
    property as record,
    page as name,
    channel,
    case :measure when 'dark_sessions' then sessions end as value
from web_pages
where
    day between :from and :to
    and channel = 'Direct'
    and page not in (
        '', '/', '(not set)', '/index.html', '/index.htm', '/index.php', '/home', '/home/'
    )
    and page not like '/?%'
    and (:channel is null or :channel in (channel, channel_group))
order by day, record, name

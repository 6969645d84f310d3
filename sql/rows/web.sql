-- Website sessions of the period
-- measures: sessions, web_bounces, web_bounce_sessions, page_sessions
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
with valued as (
    select
        day,
        property as record,
        coalesce(source, '') || ' / ' || coalesce(medium, '')
            || coalesce(' / ' || campaign, '') as name,
        channel_group,
        channel,
        case :measure
            when 'sessions' then sessions
            when 'page_sessions'
                then case
                    when exists (
                        select 1
                        from web_pages as p
                        where
                            p.property = web_traffic.property
                            and p.day = web_traffic.day
                            and p.channel <> 'Unknown'
                    )
                        then sessions
                end
            when 'web_bounces' then coalesce(bounces, sessions - engaged_sessions)
            else case when coalesce(bounces, engaged_sessions) is not null then sessions end
        end as value
    from web_traffic
    where day between :from and :to
)

select day, record, name, channel, value
from valued
where value is not null and (:channel is null or :channel in (channel, channel_group))
order by day, record, name

-- Website traffic: sessions, engagement and conversions
-- Bounce rate is 1 − engaged sessions ÷ sessions (Universal Analytics: bounces ÷ sessions),
-- weighted by sessions.
-- Grain: one row per period and channel, or what `--by` names.
-- :from  first day, default last-3-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :by  one row per period and this, default channel, one of total|channel_group|channel|source|medium|campaign|property
-- :limit  how many rows, default 200
with spans as (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

counted as (
    select
        s.starts,
        s.ends,
        s.label,
        s.is_complete,
        case :by
            when 'total' then 'All'
            when 'channel_group' then w.channel_group
            when 'channel' then w.channel
            when 'source' then w.source
            when 'medium' then w.medium
            when 'campaign' then w.campaign
            else w.property
        end as name,
        sum(w.sessions) as sessions,
        sum(w.engaged_sessions) as engaged_sessions,
        sum(coalesce(w.bounces, w.sessions - w.engaged_sessions)) as bounces,
        sum(
            case when coalesce(w.bounces, w.engaged_sessions) is not null then w.sessions end
        ) as measured,
        sum(w.conversions) as conversions
    from spans as s
    inner join web_traffic as w on w.day between s.starts and s.ends
    where
        (:channel is null or :channel in (w.channel, w.channel_group))
        and (:campaign is null or w.campaign like :campaign escape '\')
    group by s.starts, name
)

select
    label as period,
    coalesce(nullif(name, ''), '(none)') as name,
    sessions,
    1.0 * sessions / nullif(sum(sessions) over (partition by starts), 0)
        as session_share,
    engaged_sessions,
    1.0 * bounces / nullif(measured, 0) as bounce_rate,
    conversions,
    1.0 * conversions / nullif(sessions, 0) as conversion_rate,
    is_complete,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where
            n.day between counted.starts and counted.ends
            and (n.channel is null or :channel is null or n.channel = :channel)
    ) as notes
from counted
order by starts, sessions desc, name
limit :limit

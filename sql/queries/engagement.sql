-- Engagement on social networks: reactions, comments and shares per impression
-- Grain: one row per period and network, or one per post.
-- :from  first day, default last-6-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :by  one row per period and this, default platform, one of total|platform|post
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
        case :by when 'total' then 'All' else p.platform end as network,
        case :by when 'post' then p.posted_on || '  ' || substr(p.text, 1, 60) end as post,
        count(*) as posts,
        sum(p.impressions) as impressions,
        sum(p.reactions) as reactions,
        sum(p.comments) as comments,
        sum(p.shares) as shares,
        sum(
            coalesce(p.reactions, 0) + coalesce(p.comments, 0) + coalesce(p.shares, 0)
        ) as engagements,
        sum(p.clicks) as clicks
    from spans as s
    inner join social_posts as p on p.posted_on between s.starts and s.ends
    where
        -- a network that reports days is not counted by its posts too
        case :by
            when 'post' then p.is_day = 0
            else
                p.is_day = 1
                or p.platform not in (select d.platform from social_posts as d where d.is_day = 1)
        end
    group by s.starts, network, post, case :by when 'post' then p.post_id end
)

select
    label as period,
    network,
    post,
    posts,
    impressions,
    reactions,
    comments,
    shares,
    engagements,
    1.0 * engagements / nullif(impressions, 0) as engagement_rate,
    clicks,
    is_complete,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where n.day between counted.starts and counted.ends
    ) as notes
from counted
order by starts, engagements desc, network, post
limit :limit

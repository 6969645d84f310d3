-- Reactions, comments, shares and impressions of social networks by day.
-- key: all
-- reads: posts_given

with activity as (
    select
        posted_on as day,
        coalesce(reactions, 0) + coalesce(comments, 0) + coalesce(shares, 0) as engagements,
        coalesce(reactions, comments, shares) is not null as is_engagement_known,
        impressions
    from social_activity
    where is_counted and posted_on is not null
)

select
    'social_engagements' as measure,
    day,
    'Inbound' as channel_group,
    'Organic social' as channel,
    engagements as value,
    0 as incomplete
from activity where is_engagement_known
union all
select 'social_impressions', day, 'Inbound', 'Organic social', impressions, 0
from activity where impressions is not null
union all
select 'social_engagements_of_impressions', day, 'Inbound', 'Organic social', engagements, 0
from activity where is_engagement_known and impressions is not null

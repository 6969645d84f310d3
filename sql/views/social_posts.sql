create view social_posts as
-- Posts of social networks, and the activity of days where only days are reported.
-- Grain: one row per post, or per network and day.
select
    platform,
    post_id,
    posted_on,
    text,
    is_day,
    impressions,
    reactions,
    comments,
    shares,
    clicks
from social_activity

-- Activity on social networks in the period
-- measures: social_engagements, social_impressions, social_engagements_of_impressions
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
with valued as (
    select
        posted_on as day,
        platform || ':' || post_id as record,
        substr(text, 1, 60) as name,
        'Organic social' as channel,
        case
            when :measure = 'social_impressions' then impressions
            when
                :measure = 'social_engagements_of_impressions'
                and impressions is null then null
            when coalesce(reactions, comments, shares) is not null
                then coalesce(reactions, 0) + coalesce(comments, 0) + coalesce(shares, 0)
        end as value
    from social_activity
    where is_counted and posted_on between :from and :to
)

select day, record, name, channel, value
from valued
where value is not null and (:channel is null or :channel in ('Organic social', 'Inbound'))
order by day, record

-- Organic search of the period
-- measures: organic_clicks, organic_impressions
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
with valued as (
    select
        day,
        property as record,
        null as name,
        'Organic search' as channel,
        case :measure when 'organic_clicks' then clicks else impressions end as value
    from search_days
    where day between :from and :to
)

select day, record, name, channel, value
from valued
where value is not null and (:channel is null or :channel in (channel, 'Inbound'))
order by day, record

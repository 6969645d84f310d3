-- Days missing between the first and the last day of a source
-- Ad platforms and web analytics have something every day; a campaign pause does not look
-- like this unless everything paused.
-- do: export the days again and import them.
-- Grain: one row per source and gap.
with days as (
    select distinct platform || coalesce(' ' || nullif(account, ''), '') as source, day
    from ad_performance
    union
    select distinct 'web ' || coalesce(property, ''), day
    from web_traffic
),

gaps as (
    select
        source,
        day as last_day,
        lead(day) over (partition by source order by day) as next_day
    from days
)

select
    source as subject,
    'nothing from ' || date(last_day, '+1 day') || ' to ' || date(next_day, '-1 day')
        as finding,
    cast(julianday(next_day) - julianday(last_day) as integer) - 1 as records
from gaps
where julianday(next_day) - julianday(last_day) > 1
order by source, last_day

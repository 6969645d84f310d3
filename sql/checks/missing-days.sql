-- Days missing between the first and the last day of a source
-- Ad platforms and web analytics have something every day; a campaign pause does not look
-- like this unless everything paused.
-- do: export the days again and import them.
-- Grain: one row per source and gap.
with places as materialized (
    select l.id, c.platform, c.account, min(c.id) over (partition by c.platform, c.account) as number
    from ad_campaigns as c
    inner join ad_places as l on c.id = l.campaign
),

accounts as materialized (
    select l.number, l.platform, l.account, min(m.path) as first_path, max(m.path) as last_path
    from places as l
    left join ad_campaign_paths as m on l.id = m.place
    group by l.number, l.platform, l.account
),

ad_source_days as (
    select a.number, k.day_number
    from accounts as a
    cross join calendar_days as k
    -- one row of a day is enough, of which there are many
    where exists (
        select 1
        from ad_rows as r
        cross join ad_campaign_paths as m on r.path = m.path
        cross join places as l on m.place = l.id
        where
            r.period_start = k.day_number
            and r.path between a.first_path and a.last_path
            and l.number = a.number
    )
    union
    select l.number, d.day
    from places as l
    cross join ad_days as d on l.id = d.place
),

days as (
    select a.platform || coalesce(' ' || nullif(a.account, ''), '') as source, k.day
    from ad_source_days as d
    inner join accounts as a on d.number = a.number
    inner join calendar_days as k on d.day_number = k.day_number
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

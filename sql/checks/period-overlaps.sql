-- Reports of one campaign whose periods overlap without one holding the other
-- The narrower report counts, so money is not counted twice; but the days that only the
-- wider one covers are an estimate.
-- do: export by day, or with the same first and last day each week.
-- Grain: one row per platform, account and level.
with spans as (
    select
        path,
        period_start,
        period_start + days - 1 as period_end,
        lag(period_start) over place as before_start,
        lag(period_start + days - 1) over place as before_end
    from ad_rows
    where days > 1
    window place as (partition by path order by period_start, days)
)

select
    s.system || coalesce(' ' || nullif(s.account, ''), '') || ' ' || p.level as subject,
    count(*) || ' overlaps in ' || count(distinct p.id) || ' rows of the account, the first '
        || date(min(x.period_start) * 86400, 'unixepoch') as finding,
    count(*) as records
from spans as x
inner join ad_paths as p on x.path = p.id
inner join sources as s on p.source = s.id
where
    x.before_end >= x.period_start
    and x.before_start < x.period_start
    and x.before_end < x.period_end
group by s.system, s.account, p.level
order by records desc, subject

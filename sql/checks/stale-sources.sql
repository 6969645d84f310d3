-- Sources whose newest export is late by its own rhythm, and more than ten days
-- Only what has been imported more than once; something bought once is not stale.
-- do: download it again: `funnelite todo` says what to click.
-- Grain: one row per format.
with newest as (
    select
        format,
        substr(max(as_of), 1, 10) as as_of,
        count(*) as files,
        (julianday(substr(max(as_of), 1, 10)) - julianday(substr(min(as_of), 1, 10)))
            / (count(distinct substr(as_of, 1, 10)) - 1) as rhythm
    from import_files
    where format is not null
    group by format
),

aged as (
    select
        *,
        cast(
            julianday((select max(as_of) from newest)) - julianday(as_of) as integer
        ) as days_behind
    from newest
)

select
    format as subject,
    'newest export of ' || as_of || ', ' || days_behind || ' days behind; usually every '
        || cast(round(rhythm) as integer) || ' days' as finding,
    files as records
from aged
where days_behind > 10 and days_behind > 2 * rhythm
order by as_of, format

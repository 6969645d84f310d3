-- Sources whose newest export is more than ten days behind the data
-- Only what has been imported more than once; something bought once is not stale.
-- do: download it again: `funnelite todo` says what to click.
-- Grain: one row per format.
with newest as (
    select
        format,
        substr(max(as_of), 1, 10) as as_of,
        count(*) as files
    from import_files
    where format is not null
    group by format
)

select
    format as subject,
    'newest export of ' || as_of || ', '
        || cast(julianday((select max(as_of) from newest)) - julianday(as_of) as integer)
        || ' days behind' as finding,
    files as records
from newest
where
    files > 1
    and julianday((select max(as_of) from newest)) - julianday(as_of) > 10
order by as_of, format

-- Files whose rows do not sum to the total that they give
-- do: download the file again; where it is so again, the platform hides rows (privacy,
-- do: small numbers) and the difference is what it hides.
-- short: rows of files that disagree with their own totals
-- Grain: one row per file.
select
    substr(hash, 1, 8) || ' ' || name as subject,
    checksum as finding,
    rows_loaded as records
from import_files
where checksum like 'differs%'
order by sort_key desc

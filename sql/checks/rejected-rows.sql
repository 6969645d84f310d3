-- Rows that could not be read
-- do: `funnelite rejects ID` lists them with their reasons; correct the file and import it
-- do: again.
-- short: rows that could not be read
-- Grain: one row per file.
select
    substr(hash, 1, 8) || ' ' || name as subject,
    rows_rejected || ' of ' || rows_read || ' rows were rejected' as finding,
    rows_rejected as records
from import_files
where rows_rejected > 0
order by sort_key desc

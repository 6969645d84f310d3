create view files as
-- The import ledger: every file, what became of its rows, and when the newest copy of it was downloaded.
-- Grain: one row per file.
select
    f.id,
    f.name,
    f.format,
    f.as_of,
    f.as_of_evidence,
    f.period_start,
    f.period_end,
    f.rows_read,
    f.rows_loaded,
    f.rows_changed,
    f.rows_unchanged,
    f.rows_furniture,
    f.rows_rejected,
    f.checksum,
    f.bytes,
    f.hash,
    f.imported_at,
    f.last_seen_on
from import_files as f;

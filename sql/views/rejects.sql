create view rejects as
-- Rows that could not be read, with the reason.
-- Grain: one row per rejected row.
select
    r.file,
    f.name,
    r.line,
    r.column_name,
    r.value,
    r.reason
from import_rejects as r
join import_files as f on f.id = r.file;

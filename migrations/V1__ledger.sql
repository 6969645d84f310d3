-- The import ledger: every file seen, its bytes, and what became of its rows.

create table import_files (
    id integer primary key,
    hash text not null unique,                 -- XXH3 of the decompressed bytes, 128 bits, hex
    name text not null,                        -- file name; `archive.zip/member.csv` inside an archive
    path text not null,                        -- where it was read from, for people
    bytes integer not null,
    format text,                               -- comma-separated where a workbook holds several
    as_of text not null,                       -- date, or date and time, that orders the file
    as_of_evidence text not null,              -- flag | content | name | period | modified
    sort_key text not null,                    -- the total order of the fold
    modified_at text,
    flags text not null default '{}',          -- JSON of the flags it was imported with
    period_start text,
    period_end text,
    rows_read integer not null default 0,
    rows_loaded integer not null default 0,
    rows_changed integer not null default 0,
    rows_unchanged integer not null default 0,
    rows_furniture integer not null default 0,
    rows_rejected integer not null default 0,
    checksum text,                             -- agrees | differs: … | null where the file has no total
    unmapped text not null default '[]',       -- JSON list of headers that no column takes
    warnings text not null default '[]',       -- JSON list of sentences for people
    imported_at text not null
) strict;

-- The kept export, zstd-compressed, in chunks so that a file need not fit in memory.
create table import_chunks (
    file integer not null references import_files (id),
    seq integer not null,
    bytes blob not null,
    primary key (file, seq)
) strict;

create table import_rejects (
    id integer primary key,
    file integer not null references import_files (id),
    line integer not null,                     -- line of the record in the file, from 1
    column_name text,
    value text,
    reason text not null
) strict;
-- rejects are listed and removed per file
create index import_rejects_file on import_rejects (file);

-- Which groups of records a file feeds; a file that sorts before another of its group makes the group fold again.
create table import_groups (
    file integer not null references import_files (id),
    fold_group text not null,                  -- target table and system, e.g. `crm_deals/hubspot`
    records blob,                              -- the ids of those that it holds: a Roaring bitmap
    gone integer not null default 0,           -- how many the file before it holds and it does not
    primary key (file, fold_group)
) strict, without rowid;
create index import_groups_group on import_groups (fold_group, file);

-- A system and the account in it that exports come from.
create table sources (
    id integer primary key,
    system text not null,                      -- hubspot, google_ads, …
    account text not null default '',
    unique (system, account)
) strict;

-- Small facts about the workspace: settings last applied, definition versions, state of the models.
create table meta (
    key text primary key,
    value text not null
) strict, without rowid;

-- The record tables by short numbers, for tables that speak of rows in any of them.
create table record_tables (
    id integer primary key,
    name text not null unique
) strict;

-- The columns of record tables that some export had; the others are null in every record.
create table fed_columns (
    target integer not null references record_tables (id),
    name text not null,
    primary key (target, name)
) strict, without rowid;

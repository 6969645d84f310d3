-- Records that the last export of their kind no longer shows
-- Nothing is deleted for it. A filter in the export, or a clean-up in the CRM?
-- do: export again without a filter; deleted records need the export of deleted ones.
-- Grain: one row per record table and source.
with groups as (
    select
        g.fold_group,
        g.gone,
        f.rows_loaded,
        row_number() over (partition by g.fold_group order by f.sort_key desc) as place
    from import_groups as g
    inner join import_files as f on g.file = f.id
    where
        f.rows_loaded > 0
        and substr(g.fold_group, 1, instr(g.fold_group, '/') - 1)
        in ('crm_people', 'crm_companies', 'crm_deals')
),

pairs as (
    select
        last_one.fold_group,
        last_one.gone as records,
        last_one.rows_loaded as last_rows,
        before.rows_loaded as before_rows
    from groups as last_one
    inner join groups as before
        on last_one.fold_group = before.fold_group and before.place = 2
    where last_one.place = 1
)

select
    fold_group as subject,
    records || ' of ' || before_rows || ' rows of the export before are not in the last'
        as finding,
    records
from pairs
-- a much shorter export is one of recent changes, not a disappearance
where records >= 5 and records > 0.1 * before_rows and last_rows > 0.5 * before_rows
order by records desc, subject

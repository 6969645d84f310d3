//! The record tables as the migrated database has them: their columns, keys and which of them exports may fill.

use rusqlite::Connection;

use crate::error::Result;
use crate::format::bind::{Schema, Table};

/// A target whose rows hang on the record of the same row of the file, and what they hold.
pub const STAGE_DATES: &str = "crm_stage_dates";
const STAGE_DATE_COLUMNS: [&str; 4] = ["field", "value", "pipeline", "entered_at"];

/// A table with a source that no row of an export fills directly.
const AD_PATHS: &str = "ad_paths";

/// Reads the record tables from the database: every table with a `source`, and what hangs on its records.
pub fn read(conn: &Connection) -> Result<Schema> {
    let mut tables =
        conn.prepare("select name from sqlite_schema where type = 'table' and sql like '%source integer%'")?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut schema = Schema::new();
    for name in names.into_iter().filter(|n| n != AD_PATHS) {
        let mut table = Table::default();
        let mut defaults = Vec::new();
        let mut columns = conn.prepare(
            "select c.name, c.type, c.dflt_value is not null, f.\"from\" is not null
             from pragma_table_info(?1) as c
             left join pragma_foreign_key_list(?1) as f on f.\"from\" = c.name and f.\"table\" = 'texts'",
        )?;
        let mut rows = columns.query([&name])?;
        while let Some(row) = rows.next()? {
            let column: String = row.get(0)?;
            let kind: String = row.get(1)?;
            if kind.eq_ignore_ascii_case("blob") {
                continue; // the fold's own
            }
            if row.get::<_, bool>(2)? {
                defaults.push(column.clone());
            }
            let is_interned: bool = row.get(3)?;
            if is_interned {
                table.interned.push(column.clone());
            }
            table.columns.push((column, kind.eq_ignore_ascii_case("integer") && !is_interned));
        }
        let mut key = conn.prepare(
            "select i.name from pragma_index_list(?1) as l join pragma_index_info(l.name) as i where l.origin = 'u' order by i.seqno",
        )?;
        table.key = key.query_map([&name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        table.key.retain(|k| k != "source");
        table.required = table.key.iter().filter(|k| !defaults.contains(k)).cloned().collect();
        if !table.key.is_empty() {
            schema.insert(name, table);
        }
    }
    schema.insert(
        STAGE_DATES.to_owned(),
        Table {
            columns: STAGE_DATE_COLUMNS.map(|c| (c.to_owned(), false)).into(),
            interned: Vec::new(),
            key: Vec::new(),
            required: ["field", "value", "entered_at"].map(str::to_owned).into(),
        },
    );
    Ok(schema)
}

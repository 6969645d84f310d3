//! The record tables as the migrated database has them: their columns, keys and which of them exports may fill.

use std::collections::HashSet;

use rusqlite::{Connection, Row};

use crate::error::Result;
use crate::format::bind::{Schema, Table};

/// A target whose rows hang on the record of the same row of the file, and what they hold.
pub const STAGE_DATES: &str = "crm_stage_dates";
const STAGE_DATE_COLUMNS: [&str; 4] = ["field", "value", "pipeline", "entered_at"];

/// The column of the file that last held a record, which some tables have.
pub const LAST_FILE: &str = "last_file";

/// Reads the record tables from the database, and what hangs on their records.
pub fn read(conn: &Connection) -> Result<Schema> {
    // tables with a source, but for the one that no row of an export fills directly
    let tables: String = conn.query_row(
        "select json_group_array(name) from sqlite_schema
         where type = 'table' and sql like '%source integer%' and name <> 'ad_paths'",
        [],
        |row| row.get(0),
    )?;
    let mut schema = Schema::new();
    let (mut interned, mut with_default) = (HashSet::new(), HashSet::new());
    let foreign = "f.\"from\" from json_each(?1) as t join pragma_foreign_key_list(t.value) as f where f.\"table\" = 'texts'";
    for_each(conn, &tables, foreign, |column, _| {
        interned.insert(column);
        Ok(())
    })?;
    // blobs and hashes are the fold's own
    let columns = "c.name, lower(c.type), c.dflt_value is not null
        from json_each(?1) as t join pragma_table_info(t.value) as c
        where lower(c.type) <> 'blob' and c.name <> 'row_hash'";
    for_each(conn, &tables, columns, |column, row| {
        let table = schema.entry(column.0.clone()).or_default();
        if column.1 == LAST_FILE {
            table.tells_file = true;
            return Ok(());
        }
        let is_integer = row.get::<_, String>(2)? == "integer" && !interned.contains(&column);
        if interned.contains(&column) {
            table.interned.push(column.1.clone());
        }
        table.columns.push((column.1.clone(), is_integer));
        if row.get(3)? {
            with_default.insert(column);
        }
        Ok(())
    })?;
    let keys = "i.name from json_each(?1) as t
        join pragma_index_list(t.value) as l join pragma_index_info(l.name) as i
        where l.origin = 'u' and i.name <> 'source' order by t.value, i.seqno";
    for_each(conn, &tables, keys, |column, _| {
        let table = schema.entry(column.0.clone()).or_default();
        if !with_default.contains(&column) {
            table.required.push(column.1.clone());
        }
        table.key.push(column.1);
        Ok(())
    })?;
    schema.retain(|_, table| !table.key.is_empty());
    schema.insert(
        STAGE_DATES.to_owned(),
        Table {
            columns: STAGE_DATE_COLUMNS.map(|c| (c.to_owned(), false)).into(),
            interned: Vec::new(),
            key: Vec::new(),
            required: ["field", "value", "entered_at"].map(str::to_owned).into(),
            tells_file: false,
        },
    );
    Ok(schema)
}

/// A table and one of its columns.
type Place = (String, String);

/// Asks one question of all record tables: a statement for each would take longer to prepare than to run.
fn for_each(
    conn: &Connection,
    tables: &str,
    question: &str,
    mut take: impl FnMut(Place, &Row) -> rusqlite::Result<()>,
) -> Result<()> {
    let mut statement = conn.prepare(&format!("select t.value, {question}"))?;
    let mut rows = statement.query([tables])?;
    while let Some(row) = rows.next()? {
        take((row.get(0)?, row.get(1)?), row)?;
    }
    Ok(())
}

//! Which columns of a record table exports had. The others are null in every record, and to read a null costs as much as
//! to read what is there.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::error::Result;

pub(super) struct Fed(HashSet<String>);

impl Fed {
    pub fn load(conn: &Connection, table: &str) -> Result<Fed> {
        let mut names = conn.prepare_cached(
            "select c.name from record_tables as t join fed_columns as c on c.target = t.id where t.name = ?1",
        )?;
        let names = names.query_map([table], |row| row.get(0))?;
        Ok(Fed(names.collect::<rusqlite::Result<_>>()?))
    }

    pub fn has(&self, column: &str) -> bool {
        self.0.contains(column)
    }

    /// Whether one of these may hold anything.
    pub fn has_any(&self, columns: &[&str]) -> bool {
        columns.iter().any(|column| self.has(column))
    }

    /// The column, or null where it is that in every record.
    pub fn or_null<'a>(&self, column: &'a str) -> &'a str {
        if self.has(column) { column } else { "null" }
    }
}

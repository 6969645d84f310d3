//! Statements that are used for every row of a file.

use rusqlite::{CachedStatement, Connection};

/// A statement that is prepared when it is first used, and kept. The connection's own cache would hash its text and clear
/// its bindings each time, which costs as much as finding a row.
pub struct Kept<'c> {
    conn: &'c Connection,
    sql: String,
    statement: Option<CachedStatement<'c>>,
}

impl<'c> Kept<'c> {
    pub fn new(conn: &'c Connection, sql: String) -> Kept<'c> {
        Kept { conn, sql, statement: None }
    }

    /// What was bound before is still bound.
    pub fn get(&mut self) -> rusqlite::Result<&mut CachedStatement<'c>> {
        match &mut self.statement {
            Some(statement) => Ok(statement),
            none => Ok(none.insert(self.conn.prepare_cached(&self.sql)?)),
        }
    }
}

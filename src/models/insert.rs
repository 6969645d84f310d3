//! Inserts of many rows, several per statement.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::error::Result;

/// Rows per statement: enough that its own cost does not show, few enough for SQLite's limit on parameters.
const ROWS: usize = 40;

/// Rows on their way into one table.
pub(super) struct Insert<'c> {
    conn: &'c Connection,
    /// `insert into t (a, b) values` or the like.
    head: &'static str,
    columns: usize,
    cells: Vec<Value>,
}

impl<'c> Insert<'c> {
    pub fn new(conn: &'c Connection, head: &'static str, columns: usize) -> Self {
        Insert { conn, head, columns, cells: Vec::with_capacity(ROWS * columns) }
    }

    pub fn push<const N: usize>(&mut self, row: [Value; N]) -> Result<()> {
        debug_assert_eq!(N, self.columns);
        self.cells.extend(row);
        if self.cells.len() == ROWS * self.columns { self.write() } else { Ok(()) }
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<()> {
        self.write()
    }

    fn write(&mut self) -> Result<()> {
        let rows = self.cells.len() / self.columns;
        if rows > 0 {
            let row = format!("({})", vec!["?"; self.columns].join(", "));
            let text = format!("{} {}", self.head, vec![row; rows].join(", "));
            self.conn.prepare_cached(&text)?.execute(params_from_iter(self.cells.drain(..)))?;
        }
        Ok(())
    }
}

pub(super) fn integer(number: Option<impl Into<i64>>) -> Value {
    number.map_or(Value::Null, |n| Value::Integer(n.into()))
}

pub(super) fn text(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::Text)
}

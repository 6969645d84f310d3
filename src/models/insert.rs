//! Rows of owned values on their way into one table, several per statement.

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::db::batch::{Batch, Bound};
use crate::error::Result;

pub(super) struct Insert<'c>(Batch<'c>);

impl<'c> Insert<'c> {
    /// `into` is `t (a, b)`.
    pub fn new(conn: &'c Connection, into: &'static str, columns: usize) -> Self {
        Insert(Batch::new(conn, into, columns, ""))
    }

    /// The same, where the first column is the row id.
    pub fn with_ids(conn: &'c Connection, into: &'static str, columns: usize) -> Self {
        Insert(Batch::one_by_one(conn, into, columns, ""))
    }

    /// The same, for rows of which some may be there.
    pub fn of_new(conn: &'c Connection, into: &'static str, columns: usize) -> Self {
        Insert(Batch::new(conn, into, columns, "on conflict do nothing"))
    }

    pub fn push<const N: usize>(&mut self, row: [Value; N]) -> Result<()> {
        self.0.push(row.iter().map(|value| match value {
            Value::Integer(n) => Bound::Integer(*n),
            Value::Real(n) => Bound::Real(*n),
            Value::Text(text) => Bound::Text(text),
            Value::Null | Value::Blob(_) => Bound::Null,
        }))
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<()> {
        self.0.flush()
    }
}

pub(super) fn integer(number: Option<impl Into<i64>>) -> Value {
    number.map_or(Value::Null, |n| Value::Integer(n.into()))
}

pub(super) fn text(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::Text)
}

//! Rows held back and written many at a time: one statement per row costs half as much again.

use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::error::Result;

/// Bound values per statement; more gain nothing.
const VALUES: usize = 800;

/// One value to be written.
#[derive(Debug, Clone, Copy)]
pub enum Bound<'v> {
    Null,
    Integer(i64),
    Text(&'v str),
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Bound::Null => ValueRef::Null,
            Bound::Integer(n) => ValueRef::Integer(*n),
            Bound::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl From<i64> for Bound<'_> {
    fn from(n: i64) -> Self {
        Bound::Integer(n)
    }
}

impl From<Option<i64>> for Bound<'_> {
    fn from(n: Option<i64>) -> Self {
        n.map_or(Bound::Null, Bound::Integer)
    }
}

/// A value held back; texts lie one after another in one place.
#[derive(Debug, Clone, Copy)]
enum Held {
    Null,
    Integer(i64),
    Text(usize, usize),
}

/// An insert statement and the rows that wait for it.
pub struct Batch<'c> {
    conn: &'c Connection,
    /// `insert into t (a, b) values`
    head: String,
    /// What follows the values: a conflict clause.
    tail: &'static str,
    width: usize,
    held: Vec<Held>,
    text: String,
}

impl<'c> Batch<'c> {
    pub fn new(conn: &'c Connection, head: String, width: usize, tail: &'static str) -> Batch<'c> {
        Batch { conn, head, tail, width, held: Vec::new(), text: String::new() }
    }

    fn rows_at_once(&self) -> usize {
        (VALUES / self.width).clamp(1, 100)
    }

    /// Takes one row of `width` values.
    pub fn push<'v>(&mut self, values: impl IntoIterator<Item = Bound<'v>>) -> Result<()> {
        for value in values {
            self.held.push(match value {
                Bound::Null => Held::Null,
                Bound::Integer(n) => Held::Integer(n),
                Bound::Text(text) => {
                    let start = self.text.len();
                    self.text.push_str(text);
                    Held::Text(start, self.text.len())
                }
            });
        }
        debug_assert!(self.held.len().is_multiple_of(self.width));
        if self.held.len() >= self.rows_at_once() * self.width { self.flush() } else { Ok(()) }
    }

    /// Writes what is held.
    pub fn flush(&mut self) -> Result<()> {
        let full = self.rows_at_once() * self.width;
        let rest = self.held.len() - self.held.len() % full;
        for rows in self.held[..rest].chunks(full) {
            self.write(rows)?;
        }
        // a statement for each number of rows left over would have to be prepared anew
        for row in self.held[rest..].chunks(self.width) {
            self.write(row)?;
        }
        self.held.clear();
        self.text.clear();
        Ok(())
    }

    fn write(&self, rows: &[Held]) -> Result<()> {
        let row = format!("({})", ["?"].repeat(self.width).join(", "));
        let values = vec![row; rows.len() / self.width].join(", ");
        let mut statement = self.conn.prepare_cached(&format!("{} {values} {}", self.head, self.tail))?;
        for (at, value) in rows.iter().enumerate() {
            let bound = match *value {
                Held::Null => Bound::Null,
                Held::Integer(n) => Bound::Integer(n),
                Held::Text(start, end) => Bound::Text(&self.text[start..end]),
            };
            statement.raw_bind_parameter(at + 1, bound)?;
        }
        statement.raw_execute()?;
        Ok(())
    }
}

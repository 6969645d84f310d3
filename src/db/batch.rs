//! Rows held back and written many at a time: one statement per row costs half as much again.
//!
//! A statement of several rows that may fail half way makes SQLite copy each page before it changes. `or fail` leaves
//! the rows before a failing one in place, so that nothing need be copied: whoever writes works in a savepoint. SQLite
//! copies all the same where rows change others: one statement per row is cheaper then. It does so where rows bring their
//! row ids, too, which [`Runs`] leaves to SQLite where they follow one another.

use rusqlite::Connection;
use rusqlite::types::{Null, ToSql, ToSqlOutput, ValueRef};

use super::kept::Kept;
use crate::error::Result;

const ADD: &str = "insert or fail";

/// Bound values per statement; more gain nothing.
const VALUES: usize = 800;

/// One value to be written.
#[derive(Debug, Clone, Copy)]
pub enum Bound<'v> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'v str),
    Blob(&'v [u8]),
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Bound::Null => ValueRef::Null,
            Bound::Integer(n) => ValueRef::Integer(*n),
            Bound::Real(n) => ValueRef::Real(*n),
            Bound::Text(text) => ValueRef::Text(text.as_bytes()),
            Bound::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<i64> for Bound<'_> {
    fn from(n: i64) -> Self {
        Bound::Integer(n)
    }
}

impl From<i32> for Bound<'_> {
    fn from(n: i32) -> Self {
        Bound::Integer(n.into())
    }
}

impl From<bool> for Bound<'_> {
    fn from(is: bool) -> Self {
        Bound::Integer(is.into())
    }
}

impl<'v> From<&'v str> for Bound<'v> {
    fn from(text: &'v str) -> Self {
        Bound::Text(text)
    }
}

impl<'v, T: Into<Bound<'v>>> From<Option<T>> for Bound<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Bound::Null, Into::into)
    }
}

/// A value that rows have in common.
#[derive(Debug, Clone)]
pub enum Common {
    Integer(i64),
    Text(String),
}

impl From<i64> for Common {
    fn from(n: i64) -> Self {
        Common::Integer(n)
    }
}

impl From<&str> for Common {
    fn from(text: &str) -> Self {
        Common::Text(text.to_owned())
    }
}

/// A value held back; texts and bytes lie one after another in one place.
#[derive(Debug, Clone, Copy)]
enum Held {
    Null,
    Integer(i64),
    Real(f64),
    Text(usize, usize),
    Blob(usize, usize),
}

/// A text by its bytes.
struct Utf8<'b>(&'b [u8]);

impl ToSql for Utf8<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}

/// An insert statement and the rows that wait for it.
pub struct Batch<'c> {
    /// The one for most rows first, the one for a single row last.
    statements: Vec<Prepared<'c>>,
    width: usize,
    /// What the rows that are held have in common; it stands before their other values.
    common: Vec<Common>,
    held: Vec<Held>,
    bytes: Vec<u8>,
}

impl<'c> Batch<'c> {
    /// `into` is the table and its columns, `t (a, b)`; `conflict` what follows the values, if anything.
    pub fn new(conn: &'c Connection, into: &str, width: usize, conflict: &str) -> Batch<'c> {
        // a statement for each number of rows left over would have to be prepared anew
        Batch::of(conn, ADD, into, 0, width, conflict, &[rows_held(width), 1])
    }

    /// The same for rows that change rows that are there.
    pub fn one_by_one(conn: &'c Connection, into: &str, width: usize, conflict: &str) -> Batch<'c> {
        Batch::of(conn, ADD, into, 0, width, conflict, &[1])
    }

    /// The same for rows of which many have their first values in common, which [`Batch::begin`] tells.
    pub fn with_common(
        conn: &'c Connection,
        into: &str,
        common: usize,
        width: usize,
        conflict: &str,
    ) -> Batch<'c> {
        Batch::of(conn, ADD, into, common, width, conflict, &[rows_held(width), 20, 5, 1])
    }

    /// The same with the first values in common, for rows that take the place of those with their key; `are_new` where
    /// hardly any are there.
    pub fn replacing(
        conn: &'c Connection,
        into: &str,
        common: usize,
        width: usize,
        are_new: bool,
    ) -> Batch<'c> {
        let rows = [rows_held(width), 20, 5, 1];
        let rows = if are_new { &rows[..] } else { &rows[3..] };
        Batch::of(conn, "insert or replace", into, common, width, "", rows)
    }

    fn of(
        conn: &'c Connection,
        verb: &str,
        into: &str,
        common: usize,
        width: usize,
        conflict: &str,
        rows: &[usize],
    ) -> Batch<'c> {
        let row: Vec<String> =
            (1..=common).map(|n| format!("?{n}")).chain(vec!["?".to_owned(); width]).collect();
        let row = format!("({})", row.join(", "));
        let statement = |rows: &usize| {
            let values = vec![row.as_str(); *rows].join(", ");
            let sql = format!("{verb} into {into} values {values} {conflict}");
            Prepared { statement: Kept::new(conn, sql), bound: vec![Held::Null; rows * width] }
        };
        let statements = rows.iter().map(statement).collect();
        Batch {
            statements,
            width,
            common: vec![Common::Integer(0); common],
            held: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// Says what the rows that follow have in common.
    pub fn begin(&mut self, common: impl IntoIterator<Item: Into<Common>>) -> Result<()> {
        self.flush()?;
        self.common.iter_mut().zip(common).for_each(|(held, value)| *held = value.into());
        Ok(())
    }

    /// Takes one row of `width` values.
    pub fn push<'v>(&mut self, values: impl IntoIterator<Item = Bound<'v>>) -> Result<()> {
        // from within: for a row that is put together of several parts, a loop asks each time which part is next
        values.into_iter().for_each(|value| {
            let held = match value {
                Bound::Null => Held::Null,
                Bound::Integer(n) => Held::Integer(n),
                Bound::Real(n) => Held::Real(n),
                Bound::Text(text) => {
                    let (start, end) = self.hold(text.as_bytes());
                    Held::Text(start, end)
                }
                Bound::Blob(bytes) => {
                    let (start, end) = self.hold(bytes);
                    Held::Blob(start, end)
                }
            };
            self.held.push(held);
        });
        debug_assert!(self.held.len().is_multiple_of(self.width));
        if self.held.len() >= rows_held(self.width) * self.width { self.flush() } else { Ok(()) }
    }

    fn hold(&mut self, bytes: &[u8]) -> (usize, usize) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        (start, self.bytes.len())
    }

    /// Writes what is held.
    pub fn flush(&mut self) -> Result<()> {
        let mut rest = self.held.as_slice();
        for statement in &mut self.statements {
            let (now, later) = rest.split_at(rest.len() - rest.len() % statement.bound.len());
            statement.write(&self.common, now, &self.bytes)?;
            rest = later;
        }
        self.held.clear();
        self.bytes.clear();
        Ok(())
    }
}

/// Rows of a table by their row ids, cheapest the lowest first: a row that is one behind all that are there has the id
/// that SQLite gives by itself. Nobody else may add rows to the table before [`Runs::flush`].
pub struct Runs<'c> {
    /// Rows that bring their ids.
    apart: Batch<'c>,
    /// Rows that get theirs.
    following: Batch<'c>,
    /// The last id that was there, or was written since.
    last: i64,
}

impl<'c> Runs<'c> {
    /// `columns` are those behind the row id `id`, `width` of them.
    pub fn new(conn: &'c Connection, table: &str, id: &str, columns: &str, width: usize) -> Result<Runs<'c>> {
        let last: Option<i64> =
            conn.query_row(&format!("select max({id}) from {table}"), [], |row| row.get(0))?;
        Ok(Runs {
            apart: Batch::one_by_one(conn, &format!("{table} ({id}, {columns})"), width + 1, ""),
            following: Batch::new(conn, &format!("{table} ({columns})"), width, ""),
            last: last.unwrap_or(0),
        })
    }

    /// Takes one row of `width` values.
    pub fn push<'v>(&mut self, id: i64, values: impl IntoIterator<Item = Bound<'v>>) -> Result<()> {
        if id == self.last + 1 {
            self.last = id;
            // SQLite gives one more than the highest that is there
            self.apart.flush()?;
            return self.following.push(values);
        }
        self.last = self.last.max(id);
        self.following.flush()?;
        self.apart.push(std::iter::once(Bound::Integer(id)).chain(values))
    }

    /// Writes what is held.
    pub fn flush(&mut self) -> Result<()> {
        self.apart.flush()?;
        self.following.flush()
    }
}

/// A statement that writes a number of rows.
struct Prepared<'c> {
    statement: Kept<'c>,
    /// Of each value of its rows, what is bound. A parameter that was never bound is null.
    bound: Vec<Held>,
}

impl Prepared<'_> {
    /// Writes what is held, a whole number of times its rows; texts and blobs lie in `bytes`.
    fn write(&mut self, common: &[Common], held: &[Held], bytes: &[u8]) -> Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        let statement = self.statement.get()?;
        for (at, value) in common.iter().enumerate() {
            match value {
                Common::Integer(n) => statement.raw_bind_parameter(at + 1, n)?,
                Common::Text(text) => statement.raw_bind_parameter(at + 1, text)?,
            }
        }
        for rows in held.chunks(self.bound.len()) {
            for ((at, value), bound) in (common.len() + 1..).zip(rows).zip(&mut self.bound) {
                // many values are those of the row that was written in their place before
                let is_bound = match (*value, *bound) {
                    (Held::Null, Held::Null) => true,
                    (Held::Integer(new), Held::Integer(old)) => new == old,
                    _ => false,
                };
                if is_bound {
                    continue;
                }
                *bound = *value;
                match *value {
                    Held::Null => statement.raw_bind_parameter(at, Null)?,
                    Held::Integer(n) => statement.raw_bind_parameter(at, n)?,
                    Held::Real(n) => statement.raw_bind_parameter(at, n)?,
                    Held::Text(start, end) => statement.raw_bind_parameter(at, Utf8(&bytes[start..end]))?,
                    Held::Blob(start, end) => statement.raw_bind_parameter(at, &bytes[start..end])?,
                }
            }
            statement.raw_execute()?;
        }
        Ok(())
    }
}

fn rows_held(width: usize) -> usize {
    (VALUES / width).clamp(1, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_keep_the_ids_that_rows_bring() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "create table t (id integer primary key, n integer not null) strict;
             create index t_n on t (n);
             insert into t (id, n) values (5, 5), (9, 9);",
        )
        .unwrap();
        let mut runs = Runs::new(&conn, "t", "id", "n", 1).unwrap();
        // before, between and behind those that are there; in runs, with gaps, and out of order
        let ids = [1, 2, 6, 10, 11, 12, 20, 21, 19, 22, 4, 23, 24];
        for id in ids {
            runs.push(id, [Bound::Integer(id)]).unwrap();
        }
        runs.flush().unwrap();
        let strays: i64 = conn.query_row("select count(*) from t where id <> n", [], |r| r.get(0)).unwrap();
        let rows: i64 = conn.query_row("select count(*) from t", [], |r| r.get(0)).unwrap();
        assert_eq!((strays, rows), (0, ids.len() as i64 + 2));
    }
}

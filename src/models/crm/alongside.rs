//! Rows that hang on records: where all records are derived they are read along in one pass, otherwise looked up.

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::{CachedStatement, Connection, Params, Row, Rows};

use crate::error::Result;

/// Rows that begin with the id of the record they hang on.
pub(super) struct Alongside<'c> {
    /// Finds those of one record.
    one: CachedStatement<'c>,
    /// Those of all records in the order of these, as far as they are read.
    all: Option<Rows<'c>>,
}

impl<'c> Alongside<'c> {
    pub fn new(conn: &'c Connection, one: &str) -> Result<Self> {
        Ok(Alongside { one: conn.prepare_cached(one)?, all: None })
    }

    /// Reads along: `rows` are those of all records, ordered by record.
    pub fn follow(&mut self, mut rows: Rows<'c>) -> Result<()> {
        rows.advance()?;
        self.all = Some(rows);
        Ok(())
    }

    /// Shows the rows of a record. `is_next` promises that it comes behind all records that were asked for so; `key` are
    /// the parameters that find it.
    pub fn read(
        &mut self,
        record: i64,
        is_next: bool,
        key: impl Params,
        see: &mut dyn FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        let Some(rows) = self.all.as_mut().filter(|_| is_next) else {
            let mut rows = self.one.query(key)?;
            while let Some(row) = rows.next()? {
                see(row)?;
            }
            return Ok(());
        };
        while let Some(row) = rows.get() {
            let of: i64 = row.get(0)?;
            if of > record {
                break;
            }
            // a record that was passed over was looked up, or does not count
            if of == record {
                see(row)?;
            }
            rows.advance()?;
        }
        Ok(())
    }
}

//! Records by their ids: where all are derived they are read along in one pass, otherwise looked up.

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::{CachedStatement, Connection, Row, Rows};

use super::cells::Columns;
use crate::error::Result;

pub(super) struct Alongside<'c> {
    /// Finds one by its id.
    one: CachedStatement<'c>,
    columns: Columns,
    /// All in order, as far as they are read, and their columns.
    all: Option<(Rows<'c>, &'c Columns)>,
}

impl<'c> Alongside<'c> {
    /// Looks up these columns.
    pub fn new(conn: &'c Connection, columns: Columns) -> Result<Self> {
        let one = conn.prepare_cached(&format!("{} where id = ?1", columns.select))?;
        Ok(Alongside { one, columns, all: None })
    }

    /// Reads along: `rows` are these columns of all records, in order.
    pub fn follow(&mut self, mut rows: Rows<'c>, columns: &'c Columns) -> Result<()> {
        rows.advance()?;
        self.all = Some((rows, columns));
        Ok(())
    }

    /// Shows a record where it is there. `is_next` promises that it comes behind all records that were asked for so.
    pub fn read(
        &mut self,
        record: i64,
        is_next: bool,
        see: &mut dyn FnMut(&Row, &Columns) -> Result<()>,
    ) -> Result<()> {
        let Some((rows, columns)) = self.all.as_mut().filter(|_| is_next) else {
            let mut rows = self.one.query([record])?;
            return rows.next()?.map_or(Ok(()), |row| see(row, &self.columns));
        };
        while let Some(row) = rows.get() {
            let of = row.get_ref(0)?.as_i64().map_err(rusqlite::Error::from)?;
            if of > record {
                break;
            }
            // a record that was passed over was looked up, or does not count
            if of == record {
                see(row, columns)?;
                rows.advance()?;
                break;
            }
            rows.advance()?;
        }
        Ok(())
    }
}

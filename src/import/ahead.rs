//! Known records read ahead: a list that is exported again shows most of its records in the order in which they lie, and
//! to read them one after another costs half as much as to look each up.

use std::collections::HashMap;
use std::hash::Hasher;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use xxhash_rust::xxh3::xxh3_64;

use super::record_fold::{Known, NOTHING};
use crate::db::kept::Kept;
use crate::error::Result;
use crate::hash::{ByNumber, Mixed};

/// Places in the table that are read at once.
const BLOCK: i64 = 500;
/// So many records in a row have to lie next to each other before those behind them are read.
const IN_A_ROW: u32 = 8;

pub(super) struct Ahead<'c> {
    read: Kept<'c>,
    source: i64,
    /// Columns of the key that are read.
    width: usize,
    /// By the hashes of their keys.
    records: HashMap<u64, Known, ByNumber>,
    /// The record found last, and how many that were looked up lay next to the one before.
    last: i64,
    in_a_row: u32,
}

impl<'c> Ahead<'c> {
    /// `key` are the columns of the key, `conditions` what holds of all records of the file.
    pub fn new(conn: &'c Connection, table: &str, source: i64, key: &[&str], conditions: &str) -> Ahead<'c> {
        let columns: String = key.iter().map(|column| format!(", t.{column}")).collect();
        // the plus keeps the index of the key out of it
        let read = format!(
            "select t.id, t.row_hash{columns} from {table} as t
             where t.id between ?2 and ?3 and +t.source = ?1{conditions}"
        );
        let read = Kept::new(conn, read);
        Ahead { read, source, width: key.len(), records: HashMap::default(), last: 0, in_a_row: 0 }
    }

    /// The record with this key, where it was read.
    pub fn take(&mut self, key: u64) -> Option<Known> {
        let known = self.records.remove(&key)?;
        self.last = known.id;
        Some(known)
    }

    /// Forgets what was read: records may have changed since, and nothing else remembers which.
    pub fn forget(&mut self) {
        self.records.clear();
    }

    /// Is told of a record that had to be looked up.
    pub fn found(&mut self, id: i64) -> Result<()> {
        let is_near = (1..=2).contains(&(id - self.last));
        self.in_a_row = if is_near { self.in_a_row + 1 } else { 0 };
        self.last = id;
        if self.in_a_row < IN_A_ROW {
            return Ok(());
        }
        let was_worth_it = 2 * self.records.len() <= BLOCK as usize;
        self.records.clear();
        if !was_worth_it {
            self.in_a_row = 0;
            return Ok(());
        }
        let mut rows = self.read.get()?.query([self.source, id + 1, id + BLOCK])?;
        while let Some(row) = rows.next()? {
            // the hash that the fold makes of a row's key: with another, the record would only be looked up
            let mut key = Mixed::default();
            for at in 0..self.width {
                match row.get_ref(2 + at)? {
                    ValueRef::Integer(n) => key.write_i64(n),
                    ValueRef::Text(text) => key.write_u64(xxh3_64(text)),
                    _ => key.write_u64(NOTHING),
                }
            }
            self.records.insert(key.finish(), Known { id: row.get(0)?, hash: row.get(1)? });
        }
        Ok(())
    }
}

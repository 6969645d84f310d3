//! Records of one table as the people or deals that they are.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::db::batch::Batch;
use crate::error::Result;
use crate::hash::ByNumber;

/// The person (or deal) of a record that stands for none: it is deleted, left out, or of a system that does not count.
pub(super) const NONE: i64 = 0;

/// People or deals, each known by one of its records.
#[derive(Debug, Default)]
pub(in crate::models) struct Joined {
    /// In ascending order.
    pub ids: Vec<i64>,
    /// The records of those that have several, the one they are known by first; the others' one record has their number.
    several: HashMap<i64, Vec<i64>, ByNumber>,
}

impl Joined {
    /// The records of one of them.
    pub fn records<'a>(&'a self, id: &'a i64) -> &'a [i64] {
        if self.several.is_empty() {
            return std::slice::from_ref(id);
        }
        self.several.get(id).map_or(std::slice::from_ref(id), Vec::as_slice)
    }

    /// Adds a record of one that is known by another.
    pub fn add(&mut self, id: i64, record: i64) {
        self.several.entry(id).or_insert_with(|| vec![id]).push(record);
    }

    /// Takes all records in ascending order and whom `of` joins each into, and writes those that are not their own.
    pub(super) fn store(
        conn: &Connection,
        into: &'static str,
        mut records: Vec<i64>,
        mut of: impl FnMut(i64) -> i64,
    ) -> Result<Joined> {
        let mut insert = Batch::new(conn, into, 2, "");
        let mut others = Vec::new();
        records.retain(|record| {
            let id = of(*record);
            if id != *record {
                others.push((*record, id));
            }
            id == *record
        });
        let mut joined = Joined { ids: records, ..Joined::default() };
        for (record, id) in others {
            insert.push([record.into(), id.into()])?;
            if id != NONE {
                joined.add(id, record);
            }
        }
        insert.flush()?;
        Ok(joined)
    }
}

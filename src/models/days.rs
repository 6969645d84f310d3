//! Keeps a date for every day on which something is counted, because views turn day numbers into dates by joining.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::measures;
use crate::error::Result;
use crate::settings::calendar::date_of;

/// Days that something names, a bit for each.
#[derive(Debug, Default)]
pub(super) struct Days(Vec<u64>);

/// Day numbers from here on are kept; before it lies no date that an export gives.
const FIRST: i32 = -730_000;

impl Days {
    pub fn see(&mut self, day: Option<i32>) {
        let Some(at) = day.and_then(|d| usize::try_from(d - FIRST).ok()) else { return };
        if at / 64 >= self.0.len() {
            self.0.resize(at / 64 + 1, 0);
        }
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Gives each its date.
    pub fn enter(&self, conn: &Connection) -> Result<()> {
        let mut insert =
            conn.prepare_cached("insert or ignore into calendar_days (day_number, day) values (?1, ?2)")?;
        let days = (0..).zip(&self.0).filter(|(_, bits)| **bits != 0);
        for (word, bits) in days {
            for bit in (0..64).filter(|bit| bits & (1 << bit) != 0) {
                let day = FIRST + word * 64 + bit;
                insert.execute(params![day, date_of(day).to_string()])?;
            }
        }
        Ok(())
    }
}

/// Adds the days that `calendar_days` lacks between the first and the last with a measure.
pub(super) fn cover(conn: &Connection) -> Result<()> {
    let Some((first, last)) = measures::days(conn)? else { return Ok(()) };
    let mut held =
        conn.prepare_cached("select day_number from calendar_days where day_number between ?1 and ?2")?;
    let held: HashSet<i32> =
        held.query_map([first, last], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut insert = conn.prepare_cached("insert into calendar_days (day_number, day) values (?1, ?2)")?;
    for day in (first..=last).filter(|day| !held.contains(day)) {
        insert.execute(params![day, date_of(day).to_string()])?;
    }
    Ok(())
}

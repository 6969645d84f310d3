//! Keeps a date for every day on which something is counted, because views turn day numbers into dates by joining.

use rusqlite::{Connection, params};

use crate::error::Result;
use crate::settings::calendar::date_of;

/// Adds the days that `calendar_days` lacks between the first and the last with a measure.
pub(super) fn cover(conn: &Connection) -> Result<()> {
    // a month's sums hold days up to 30 after its first
    let needed = "select min(period), max(period) + 30 from measure_periods where grain = 'month'";
    let (first, last): (Option<i32>, Option<i32>) =
        conn.query_row(needed, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
    let held: i32 = conn.query_row(
        "select count(*) from calendar_days where day_number between ?1 and ?2",
        [first, last],
        |row| row.get(0),
    )?;
    if held > last - first {
        return Ok(());
    }
    let mut insert =
        conn.prepare_cached("insert or ignore into calendar_days (day_number, day) values (?1, ?2)")?;
    for day in first..=last {
        insert.execute(params![day, date_of(day).to_string()])?;
    }
    Ok(())
}

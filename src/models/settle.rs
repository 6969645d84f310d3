//! The SQL function `settle_days`: overlapping reports of one property become one number per day, by the rule that
//! settles ad statistics.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use serde_json::{Value, json};

use super::ads::resolve::{Day, METRICS, Report, Row, resolve};
use crate::error::Result;

/// Makes `settle_days(rows)` callable. `rows` is a JSON array of
/// `[first day, last day, level, report, rank of the file, place, five numbers…]` with days as day numbers; a smaller
/// level is preferred, and rows of one report and period add up. The answer is an array of
/// `[day, place, five numbers…]`.
pub(crate) fn register(conn: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("settle_days", 1, flags, |ctx| {
        let told: Vec<Vec<Value>> = serde_json::from_str(ctx.get_raw(0).as_str()?)
            .map_err(|e| rusqlite::Error::UserFunctionError(e.into()))?;
        Ok(settle(&told).to_string())
    })?;
    Ok(())
}

fn settle(told: &[Vec<Value>]) -> Value {
    let mut places: Vec<String> = told.iter().filter_map(|row| place_of(row)).collect();
    places.sort_unstable();
    places.dedup();
    let mut reports: Vec<&str> = told.iter().filter_map(|row| row.get(3)?.as_str()).collect();
    reports.sort_unstable();
    reports.dedup();
    let rows =
        told.iter().zip(0..).filter_map(|(row, path)| read_row(row, path, &places, &reports)).collect();
    let days = resolve(rows, &[]);
    days.iter().map(|day| write_day(day, &places)).collect()
}

/// A place is a text, or an array of texts as written in JSON.
fn place_of(told: &[Value]) -> Option<String> {
    let place = told.get(5)?;
    Some(place.as_str().map_or_else(|| place.to_string(), str::to_owned))
}

fn read_row(told: &[Value], path: u32, places: &[String], reports: &[&str]) -> Option<Row> {
    let number = |i: usize| told.get(i)?.as_i64();
    let (first, last) = (number(0)?, number(1)?);
    let place = places.binary_search(&place_of(told)?).ok()?;
    let report = reports.binary_search(&told.get(3)?.as_str()?).ok()?;
    let mut values = [None; METRICS];
    for (i, value) in values.iter_mut().enumerate() {
        *value = number(6 + i);
    }
    Some(Row {
        report: Report {
            partial: false,
            days: i32::try_from(last - first + 1).ok().filter(|d| *d > 0)?,
            level: u8::try_from(number(2)?).ok()?,
            breakdown: report as u32 + 1,
            first: i32::try_from(first).ok()?,
        },
        path,
        name_path: path,
        by_name: false,
        place: place as u32,
        currency: 0,
        as_of: u32::try_from(number(4).unwrap_or(0)).unwrap_or(0),
        values,
    })
}

fn write_day(day: &Day, places: &[String]) -> Value {
    let mut cells = vec![json!(day.day), json!(places[day.place as usize])];
    cells.extend(day.values.iter().map(|v| json!(v)));
    Value::Array(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_fills_the_days_that_no_day_report_covers() {
        let told = json!([
            [1, 4, 1, "channel", 1, ["Direct", ""], 10, null, null, null, null],
            [2, 2, 1, "date+channel", 2, ["Direct", ""], 4, null, null, null, null],
            [1, 4, 2, "source", 3, "(direct)", 999, 7, null, null, null]
        ]);
        let told: Vec<Vec<Value>> = serde_json::from_value(told).unwrap();
        let answer = settle(&told);
        let sessions: Vec<i64> = answer.as_array().unwrap().iter().filter_map(|d| d[2].as_i64()).collect();
        assert_eq!(sessions, [2, 4, 2, 2]);
        let engaged: i64 = answer.as_array().unwrap().iter().filter_map(|d| d[3].as_i64()).sum();
        assert_eq!(engaged, 7, "the source report alone knows engaged sessions");
    }
}

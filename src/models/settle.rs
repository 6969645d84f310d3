//! The SQL function `settle_days`: overlapping reports of one property become one number per day, by the rule that
//! settles ad statistics. Reports that know the channel come before those that do not, which then say how much each day
//! had: the channels of a month take the shape of its days.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use serde_json::{Value, json};

use super::ads::resolve::{Day, METRICS, Report, Row, Values, resolve, share};
use crate::error::Result;

/// Makes `settle_days(rows)` callable. `rows` is a JSON array of
/// `[first day, last day, level, report, rank of the file, place, five numbers…]` with days as day numbers; a smaller
/// level is preferred, levels 1 and 2 know what the place is, level 4 what a day had in all, and rows of one report and period add up. The answer is an
/// array of `[day, place, five numbers…]`.
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
    let rows: Vec<Row> =
        told.iter().zip(0..).filter_map(|(row, path)| read_row(row, path, &places, &reports)).collect();
    let known: Vec<Report> = rows.iter().filter(|r| r.report.level <= KNOWN).map(|r| r.report).collect();
    let (rows, totals) = set_totals_aside(rows);
    let Some(unknown) = totals.first().map(|r| r.place) else {
        return resolve(rows, &[]).iter().map(|day| write_day(day, &places)).collect();
    };
    let days = resolve(rows, &[]);
    let totals = resolve(totals, &[]);
    let mut settled: BTreeMap<(i32, u32), Values> = BTreeMap::new();
    for metric in 0..METRICS {
        let mut numbers = numbers_of(&days, metric);
        shape(&mut numbers, &numbers_of(&totals, metric), &known, unknown);
        for (day, places) in numbers {
            for (place, number) in places {
                settled.entry((day, place)).or_default()[metric] = Some(number);
            }
        }
    }
    let day = |((day, place), values)| Day { place, currency: 0, day, values };
    settled.into_iter().map(day).map(|day| write_day(&day, &places)).collect()
}

/// The last level whose reports know what a place is.
const KNOWN: u8 = 2;
/// The level of reports whose sum is the total of their days.
const TOTAL: u8 = 4;

/// One metric: its number by day and place.
type Numbers = BTreeMap<i32, BTreeMap<u32, i64>>;

fn numbers_of(days: &[Day], metric: usize) -> Numbers {
    let mut numbers = Numbers::new();
    for day in days {
        if let Some(number) = day.values[metric] {
            *numbers.entry(day.day).or_default().entry(day.place).or_insert(0) += number;
        }
    }
    numbers
}

/// Takes out what reports without places say of days that reports with places cover. What of it is a total is kept.
fn set_totals_aside(mut rows: Vec<Row>) -> (Vec<Row>, Vec<Row>) {
    let mut totals = Vec::new();
    let covered: Vec<BTreeSet<i32>> = (0..METRICS)
        .map(|metric| {
            let having = rows.iter().filter(|r| r.report.level <= KNOWN && r.values[metric].is_some());
            let periods: BTreeSet<(i32, i32)> = having.map(|r| (r.report.first, r.report.days)).collect();
            periods.into_iter().flat_map(|(first, length)| first..first + length).collect()
        })
        .collect();
    for row in rows.iter_mut().filter(|r| r.report.level > KNOWN) {
        let mut total = Row { values: [None; METRICS], ..row.clone() };
        for (metric, days) in covered.iter().enumerate() {
            let Report { first, days: length, .. } = row.report;
            if days.range(first..first + length).count() == length as usize {
                total.values[metric] = row.values[metric].take();
            }
        }
        if total.report.level == TOTAL && total.values.iter().any(Option::is_some) {
            totals.push(total);
        }
    }
    (rows, totals)
}

/// Spreads what wide reports know over their days as the totals of those days ask, instead of evenly. What a total holds
/// beyond all places is of no known place.
fn shape(numbers: &mut Numbers, totals: &Numbers, known: &[Report], unknown: u32) {
    let total_of = |day: &i32| totals.get(day).map(|places| places.values().sum::<i64>());
    let mut periods: Vec<(i32, i32)> = known.iter().map(|r| (r.days, r.first)).collect();
    periods.sort_unstable();
    periods.dedup();
    let mut done = BTreeSet::new();
    for (length, first) in periods {
        let days: Vec<i32> = (first..first + length).filter(|day| done.insert(*day)).collect();
        let Some(wanted) = days.iter().map(total_of).collect::<Option<Vec<i64>>>() else { continue };
        let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
        for (place, number) in days.iter().filter_map(|day| numbers.get(day)).flatten() {
            *sums.entry(*place).or_default() += number;
        }
        let rest = wanted.iter().sum::<i64>() - sums.values().sum::<i64>();
        if rest > 0 {
            *sums.entry(unknown).or_default() += rest;
        }
        for (day, places) in days.iter().zip(spread(&sums, &wanted)) {
            numbers.insert(*day, places);
        }
    }
}

/// The sums of places over days that weigh differently: each place's parts add up to its sum, and each day gets its
/// weight's part of the whole.
fn spread(sums: &BTreeMap<u32, i64>, weights: &[i64]) -> Vec<BTreeMap<u32, i64>> {
    let whole: i128 = sums.values().map(|n| i128::from(*n)).sum();
    let weight: i128 = weights.iter().map(|n| i128::from(*n)).sum();
    if weight == 0 {
        let n = weights.len() as i64;
        return (0..n).map(|i| sums.iter().map(|(p, sum)| (*p, share(*sum, n, i))).collect()).collect();
    }
    let mut left: BTreeMap<u32, i64> = sums.clone();
    let (mut seen, mut given) = (0, 0);
    let mut days = Vec::with_capacity(weights.len());
    for today in weights {
        seen += i128::from(*today);
        let mut open = whole * seen / weight - given;
        given += open;
        // Each place is to have had its sum's part by now; what is behind most comes first.
        let mut behind: Vec<(i128, u32)> = sums
            .iter()
            .map(|(place, sum)| (i128::from(*sum) * seen - i128::from(*sum - left[place]) * weight, *place))
            .collect();
        behind.sort_unstable_by_key(|(due, place)| (Reverse(*due % weight), *place));
        let mut parts = BTreeMap::new();
        for (due, place) in &behind {
            let part = (due / weight).clamp(0, open);
            open -= part;
            parts.insert(*place, part as i64);
        }
        for (_, place) in &behind {
            let more = i128::from(open > 0 && parts[place] < left[place]);
            open -= more;
            *parts.entry(*place).or_default() += more as i64;
        }
        for (place, part) in &parts {
            *left.entry(*place).or_default() -= part;
        }
        days.push(parts);
    }
    days
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

    fn by_place(told: Value) -> (BTreeMap<String, i64>, BTreeMap<i64, i64>) {
        let told: Vec<Vec<Value>> = serde_json::from_value(told).unwrap();
        let (mut places, mut days) = (BTreeMap::new(), BTreeMap::new());
        for row in settle(&told).as_array().unwrap() {
            let sessions = row[2].as_i64().unwrap_or(0);
            assert!(sessions >= 0, "{row}");
            *places.entry(row[1].as_str().unwrap().to_owned()).or_default() += sessions;
            *days.entry(row[0].as_i64().unwrap()).or_default() += sessions;
        }
        places.retain(|_, n| *n != 0);
        (places, days)
    }

    #[test]
    fn channels_of_a_range_take_the_shape_of_its_days() {
        let day = |day: i64, n: i64| json!([day, day, 4, "date", 1, "", n, null, null, null, null]);
        let channel = |place: &str, n: i64| json!([1, 3, 1, "channel", 2, place, n, null, null, null, null]);
        let days = [day(1, 7), day(2, 1), day(3, 2)];
        let of = |rows: &[Value]| by_place(Value::Array(days.iter().chain(rows).cloned().collect()));
        let (places, shown) = of(&[channel("Direct", 4), channel("Email", 6)]);
        assert_eq!(places, [("Direct".to_owned(), 4), ("Email".to_owned(), 6)].into());
        assert_eq!(shown, [(1, 7), (2, 1), (3, 2)].into());
        // what the days hold beyond the channels is of none
        let (places, shown) = of(&[channel("Direct", 4), channel("Email", 5)]);
        assert_eq!(places, [(String::new(), 1), ("Direct".to_owned(), 4), ("Email".to_owned(), 5)].into());
        assert_eq!(shown, [(1, 7), (2, 1), (3, 2)].into());
        // a newer report of the channels holds more
        let (places, shown) = of(&[channel("Direct", 14), channel("Email", 6)]);
        assert_eq!(places, [("Direct".to_owned(), 14), ("Email".to_owned(), 6)].into());
        assert_eq!(shown, [(1, 14), (2, 2), (3, 4)].into());
        // the days of half the range say nothing of the other half
        let (places, shown) = by_place(json!([day(1, 7), channel("Direct", 12)]));
        assert_eq!(places, [("Direct".to_owned(), 12)].into());
        assert_eq!(shown, [(1, 4), (2, 4), (3, 4)].into());
    }

    proptest::proptest! {
        #[test]
        fn shaped_days_keep_both_sums(
            sums in proptest::collection::vec(0_i64..2000, 1..8),
            weights in proptest::collection::vec(0_i64..900, 1..40),
        ) {
            let places: BTreeMap<u32, i64> = (0..).zip(sums.iter().copied()).collect();
            let days = spread(&places, &weights);
            for (place, sum) in &places {
                let parts: Vec<i64> = days.iter().map(|d| d[place]).collect();
                assert!(parts.iter().all(|p| *p >= 0));
                assert_eq!(parts.iter().sum::<i64>(), *sum);
            }
            if weights.iter().sum::<i64>() == sums.iter().sum::<i64>() && weights.iter().any(|w| *w > 0) {
                let shown: Vec<i64> = days.iter().map(|d| d.values().sum()).collect();
                assert_eq!(shown, weights);
            }
        }
    }
}

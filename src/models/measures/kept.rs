//! The sums of measures as the database keeps them: those of a measure's days in a month packed into one row, and those
//! of whole months, which views read, as rows of their own.
//!
//! A refresh changes many days in many scopes. As rows of their own they would be most of what it writes, and weeks,
//! quarters and years are summed from them faster than they are read.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, OptionalExtension};

use crate::db::batch::{Batch, Bound};
use crate::db::kept::Kept;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::models::scopes::{Scope, Scopes};
use crate::settings::calendar::{date_of, number_of};
use crate::varint::{pull, push};

/// A value and how many records are left out of it.
pub(in crate::models) type Sum = (i64, i64);

/// The sum of one day and channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::models) struct DaySum {
    pub day: i32,
    pub scope: Scope,
    pub sum: Sum,
}

/// A change of one: by the number of its measure.
pub(super) type Change = (i64, DaySum);

/// The kept sums; what was read stays in memory.
pub(in crate::models) struct DaySums<'c> {
    conn: &'c Connection,
    find: Kept<'c>,
    /// Those that were read, by month and measure, in the order of their days and scopes.
    read: HashMap<(i32, i64), Vec<DaySum>, ByNumber>,
    /// The measure and month of each row, where all were asked for since something changed.
    rows: Option<Vec<(i64, i32)>>,
}

/// A month as a number: those since the beginning of year 0.
pub(in crate::models) fn month_of(day: i32) -> i32 {
    let date = date_of(day);
    12 * date.year() + date.month0().cast_signed()
}

fn first_day(month: i32) -> i32 {
    NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12).cast_unsigned() + 1, 1)
        .map_or(0, number_of)
}

/// The row of a month and measure.
fn row_id(month: i32, measure: i64) -> i64 {
    i64::from(month) << 32 | measure
}

/// The first and the last month that have sums.
pub(in crate::models) fn months(conn: &Connection) -> rusqlite::Result<Option<(i32, i32)>> {
    let ends = "select (select min(id) from measure_days) >> 32, (select max(id) from measure_days) >> 32";
    let (first, last): (Option<i32>, Option<i32>) =
        conn.prepare_cached(ends)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(first.zip(last))
}

/// The first day of the first month that has sums, and the last day of the last.
pub(in crate::models) fn days(conn: &Connection) -> rusqlite::Result<Option<(i32, i32)>> {
    Ok(months(conn)?.map(|(first, last)| (first_day(first), first_day(last + 1) - 1)))
}

/// The last day that has sums.
pub(in crate::models) fn last_day(conn: &Connection) -> rusqlite::Result<Option<i32>> {
    let Some((_, last)) = months(conn)? else { return Ok(None) };
    let mut statement = conn.prepare("select days from measure_days where id >= ?1")?;
    let mut rows = statement.query([row_id(last, 0)])?;
    let mut latest = None;
    while let Some(row) = rows.next()? {
        latest = latest.max(unpack(row.get_ref(0)?.as_blob()?).last().map(|d| d.day));
    }
    Ok(latest)
}

impl<'c> DaySums<'c> {
    pub fn new(conn: &'c Connection) -> DaySums<'c> {
        DaySums {
            conn,
            find: Kept::new(conn, "select days from measure_days where id = ?1".to_owned()),
            read: HashMap::default(),
            rows: None,
        }
    }

    fn month(&mut self, month: i32, measure: i64) -> Result<&mut Vec<DaySum>> {
        if !self.read.contains_key(&(month, measure)) {
            let find = self.find.get()?;
            let found =
                find.query_row([row_id(month, measure)], |row| Ok(unpack(row.get_ref(0)?.as_blob()?)));
            self.read.insert((month, measure), found.optional()?.unwrap_or_default());
        }
        Ok(self.read.entry((month, measure)).or_default())
    }

    /// The months in which a measure has sums, of those from one to another.
    fn months_between(&mut self, measure: i64, first: Option<i32>, last: Option<i32>) -> Result<Vec<i32>> {
        let (first, last) = (first.map(month_of), last.map(month_of));
        if let (Some(first), Some(last)) = (first, last) {
            return Ok((first..=last).collect());
        }
        if self.rows.is_none() {
            let mut all = self.conn.prepare_cached("select id & 0xffffffff, id >> 32 from measure_days")?;
            let all = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            self.rows = Some(all.collect::<rusqlite::Result<_>>()?);
        }
        let rows = self.rows.iter().flatten();
        let months = rows.filter(|(m, _)| *m == measure).map(|(_, month)| *month);
        Ok(months.filter(|m| first.is_none_or(|f| f <= *m) && last.is_none_or(|l| *m <= l)).collect())
    }

    /// Calls `see` with a measure's sums from one day to another, a month after the other; no first day is the
    /// beginning, no last one the end.
    pub fn each(
        &mut self,
        measure: i64,
        (first, last): (Option<i32>, Option<i32>),
        mut see: impl FnMut(DaySum),
    ) -> Result<()> {
        let months = self.months_between(measure, first, last)?;
        let (first, last) = (first.unwrap_or(i32::MIN), last.unwrap_or(i32::MAX));
        for month in months {
            let days = self.month(month, measure)?;
            days.iter().filter(|d| (first..=last).contains(&d.day)).for_each(|day| see(*day));
        }
        Ok(())
    }

    /// Adds changes to the days and to the months. What came to nothing goes. The days of the measures in `shown` are
    /// rows as well.
    pub fn change(&mut self, changes: Vec<Change>, scopes: &Scopes, shown: &BTreeSet<i64>) -> Result<()> {
        // as the table is ordered
        let mut known: HashMap<i32, i32, ByNumber> = HashMap::default();
        let mut month = |day| *known.entry(day).or_insert_with(|| month_of(day));
        let mut changes: Vec<(i32, Change)> = changes.into_iter().map(|c| (month(c.1.day), c)).collect();
        changes.sort_unstable_by_key(|(month, (measure, s))| (*month, *measure, s.day, s.scope));
        let mut writer = Writer::open(self.conn, months(self.conn)?.is_none(), scopes);
        self.rows = None;
        let of_one_row = |a: &(i32, Change), b: &(i32, Change)| (a.0, a.1.0) == (b.0, b.1.0);
        for changes in changes.chunk_by(of_one_row) {
            let (month, (measure, _)) = changes[0];
            let changes: Vec<DaySum> = changes.iter().map(|(_, (_, change))| *change).collect();
            let days = self.month(month, measure)?;
            writer.write_month(first_day(month), measure, days, &changes)?;
            let had_any = !days.is_empty();
            *days = added(days, &changes);
            writer.write_days(row_id(month, measure), days)?;
            if shown.contains(&measure) {
                writer.show_days(measure, days, &changes)?;
            }
            let has_any = !days.is_empty();
            if had_any != has_any {
                writer.count_months(measure, if has_any { 1 } else { -1 });
            }
        }
        writer.finish()
    }
}

/// Days with their changes; both are in order.
fn added(days: &[DaySum], changes: &[DaySum]) -> Vec<DaySum> {
    let mut all = Vec::with_capacity(days.len() + changes.len());
    let mut days = days.iter().copied().peekable();
    for change in changes {
        let place = (change.day, change.scope);
        while let Some(day) = days.next_if(|d| (d.day, d.scope) < place) {
            all.push(day);
        }
        let sum = days.next_if(|d| (d.day, d.scope) == place).map_or((0, 0), |d| d.sum);
        all.push(DaySum { sum: (sum.0 + change.sum.0, sum.1 + change.sum.1), ..*change });
    }
    all.extend(days);
    all.retain(|d| d.sum != (0, 0));
    all
}

/// Writes rows of days and months.
struct Writer<'c> {
    conn: &'c Connection,
    days: Batch<'c>,
    months: Batch<'c>,
    shown: Batch<'c>,
    drop_shown: Kept<'c>,
    drop_days: Kept<'c>,
    drop_month: Kept<'c>,
    /// By measure: how many more months it has now.
    counts: HashMap<i64, i64, ByNumber>,
    /// By scope: what it counts towards, and what a month held and what is added.
    totals: Vec<Rc<[Scope]>>,
    sums: Vec<(Sum, Sum)>,
}

impl<'c> Writer<'c> {
    fn open(conn: &'c Connection, is_first: bool, scopes: &Scopes) -> Writer<'c> {
        let write = |into: &str, width| match is_first {
            true => Batch::new(conn, into, width, ""),
            false => Batch::replacing(conn, into, 0, width, false),
        };
        let totals = scopes.all_with_totals();
        Writer {
            conn,
            days: write("measure_days (id, days)", 2),
            months: write("measure_months (month, measure, scope, value, incomplete)", 5),
            shown: write("measure_days_shown (measure, day, scope, value, incomplete)", 5),
            drop_shown: Kept::new(
                conn,
                "delete from measure_days_shown where measure = ?1 and day = ?2 and scope = ?3".to_owned(),
            ),
            drop_days: Kept::new(conn, "delete from measure_days where id = ?1".to_owned()),
            drop_month: Kept::new(
                conn,
                "delete from measure_months where month = ?1 and measure = ?2 and scope = ?3".to_owned(),
            ),
            counts: HashMap::default(),
            sums: vec![Default::default(); totals.len()],
            totals,
        }
    }

    /// Writes what changes in a month and its totals, given its days before.
    fn write_month(&mut self, month: i32, measure: i64, days: &[DaySum], changes: &[DaySum]) -> Result<()> {
        self.sums.fill(Default::default());
        for DaySum { scope, sum, .. } in days {
            let held = &mut self.sums[scope.place()].0;
            *held = (held.0 + sum.0, held.1 + sum.1);
        }
        for DaySum { scope, sum, .. } in changes {
            let added = &mut self.sums[scope.place()].1;
            *added = (added.0 + sum.0, added.1 + sum.1);
        }
        // days have no total rows, so that each of these is summed once
        let by_channel = self.sums.clone();
        for ((held, added), totals) in by_channel.iter().zip(&self.totals) {
            for total in totals.iter().skip(1) {
                let (h, a) = &mut self.sums[total.place()];
                *h = (h.0 + held.0, h.1 + held.1);
                *a = (a.0 + added.0, a.1 + added.1);
            }
        }
        for (scope, (held, added)) in (0_i64..).zip(&self.sums) {
            let sum = (held.0 + added.0, held.1 + added.1);
            if sum == *held {
                continue;
            }
            if sum == (0, 0) {
                self.drop_month.get()?.execute([i64::from(month), measure, scope])?;
            } else {
                self.months.push([month.into(), measure, scope, sum.0, sum.1].map(Bound::Integer))?;
            }
        }
        Ok(())
    }

    fn write_days(&mut self, id: i64, days: &[DaySum]) -> Result<()> {
        if days.is_empty() {
            self.drop_days.get()?.execute([id])?;
            return Ok(());
        }
        self.days.push([Bound::Integer(id), Bound::Blob(&pack(days))])
    }

    /// Writes the days that changed as rows.
    fn show_days(&mut self, measure: i64, days: &[DaySum], changes: &[DaySum]) -> Result<()> {
        for DaySum { day, scope, .. } in changes {
            match days.binary_search_by_key(&(*day, *scope), |d| (d.day, d.scope)) {
                Ok(at) => {
                    let (value, incomplete) = days[at].sum;
                    let row = [measure, (*day).into(), scope.0.into(), value, incomplete];
                    self.shown.push(row.map(Bound::Integer))?;
                }
                Err(_) => {
                    self.drop_shown.get()?.execute([measure, (*day).into(), scope.0.into()])?;
                }
            }
        }
        Ok(())
    }

    fn count_months(&mut self, measure: i64, more: i64) {
        *self.counts.entry(measure).or_default() += more;
    }

    fn finish(mut self) -> Result<()> {
        self.days.flush()?;
        self.months.flush()?;
        self.shown.flush()?;
        let mut count = self.conn.prepare_cached("update measures set months = months + ?2 where id = ?1")?;
        for (measure, more) in &self.counts {
            count.execute([measure, more])?;
        }
        Ok(())
    }
}

/// Four numbers for each: the days since the one before, the scope, the value, and how many records are left out.
fn pack(days: &[DaySum]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(8 * days.len());
    let mut before = 0;
    for DaySum { day, scope, sum } in days {
        for number in [i64::from(day - before), scope.0.into(), sum.0, sum.1] {
            push(&mut packed, number);
        }
        before = *day;
    }
    packed
}

fn unpack(mut packed: &[u8]) -> Vec<DaySum> {
    let mut days = Vec::with_capacity(packed.len() / 5);
    let mut before = 0;
    let mut next = || {
        before += pull(&mut packed)? as i32;
        let scope = Scope(pull(&mut packed)? as u32);
        Some(DaySum { day: before, scope, sum: (pull(&mut packed)?, pull(&mut packed)?) })
    };
    while let Some(day) = next() {
        days.push(day);
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_read() {
        let day =
            |day, scope, value, incomplete| DaySum { day, scope: Scope(scope), sum: (value, incomplete) };
        let days =
            [day(-30, 1, 5, 0), day(-30, 2, -7, 3), day(20_000, 1, i64::MAX, 0), day(20_001, 300, 0, -1)];
        assert_eq!(unpack(&pack(&days)), days);
        assert_eq!(unpack(&pack(&days)[..9]), days[..2], "what breaks off ends it");
    }

    #[test]
    fn months_are_counted_from_year_0() {
        assert_eq!(month_of(0), 12 * 1970);
        assert_eq!(first_day(month_of(45)), 31);
        assert_eq!(first_day(month_of(-1)), -31);
    }
}

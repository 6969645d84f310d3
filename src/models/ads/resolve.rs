//! Which numbers of overlapping ad reports count: one winner per campaign, day and metric.
//!
//! Reports are taken in order: complete before partial, then the narrowest period, no breakdown, the coarsest level,
//! the latest as-of. Each gives numbers only to days that none before it covers; one that is wider than what is known
//! gives what it holds beyond that. So no money counts twice, and a report that is wholly covered is a checksum.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Spend (micros), impressions, clicks, conversions (millionths), leads (millionths).
pub(in crate::models) const METRICS: usize = 5;
const SPEND: usize = 0;

pub(in crate::models) type Values = [Option<i64>; METRICS];

/// What kind of table a row comes from, and over which days: rows of one report add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::models) struct Report {
    pub partial: bool,
    /// Length of the period in days.
    pub days: i32,
    pub level: u8,
    /// 0 = not broken down, else a number that stands for the breakdown columns.
    pub breakdown: u32,
    /// Day number of the first day.
    pub first: i32,
}

/// One exported row of a campaign.
#[derive(Debug, Clone)]
pub(in crate::models) struct Row {
    pub report: Report,
    /// What the row is about, whichever way it was spelled.
    pub path: u32,
    /// The same by names alone; joins rows without ids to rows whose ids share that name.
    pub name_path: u32,
    /// The row has no id and its name has had several.
    pub by_name: bool,
    /// Where its numbers are shown: campaign and ad group.
    pub place: u32,
    /// 0 = none given.
    pub currency: u16,
    /// Rank of its file in the order of the fold.
    pub as_of: u32,
    pub values: Values,
}

/// The numbers of one place on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::models) struct Day {
    pub place: u32,
    pub currency: u16,
    pub day: i32,
    pub values: Values,
}

/// Day `i` (from 0) of `n` gets this part of `total`; the parts of all days sum to it exactly.
pub(crate) fn share(total: i64, n: i64, i: i64) -> i64 {
    let upto = |i: i64| {
        let rest = i128::from(i) * i128::from(total.rem_euclid(n)) / i128::from(n);
        i * total.div_euclid(n) + rest as i64
    };
    upto(i + 1) - upto(i)
}

/// The winning numbers of a campaign. `given` holds days that are settled already (by place-less totals).
pub(in crate::models) fn resolve(rows: Vec<Row>, given: &[Day]) -> Vec<Day> {
    let rows = settle_spellings(rows);
    let Some(head) = rows.first() else { return Vec::new() };
    let kind = |r: &Report| (r.partial, r.level, r.breakdown, r.days);
    if given.is_empty() && head.report.days == 1 && rows.iter().all(|r| kind(&r.report) == kind(&head.report))
    {
        return collect(rows.iter().map(|r| ((r.place, r.currency, r.report.first), r.values)));
    }
    let reports = order_reports(&rows);
    let mut numbers = Vec::new();
    for metric in 0..METRICS {
        let mut ledger = Ledger::new(&rows, given, metric);
        for report in &reports {
            let having: Vec<&Row> = report.iter().copied().filter(|r| r.values[metric].is_some()).collect();
            if !having.is_empty() {
                ledger.take(&having);
            }
        }
        numbers.extend(ledger.numbers.into_iter().map(|(key, value)| {
            let mut values = [None; METRICS];
            values[metric] = Some(value);
            (key, values)
        }));
    }
    collect(numbers.into_iter())
}

fn collect(numbers: impl Iterator<Item = ((u32, u16, i32), Values)>) -> Vec<Day> {
    let mut days: Vec<Day> =
        numbers.map(|((place, currency, day), values)| Day { place, currency, day, values }).collect();
    let key = |d: &Day| (d.place, d.currency, d.day);
    days.sort_unstable_by_key(key);
    days.dedup_by(|next, kept| {
        let same = key(next) == key(kept);
        if same {
            for (a, b) in kept.values.iter_mut().zip(next.values) {
                *a = add(*a, b);
            }
        }
        same
    });
    days
}

fn add(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.map_or(b, |a| Some(a + b.unwrap_or(0)))
}

/// Of rows that say the same thing under different spellings, the latest counts; what it lacks, an older one gives.
fn settle_spellings(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_unstable_by_key(|r| (r.report, r.path, Reverse(r.as_of)));
    rows.dedup_by(|older, kept| {
        let same = (older.report, older.path) == (kept.report, kept.path);
        if same {
            if kept.currency == 0 {
                kept.currency = older.currency;
            }
            for (value, before) in kept.values.iter_mut().zip(older.values) {
                *value = value.or(before);
            }
        }
        same
    });
    if rows.iter().any(|r| r.by_name) {
        let mut latest: HashMap<(Report, u32), (u32, bool)> = HashMap::new();
        for r in &rows {
            let best = latest.entry((r.report, r.name_path)).or_insert((r.as_of, r.by_name));
            *best = (*best).max((r.as_of, r.by_name));
        }
        rows.retain(|r| latest[&(r.report, r.name_path)].1 == r.by_name);
    }
    rows
}

/// The rows of each report, best report first.
fn order_reports(rows: &[Row]) -> Vec<Vec<&Row>> {
    let mut reports: BTreeMap<Report, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        reports.entry(row.report).or_default().push(row);
    }
    let mut ordered: Vec<(Report, Vec<&Row>)> = reports.into_iter().collect();
    ordered.sort_by_cached_key(|(r, rows)| {
        let as_of = rows.iter().map(|r| r.as_of).max();
        (r.partial, r.days, r.breakdown != 0, r.level, Reverse(as_of), r.breakdown, r.first)
    });
    ordered.into_iter().map(|(_, rows)| rows).collect()
}

/// What is known of one metric so far.
struct Ledger {
    metric: usize,
    /// Day number of `known[0]`.
    start: i32,
    /// Total and currency of each day that is covered; currency `None` = several.
    known: Vec<Option<(i64, Option<u16>)>>,
    numbers: HashMap<(u32, u16, i32), i64>,
}

impl Ledger {
    fn new(rows: &[Row], given: &[Day], metric: usize) -> Self {
        let start = rows.iter().map(|r| r.report.first).min().unwrap_or(0);
        let end = rows.iter().map(|r| r.report.first + r.report.days).max().unwrap_or(start);
        let known = vec![None; (end - start).max(0) as usize];
        let mut ledger = Ledger { metric, start, known, numbers: HashMap::new() };
        for day in given.iter().filter(|d| d.day >= start && d.day < end) {
            if let Some(value) = day.values[metric] {
                ledger.know(day.day, value, day.currency);
            }
        }
        ledger
    }

    /// Money in different currencies cannot be compared; counts always can.
    fn currency(&self, row: &Row) -> u16 {
        if self.metric == SPEND { row.currency } else { 0 }
    }

    fn at(&self, day: i32) -> Option<(i64, Option<u16>)> {
        self.known[(day - self.start) as usize]
    }

    fn know(&mut self, day: i32, value: i64, currency: u16) {
        let currency = if self.metric == SPEND { currency } else { 0 };
        let cell = &mut self.known[(day - self.start) as usize];
        *cell = match *cell {
            None => Some((value, Some(currency))),
            Some((sum, kept)) => Some((sum + value, kept.filter(|k| *k == currency))),
        };
    }

    /// Gives the days of a report that are not covered yet their numbers.
    fn take(&mut self, rows: &[&Row]) {
        let Report { first, days, .. } = rows[0].report;
        let free: Vec<i32> = (first..first + days).filter(|d| self.at(*d).is_none()).collect();
        if free.is_empty() {
            return;
        }
        let mut given: Vec<(i32, &Row, i64)> = Vec::new();
        if free.len() == days as usize || !self.is_comparable(rows) {
            for row in rows {
                let total = row.values[self.metric].unwrap_or(0);
                let part = |day: i32| share(total, i64::from(days), i64::from(day - first));
                given.extend(free.iter().map(|d| (*d, *row, part(*d))));
            }
        } else {
            for (row, rest) in self.residuals(rows) {
                let n = free.len() as i64;
                given.extend(free.iter().zip(0..).map(|(d, i)| (*d, row, share(rest, n, i))));
            }
        }
        for (day, row, value) in &given {
            *self.numbers.entry((row.place, row.currency, *day)).or_insert(0) += value;
            self.know(*day, *value, row.currency);
        }
        let nothing = Some((0, Some(self.currency(rows[0]))));
        for day in free {
            let cell = &mut self.known[(day - self.start) as usize];
            *cell = cell.or(nothing);
        }
    }

    fn is_comparable(&self, rows: &[&Row]) -> bool {
        let Report { first, days, .. } = rows[0].report;
        let one = self.currency(rows[0]);
        rows.iter().all(|r| self.currency(r) == one)
            && (first..first + days).filter_map(|d| self.at(d)).all(|(sum, c)| sum == 0 || c == Some(one))
    }

    /// What a report holds beyond the days already known, place by place; empty where nothing is left.
    fn residuals<'r>(&self, rows: &[&'r Row]) -> Vec<(&'r Row, i64)> {
        let Report { first, days, .. } = rows[0].report;
        let period = first..first + days;
        let mut places: BTreeMap<(u32, u16), (&Row, i64)> = BTreeMap::new();
        for row in rows {
            let value = row.values[self.metric].unwrap_or(0);
            places.entry((row.place, row.currency)).or_insert((row, 0)).1 += value;
        }
        let total: i64 = places.values().map(|(_, value)| value).sum();
        let known: i64 = period.clone().filter_map(|d| self.at(d)).map(|(sum, _)| sum).sum();
        let rest = i128::from((total - known).max(0));
        let mut weights: Vec<(&Row, i128)> = Vec::new();
        for ((place, currency), (row, value)) in places {
            let here: i64 = period.clone().filter_map(|d| self.numbers.get(&(place, currency, d))).sum();
            weights.push((row, i128::from((value - here).max(0))));
        }
        let whole: i128 = weights.iter().map(|(_, w)| w).sum();
        if rest == 0 || whole == 0 {
            return Vec::new();
        }
        let mut upto = 0;
        let part = |weight: i128| {
            let before = rest * upto / whole;
            upto += weight;
            (rest * upto / whole - before) as i64
        };
        let parts: Vec<i64> = weights.iter().map(|(_, w)| *w).map(part).collect();
        weights.into_iter().map(|(row, _)| row).zip(parts).collect()
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;

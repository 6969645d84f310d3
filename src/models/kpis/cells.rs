//! The sums of one grain that KPIs are computed from: by measure, period and scope, with running totals and samples.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rusqlite::params;

use super::Shared;
use super::samples::Records;
use super::scopes::Scope;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::calendar::Grain;

/// A value and how many records are left out of it.
pub(super) type Sum = (i64, i64);

/// Which periods must be computed; nothing means all.
pub(super) type Periods = Option<BTreeSet<i32>>;

type Sums = HashMap<Scope, Sum, ByNumber>;
type Series = BTreeMap<i32, Sums>;
type Sample = BTreeMap<i32, HashMap<Scope, Records, ByNumber>>;

/// The sums of one grain and measure.
const SUMS: &str = "select m.period, m.scope, m.value, m.incomplete
    from measures as n
    cross join measure_periods as m on m.grain = ?1 and m.measure = n.id
    where n.name = ?2";

pub(super) struct Cells<'a> {
    shared: &'a Shared<'a>,
    grain: Grain,
    /// The last day that counts, where only part of one period is looked at.
    last: Option<i32>,
    flows: HashMap<String, Series, ByNumber>,
    running: HashMap<String, Series, ByNumber>,
    parts: HashMap<String, Vec<String>>,
    samples: HashMap<String, Sample, ByNumber>,
    /// The flows and samples of which every period is read.
    whole_flows: HashSet<String>,
    whole_samples: HashSet<String>,
}

impl<'a> Cells<'a> {
    pub fn new(shared: &'a Shared<'a>, grain: Grain) -> Self {
        Cells {
            shared,
            grain,
            last: None,
            flows: HashMap::default(),
            running: HashMap::default(),
            parts: HashMap::new(),
            samples: HashMap::default(),
            whole_flows: HashSet::new(),
            whole_samples: HashSet::new(),
        }
    }

    /// The same of which only the days up to one count.
    pub fn up_to(self, last: i32) -> Self {
        Cells { last: Some(last), ..self }
    }

    /// Reads a measure's sums in these periods.
    pub fn load_flow(&mut self, measure: &str, periods: &Periods) -> Result<()> {
        let part = self.last.zip(periods.as_ref().and_then(|p| p.first().copied()));
        if let Some((last, first)) = part {
            if self.flows.get(measure).is_some_and(|s| s.contains_key(&first)) {
                return Ok(());
            }
            let sums = self.sum_days(measure, Some(first), last)?;
            self.flows.entry(measure.to_owned()).or_default().insert(first, sums);
            return Ok(());
        }
        if self.whole_flows.contains(measure) {
            return Ok(());
        }
        let series = self.flows.entry(measure.to_owned()).or_default();
        match periods {
            None => {
                self.whole_flows.insert(measure.to_owned());
                read_series(self.shared, SUMS, params![self.grain.name(), measure], series)
            }
            Some(periods) => {
                let text = format!("{SUMS} and m.period = ?3");
                for period in periods.iter().filter(|p| !series.contains_key(p)).copied().collect::<Vec<_>>()
                {
                    series.entry(period).or_default();
                    read_series(self.shared, &text, params![self.grain.name(), measure, period], series)?;
                }
                Ok(())
            }
        }
    }

    /// Reads a measure's running totals at the end of every period up to a day.
    pub fn load_running(&mut self, measure: &str, upto: i32) -> Result<()> {
        if self.running.contains_key(measure) {
            return Ok(());
        }
        if let Some(last) = self.last {
            let first = self.shared.settings.calendar.start(self.grain, last);
            let before = self.sum_days(measure, None, first - 1)?;
            let after = self.sum_days(measure, None, last)?;
            self.running.insert(measure.to_owned(), Series::from([(first - 1, before), (first, after)]));
            return Ok(());
        }
        let mut flows = Series::new();
        read_series(self.shared, SUMS, params![self.grain.name(), measure], &mut flows)?;
        let mut running = Series::new();
        let mut totals = Sums::default();
        let mut next = flows.keys().next().copied();
        while let Some(period) = next.filter(|p| *p <= upto) {
            for (scope, (value, incomplete)) in flows.get(&period).into_iter().flatten() {
                let total = totals.entry(*scope).or_insert((0, 0));
                *total = (total.0 + value, total.1 + incomplete);
            }
            totals.retain(|_, sum| *sum != (0, 0));
            running.insert(period, totals.clone());
            next = Some(self.shared.settings.calendar.end(self.grain, period) + 1);
        }
        self.running.insert(measure.to_owned(), running);
        Ok(())
    }

    /// Sums over days with their totals: whole months from the sums by month, the rest from the days.
    fn sum_days(&self, measure: &str, first: Option<i32>, last: i32) -> Result<Sums> {
        let calendar = &self.shared.settings.calendar;
        let month = calendar.start(Grain::Month, last);
        let whole = first.is_none_or(|f| f <= month && calendar.start(Grain::Month, f) == f);
        let days_from = if whole { month } else { first.unwrap_or(month) };
        let months_from = if whole { first.unwrap_or(i32::MIN) } else { month };
        let mut statement = self.shared.conn.prepare_cached(
            "select m.scope, m.value, m.incomplete
             from measures as n
             cross join measure_periods as m on m.grain = 'month' and m.measure = n.id
             where n.name = ?1 and m.period >= ?2 and m.period < ?3
             union all
             select m.scope, m.value, m.incomplete
             from measures as n
             cross join measure_days as m on m.measure = n.id
             where n.name = ?1 and m.day between ?4 and ?5",
        )?;
        let mut rows = statement.query(params![measure, months_from, month, days_from, last])?;
        let mut sums = Sums::default();
        while let Some(row) = rows.next()? {
            let (value, incomplete): Sum = (row.get(1)?, row.get(2)?);
            let scopes = &self.shared.scopes;
            let scope = scopes.kept(row.get(0)?)?;
            if scopes.is_total(scope) {
                continue;
            }
            for scope in scopes.with_totals(scope) {
                let sum = sums.entry(scope).or_insert((0, 0));
                *sum = (sum.0 + value, sum.1 + incomplete);
            }
        }
        Ok(sums)
    }

    /// Reads the measures named `measure@part`.
    pub fn load_parts(&mut self, measure: &str, periods: &Periods) -> Result<()> {
        let names: Vec<String> = self
            .shared
            .conn
            .prepare_cached(
                "select name from measures as n where name >= ?1 and name < ?2
                 and exists (select 1 from measure_periods where grain = 'year' and measure = n.id)",
            )?
            .query_map([format!("{measure}@"), format!("{measure}A")], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for name in &names {
            self.load_flow(name, periods)?;
        }
        self.parts.insert(measure.to_owned(), names);
        Ok(())
    }

    /// Reads a sample's records in these periods, each under its own scope and the two totals.
    pub fn load_sample(&mut self, name: &str, periods: &Periods) -> Result<()> {
        if self.whole_samples.contains(name) {
            return Ok(());
        }
        let ranges: Vec<Option<(i32, i32)>> = match periods {
            None => {
                self.whole_samples.insert(name.to_owned());
                self.samples.remove(name);
                vec![None]
            }
            Some(periods) => periods
                .iter()
                .map(|p| (*p, self.last.unwrap_or_else(|| self.shared.settings.calendar.end(self.grain, *p))))
                .map(Some)
                .collect(),
        };
        let cells = self.samples.entry(name.to_owned()).or_default();
        let mut starts: HashMap<i32, i32, ByNumber> = HashMap::default();
        for range in ranges {
            if range.is_some_and(|(first, _)| cells.contains_key(&first)) {
                continue;
            }
            let days = self.shared.samples.days(self.shared, name, range)?;
            let (first, last) = range.unwrap_or((i32::MIN, i32::MAX));
            for (day, scopes, number) in days.iter().filter(|(day, ..)| (first..=last).contains(day)) {
                let calendar = &self.shared.settings.calendar;
                let start = *starts.entry(*day).or_insert_with(|| calendar.start(self.grain, *day));
                let period = cells.entry(start).or_default();
                scopes.iter().for_each(|scope| period.entry(*scope).or_default().add(*number));
            }
        }
        Ok(())
    }

    pub fn flow(&self, measure: &str, period: i32, scope: Scope) -> Sum {
        at(&self.flows, measure, period, scope)
    }

    pub fn closing(&self, measure: &str, period: i32, scope: Scope) -> Sum {
        let series = self.running.get(measure);
        let cells = series.and_then(|s| s.range(..=period).next_back());
        cells.and_then(|(_, c)| c.get(&scope)).copied().unwrap_or((0, 0))
    }

    pub fn opening(&self, measure: &str, period: i32, scope: Scope) -> Sum {
        self.closing(measure, period - 1, scope)
    }

    /// The sum of a measure's parts; nothing where more than one of them feeds the cell, as `measure_fed@part` tells.
    pub fn exclusive(&self, measure: &str, period: i32, scope: Scope) -> Option<i64> {
        let fed = self.parts(&format!("{measure}_fed"));
        if fed.iter().filter(|part| self.flow(part, period, scope).0 != 0).count() > 1 {
            return None;
        }
        Some(self.parts(measure).iter().map(|part| self.flow(part, period, scope).0).sum())
    }

    pub fn parts(&self, measure: &str) -> &[String] {
        self.parts.get(measure).map_or(&[], Vec::as_slice)
    }

    pub fn sample(&self, name: &str, period: i32, scope: Scope) -> Option<&Records> {
        self.samples.get(name)?.get(&period)?.get(&scope)
    }

    /// Every scope in which a measure or sample has something in a period.
    pub fn scopes(&self, name: &str, period: i32, into: &mut Vec<Scope>) {
        if let Some(cells) = self.flows.get(name).and_then(|s| s.get(&period)) {
            into.extend(cells.keys());
        }
        if let Some(series) = self.running.get(name) {
            for at in [period, period - 1] {
                into.extend(series.range(..=at).next_back().into_iter().flat_map(|(_, c)| c.keys()));
            }
        }
        if let Some(cells) = self.samples.get(name).and_then(|s| s.get(&period)) {
            into.extend(cells.keys());
        }
        for part in self.parts(name) {
            if let Some(cells) = self.flows.get(part).and_then(|s| s.get(&period)) {
                into.extend(cells.keys());
            }
        }
    }

    /// Every period in which something loaded has a row.
    pub fn periods(&self) -> BTreeSet<i32> {
        let flows = self.flows.values().chain(self.running.values()).flat_map(|s| s.keys());
        flows.chain(self.samples.values().flat_map(|s| s.keys())).copied().collect()
    }
}

fn at(all: &HashMap<String, Series, ByNumber>, measure: &str, period: i32, scope: Scope) -> Sum {
    let cells = all.get(measure).and_then(|s| s.get(&period));
    cells.and_then(|c| c.get(&scope)).copied().unwrap_or((0, 0))
}

fn read_series(shared: &Shared, text: &str, with: impl rusqlite::Params, into: &mut Series) -> Result<()> {
    let mut statement = shared.conn.prepare_cached(text)?;
    let mut rows = statement.query(with)?;
    while let Some(row) = rows.next()? {
        let scope = shared.scopes.kept(row.get(1)?)?;
        into.entry(row.get(0)?).or_default().insert(scope, (row.get(2)?, row.get(3)?));
    }
    Ok(())
}

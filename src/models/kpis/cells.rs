//! The sums of one grain that KPIs are computed from: by measure, period and scope, with running totals and samples.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::measures::Sum;
use super::super::scopes::Scope;
use super::Shared;
use super::samples::Records;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::calendar::Grain;

/// Which periods must be computed; nothing means all.
pub(super) type Periods = Option<BTreeSet<i32>>;

type Sums = HashMap<Scope, Sum, ByNumber>;
type Series = BTreeMap<i32, Sums>;
/// By period, and by the number of the scope; scopes without a record have an empty place.
type Sample = BTreeMap<i32, Vec<Records>>;

pub(super) struct Cells<'w, 'a> {
    shared: &'w Shared<'a>,
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

/// Sums by scope while days are added up.
#[derive(Default)]
struct Adding(Vec<Sum>);

impl Adding {
    fn add(&mut self, scope: Scope, sum: Sum) {
        if self.0.len() <= scope.place() {
            self.0.resize(scope.place() + 1, (0, 0));
        }
        let held = &mut self.0[scope.place()];
        *held = (held.0 + sum.0, held.1 + sum.1);
    }

    /// What was added, with totals, and begins anew.
    fn take(&mut self, shared: &Shared) -> Sums {
        let mut sums = Sums::default();
        for (scope, sum) in (0..).map(Scope).zip(&mut self.0).filter(|(_, sum)| **sum != (0, 0)) {
            for total in shared.scopes.with_totals(scope).iter() {
                let held = sums.entry(*total).or_insert((0, 0));
                *held = (held.0 + sum.0, held.1 + sum.1);
            }
            *sum = (0, 0);
        }
        sums.retain(|_, sum| *sum != (0, 0));
        sums
    }
}

impl<'w, 'a> Cells<'w, 'a> {
    pub fn new(shared: &'w Shared<'a>, grain: Grain) -> Self {
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

    /// The last day of a period that counts.
    fn end(&self, period: i32) -> i32 {
        self.last.unwrap_or_else(|| self.shared.settings.calendar.end(self.grain, period))
    }

    /// Adds up a measure's sums in these periods.
    pub fn load_flow(&mut self, measure: &str, periods: &Periods) -> Result<()> {
        if self.whole_flows.contains(measure) {
            return Ok(());
        }
        let Some(periods) = periods else {
            self.whole_flows.insert(measure.to_owned());
            let series = self.series(measure)?;
            self.flows.insert(measure.to_owned(), series);
            return Ok(());
        };
        for period in periods {
            if self.flows.get(measure).is_some_and(|series| series.contains_key(period)) {
                continue;
            }
            let sums = self.sum(measure, Some(*period), self.end(*period))?;
            self.flows.entry(measure.to_owned()).or_default().insert(*period, sums);
        }
        Ok(())
    }

    /// A measure's sums by period.
    fn series(&self, measure: &str) -> Result<Series> {
        let calendar = &self.shared.settings.calendar;
        let mut series = Series::new();
        let mut adding = Adding::default();
        let mut period: Option<(i32, i32)> = None;
        self.shared.each_day(measure, (None, None), &mut |day| {
            if let Some((first, _)) = period.take_if(|(_, end)| day.day > *end) {
                series.insert(first, adding.take(self.shared));
            }
            period.get_or_insert_with(|| {
                let first = calendar.start(self.grain, day.day);
                (first, calendar.end(self.grain, first))
            });
            adding.add(day.scope, day.sum);
        })?;
        if let Some((first, _)) = period {
            series.insert(first, adding.take(self.shared));
        }
        Ok(series)
    }

    /// A measure's sum from a day, or from the beginning, to another.
    fn sum(&self, measure: &str, first: Option<i32>, last: i32) -> Result<Sums> {
        let mut adding = Adding::default();
        self.shared.each_day(measure, (first, Some(last)), &mut |day| adding.add(day.scope, day.sum))?;
        Ok(adding.take(self.shared))
    }

    /// Adds up a measure's running totals at the end of every period up to a day.
    pub fn load_running(&mut self, measure: &str, upto: i32) -> Result<()> {
        if self.running.contains_key(measure) {
            return Ok(());
        }
        if let Some(last) = self.last {
            let first = self.shared.settings.calendar.start(self.grain, last);
            let before = self.sum(measure, None, first - 1)?;
            let after = self.sum(measure, None, last)?;
            self.running.insert(measure.to_owned(), Series::from([(first - 1, before), (first, after)]));
            return Ok(());
        }
        let flows = self.series(measure)?;
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

    /// Adds up the measures named `measure@part`.
    pub fn load_parts(&mut self, measure: &str, periods: &Periods) -> Result<()> {
        let names = self.shared.counted.parts(measure);
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
            Some(periods) => periods.iter().map(|p| Some((*p, self.end(*p)))).collect(),
        };
        let calendar = &self.shared.settings.calendar;
        let sample = self.samples.entry(name.to_owned()).or_default();
        for range in ranges {
            if range.is_some_and(|(first, _)| sample.contains_key(&first)) {
                continue;
            }
            let days = self.shared.samples.days(self.shared, name, range)?;
            let (first, last) = range.unwrap_or((i32::MIN, i32::MAX));
            let mut places: HashMap<i32, usize, ByNumber> = HashMap::default();
            let mut found: Vec<(i32, Vec<Records>)> = Vec::new();
            for (day, scopes, number) in days.iter().filter(|(day, ..)| (first..=last).contains(day)) {
                let place = *places.entry(*day).or_insert_with(|| {
                    let start = calendar.start(self.grain, *day);
                    found.iter().position(|(period, _)| *period == start).unwrap_or_else(|| {
                        found.push((start, Vec::new()));
                        found.len() - 1
                    })
                });
                let records = &mut found[place].1;
                for scope in scopes.iter() {
                    if records.len() <= scope.place() {
                        records.resize_with(scope.place() + 1, Records::default);
                    }
                    records[scope.place()].add(*number);
                }
            }
            sample.extend(found);
        }
        Ok(())
    }

    pub fn flow(&self, measure: &str, period: i32, scope: Scope) -> Sum {
        let cells = self.flows.get(measure).and_then(|s| s.get(&period));
        cells.and_then(|c| c.get(&scope)).copied().unwrap_or((0, 0))
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
        self.samples.get(name)?.get(&period)?.get(scope.place()).filter(|records| !records.is_empty())
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
            let fed = (0..).map(Scope).zip(cells).filter(|(_, records)| !records.is_empty());
            into.extend(fed.map(|(scope, _)| scope));
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

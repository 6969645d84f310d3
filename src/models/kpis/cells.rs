//! The sums of one grain that KPIs are computed from: by measure, period and scope, with running totals and samples.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::measures::Sum;
use super::super::scopes::Scope;
use super::Shared;
use super::samples::Summary;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::calendar::Grain;

/// Which periods must be computed; nothing means all.
pub(super) type Periods = Option<BTreeSet<i32>>;

/// Those of a period that have something, in the order of their scopes.
pub(super) type ByScope<T> = Vec<(Scope, T)>;
type Series<T> = BTreeMap<i32, ByScope<T>>;

pub(super) struct Cells<'w, 'a> {
    shared: &'w Shared<'a>,
    grain: Grain,
    /// The last day that counts, where only part of one period is looked at.
    last: Option<i32>,
    flows: HashMap<String, Series<Sum>, ByNumber>,
    running: HashMap<String, Series<Sum>, ByNumber>,
    parts: HashMap<String, Vec<String>>,
    samples: HashMap<String, Series<Summary>, ByNumber>,
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

    /// What was added.
    fn sums(&self) -> ByScope<Sum> {
        (0..).map(Scope).zip(self.0.iter().copied()).filter(|(_, sum)| *sum != (0, 0)).collect()
    }

    /// The same with totals; begins anew.
    fn take(&mut self, shared: &Shared) -> ByScope<Sum> {
        for (scope, sum) in self.sums() {
            // the first is the scope itself
            shared.scopes.with_totals(scope).iter().skip(1).for_each(|total| self.add(*total, sum));
        }
        let sums = self.sums();
        self.0.fill((0, 0));
        sums
    }
}

fn find<T: Copy>(cells: &ByScope<T>, scope: Scope) -> Option<T> {
    cells.binary_search_by_key(&scope, |(scope, _)| *scope).ok().map(|at| cells[at].1)
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
    fn series(&self, measure: &str) -> Result<Series<Sum>> {
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
    fn sum(&self, measure: &str, first: Option<i32>, last: i32) -> Result<ByScope<Sum>> {
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
        let mut totals = Adding::default();
        let mut next = flows.keys().next().copied();
        while let Some(period) = next.filter(|p| *p <= upto) {
            flows.get(&period).into_iter().flatten().for_each(|(scope, sum)| totals.add(*scope, *sum));
            running.insert(period, totals.sums());
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
        let (shared, grain) = (self.shared, self.grain);
        let start = |day| shared.settings.calendar.start(grain, day);
        let Some(periods) = periods else {
            let records = shared.samples.records(shared, name, None)?;
            self.samples.insert(name.to_owned(), records.sum_up(shared, None, start));
            self.whole_samples.insert(name.to_owned());
            return Ok(());
        };
        for period in periods {
            if self.samples.get(name).is_some_and(|sample| sample.contains_key(period)) {
                continue;
            }
            let days = Some((*period, self.end(*period)));
            let records = shared.samples.records(shared, name, days)?;
            let sample = self.samples.entry(name.to_owned()).or_default();
            sample.extend(records.sum_up(shared, days, start));
        }
        Ok(())
    }

    pub fn flow(&self, measure: &str, period: i32, scope: Scope) -> Sum {
        let cells = self.flows.get(measure).and_then(|s| s.get(&period));
        cells.and_then(|cells| find(cells, scope)).unwrap_or((0, 0))
    }

    pub fn closing(&self, measure: &str, period: i32, scope: Scope) -> Sum {
        let series = self.running.get(measure);
        let cells = series.and_then(|s| s.range(..=period).next_back());
        cells.and_then(|(_, cells)| find(cells, scope)).unwrap_or((0, 0))
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

    /// What a sample says in a cell, where it has a record there.
    pub fn sample(&self, name: &str, period: i32, scope: Scope) -> Option<Summary> {
        find(self.samples.get(name)?.get(&period)?, scope)
    }

    /// Every scope in which a measure or sample has something in a period.
    pub fn scopes(&self, name: &str, period: i32, into: &mut Vec<Scope>) {
        let parts = self.parts(name).iter().map(String::as_str);
        let flows = parts.chain([name]).filter_map(|name| self.flows.get(name)?.get(&period));
        let running = self.running.get(name).into_iter().flat_map(|series| {
            [period, period - 1].into_iter().filter_map(|at| Some(series.range(..=at).next_back()?.1))
        });
        into.extend(flows.chain(running).flatten().map(|(scope, _)| *scope));
        let sample = self.samples.get(name).and_then(|sample| sample.get(&period));
        into.extend(sample.into_iter().flatten().map(|(scope, _)| *scope));
    }

    /// Every period in which one of these has a row.
    pub fn periods(&self, names: &BTreeSet<&str>) -> BTreeSet<i32> {
        let mut periods = BTreeSet::new();
        for name in names {
            for name in self.parts(name).iter().map(String::as_str).chain([*name]) {
                let sums = [&self.flows, &self.running].into_iter().filter_map(|sums| sums.get(name));
                periods.extend(sums.flat_map(|series| series.keys()));
            }
            periods.extend(self.samples.get(*name).into_iter().flat_map(|sample| sample.keys()));
        }
        periods
    }
}

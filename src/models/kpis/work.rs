//! The KPIs of one grain: which periods have to be computed, and each of their cells.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::super::measures::Reach;
use super::super::scopes::Scope;
use super::super::state::DataDates;
use super::catalogue::{Kpi, KpiKind};
use super::cells::{Cells, Periods};
use super::leaves::{load, read};
use super::values::{KeptAs, Row, Values, rows_of};
use super::{FEW, Shared, reached_days};
use crate::error::Result;
use crate::settings::calendar::Grain;

/// One grain's work.
pub(super) struct Work<'w, 'a> {
    pub shared: &'w Shared<'a>,
    pub grain: Grain,
    pub dates: DataDates,
    /// The periods in which each measure was reached.
    pub reach: Option<Reach>,
    pub renewed: &'w BTreeSet<String>,
    /// Whether none of its values is kept yet.
    pub is_cleared: bool,
    pub values: RefCell<Values<'w>>,
}

impl<'w, 'a> Work<'w, 'a> {
    pub fn new(
        shared: &'w Shared<'a>,
        grain: Grain,
        kept_as: KeptAs,
        dates: DataDates,
        reach: Option<Reach>,
        renewed: &'w BTreeSet<String>,
    ) -> Work<'w, 'a> {
        let values = RefCell::new(Values::new(shared.conn, kept_as));
        Work { shared, grain, dates, reach, renewed, is_cleared: false, values }
    }

    pub fn run(self) -> Result<()> {
        let mut cells = Cells::new(self.shared, self.grain);
        let mut reached: BTreeMap<&str, Periods> = BTreeMap::new();
        for kpi in self.shared.over_measures.iter().copied().filter(|k| k.has_grain(self.grain)) {
            let periods = self.periods_of(kpi)?;
            self.renew(kpi, &periods, || self.compute(kpi, &mut cells, &periods))?;
            reached.insert(&kpi.id, periods);
        }
        for kpi in self.shared.composites.iter().copied().filter(|k| k.has_grain(self.grain)) {
            let periods = self.periods_of_composite(kpi, &reached)?;
            self.renew(kpi, &periods, || self.compute_composite(kpi, &periods))?;
            reached.insert(&kpi.id, periods);
        }
        self.finish()
    }

    /// Brings these periods of a KPI up to date, by what it is computed from or by its months.
    fn renew(&self, kpi: &Kpi, periods: &Periods, compute: impl FnOnce() -> Result<()>) -> Result<()> {
        if periods.as_ref().is_some_and(BTreeSet::is_empty) {
            return Ok(());
        }
        if !self.shared.is_fed(kpi) {
            self.begin(kpi, periods);
            return Ok(());
        }
        if kpi.last_month && self.grain >= Grain::Quarter {
            return self.copy_last_months(kpi, periods);
        }
        compute()
    }

    /// Writes what was computed.
    pub fn finish(self) -> Result<()> {
        self.values.into_inner().write(self.is_cleared)
    }

    /// The first period that a newer data date brings into view.
    pub fn first_new(&self) -> Option<i32> {
        let before = self.dates.before?;
        let calendar = &self.shared.settings.calendar;
        let next = calendar.end(self.grain, calendar.start(self.grain, before)) + 1;
        (self.dates.now >= next).then_some(next)
    }

    /// The period that was running, where the data date has moved: what looks at months in it may have changed.
    pub fn first_running(&self) -> Option<i32> {
        let before = self.dates.before?;
        (self.dates.now > before).then(|| self.shared.settings.calendar.start(self.grain, before))
    }

    /// Every period from one to the data date's.
    pub fn onward(&self, first: i32) -> BTreeSet<i32> {
        let mut periods = BTreeSet::new();
        let mut start = first;
        while start <= self.dates.now {
            periods.insert(start);
            start = self.shared.settings.calendar.end(self.grain, start) + 1;
        }
        periods
    }

    /// The periods in which a KPI over measures must be computed; nothing for all.
    pub fn periods_of(&self, kpi: &Kpi) -> Result<Periods> {
        let reach = self.reach.as_ref().filter(|_| !self.renewed.contains(&kpi.id));
        let Some(reach) = reach else { return Ok(None) };
        // where what is known reaches further, values come into view that nothing else reached
        if kpi.known_by.as_ref().is_some_and(|measure| reach.contains_key(measure)) {
            return Ok(None);
        }
        let mut periods = BTreeSet::new();
        let runs_on = reached_days(kpi, reach, &mut |period| {
            periods.insert(period);
        });
        let looks_at_months = kpi.last_month || kpi.known_by.is_some();
        let first = if looks_at_months { self.first_running() } else { self.first_new() };
        if let Some(first) = first {
            periods.extend(self.onward(first));
        }
        if let (true, Some(first)) = (runs_on || kpi.last_month, periods.first().copied()) {
            periods.extend(self.onward(first));
        }
        Ok((periods.len() <= FEW).then_some(periods))
    }

    /// Computes a KPI over measures.
    pub fn compute(&self, kpi: &Kpi, cells: &mut Cells, periods: &Periods) -> Result<()> {
        let used = kpi.names();
        load(kpi, &kpi.top, cells, periods, self.dates.now)?;
        if let Some(bottom) = &kpi.bottom {
            load(kpi, bottom, cells, periods, self.dates.now)?;
        }
        let latest = self.shared.settings.calendar.start(self.grain, self.dates.now);
        let wanted = if kpi.latest_only {
            // the one before stands where the newest was
            let before = self.dates.before.map(|day| self.shared.settings.calendar.start(self.grain, day));
            self.begin(kpi, &periods.as_ref().and(before).map(|before| BTreeSet::from([before])));
            BTreeSet::from([latest])
        } else {
            self.begin(kpi, periods);
            periods.clone().unwrap_or_else(|| cells.periods(&used))
        };
        for period in wanted.range(..=self.known_until(kpi)?) {
            let mut scopes = Vec::new();
            for name in &used {
                cells.scopes(name, *period, &mut scopes);
            }
            self.put(kpi, *period, scopes, |scope| self.row(kpi, cells, (*period, scope)));
        }
        Ok(())
    }

    /// The value in one cell, or nothing where every component is zero.
    fn row(&self, kpi: &Kpi, cells: &Cells, cell: (i32, Scope)) -> Option<Row> {
        let (is_fed, incomplete) = (Cell::new(false), RefCell::new(Vec::<(&str, i64)>::new()));
        let look_up = |leaf| {
            read(kpi, leaf, cells, self.shared.settings.margin(), cell, &mut |measure, (amount, missing)| {
                is_fed.set(is_fed.get() || amount != 0 || missing != 0);
                let mut incomplete = incomplete.borrow_mut();
                // what two parts of a formula read counts once
                incomplete.retain(|(other, _)| *other != measure);
                incomplete.push((measure, missing));
            })
        };
        let above = kpi.top.value(&look_up).map(|v| v / kpi.numerator_unit());
        let below = kpi.bottom.as_ref().map(|b| b.value(&look_up).map(|v| v / kpi.denominator_unit()));
        if !is_fed.get() {
            return None;
        }
        let incomplete = incomplete.borrow().iter().map(|(_, missing)| missing).sum();
        let scale = kpi.scale.unwrap_or(1.0);
        let row = match below {
            Some(below) => Row {
                value: above.zip(below.filter(|b| *b != 0.0)).map(|(a, b)| scale * a / b),
                numerator: above,
                denominator: below,
                incomplete: 0,
            },
            None if kpi.kind == KpiKind::Median => {
                Row { value: above, numerator: None, denominator: None, incomplete: 0 }
            }
            None => {
                Row { value: above.map(|a| scale * a), numerator: above, denominator: None, incomplete: 0 }
            }
        };
        let value = row.value.filter(|_| kpi.is_known);
        Some(Row { value, incomplete, ..row })
    }

    /// The last day on which a KPI's periods may begin: the data date, or the last month that its data reach.
    fn known_until(&self, kpi: &Kpi) -> Result<i32> {
        let Some(measure) = &kpi.known_by else { return Ok(self.dates.now) };
        let last = self.shared.last_month(measure)?;
        Ok(last.unwrap_or(i32::MIN).min(self.dates.now))
    }

    /// What is kept of these periods goes, unless it is put again.
    pub fn begin(&self, kpi: &Kpi, periods: &Periods) {
        self.values.borrow_mut().begin(self.shared.number(&kpi.id), periods);
    }

    /// Takes the values that `row` gives for these scopes in a period.
    pub fn put(&self, kpi: &Kpi, period: i32, mut scopes: Vec<Scope>, row: impl Fn(Scope) -> Option<Row>) {
        scopes.sort_unstable();
        scopes.dedup();
        let is_wanted = |scope: &Scope| !kpi.whole || self.shared.scopes.is_everything(*scope);
        let rows = scopes.into_iter().filter(is_wanted).filter_map(|scope| Some((scope, row(scope)?)));
        let rows: Vec<(Scope, Row)> = rows.collect();
        self.values.borrow_mut().put(self.shared.number(&kpi.id), period, rows);
    }

    /// A quarter or year shows its last month, or the newest one so far.
    fn copy_last_months(&self, kpi: &Kpi, periods: &Periods) -> Result<()> {
        self.begin(kpi, periods);
        let calendar = &self.shared.settings.calendar;
        let wanted = periods.clone().map_or_else(|| self.all_periods(), Ok)?;
        let (known_until, number) = (self.known_until(kpi)?, self.shared.number(&kpi.id));
        for period in wanted.range(..=known_until) {
            let last = calendar.end(self.grain, *period).min(known_until);
            let month = calendar.start(Grain::Month, last);
            let rows = rows_of(self.shared.conn, KeptAs::whole(Grain::Month), number, month)?;
            self.values.borrow_mut().put(number, *period, rows);
        }
        Ok(())
    }
}

//! Computes KPI values of the periods that changed, from the period sums.

pub(super) mod catalogue;
mod cells;
mod composite;
mod elapsed;
mod leaves;
mod samples;
mod values;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use super::expression::Expression;
use super::measures::{DaySum, DaySums, Reach};
use super::scopes::{Scope, Scopes};
use super::state::DataDates;
use crate::error::Result;
use crate::settings::Settings;
use crate::settings::calendar::Grain;
use catalogue::{Kpi, KpiKind};
use cells::{Cells, Periods};
use leaves::{load, read};
use samples::Samples;
use values::{Row, Values, rows_of};

/// Which KPI values may have changed.
pub(super) enum Extent {
    Everything,
    Reached(Reach),
}

/// Above this many periods, computing all of them is cheaper than reading and replacing each.
const FEW: usize = 12;

/// What the work on every grain shares.
struct Shared<'a> {
    conn: &'a Connection,
    settings: &'a Settings,
    kpis: &'a [Kpi],
    /// Those over measures.
    over_measures: Vec<&'a Kpi>,
    /// Those over other KPIs, each after those it reads.
    composites: Vec<&'a Kpi>,
    /// The numbers under which their values are kept.
    numbers: BTreeMap<String, i64>,
    /// Those that have anything to be computed from; most workspaces have a few kinds of exports only.
    fed: BTreeSet<&'a str>,
    counted: &'a Counted,
    days: RefCell<DaySums<'a>>,
    samples: Samples,
    scopes: Scopes<'a>,
}

impl<'a> Shared<'a> {
    fn new(
        conn: &'a Connection,
        settings: &'a Settings,
        kpis: &'a [Kpi],
        counted: &'a Counted,
        days: DaySums<'a>,
    ) -> Result<Shared<'a>> {
        let over_measures: Vec<&Kpi> = kpis.iter().filter(|k| k.kind != KpiKind::Composite).collect();
        let composites = composite::in_order(kpis)?;
        let mut fed = BTreeSet::new();
        for kpi in &over_measures {
            if kpi.names().iter().any(|name| counted.may_have(name)) {
                fed.insert(kpi.id.as_str());
            }
        }
        for kpi in &composites {
            if kpi.names().iter().any(|name| fed.contains(name)) {
                fed.insert(kpi.id.as_str());
            }
        }
        let mut numbers = conn.prepare_cached("select kpi, id from kpi_definitions")?;
        let numbers = numbers.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Shared {
            conn,
            settings,
            kpis,
            over_measures,
            composites,
            numbers: numbers.collect::<rusqlite::Result<_>>()?,
            fed,
            counted,
            days: RefCell::new(days),
            samples: Samples::default(),
            scopes: Scopes::load(conn)?,
        })
    }

    /// The number of a KPI of the catalogue.
    fn number(&self, kpi: &str) -> i64 {
        self.numbers.get(kpi).copied().unwrap_or(0)
    }

    /// Calls `see` with a measure's sums by day, from one day to another.
    fn each_day(
        &self,
        measure: &str,
        between: (Option<i32>, Option<i32>),
        see: &mut dyn FnMut(DaySum),
    ) -> Result<()> {
        let Some(measure) = self.counted.0.get(measure) else { return Ok(()) };
        self.days.borrow_mut().each(*measure, between, see)
    }

    fn is_fed(&self, kpi: &Kpi) -> bool {
        self.fed.contains(kpi.id.as_str())
    }
}

/// The measures that have sums, and their numbers. Days are asked, because the sums of a period may come to nothing where
/// its days do not.
struct Counted(BTreeMap<String, i64>);

impl Counted {
    fn read(conn: &Connection) -> Result<Counted> {
        let mut names = conn.prepare_cached("select name, id from measures where months > 0")?;
        let names = names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Counted(names.collect::<rusqlite::Result<_>>()?))
    }

    /// A measure in parts, whose name ends with its `@`, is there when one of its parts is.
    fn has(&self, measure: &str) -> bool {
        match measure.strip_suffix('@') {
            Some(measure) => !self.parts(measure).is_empty(),
            None => self.0.contains_key(measure),
        }
    }

    /// The measures named `measure@part`.
    fn parts(&self, measure: &str) -> Vec<String> {
        let beginning = format!("{measure}@");
        let parts = self.0.range(beginning.clone()..).map(|(name, _)| name);
        parts.take_while(|name| name.starts_with(&beginning)).cloned().collect()
    }

    /// Whether a name of a formula may have a value; a sample is counted by the measure of its name.
    fn may_have(&self, name: &str) -> bool {
        self.has(name) || self.has(&format!("{name}@"))
    }
}

/// Computes what changed, months first, because quarters, years and trailing means read them.
pub(super) fn recompute(
    conn: &Connection,
    settings: &Settings,
    days: DaySums,
    extent: Extent,
    dates: &DataDates,
) -> Result<()> {
    let counted = Counted::read(conn)?;
    let kpis = in_force(settings, &counted)?;
    let renewed = write_definitions(conn, &kpis)?;
    let went_back = dates.before.is_none_or(|before| dates.now < before);
    let is_first =
        !conn.query_row("select exists (select 1 from kpi_values)", [], |row| row.get::<_, bool>(0))?;
    let reach = match extent {
        Extent::Reached(reach) if !went_back && !is_first => Some(reach),
        _ => None,
    };
    let shared = Shared::new(conn, settings, &kpis, &counted, days)?;
    let reach = match reach {
        Some(reach) if !is_most(&shared, &reach, dates, &renewed)? => Some(reach),
        _ => None,
    };
    if reach.is_none() {
        conn.execute("delete from kpi_values", [])?;
    }
    for grain in [Grain::Month, Grain::Week, Grain::Quarter, Grain::Year] {
        let reach = reach.as_ref().map(|reach| in_periods(reach, settings, grain));
        let is_cleared = reach.is_none();
        let work = Work::new(&shared, grain, grain.name(), *dates, reach, &renewed);
        Work { is_cleared, ..work }.run()?;
    }
    super::days::cover(conn)?;
    let unmoved = dates.before == Some(dates.now) && renewed.is_empty();
    elapsed::recompute(&shared, dates.now, reach.as_ref().filter(|_| unmoved))
}

/// Whether most KPIs are to be computed for every period: to write all values in their order is cheaper then.
fn is_most(shared: &Shared, reach: &Reach, dates: &DataDates, renewed: &BTreeSet<String>) -> Result<bool> {
    let weeks = in_periods(reach, shared.settings, Grain::Week);
    let work = Work::new(shared, Grain::Week, Grain::Week.name(), *dates, Some(weeks), renewed);
    let mut all = 0;
    for kpi in shared.over_measures.iter().filter(|kpi| shared.is_fed(kpi)) {
        all += usize::from(work.periods_of(kpi)?.is_none());
    }
    Ok(2 * all > shared.over_measures.iter().filter(|kpi| shared.is_fed(kpi)).count())
}

/// Writes the catalogue where there is nothing to compute it from.
pub(super) fn define(conn: &Connection, settings: &Settings) -> Result<()> {
    write_definitions(conn, &in_force(settings, &Counted::read(conn)?)?)?;
    Ok(())
}

/// The periods of a grain that were reached, by their first days.
fn in_periods(reach: &Reach, settings: &Settings, grain: Grain) -> Reach {
    let start = |day: &i32| settings.calendar.start(grain, *day);
    reach.iter().map(|(measure, days)| (measure.clone(), days.iter().map(start).collect())).collect()
}

/// The entries whose condition holds.
fn in_force(settings: &Settings, counted: &Counted) -> Result<Vec<Kpi>> {
    let has = |measure: &Option<String>| measure.as_deref().map(|measure| counted.has(measure));
    let mut kpis = Vec::new();
    for kpi in catalogue::catalogue(settings)? {
        if has(&kpi.when).unwrap_or(true) && !has(&kpi.unless).unwrap_or(false) {
            kpis.push(Kpi { is_known: has(&kpi.needs).unwrap_or(true), ..kpi });
        }
    }
    Ok(kpis)
}

/// Writes the catalogue in force and says which entries are new or changed.
fn write_definitions(conn: &Connection, kpis: &[Kpi]) -> Result<BTreeSet<String>> {
    let before: BTreeMap<String, (i64, String, bool)> = conn
        .prepare_cached("select kpi, id, version, is_known from kpi_definitions")?
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?
        .collect::<rusqlite::Result<_>>()?;
    let is_as_before = |k: &Kpi| {
        let before = before.get(&k.id);
        before.is_some_and(|(_, version, is_known)| *version == k.version && *is_known == k.is_known)
    };
    let renewed: BTreeSet<String> = kpis.iter().filter(|k| !is_as_before(k)).map(|k| k.id.clone()).collect();
    if renewed.is_empty() && before.len() == kpis.len() {
        return Ok(renewed);
    }
    for gone in before.keys().filter(|id| !kpis.iter().any(|k| k.id == **id)) {
        conn.execute(
            "delete from kpi_values where kpi = (select id from kpi_definitions where kpi = ?1)",
            [gone],
        )?;
    }
    conn.execute("delete from kpi_definitions", [])?;
    let mut insert = conn.prepare_cached(
        "insert into kpi_definitions
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    let mut last = before.values().map(|(id, ..)| *id).max().unwrap_or(0);
    for (position, kpi) in kpis.iter().enumerate() {
        let id = before.get(&kpi.id).map_or_else(
            || {
                last += 1;
                last
            },
            |(id, ..)| *id,
        );
        let parts = kpi.kind == KpiKind::Ratio || kpi.kind == KpiKind::Flow || kpi.kind == KpiKind::Stock;
        insert.execute(params![
            id,
            kpi.id,
            position as i64,
            kpi.label,
            kpi.unit,
            kpi.better,
            kpi.kind.name(),
            kpi.definition.trim(),
            kpi.formula,
            parts.then_some(&kpi.numerator),
            kpi.denominator,
            kpi.source,
            kpi.version,
            kpi.numerator,
            kpi.is_known,
        ])?;
    }
    Ok(renewed)
}

/// Calls `see` with every day on which a measure of a KPI was reached; true where what follows a day changes with it.
fn reached_days(kpi: &Kpi, reach: &Reach, see: &mut dyn FnMut(i32)) -> bool {
    let mut runs_on = kpi.kind == KpiKind::Stock;
    let mut visit = |leaf: &Expression| {
        let (name, call) = match leaf {
            Expression::Name(name) => (name.as_str(), ""),
            Expression::Call(call, name, _) => (name.as_str(), call.as_str()),
            _ => return,
        };
        runs_on |= call == "closing" || call == "opening";
        let is_part =
            |rest: &str| call == "exclusive" && (rest.starts_with('@') || rest.starts_with("_fed@"));
        let same_beginning = reach.range(name.to_owned()..).take_while(|(m, _)| m.starts_with(name));
        let days = same_beginning.filter(|(m, _)| m.len() == name.len() || is_part(&m[name.len()..]));
        days.flat_map(|(_, days)| days).for_each(|day| see(*day));
    };
    kpi.top.visit(&mut visit);
    if let Some(bottom) = &kpi.bottom {
        bottom.visit(&mut visit);
    }
    runs_on
}

/// One grain's work.
struct Work<'w, 'a> {
    shared: &'w Shared<'a>,
    grain: Grain,
    dates: DataDates,
    /// The periods in which each measure was reached.
    reach: Option<Reach>,
    renewed: &'w BTreeSet<String>,
    /// Whether nothing is kept under its name yet.
    is_cleared: bool,
    values: RefCell<Values<'w>>,
}

impl<'w, 'a> Work<'w, 'a> {
    fn new(
        shared: &'w Shared<'a>,
        grain: Grain,
        kept_as: &'static str,
        dates: DataDates,
        reach: Option<Reach>,
        renewed: &'w BTreeSet<String>,
    ) -> Work<'w, 'a> {
        let values = RefCell::new(Values::new(shared.conn, kept_as));
        Work { shared, grain, dates, reach, renewed, is_cleared: false, values }
    }

    fn run(self) -> Result<()> {
        let mut cells = Cells::new(self.shared, self.grain);
        let mut reached: BTreeMap<&str, Periods> = BTreeMap::new();
        for kpi in self.shared.over_measures.iter().copied().filter(|k| k.has_grain(self.grain)) {
            let periods = self.periods_of(kpi)?;
            if periods.as_ref().is_none_or(|p| !p.is_empty()) {
                if !self.shared.is_fed(kpi) {
                    self.begin(kpi, &periods);
                } else if kpi.last_month && self.grain >= Grain::Quarter {
                    self.copy_last_months(kpi, &periods)?;
                } else {
                    self.compute(kpi, &mut cells, &periods)?;
                }
            }
            reached.insert(&kpi.id, periods);
        }
        for kpi in self.shared.composites.iter().copied().filter(|k| k.has_grain(self.grain)) {
            let periods = self.periods_of_composite(kpi, &reached)?;
            if periods.as_ref().is_none_or(|p| !p.is_empty()) {
                if !self.shared.is_fed(kpi) {
                    self.begin(kpi, &periods);
                } else if kpi.last_month && self.grain >= Grain::Quarter {
                    self.copy_last_months(kpi, &periods)?;
                } else {
                    self.compute_composite(kpi, &periods)?;
                }
            }
            reached.insert(&kpi.id, periods);
        }
        self.finish()
    }

    /// Writes what was computed.
    fn finish(self) -> Result<()> {
        self.values.into_inner().write(self.is_cleared)
    }

    /// The first period that a newer data date brings into view.
    fn first_new(&self) -> Option<i32> {
        let before = self.dates.before?;
        let calendar = &self.shared.settings.calendar;
        let next = calendar.end(self.grain, calendar.start(self.grain, before)) + 1;
        (self.dates.now >= next).then_some(next)
    }

    /// The period that was running, where the data date has moved: what looks at months in it may have changed.
    fn first_running(&self) -> Option<i32> {
        let before = self.dates.before?;
        (self.dates.now > before).then(|| self.shared.settings.calendar.start(self.grain, before))
    }

    /// Every period from one to the data date's.
    fn onward(&self, first: i32) -> BTreeSet<i32> {
        let mut periods = BTreeSet::new();
        let mut start = first;
        while start <= self.dates.now {
            periods.insert(start);
            start = self.shared.settings.calendar.end(self.grain, start) + 1;
        }
        periods
    }

    /// The periods in which a KPI over measures must be computed; nothing for all.
    fn periods_of(&self, kpi: &Kpi) -> Result<Periods> {
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
    fn compute(&self, kpi: &Kpi, cells: &mut Cells, periods: &Periods) -> Result<()> {
        let used = kpi.names();
        load(kpi, &kpi.top, cells, periods, self.dates.now)?;
        if let Some(bottom) = &kpi.bottom {
            load(kpi, bottom, cells, periods, self.dates.now)?;
        }
        let latest = self.shared.settings.calendar.start(self.grain, self.dates.now);
        let wanted = if kpi.latest_only {
            self.begin(kpi, &None);
            BTreeSet::from([latest])
        } else {
            self.begin(kpi, periods);
            periods.clone().unwrap_or_else(|| cells.periods())
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
        let last: Option<i32> = self
            .shared
            .conn
            .prepare_cached(
                "select max(month) from measure_months
                 where measure = (select id from measures where name = ?1)",
            )?
            .query_row([measure], |row| row.get(0))?;
        Ok(last.unwrap_or(i32::MIN).min(self.dates.now))
    }

    /// What is kept of these periods goes, unless it is put again.
    fn begin(&self, kpi: &Kpi, periods: &Periods) {
        self.values.borrow_mut().begin(self.shared.number(&kpi.id), periods);
    }

    /// Takes the values that `row` gives for these scopes in a period.
    fn put(&self, kpi: &Kpi, period: i32, mut scopes: Vec<Scope>, row: impl Fn(Scope) -> Option<Row>) {
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
            let rows = rows_of(self.shared.conn, Grain::Month.name(), number, month)?;
            self.values.borrow_mut().put(number, *period, rows);
        }
        Ok(())
    }
}

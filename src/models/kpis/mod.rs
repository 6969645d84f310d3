//! Computes KPI values of the periods that changed, from the period sums.

pub(super) mod catalogue;
mod cells;
mod composite;
mod elapsed;
mod leaves;
mod samples;
mod values;
mod work;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use super::expression::Expression;
use super::measures::{DaySum, DaySums, Reach};
use super::scopes::Scopes;
use super::state::DataDates;
use crate::error::Result;
use crate::settings::Settings;
use crate::settings::calendar::Grain;
use catalogue::{Kpi, KpiKind};
use samples::Samples;
use values::KeptAs;
pub(super) use values::place_of;
use work::Work;

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
    /// By measure: the last month that has sums of it.
    last_months: RefCell<BTreeMap<String, Option<i32>>>,
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
            last_months: RefCell::default(),
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

    /// The first day of the last month that has sums of a measure; to find it reads the sums of all.
    fn last_month(&self, measure: &str) -> Result<Option<i32>> {
        if let Some(last) = self.last_months.borrow().get(measure) {
            return Ok(*last);
        }
        let text =
            "select max(month) from measure_months where measure = (select id from measures where name = ?1)";
        let last = self.conn.query_row(text, [measure], |row| row.get(0))?;
        self.last_months.borrow_mut().insert(measure.to_owned(), last);
        Ok(last)
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
        let work = Work::new(&shared, grain, KeptAs::whole(grain), *dates, reach, &renewed);
        Work { is_cleared, ..work }.run()?;
    }
    super::days::cover(conn)?;
    let unmoved = dates.before == Some(dates.now) && renewed.is_empty();
    elapsed::recompute(&shared, dates.now, reach.as_ref().filter(|_| unmoved))
}

/// Whether most KPIs are to be computed for every period: to write all values in their order is cheaper then.
fn is_most(shared: &Shared, reach: &Reach, dates: &DataDates, renewed: &BTreeSet<String>) -> Result<bool> {
    let weeks = in_periods(reach, shared.settings, Grain::Week);
    let work = Work::new(shared, Grain::Week, KeptAs::whole(Grain::Week), *dates, Some(weeks), renewed);
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
    for (_, (gone, ..)) in before.iter().filter(|(id, _)| !kpis.iter().any(|k| k.id == **id)) {
        for (grain, is_elapsed) in Grain::ALL.into_iter().flat_map(|grain| [(grain, false), (grain, true)]) {
            values::delete(conn, KeptAs { grain, is_elapsed }.of_kpi(Some(*gone)))?;
        }
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

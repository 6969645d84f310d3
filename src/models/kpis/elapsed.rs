//! What a running period is compared with: the same number of elapsed days of the period before, and of a year before.
//!
//! Kept beside the whole periods' values; views call their grains `week_elapsed`, `month_elapsed`, ….

use std::collections::BTreeSet;

use chrono::Months;

use super::super::expression::Expression;
use super::super::measures::Reach;
use super::catalogue::Kpi;
use super::cells::Cells;
use super::values::{self, KeptAs};
use super::work::Work;
use super::{DataDates, Shared};
use crate::error::Result;
use crate::settings::calendar::{Grain, date_of, number_of};

/// Computes them anew for the periods that are running on the data date; where that has not moved, what was reached.
pub(super) fn recompute(shared: &Shared, now: i32, reach: Option<&Reach>) -> Result<()> {
    let calendar = &shared.settings.calendar;
    for grain in Grain::ALL {
        if reach.is_none() {
            values::delete(shared.conn, kept_as(grain).of_kpi(None))?;
        }
        let running = calendar.start(grain, now);
        let before = calendar.start(grain, running - 1);
        for first in BTreeSet::from([before, a_year_before(grain, running)]) {
            let last = (first + now - running).min(calendar.end(grain, first));
            let reached = reach.map(|reach| reached(shared, reach, last));
            if reached.as_ref().is_some_and(BTreeSet::is_empty) {
                continue;
            }
            compute(shared, grain, (first, last), reached.as_ref())?;
        }
    }
    Ok(())
}

/// The KPIs of which something up to a day was reached, and those made of them.
fn reached<'k>(shared: &Shared<'k>, reach: &Reach, last: i32) -> BTreeSet<&'k str> {
    let mut found = BTreeSet::new();
    for kpi in &shared.over_measures {
        let mut is_reached = kpi.known_by.as_ref().is_some_and(|measure| reach.contains_key(measure));
        super::reached_days(kpi, reach, &mut |day| is_reached |= day <= last);
        if is_reached {
            found.insert(kpi.id.as_str());
        }
    }
    if found.is_empty() {
        return found;
    }
    for kpi in &shared.composites {
        let mut trails = false;
        kpi.top.visit(&mut |leaf| trails |= matches!(leaf, Expression::Call(..)));
        if trails || kpi.names().iter().any(|name| found.contains(name)) {
            found.insert(&kpi.id);
        }
    }
    found
}

fn kept_as(grain: Grain) -> KeptAs {
    KeptAs { grain, is_elapsed: true }
}

/// Weeks are compared with the same weekdays, 52 weeks before.
fn a_year_before(grain: Grain, first: i32) -> i32 {
    match grain {
        Grain::Week => first - 364,
        _ => date_of(first).checked_sub_months(Months::new(12)).map_or(first - 365, number_of),
    }
}

fn compute(
    shared: &Shared,
    grain: Grain,
    (first, last): (i32, i32),
    reached: Option<&BTreeSet<&str>>,
) -> Result<()> {
    let renewed = BTreeSet::new();
    let dates = DataDates { before: None, now: last };
    let is_cleared = reached.is_none();
    let work = Work { is_cleared, ..Work::new(shared, grain, kept_as(grain), dates, None, &renewed) };
    let mut cells = Cells::new(shared, grain).up_to(last);
    let periods = Some(BTreeSet::from([first]));
    let is_kept = |kpi: &&Kpi| {
        kpi.has_grain(grain)
            && (shared.is_fed(kpi) || !is_cleared)
            && !kpi.latest_only
            && !(kpi.last_month && grain >= Grain::Quarter)
            && reached.is_none_or(|reached| reached.contains(kpi.id.as_str()))
    };
    for kpi in shared.over_measures.iter().copied().filter(is_kept) {
        work.compute(kpi, &mut cells, &periods)?;
    }
    for kpi in shared.composites.iter().copied().filter(is_kept) {
        work.compute_composite(kpi, &periods)?;
    }
    work.finish()
}

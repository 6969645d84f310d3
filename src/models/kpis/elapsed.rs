//! What a running period is compared with: the same number of elapsed days of the period before, and of a year before.
//!
//! Kept beside the whole periods' values, under `week_elapsed`, `month_elapsed`, … instead of the grain's name.

use std::collections::BTreeSet;

use chrono::Months;
use rusqlite::Connection;

use super::catalogue::{Kpi, KpiKind};
use super::cells::Cells;
use super::{DataDates, Work, composite};
use crate::error::Result;
use crate::settings::Settings;
use crate::settings::calendar::{Grain, date_of, number_of};

/// Computes them anew for the periods that are running on the data date.
pub(super) fn recompute(conn: &Connection, settings: &Settings, kpis: &[Kpi], now: i32) -> Result<()> {
    let calendar = &settings.calendar;
    for grain in Grain::ALL {
        conn.execute("delete from kpi_values where grain = ?1", [kept_as(grain)])?;
        let running = calendar.start(grain, now);
        let before = calendar.start(grain, running - 1);
        for first in BTreeSet::from([before, a_year_before(grain, running)]) {
            let last = (first + now - running).min(calendar.end(grain, first));
            compute(conn, settings, kpis, grain, first, last)?;
        }
    }
    Ok(())
}

fn kept_as(grain: Grain) -> &'static str {
    match grain {
        Grain::Week => "week_elapsed",
        Grain::Month => "month_elapsed",
        Grain::Quarter => "quarter_elapsed",
        Grain::Year => "year_elapsed",
    }
}

/// Weeks are compared with the same weekdays, 52 weeks before.
fn a_year_before(grain: Grain, first: i32) -> i32 {
    match grain {
        Grain::Week => first - 364,
        _ => date_of(first).checked_sub_months(Months::new(12)).map_or(first - 365, number_of),
    }
}

fn compute(
    conn: &Connection,
    settings: &Settings,
    kpis: &[Kpi],
    grain: Grain,
    first: i32,
    last: i32,
) -> Result<()> {
    let renewed = BTreeSet::new();
    let dates = DataDates { before: None, now: last };
    let work =
        Work { conn, settings, grain, kept_as: kept_as(grain), dates, reach: None, renewed: &renewed, kpis };
    let mut cells = Cells::new(conn, settings, grain).up_to(last);
    let periods = Some(BTreeSet::from([first]));
    let is_kept =
        |kpi: &&Kpi| kpi.has_grain(grain) && !kpi.latest_only && !(kpi.last_month && grain >= Grain::Quarter);
    for kpi in kpis.iter().filter(|k| k.kind != KpiKind::Composite).filter(is_kept) {
        work.compute(kpi, &mut cells, &periods)?;
    }
    for kpi in composite::in_order(kpis)?.into_iter().filter(is_kept) {
        work.compute_composite(kpi, &periods)?;
    }
    Ok(())
}

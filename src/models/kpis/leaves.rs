//! What the names and calls of a formula stand for in a cell.

use super::super::expression::Expression;
use super::catalogue::{Kpi, KpiKind};
use super::cells::{Cells, Periods, Scope, Sum};
use crate::error::{Error, Result};
use crate::settings::Settings;

/// The sums a value rests on, by measure.
type Sums = Vec<(String, Sum)>;

/// Reads from the database what a formula needs.
pub(super) fn load(
    kpi: &Kpi,
    formula: &Expression,
    cells: &mut Cells,
    periods: &Periods,
    upto: i32,
) -> Result<()> {
    let mut leaves = Vec::new();
    formula.visit(&mut |leaf| leaves.push(leaf.clone()));
    for leaf in leaves {
        match leaf {
            Expression::Name(name) if name == "margin" => {}
            Expression::Name(name) if kpi.kind == KpiKind::Median => cells.load_sample(&name, periods)?,
            Expression::Name(name) if kpi.kind == KpiKind::Stock => cells.load_running(&name, upto)?,
            Expression::Name(name) => cells.load_flow(&name, periods)?,
            Expression::Call(call, name, _) => match call.as_str() {
                "closing" | "opening" => cells.load_running(&name, upto)?,
                "exclusive" => {
                    cells.load_parts(&name, periods)?;
                    cells.load_parts(&format!("{name}_fed"), periods)?;
                }
                "distinct" | "median" => cells.load_sample(&name, periods)?,
                _ => {
                    return Err(Error::failed(format!("`{}` uses the unknown function `{call}`", kpi.id)));
                }
            },
            _ => {}
        }
    }
    Ok(())
}

/// The value of a name or call in a cell, and the sums it rests on.
pub(super) fn read(
    kpi: &Kpi,
    leaf: &Expression,
    cells: &Cells,
    settings: &Settings,
    period: i32,
    scope: &Scope,
) -> (Option<f64>, Sums) {
    let sum = |name: &String, sum: (i64, i64)| (Some(sum.0 as f64), vec![(name.clone(), sum)]);
    match leaf {
        Expression::Name(name) if name == "margin" => (Some(settings.margin()), Vec::new()),
        Expression::Name(name) if kpi.kind == KpiKind::Median => {
            let median = cells.median(name, period, scope);
            (median, vec![(name.clone(), (i64::from(median.is_some()), 0))])
        }
        Expression::Name(name) if kpi.kind == KpiKind::Stock => sum(name, cells.closing(name, period, scope)),
        Expression::Name(name) => sum(name, cells.flow(name, period, scope)),
        Expression::Call(call, name, _) => match call.as_str() {
            "closing" => sum(name, cells.closing(name, period, scope)),
            "opening" => sum(name, cells.opening(name, period, scope)),
            "distinct" => sum(name, (cells.distinct(name, period, scope), 0)),
            "median" => (cells.median(name, period, scope), Vec::new()),
            _ => {
                let parts =
                    cells.parts(name).iter().map(|p| (p.clone(), cells.flow(p, period, scope))).collect();
                (cells.exclusive(name, period, scope).map(|v| v as f64), parts)
            }
        },
        _ => (None, Vec::new()),
    }
}

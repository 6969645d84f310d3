//! What the names and calls of a formula stand for in a cell.

use super::super::expression::Expression;
use super::super::measures::Sum;
use super::super::scopes::Scope;
use super::catalogue::{Kpi, KpiKind};
use super::cells::{Cells, Periods};
use crate::error::{Error, Result};

/// Reads from the database what a formula needs.
pub(super) fn load(
    kpi: &Kpi,
    formula: &Expression,
    cells: &mut Cells,
    periods: &Periods,
    upto: i32,
) -> Result<()> {
    let mut leaves = Vec::new();
    formula.visit(&mut |leaf| leaves.push(leaf));
    for leaf in leaves {
        match leaf {
            Expression::Name(name) if name == "margin" => {}
            Expression::Name(name) if kpi.kind == KpiKind::Median => cells.load_sample(name, periods)?,
            Expression::Name(name) if kpi.kind == KpiKind::Stock => cells.load_running(name, upto)?,
            Expression::Name(name) => cells.load_flow(name, periods)?,
            Expression::Call(call, name, _) => match call.as_str() {
                "closing" | "opening" => cells.load_running(name, upto)?,
                "exclusive" => {
                    cells.load_parts(name, periods)?;
                    cells.load_parts(&format!("{name}_fed"), periods)?;
                }
                "distinct" | "median" => cells.load_sample(name, periods)?,
                _ => {
                    return Err(Error::failed(format!("`{}` uses the unknown function `{call}`", kpi.id)));
                }
            },
            _ => {}
        }
    }
    Ok(())
}

/// The value of a name or call in a cell; `see` is told the sums it rests on, by measure.
pub(super) fn read<'n>(
    kpi: &Kpi,
    leaf: &'n Expression,
    cells: &'n Cells,
    margin: f64,
    (period, scope): (i32, Scope),
    see: &mut dyn FnMut(&'n str, Sum),
) -> Option<f64> {
    let mut sum = |name: &'n str, sum: Sum| {
        see(name, sum);
        Some(sum.0 as f64)
    };
    match leaf {
        Expression::Name(name) if name == "margin" => Some(margin),
        Expression::Name(name) if kpi.kind == KpiKind::Median => {
            let records = cells.sample(name, period, scope);
            see(name, (i64::from(records.is_some()), 0));
            records.map(|of| of.median)
        }
        Expression::Name(name) if kpi.kind == KpiKind::Stock => sum(name, cells.closing(name, period, scope)),
        Expression::Name(name) => sum(name, cells.flow(name, period, scope)),
        Expression::Call(call, name, _) => match call.as_str() {
            "closing" => sum(name, cells.closing(name, period, scope)),
            "opening" => sum(name, cells.opening(name, period, scope)),
            "distinct" => sum(name, (cells.sample(name, period, scope).map_or(0, |of| of.distinct), 0)),
            "median" => cells.sample(name, period, scope).map(|of| of.median),
            _ => {
                cells.parts(name).iter().for_each(|part| see(part, cells.flow(part, period, scope)));
                cells.exclusive(name, period, scope).map(|v| v as f64)
            }
        },
        _ => None,
    }
}

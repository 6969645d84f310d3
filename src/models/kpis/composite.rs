//! KPIs made of other KPIs of the same cell, such as pipeline velocity or payback.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::expression::Expression;
use super::super::scopes::Scope;
use super::catalogue::{Kpi, KpiKind};
use super::cells::Periods;
use super::values::{InScopes, KeptAs, Row};
use super::work::Work;
use crate::error::{Error, Result};
use crate::hash::ByNumber;
use crate::settings::calendar::Grain;

/// The composite KPIs, each after those it reads.
pub(super) fn in_order(kpis: &[Kpi]) -> Result<Vec<&Kpi>> {
    let mut left: Vec<&Kpi> = kpis.iter().filter(|k| k.kind == KpiKind::Composite).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let waiting: BTreeSet<&str> = left.iter().map(|k| k.id.as_str()).collect();
        match left.iter().position(|k| k.names().is_disjoint(&waiting)) {
            Some(at) => ordered.push(left.remove(at)),
            None => {
                return Err(Error::failed(format!("the KPI `{}` reads itself", left[0].id)));
            }
        }
    }
    Ok(ordered)
}

impl Work<'_, '_> {
    pub(super) fn periods_of_composite(
        &self,
        kpi: &Kpi,
        reached: &BTreeMap<&str, Periods>,
    ) -> Result<Periods> {
        if self.reach.is_none() || self.renewed.contains(&kpi.id) {
            return Ok(None);
        }
        let mut periods = BTreeSet::new();
        let mut trails = kpi.last_month;
        kpi.top.visit(&mut |leaf| trails |= matches!(leaf, Expression::Call(..)));
        for name in kpi.names() {
            match reached.get(name) {
                Some(None) => return Ok(None),
                Some(Some(some)) => periods.extend(some),
                // a KPI that has no such grain is read by its months
                None if name != "margin" => trails = true,
                None => {}
            }
        }
        if trails {
            let reached = self.reach.iter().flat_map(|reach| reach.values());
            let first =
                reached.filter_map(|periods| periods.first().copied()).chain(self.first_running()).min();
            periods.extend(first.map(|first| self.onward(first)).unwrap_or_default());
        }
        Ok(Some(periods))
    }

    pub(super) fn compute_composite(&self, kpi: &Kpi, periods: &Periods) -> Result<()> {
        self.begin(kpi, periods);
        let (formula, used) = (&kpi.top, kpi.names());
        let wanted = match periods {
            Some(periods) => periods.clone(),
            None => self.all_periods()?,
        };
        for period in wanted.range(..=self.dates.now) {
            let mut values: HashMap<&str, InScopes> = HashMap::new();
            for name in used.iter().copied().filter(|n| *n != "margin") {
                values.insert(name, self.values.borrow().of(self.shared.number(name), *period)?);
            }
            let trailing = self.trailing(formula, *period)?;
            let scopes = values.values().chain(trailing.values()).flat_map(|v| v.keys().copied()).collect();
            self.put(kpi, *period, scopes, |scope| {
                let value = formula.value(&|leaf| match leaf {
                    Expression::Name(name) if name == "margin" => Some(self.shared.settings.margin()),
                    Expression::Name(name) => match values.get(name.as_str()).and_then(|v| v.get(&scope)) {
                        Some((value, _)) => *value,
                        None => self.absent(name),
                    },
                    Expression::Call(_, name, _) => trailing.get(name)?.get(&scope)?.0,
                    _ => None,
                });
                let parts = values.values().filter_map(|v| v.get(&scope));
                let incomplete = parts.map(|(_, incomplete)| *incomplete).max().unwrap_or(0);
                Some(Row { value, numerator: None, denominator: None, incomplete })
            });
        }
        Ok(())
    }

    /// Every period of the grain.
    pub(super) fn all_periods(&self) -> Result<BTreeSet<i32>> {
        let mut periods =
            self.shared.conn.prepare_cached("select period_day from calendar_periods where grain = ?1")?;
        let found =
            periods.query_map([self.grain.name()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(found)
    }

    /// What a KPI without a row is worth: sums are zero, everything else is unknown.
    fn absent(&self, id: &str) -> Option<f64> {
        let kpi = self.shared.kpis.iter().find(|k| k.id == id)?;
        matches!(kpi.kind, KpiKind::Flow | KpiKind::Stock).then_some(0.0)
    }

    /// For each `mean_full_months(kpi, n)`: the mean of the last n full months, where all of them have a value.
    fn trailing(&self, formula: &Expression, period: i32) -> Result<HashMap<String, InScopes>> {
        let mut calls = Vec::new();
        formula.visit(&mut |leaf| {
            if let Expression::Call(call, name, n) = leaf {
                calls.push((call.clone(), name.clone(), *n as usize));
            }
        });
        let mut found = HashMap::new();
        for (call, name, n) in calls {
            if call != "mean_full_months" {
                return Err(Error::failed(format!("`{call}` is no function over KPIs")));
            }
            let calendar = &self.shared.settings.calendar;
            let last_day = calendar.end(self.grain, period).min(self.dates.now - 1);
            let mut month = calendar.start(Grain::Month, last_day + 1);
            let mut sums: HashMap<Scope, (f64, usize), ByNumber> = HashMap::default();
            for _ in 0..n {
                month = calendar.start(Grain::Month, month - 1);
                let number = self.shared.number(&name);
                let values = self.values.borrow().of_grain(KeptAs::whole(Grain::Month), number, month)?;
                for (scope, (value, _)) in values {
                    let Some(value) = value else { continue };
                    let sum = sums.entry(scope).or_insert((0.0, 0));
                    *sum = (sum.0 + value, sum.1 + 1);
                }
            }
            let means = sums.into_iter().filter(|(_, (_, count))| *count == n);
            found.insert(name, means.map(|(scope, (sum, n))| (scope, (Some(sum / n as f64), 0))).collect());
        }
        Ok(found)
    }
}

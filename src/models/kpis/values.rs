//! The values of one grain: those that are computed anew, beside those that are there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::super::scopes::Scope;
use super::cells::Periods;
use crate::db::batch::{Batch, Bound, Common};
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::calendar::{date_of, parse_day};

/// One computed value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub value: Option<f64>,
    pub numerator: Option<f64>,
    pub denominator: Option<f64>,
    pub incomplete: i64,
}

/// Values and what is left out of them, by scope.
pub(super) type InScopes = HashMap<Scope, (Option<f64>, i64), ByNumber>;

/// A value and whether the same is there already.
type Computed = (Scope, Row, bool);

pub(super) struct Values<'c> {
    conn: &'c Connection,
    /// The name under which they are kept.
    kept_as: &'static str,
    /// By KPI and period, in the order of their scopes: what takes the place of what is there.
    computed: BTreeMap<(i64, i32), Vec<Computed>>,
    /// The KPIs of which nothing else stays.
    whole: BTreeSet<i64>,
}

impl<'c> Values<'c> {
    pub fn new(conn: &'c Connection, kept_as: &'static str) -> Values<'c> {
        Values { conn, kept_as, computed: BTreeMap::new(), whole: BTreeSet::new() }
    }

    /// A KPI is computed anew for these periods: what is there goes, unless it is computed again.
    pub fn begin(&mut self, kpi: i64, periods: &Periods) {
        match periods {
            None => {
                self.whole.insert(kpi);
            }
            Some(periods) => {
                self.computed.extend(periods.iter().map(|period| ((kpi, *period), Vec::new())));
            }
        }
    }

    /// Takes the values of a period, in the order of their scopes.
    pub fn put(&mut self, kpi: i64, period: i32, rows: impl IntoIterator<Item = (Scope, Row)>) {
        let rows = rows.into_iter().map(|(scope, row)| (scope, row, false));
        self.computed.insert((kpi, period), rows.collect());
    }

    /// The values of a KPI in a period.
    pub fn of(&self, kpi: i64, period: i32) -> Result<InScopes> {
        self.of_grain(self.kept_as, kpi, period)
    }

    /// Those of a period of another grain, which were written before.
    pub fn of_grain(&self, kept_as: &str, kpi: i64, period: i32) -> Result<InScopes> {
        if kept_as != self.kept_as {
            return in_scopes(self.conn, kept_as, kpi, period);
        }
        if let Some(rows) = self.computed.get(&(kpi, period)) {
            return Ok(rows.iter().map(|(scope, row, _)| (*scope, (row.value, row.incomplete))).collect());
        }
        if self.whole.contains(&kpi) {
            return Ok(InScopes::default());
        }
        in_scopes(self.conn, kept_as, kpi, period)
    }

    /// Writes what was computed; `is_cleared` says that nothing is there.
    pub fn write(mut self, is_cleared: bool) -> Result<()> {
        const VALUES: &str =
            "kpi_values (grain, kpi, period, scope, value, numerator, denominator, incomplete)";
        let mut rows = if is_cleared {
            Batch::with_common(self.conn, VALUES, 2, 6, "")
        } else {
            self.compare()?;
            Batch::replacing(self.conn, VALUES, 2, 6, false)
        };
        let number = |number: Option<f64>| number.map_or(Bound::Null, Bound::Real);
        let mut last = None;
        for ((kpi, period), computed) in &self.computed {
            if last.replace(*kpi) != Some(*kpi) {
                rows.begin([Common::from(self.kept_as), (*kpi).into()])?;
            }
            let period = date_of(*period).to_string();
            for (scope, row, _) in computed.iter().filter(|(.., is_there)| !is_there) {
                let key = [Bound::Text(&period), i64::from(scope.0).into()];
                let values = [row.value, row.numerator, row.denominator].map(number);
                rows.push(key.into_iter().chain(values).chain([row.incomplete.into()]))?;
            }
        }
        rows.flush()
    }

    /// Finds which values are there already, and takes away those that are no more.
    fn compare(&mut self) -> Result<()> {
        const OF_KPI: &str = "select period, scope, value, numerator, denominator, incomplete
            from kpi_values where grain = ?1 and kpi = ?2";
        let mut gone = Vec::new();
        let mut whole = self.conn.prepare_cached(OF_KPI)?;
        for kpi in &self.whole {
            compare(whole.query(params![self.kept_as, kpi])?, *kpi, &mut self.computed, &mut gone)?;
        }
        let mut one = self.conn.prepare_cached(&format!("{OF_KPI} and period = ?3"))?;
        let some = self.computed.keys().filter(|(kpi, _)| !self.whole.contains(kpi));
        for (kpi, period) in some.copied().collect::<Vec<_>>() {
            let rows = one.query(params![self.kept_as, kpi, date_of(period).to_string()])?;
            compare(rows, kpi, &mut self.computed, &mut gone)?;
        }
        let mut delete = self.conn.prepare_cached(
            "delete from kpi_values where grain = ?1 and kpi = ?2 and period = ?3 and scope = ?4",
        )?;
        for (kpi, period, scope) in gone {
            delete.execute(params![self.kept_as, kpi, date_of(period).to_string(), scope.0])?;
        }
        Ok(())
    }
}

/// Looks for a KPI's rows that are there among those that were computed.
fn compare(
    mut rows: rusqlite::Rows,
    kpi: i64,
    computed: &mut BTreeMap<(i64, i32), Vec<Computed>>,
    gone: &mut Vec<(i64, i32, Scope)>,
) -> rusqlite::Result<()> {
    let (mut day, mut text) = (0, String::new());
    while let Some(row) = rows.next()? {
        let period = row.get_ref(0)?.as_str()?;
        if period != text {
            period.clone_into(&mut text);
            day = parse_day(period).unwrap_or(0);
        }
        let scope = Scope(row.get(1)?);
        let found = computed.get_mut(&(kpi, day)).and_then(|rows| {
            let at = rows.binary_search_by_key(&scope, |(scope, ..)| *scope).ok()?;
            rows.get_mut(at)
        });
        match found {
            Some((_, computed, is_there)) => *is_there = *computed == read(row, 2)?,
            None => gone.push((kpi, day, scope)),
        }
    }
    Ok(())
}

fn read(row: &rusqlite::Row, at: usize) -> rusqlite::Result<Row> {
    let number = |at| {
        Ok::<_, rusqlite::Error>(match row.get_ref(at)? {
            ValueRef::Real(number) => Some(number),
            _ => None,
        })
    };
    Ok(Row {
        value: number(at)?,
        numerator: number(at + 1)?,
        denominator: number(at + 2)?,
        incomplete: row.get(at + 3)?,
    })
}

fn in_scopes(conn: &Connection, kept_as: &str, kpi: i64, period: i32) -> Result<InScopes> {
    let rows = rows_of(conn, kept_as, kpi, period)?;
    Ok(rows.into_iter().map(|(scope, row)| (scope, (row.value, row.incomplete))).collect())
}

/// The values that are kept of a KPI in a period, in the order of their scopes.
pub(super) fn rows_of(
    conn: &Connection,
    kept_as: &str,
    kpi: i64,
    period: i32,
) -> rusqlite::Result<Vec<(Scope, Row)>> {
    let mut select = conn.prepare_cached(
        "select scope, value, numerator, denominator, incomplete from kpi_values
         where grain = ?1 and kpi = ?2 and period = ?3",
    )?;
    let rows = select.query_map(params![kept_as, kpi, date_of(period).to_string()], |row| {
        Ok((Scope(row.get(0)?), read(row, 1)?))
    })?;
    rows.collect()
}

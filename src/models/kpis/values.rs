//! The values of one grain: those that are computed anew, beside those that are there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::super::scopes::Scope;
use super::cells::Periods;
use crate::db::batch::{Batch, Bound};
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::calendar::Grain;

/// Whose values are kept: whole periods of a grain, or what has elapsed of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeptAs {
    pub grain: Grain,
    pub is_elapsed: bool,
}

/// Where the values of a period lie in `kpi_values`. What is written first comes first.
pub(in crate::models) fn place_of(grain: Grain, period: i32) -> i64 {
    let grain = match grain {
        Grain::Month => 0,
        Grain::Week => 1,
        Grain::Quarter => 2,
        Grain::Year => 3,
    };
    grain << 56 | (i64::from(period) + (1 << 23)) << 20
}

impl KeptAs {
    pub const fn whole(grain: Grain) -> KeptAs {
        KeptAs { grain, is_elapsed: false }
    }

    /// The row of a value.
    fn id(self, kpi: i64, period: i32, scope: Scope) -> i64 {
        i64::from(self.is_elapsed) << 58 | place_of(self.grain, period) | kpi << 44 | i64::from(scope.0)
    }

    /// The first and the last row of a period.
    fn of_period(self, kpi: i64, period: i32) -> [i64; 2] {
        let first = self.id(kpi, period, Scope(0));
        [first, first | 0xf_ffff]
    }

    /// Those of a KPI; where none is named, of all.
    pub fn of_kpi(self, kpi: Option<i64>) -> [i64; 2] {
        let first = self.id(kpi.unwrap_or(0), -(1 << 23), Scope(0));
        [first, first | if kpi.is_some() { (1 << 44) - 1 } else { (1 << 56) - 1 }]
    }
}

/// The period and the scope of a row.
fn cell_of(id: i64) -> (i32, Scope) {
    ((id >> 20 & 0xff_ffff) as i32 - (1 << 23), Scope((id & 0xf_ffff) as u32))
}

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
    kept_as: KeptAs,
    /// By KPI and period, in the order of their scopes: what takes the place of what is there.
    computed: BTreeMap<(i64, i32), Vec<Computed>>,
    /// The KPIs of which nothing else stays.
    whole: BTreeSet<i64>,
}

impl<'c> Values<'c> {
    pub fn new(conn: &'c Connection, kept_as: KeptAs) -> Values<'c> {
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
    pub fn of_grain(&self, kept_as: KeptAs, kpi: i64, period: i32) -> Result<InScopes> {
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
        const VALUES: &str = "kpi_values (id, value, numerator, denominator, incomplete)";
        let mut rows = if is_cleared {
            Batch::new(self.conn, VALUES, 5, "")
        } else {
            self.compare()?;
            Batch::replacing(self.conn, VALUES, 0, 5, false)
        };
        let number = |number: Option<f64>| number.map_or(Bound::Null, Bound::Real);
        for ((kpi, period), computed) in &self.computed {
            for (scope, row, _) in computed.iter().filter(|(.., is_there)| !is_there) {
                let [value, above, below] = [row.value, row.numerator, row.denominator].map(number);
                let id = self.kept_as.id(*kpi, *period, *scope);
                rows.push([id.into(), value, above, below, row.incomplete.into()])?;
            }
        }
        rows.flush()
    }

    /// Finds which values are there already, and takes away those that are no more.
    fn compare(&mut self) -> Result<()> {
        let mut gone = Vec::new();
        let some = self.computed.keys().filter(|(kpi, _)| !self.whole.contains(kpi));
        let periods = some.map(|(kpi, period)| (*kpi, self.kept_as.of_period(*kpi, *period)));
        let whole = self.whole.iter().map(|kpi| (*kpi, self.kept_as.of_kpi(Some(*kpi))));
        let mut select = self.conn.prepare_cached(BETWEEN)?;
        for (kpi, rows) in whole.chain(periods).collect::<Vec<_>>() {
            let mut rows = select.query(rows)?;
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                let (period, scope) = cell_of(id);
                let found = self.computed.get_mut(&(kpi, period)).and_then(|rows| {
                    let at = rows.binary_search_by_key(&scope, |(scope, ..)| *scope).ok()?;
                    rows.get_mut(at)
                });
                match found {
                    Some((_, computed, is_there)) => *is_there = *computed == read(row)?,
                    None => gone.push(id),
                }
            }
        }
        let mut delete = self.conn.prepare_cached("delete from kpi_values where id = ?1")?;
        for id in gone {
            delete.execute([id])?;
        }
        Ok(())
    }
}

/// Takes the rows between two away.
pub(super) fn delete(conn: &Connection, rows: [i64; 2]) -> Result<()> {
    conn.prepare_cached("delete from kpi_values where id between ?1 and ?2")?.execute(rows)?;
    Ok(())
}

const BETWEEN: &str =
    "select id, value, numerator, denominator, incomplete from kpi_values where id between ?1 and ?2";

/// A row of [`BETWEEN`].
fn read(row: &rusqlite::Row) -> rusqlite::Result<Row> {
    let number = |at| {
        Ok::<_, rusqlite::Error>(match row.get_ref(at)? {
            ValueRef::Real(number) => Some(number),
            _ => None,
        })
    };
    Ok(Row { value: number(1)?, numerator: number(2)?, denominator: number(3)?, incomplete: row.get(4)? })
}

fn in_scopes(conn: &Connection, kept_as: KeptAs, kpi: i64, period: i32) -> Result<InScopes> {
    let rows = rows_of(conn, kept_as, kpi, period)?;
    Ok(rows.into_iter().map(|(scope, row)| (scope, (row.value, row.incomplete))).collect())
}

/// The values that are kept of a KPI in a period, in the order of their scopes.
pub(super) fn rows_of(
    conn: &Connection,
    kept_as: KeptAs,
    kpi: i64,
    period: i32,
) -> rusqlite::Result<Vec<(Scope, Row)>> {
    let mut select = conn.prepare_cached(BETWEEN)?;
    let rows =
        select.query_map(kept_as.of_period(kpi, period), |row| Ok((cell_of(row.get(0)?).1, read(row)?)))?;
    rows.collect()
}

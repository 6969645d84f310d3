//! Counts and sums by day, kept by adding what changed: before (−) and after (+) the models of the touched keys.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::plan::{Measure, without_restriction};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::settings::calendar::{Grain, parse_day};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// Short numbers for measure names, and for pairs of channel group and channel.
#[derive(Debug, Default)]
struct Names {
    ids: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn id(&mut self, name: &str) -> u32 {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = self.names.len() as u32;
        self.ids.insert(name.to_owned(), id);
        self.names.push(name.to_owned());
        id
    }
}

/// (measure, scope, day)
type Key = (u32, u32, i32);

/// (grain, measure, first day, channel group, channel)
type PeriodKey<'a> = (&'a str, &'a str, i32, &'a str, &'a str);

/// What a refresh changes in the measures.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    measures: Names,
    /// `group\u{1f}channel`
    scopes: Names,
    changes: HashMap<Key, (i64, i64)>,
}

/// The days on which a measure had touched rows, changed sums or not.
pub(super) type Reach = BTreeMap<String, BTreeSet<i32>>;

impl Deltas {
    /// Runs a measure and adds its rows, or takes them away.
    pub fn collect(
        &mut self,
        conn: &Connection,
        measure: &Measure,
        everything: bool,
        sign: Sign,
    ) -> Result<()> {
        let text = if everything { without_restriction(&measure.text) } else { measure.text.clone() };
        let broken = |e: rusqlite::Error| {
            Error::failed(format!("the measure `{}` could not be counted", measure.name)).because(e)
        };
        let mut statement = conn.prepare_cached(&text).map_err(broken)?;
        let mut rows = statement.query([]).map_err(broken)?;
        let sign = if sign == Sign::Plus { 1 } else { -1 };
        let mut scope = String::new();
        while let Some(row) = rows.next().map_err(broken)? {
            let day = match row.get_ref(1)? {
                ValueRef::Integer(n) => i32::try_from(n).ok(),
                ValueRef::Text(t) => std::str::from_utf8(t).ok().and_then(parse_day),
                _ => None,
            };
            let Some(day) = day else { continue };
            let name = row.get_ref(0)?.as_str().map_err(|e| broken(e.into()))?;
            scope.clear();
            scope.push_str(row.get_ref(2)?.as_str_or_null().ok().flatten().unwrap_or("Unknown"));
            scope.push('\u{1f}');
            scope.push_str(row.get_ref(3)?.as_str_or_null().ok().flatten().unwrap_or("Unknown"));
            let key = (self.measures.id(name), self.scopes.id(&scope), day);
            let value = row.get::<_, Option<i64>>(4).map_err(broken)?.unwrap_or(0);
            let incomplete = row.get::<_, Option<i64>>(5).map_err(broken)?.unwrap_or(0);
            let sum = self.changes.entry(key).or_insert((0, 0));
            sum.0 += sign * value;
            sum.1 += sign * incomplete;
        }
        Ok(())
    }

    /// Adds the changes to the days and periods, and says which days were reached.
    pub fn store(&self, conn: &Connection, settings: &Settings, everything: bool) -> Result<Reach> {
        let mut reach = Reach::new();
        let mut days = Vec::with_capacity(self.changes.len());
        for (key @ (measure, _, day), sums) in &self.changes {
            reach.entry(self.measures.names[*measure as usize].clone()).or_default().insert(*day);
            if *sums != (0, 0) {
                days.push((*key, *sums));
            }
        }
        days.sort_unstable_by_key(|((measure, scope, day), _)| {
            (&self.measures.names[*measure as usize], *day, &self.scopes.names[*scope as usize])
        });
        self.store_days(conn, &days, everything)?;
        self.store_periods(conn, settings, &days, everything)?;
        Ok(reach)
    }

    fn scope(&self, id: u32) -> (&str, &str) {
        self.scopes.names[id as usize].split_once('\u{1f}').expect("scopes hold their separator")
    }

    fn store_days(&self, conn: &Connection, days: &[(Key, (i64, i64))], everything: bool) -> Result<()> {
        let mut add = conn.prepare_cached(
            "insert into measure_days (measure, day, channel_group, channel, value, incomplete)
             values (?1, ?2, ?3, ?4, ?5, ?6)
             on conflict do update set value = value + excluded.value, incomplete = incomplete + excluded.incomplete",
        )?;
        let mut sweep = conn.prepare_cached(
            "delete from measure_days where measure = ?1 and day = ?2 and value = 0 and incomplete = 0",
        )?;
        for ((measure, scope, day), (value, incomplete)) in days {
            let name = &self.measures.names[*measure as usize];
            let (group, channel) = self.scope(*scope);
            add.execute(params![name, day, group, channel, value, incomplete])?;
            if !everything {
                sweep.execute(params![name, day])?;
            }
        }
        Ok(())
    }

    fn store_periods(
        &self,
        conn: &Connection,
        settings: &Settings,
        days: &[(Key, (i64, i64))],
        everything: bool,
    ) -> Result<()> {
        let mut starts: HashMap<i32, [i32; 4]> = HashMap::new();
        let mut sums: BTreeMap<PeriodKey, (i64, i64)> = BTreeMap::new();
        for ((measure, scope, day), (value, incomplete)) in days {
            let name = self.measures.names[*measure as usize].as_str();
            let (group, channel) = self.scope(*scope);
            let starts =
                starts.entry(*day).or_insert_with(|| Grain::ALL.map(|g| settings.calendar.start(g, *day)));
            for (grain, start) in Grain::ALL.iter().zip(starts.iter()) {
                for (group, channel) in [(group, channel), (group, "All"), ("All", "All")] {
                    let sum = sums.entry((grain.name(), name, *start, group, channel)).or_insert((0, 0));
                    sum.0 += value;
                    sum.1 += incomplete;
                }
            }
        }
        let mut add = conn.prepare_cached(
            "insert into measure_periods (grain, measure, period, channel_group, channel, value, incomplete)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             on conflict do update set value = value + excluded.value, incomplete = incomplete + excluded.incomplete",
        )?;
        let mut sweep = conn.prepare_cached(
            "delete from measure_periods where grain = ?1 and measure = ?2 and period = ?3 and channel_group = ?4
             and channel = ?5 and value = 0 and incomplete = 0",
        )?;
        for ((grain, name, start, group, channel), (value, incomplete)) in sums {
            if (value, incomplete) == (0, 0) {
                continue;
            }
            add.execute(params![grain, name, start, group, channel, value, incomplete])?;
            if !everything {
                sweep.execute(params![grain, name, start, group, channel])?;
            }
        }
        Ok(())
    }
}

//! Counts and sums by day, kept by adding what changed: before (−) and after (+) the models of the touched keys.

mod kept;
mod sampled;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Datelike;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Statement};

use super::plan::{Form, Measure, Plan, without_restriction};
use super::scopes::{Scope, Scopes};
use super::state;
use crate::catalog;
use crate::error::{Error, Result};
use crate::hash::ByNumber;
use crate::settings::calendar::{date_of, parse_day};
use crate::settings::own::OwnText;
pub(super) use kept::{DaySum, DaySums, Sum, days, last_day};
use sampled::Sampled;
pub(super) use sampled::{Number, each as each_sampled};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

impl Sign {
    pub fn factor(self) -> i64 {
        match self {
            Sign::Plus => 1,
            Sign::Minus => -1,
        }
    }
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

/// Measure, scope and day.
type Key = (u32, u32, i32);

/// The sums of one measure and scope by day. Those of near days lie side by side: a look into a hash table for each day
/// of each row would cost as much as reading the rows.
#[derive(Debug, Default)]
struct Run {
    first: i32,
    near: Vec<Option<(i64, i64)>>,
    far: HashMap<i32, (i64, i64), ByNumber>,
}

/// Days from the first to the last that lie side by side.
const NEAR: usize = 8192;

impl Run {
    fn at(&mut self, day: i32) -> &mut (i64, i64) {
        if self.near.is_empty() {
            self.first = day;
        }
        let place = i64::from(day) - i64::from(self.first);
        let ahead = usize::try_from(-place).unwrap_or(0);
        if ahead > 0 && ahead + self.near.len() <= NEAR {
            // by half as much again, so that days that come backwards do not move everything each time
            let more = (ahead + self.near.len() / 2).min(NEAR - self.near.len());
            self.near.splice(0..0, std::iter::repeat_n(None, more));
            self.first -= more as i32;
            return self.near[more - ahead].insert((0, 0));
        }
        match usize::try_from(place).ok().filter(|place| *place < NEAR) {
            Some(place) => {
                if place >= self.near.len() {
                    self.near.resize(place + 1, None);
                }
                self.near[place].get_or_insert((0, 0))
            }
            None => self.far.entry(day).or_insert((0, 0)),
        }
    }

    fn days(self) -> impl Iterator<Item = (i32, (i64, i64))> {
        let near = (self.first..).zip(self.near).filter_map(|(day, sums)| Some((day, sums?)));
        near.chain(self.far)
    }
}

/// A column with days, and what counts on them.
#[derive(Debug)]
struct Days {
    column: usize,
    sums: Vec<Counting>,
}

/// A measure, and the columns of what it counts where that is not 1.
#[derive(Debug)]
struct Counting {
    measure: u32,
    value: Option<usize>,
    incomplete: Option<usize>,
}

/// What a refresh changes in the measures.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    measures: Names,
    /// `group\u{1f}channel`
    scopes: Names,
    changes: HashMap<Key, (i64, i64), ByNumber>,
    /// How many more records of samples there are.
    sampled: HashMap<(Key, Number), i64, ByNumber>,
}

/// The days on which a measure's sums changed, or the records of a sample of its name.
pub(super) type Reach = BTreeMap<String, BTreeSet<i32>>;

/// A value as a whole number, as which money is counted in micros; nothing is 0.
pub(super) fn whole(value: ValueRef) -> i64 {
    match value {
        ValueRef::Integer(n) => n,
        ValueRef::Real(x) => x.round() as i64,
        _ => 0,
    }
}

/// A day as its number or as a date.
fn day(value: ValueRef) -> Option<i32> {
    match value {
        ValueRef::Integer(n) => i32::try_from(n).ok(),
        ValueRef::Text(t) => std::str::from_utf8(t).ok().and_then(parse_day),
        _ => None,
    }
}

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
        let sign = sign.factor();
        match measure.form {
            Form::Long => self.collect_long(&mut statement, sign).map_err(broken),
            Form::Wide => {
                let channels = self.channels(conn)?;
                self.collect_wide(&mut statement, &channels, sign).map_err(broken)
            }
            Form::Months => {
                let channels = self.channels(conn)?;
                self.collect_months(&mut statement, &channels, sign).map_err(broken)
            }
            Form::Sample => {
                let channels = self.channels(conn)?;
                let name = self.measures.id(measure.name);
                self.collect_sample(&mut statement, name, &channels, sign).map_err(broken)
            }
        }
    }

    /// The scope of each row of `channels`.
    fn channels(&mut self, conn: &Connection) -> Result<HashMap<i64, u32, ByNumber>> {
        let mut statement =
            conn.prepare_cached("select id, channel_group || char(31) || channel from channels")?;
        let mut rows = statement.query([])?;
        let mut channels = HashMap::default();
        while let Some(row) = rows.next()? {
            channels.insert(row.get(0)?, self.scopes.id(row.get_ref(1)?.as_str().unwrap_or("")));
        }
        Ok(channels)
    }

    fn add(&mut self, key: Key, value: i64, incomplete: i64) {
        let sum = self.changes.entry(key).or_insert((0, 0));
        sum.0 += value;
        sum.1 += incomplete;
    }

    fn collect_long(&mut self, statement: &mut Statement, sign: i64) -> rusqlite::Result<()> {
        let mut rows = statement.query([])?;
        let mut scope = String::new();
        while let Some(row) = rows.next()? {
            let Some(day) = day(row.get_ref(1)?) else { continue };
            let measure = self.measures.id(row.get_ref(0)?.as_str()?);
            scope.clear();
            scope.push_str(row.get_ref(2)?.as_str_or_null().ok().flatten().unwrap_or("Unknown"));
            scope.push('\u{1f}');
            scope.push_str(row.get_ref(3)?.as_str_or_null().ok().flatten().unwrap_or("Unknown"));
            let key = (measure, self.scopes.id(&scope), day);
            let (value, incomplete) = (whole(row.get_ref(4)?), whole(row.get_ref(5)?));
            self.add(key, sign * value, sign * incomplete);
        }
        Ok(())
    }

    fn collect_wide(
        &mut self,
        statement: &mut Statement,
        channels: &HashMap<i64, u32, ByNumber>,
        sign: i64,
    ) -> rusqlite::Result<()> {
        let counted = self.read_columns(&statement.column_names().collect::<Vec<_>>());
        let sums = || counted.iter().flat_map(|days| &days.sums);
        let mut runs: HashMap<u32, Vec<Run>, ByNumber> = HashMap::default();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let Some(scope) = channels.get(&row.get_ref(0)?.as_i64()?) else { continue };
            let mut runs: &mut [Run] =
                runs.entry(*scope).or_insert_with(|| sums().map(|_| Run::default()).collect());
            for days in &counted {
                let (own, rest) = runs.split_at_mut(days.sums.len());
                runs = rest;
                let Some(day) = day(row.get_ref(days.column)?) else { continue };
                for (sum, run) in days.sums.iter().zip(own) {
                    let value = sum.value.map_or(Ok(1), |at| row.get_ref(at).map(whole))?;
                    let incomplete = sum.incomplete.map_or(Ok(0), |at| row.get_ref(at).map(whole))?;
                    let sums = run.at(day);
                    *sums = (sums.0 + value, sums.1 + incomplete);
                }
            }
        }
        for (scope, runs) in runs {
            for (sum, run) in sums().zip(runs) {
                for (day, (value, incomplete)) in run.days() {
                    self.add((sum.measure, scope, day), sign * value, sign * incomplete);
                }
            }
        }
        Ok(())
    }

    /// What the columns behind the channel say; see [`Form::Wide`].
    fn read_columns(&mut self, columns: &[&str]) -> Vec<Days> {
        fn names<'n>(column: &&'n str) -> impl Iterator<Item = &'n str> {
            column.split(", ")
        }
        let find = |name: String| columns.iter().position(|column| names(column).any(|n| n == name));
        let mut days = Vec::new();
        for (column, text) in columns.iter().enumerate().skip(1) {
            let counting = names(text).filter(|name| !name.contains('.'));
            let sums: Vec<Counting> = counting
                .map(|name| Counting {
                    measure: self.measures.id(name.split('#').next().unwrap_or(name)),
                    value: find(format!("{name}.value")),
                    incomplete: find(format!("{name}.incomplete")),
                })
                .collect();
            if !sums.is_empty() {
                days.push(Days { column, sums });
            }
        }
        days
    }

    fn collect_months(
        &mut self,
        statement: &mut Statement,
        channels: &HashMap<i64, u32, ByNumber>,
        sign: i64,
    ) -> rusqlite::Result<()> {
        let names: Vec<String> = statement.column_names().skip(2).map(str::to_owned).collect();
        // by day: the number of its month since year 0, and its first day
        let mut known: HashMap<i32, (i32, i32), ByNumber> = HashMap::default();
        let mut month_of = |day: i32| {
            *known.entry(day).or_insert_with(|| {
                let date = date_of(day);
                (12 * date.year() + date.month0() as i32, day - date.day0() as i32)
            })
        };
        // by column, months, scope and first day
        let mut counts: HashMap<(usize, i32, u32, i32), i64, ByNumber> = HashMap::default();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let Some(scope) = channels.get(&row.get_ref(0)?.as_i64()?) else { continue };
            let (begun, first) = month_of(row.get(1)?);
            for at in 0..names.len() {
                let Some(day) = day(row.get_ref(at + 2)?) else { continue };
                *counts.entry((at, month_of(day).0 - begun, *scope, first)).or_default() += 1;
            }
        }
        for ((at, months, scope, first), count) in counts {
            let measure = self.measures.id(&format!("{}@{months}", names[at]));
            self.add((measure, scope, first), sign * count, 0);
        }
        Ok(())
    }

    fn collect_sample(
        &mut self,
        statement: &mut Statement,
        sample: u32,
        channels: &HashMap<i64, u32, ByNumber>,
        sign: i64,
    ) -> rusqlite::Result<()> {
        let unknown = self.scopes.id("Unknown\u{1f}Unknown");
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let Some(day) = day(row.get_ref(0)?) else { continue };
            let number = match row.get_ref(2)? {
                ValueRef::Integer(number) => Number::Whole(number),
                ValueRef::Real(number) => Number::Real(number.to_bits().cast_signed()),
                _ => continue,
            };
            let channel = row.get_ref(1)?.as_i64_or_null()?;
            let scope = channel.and_then(|channel| channels.get(&channel)).unwrap_or(&unknown);
            *self.sampled.entry(((sample, *scope, day), number)).or_default() += sign;
        }
        Ok(())
    }

    /// Takes away everything that the workspace's own measures counted: they say not what a change touches.
    pub fn take_own_away(&mut self, conn: &Connection, kept: &mut DaySums) -> Result<()> {
        let own = state::own_measures(conn)?;
        if own.is_empty() {
            return Ok(());
        }
        let mut scopes: HashMap<Scope, u32, ByNumber> = HashMap::default();
        let mut names = conn.prepare("select id, channel_group || char(31) || channel from scopes")?;
        let mut rows = names.query([])?;
        while let Some(row) = rows.next()? {
            scopes.insert(Scope(row.get(0)?), self.scopes.id(&row.get::<_, String>(1)?));
        }
        for name in own {
            let id = conn.query_row("select id from measures where name = ?1", [&name], |row| row.get(0));
            let Some(id) = id.optional()? else { continue };
            let measure = self.measures.id(&name);
            kept.each(id, (None, None), |DaySum { day, scope, sum }| {
                self.add((measure, scopes[&scope], day), -sum.0, -sum.1);
            })?;
        }
        Ok(())
    }

    /// Counts the workspace's own measures, and remembers their names with their texts.
    pub fn collect_own(&mut self, conn: &Connection, texts: &[OwnText]) -> Result<()> {
        state::forget_own_measures(conn)?;
        if texts.is_empty() {
            return Ok(());
        }
        let taken: BTreeSet<String> = catalog::measures_named().into_iter().collect();
        for text in texts {
            let path = text.path.display();
            let wrong = |what: &str| Error::failed(format!("the measure `{path}` {what}"));
            let body = text.body.trim().trim_end_matches(';');
            let broken = |e: rusqlite::Error| wrong("could not be counted").because(e);
            let mut statement = conn.prepare(body).map_err(broken)?;
            if !statement.readonly() || statement.column_count() != 6 {
                return Err(wrong("is no select of measure, day, channel_group, channel, value, incomplete"));
            }
            let mut counted = Deltas::default();
            counted.collect_long(&mut statement, 1).map_err(broken)?;
            for name in &counted.measures.names {
                if taken.contains(name) {
                    return Err(wrong(&format!("counts `{name}`, which is counted already")));
                }
                state::remember_own_measure(conn, name, body)?;
            }
            for ((measure, scope, day), (value, incomplete)) in &counted.changes {
                let measure = self.measures.id(&counted.measures.names[*measure as usize]);
                let scope = self.scopes.id(&counted.scopes.names[*scope as usize]);
                self.add((measure, scope, *day), *value, *incomplete);
            }
        }
        Ok(())
    }

    /// Adds the changes to the kept sums, and says which days were reached.
    pub fn store(&self, conn: &Connection, kept: &mut DaySums) -> Result<Reach> {
        let mut reached: HashMap<u32, BTreeSet<i32>, ByNumber> = HashMap::default();
        let mut changes = Vec::with_capacity(self.changes.len());
        let scopes = Scopes::load(conn)?;
        let (measures, in_scopes) = self.numbers(conn, &scopes)?;
        let shown: BTreeSet<&str> =
            Plan::get()?.measures.iter().flat_map(|m| &m.shown).map(String::as_str).collect();
        let shown =
            self.measures.names.iter().zip(&measures).filter(|(name, _)| shown.contains(name.as_str()));
        let shown = shown.map(|(_, id)| *id).collect();
        for ((measure, scope, day), sum) in self.changes.iter().filter(|(_, sum)| **sum != (0, 0)) {
            reached.entry(*measure).or_default().insert(*day);
            let scope = in_scopes[*scope as usize];
            changes.push((measures[*measure as usize], DaySum { day: *day, scope, sum: *sum }));
        }
        kept.change(changes, &scopes, &shown)?;
        let mut records = Vec::with_capacity(self.sampled.len());
        for (((sample, scope, day), number), count) in self.sampled.iter().filter(|(_, n)| **n != 0) {
            reached.entry(*sample).or_default().insert(*day);
            let record = Sampled { day: *day, scope: in_scopes[*scope as usize], number: *number };
            records.push((measures[*sample as usize], record, *count));
        }
        sampled::change(conn, records)?;
        let named =
            reached.into_iter().map(|(measure, days)| (self.measures.names[measure as usize].clone(), days));
        Ok(named.collect())
    }

    /// The numbers under which the sums of the names in use are kept; new ones are given to names that have none yet.
    fn numbers(&self, conn: &Connection, scopes: &Scopes) -> Result<(Vec<i64>, Vec<Scope>)> {
        let mut find = conn.prepare_cached("select id from measures where name = ?1")?;
        let mut add =
            conn.prepare_cached("insert into measures (name, months) values (?1, 0) returning id")?;
        let mut measures = Vec::with_capacity(self.measures.names.len());
        for name in &self.measures.names {
            let found = find.query_row([name], |row| row.get(0)).optional()?;
            measures.push(match found {
                Some(id) => id,
                None => add.query_row([name], |row| row.get(0))?,
            });
        }
        let scope_of = |name: &String| {
            let (group, channel) = name.split_once('\u{1f}').expect("scopes hold their separator");
            scopes.of(group, channel)
        };
        let in_scopes = self.scopes.names.iter().map(scope_of).collect::<rusqlite::Result<_>>()?;
        Ok((measures, in_scopes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_run_keeps_every_day(days in proptest::collection::vec(-20_000_i32..20_000, 1..200)) {
            let mut run = Run::default();
            let mut straight: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
            for day in days {
                for sums in [run.at(day), straight.entry(day).or_default()] {
                    *sums = (sums.0 + i64::from(day), sums.1 + 1);
                }
            }
            proptest::prop_assert_eq!(run.days().collect::<BTreeMap<_, _>>(), straight);
        }
    }
}

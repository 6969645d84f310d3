//! Counts and sums by day, kept by adding what changed: before (−) and after (+) the models of the touched keys.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Datelike;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Statement};

use super::plan::{Form, Measure, without_restriction};
use super::state;
use super::sums::Writer;
use crate::catalog;
use crate::db::batch::Bound;
use crate::error::{Error, Result};
use crate::hash::ByNumber;
use crate::settings::Settings;
use crate::settings::calendar::{Grain, date_of, parse_day};
use crate::settings::own::OwnText;

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
    sums: Vec<Sum>,
}

/// A measure, and the columns of what it counts where that is not 1.
#[derive(Debug)]
struct Sum {
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
}

/// The days on which a measure's sums changed; where a sample of its name says more than its sums, those on which it had
/// touched rows.
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
            let Some(scope) = channels.get(&row.get(0)?) else { continue };
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
            let sums: Vec<Sum> = counting
                .map(|name| Sum {
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
            let Some(scope) = channels.get(&row.get(0)?) else { continue };
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

    /// Takes away everything that the workspace's own measures counted: they say not what a change touches.
    pub fn take_own_away(&mut self, conn: &Connection) -> Result<()> {
        for name in state::own_measures(conn)? {
            let mut days = conn.prepare_cached(
                "select m.day, s.channel_group, s.channel, m.value, m.incomplete
                 from measures as n
                 join measure_days as m on m.measure = n.id
                 join scopes as s on s.id = m.scope
                 where n.name = ?1",
            )?;
            let mut rows = days.query([&name])?;
            while let Some(row) = rows.next()? {
                let scope = format!("{}\u{1f}{}", row.get::<_, String>(1)?, row.get::<_, String>(2)?);
                let key = (self.measures.id(&name), self.scopes.id(&scope), row.get(0)?);
                self.add(key, -row.get::<_, i64>(3)?, -row.get::<_, i64>(4)?);
            }
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

    /// Adds the changes to the days and periods, and says which days were reached.
    pub fn store(&self, conn: &Connection, settings: &Settings, everything: bool) -> Result<Reach> {
        let is_first = everything
            || !conn.query_row("select exists (select 1 from measure_days)", [], |r| r.get::<_, bool>(0))?;
        let samples = catalog::sql("samples");
        let is_sampled: Vec<bool> =
            self.measures.names.iter().map(|name| samples.iter().any(|s| s.name == name)).collect();
        let mut reached: HashMap<u32, BTreeSet<i32>, ByNumber> = HashMap::default();
        let mut days = Vec::with_capacity(self.changes.len());
        let ids = Ids::find(self, conn)?;
        for ((measure, scope, day), sums) in &self.changes {
            if *sums != (0, 0) || is_sampled[*measure as usize] {
                reached.entry(*measure).or_default().insert(*day);
            }
            if *sums != (0, 0) {
                days.push(((ids.measures[*measure as usize], *day, ids.scopes[*scope as usize][0]), *sums));
            }
        }
        // as the tables are ordered
        days.sort_unstable_by_key(|(key, _)| *key);
        store_days(conn, &days, is_first)?;
        store_periods(conn, settings, &ids, &days, is_first)?;
        let named =
            reached.into_iter().map(|(measure, days)| (self.measures.names[measure as usize].clone(), days));
        Ok(named.collect())
    }
}

/// The numbers under which sums are kept.
struct Ids {
    measures: Vec<i64>,
    /// A channel, its group, and everything.
    scopes: Vec<[i64; 3]>,
}

impl Ids {
    /// Those of the names in use; new ones are given to names that have none yet.
    fn find(deltas: &Deltas, conn: &Connection) -> Result<Ids> {
        const MEASURE: [&str; 2] = [
            "select id from measures where name = ?1",
            "insert into measures (name) values (?1) returning id",
        ];
        const SCOPE: [&str; 2] = [
            "select id from scopes where channel_group = ?1 and channel = ?2",
            "insert into scopes (channel_group, channel) values (?1, ?2) returning id",
        ];
        fn id(conn: &Connection, [find, add]: [&str; 2], key: impl rusqlite::Params + Copy) -> Result<i64> {
            let found = conn.prepare_cached(find)?.query_row(key, |row| row.get(0)).optional()?;
            Ok(found.map_or_else(|| conn.prepare_cached(add)?.query_row(key, |row| row.get(0)), Ok)?)
        }
        let measures =
            deltas.measures.names.iter().map(|name| id(conn, MEASURE, [name])).collect::<Result<_>>()?;
        let mut scopes = Vec::with_capacity(deltas.scopes.names.len());
        for name in &deltas.scopes.names {
            let (group, channel) = name.split_once('\u{1f}').expect("scopes hold their separator");
            scopes.push([
                id(conn, SCOPE, [group, channel])?,
                id(conn, SCOPE, [group, ALL])?,
                id(conn, SCOPE, [ALL, ALL])?,
            ]);
        }
        Ok(Ids { measures, scopes })
    }
}

/// By the kept numbers of a measure and scope, and the day between them; sorted.
type Summed = [((i64, i32, i64), (i64, i64))];

fn store_days(conn: &Connection, days: &Summed, is_first: bool) -> Result<()> {
    let mut sums = Writer::open(conn, "measure_days", &["measure", "day", "scope"], &SUMS, is_first);
    for ((measure, day, scope), (value, incomplete)) in days {
        sums.add([*measure, i64::from(*day), *scope, *value, *incomplete].map(Bound::Integer))?;
    }
    sums.finish()
}

/// Sums days by period: each scope, its group, and all.
fn store_periods(
    conn: &Connection,
    settings: &Settings,
    ids: &Ids,
    days: &Summed,
    is_first: bool,
) -> Result<()> {
    const KEY: [&str; 4] = ["grain", "measure", "period", "scope"];
    let totals: HashMap<i64, [i64; 3], ByNumber> = ids.scopes.iter().map(|s| (s[0], *s)).collect();
    let mut sums = Writer::open(conn, "measure_periods", &KEY, &SUMS, is_first);
    let mut held: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for grain in Grain::ALL {
        let mut starts: HashMap<i32, i32, ByNumber> = HashMap::default();
        let mut start_of =
            |day: i32| *starts.entry(day).or_insert_with(|| settings.calendar.start(grain, day));
        let mut rest = days;
        while let Some(((measure, day, _), _)) = rest.first() {
            let (measure, start) = (*measure, start_of(*day));
            let is_same = |((m, day, _), _): &&((i64, i32, i64), _)| *m == measure && start_of(*day) == start;
            let (period, after) = rest.split_at(rest.iter().take_while(is_same).count());
            rest = after;
            for ((.., scope), (value, incomplete)) in period {
                for scope in totals[scope] {
                    let sum = held.entry(scope).or_default();
                    *sum = (sum.0 + value, sum.1 + incomplete);
                }
            }
            for (scope, (value, incomplete)) in std::mem::take(&mut held) {
                if (value, incomplete) != (0, 0) {
                    let rest = [measure, i64::from(start), scope, value, incomplete].map(Bound::Integer);
                    sums.add([Bound::Text(grain.name())].into_iter().chain(rest))?;
                }
            }
        }
    }
    sums.finish()
}

const ALL: &str = "All";
/// The sums of `measure_days` and `measure_periods`.
const SUMS: [&str; 2] = ["value", "incomplete"];

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

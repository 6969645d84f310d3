//! Short numbers for pairs of channel group and channel, each with the totals that it counts towards.

use std::cell::{Ref, RefCell};
use std::collections::HashMap;

use rusqlite::{Connection, Row};

use crate::hash::ByNumber;

/// A channel group and channel; totals are ('All', 'All') and (group, 'All').
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Scope(u32);

#[derive(Debug, Default)]
pub(super) struct Scopes(RefCell<Known>);

#[derive(Debug, Default)]
struct Known {
    /// By number in the table `scopes`.
    kept: HashMap<i64, Scope, ByNumber>,
    ids: HashMap<String, HashMap<String, Scope>>,
    names: Vec<(String, String)>,
    /// By number: itself, its group, and everything.
    totals: Vec<Option<[Scope; 3]>>,
}

const ALL: &str = "All";
const UNKNOWN: &str = "Unknown";

impl Scopes {
    /// Those that have sums.
    pub fn load(conn: &Connection) -> rusqlite::Result<Scopes> {
        let mut known = Known::default();
        let mut kept = conn.prepare_cached("select id, channel_group, channel from scopes")?;
        let mut rows = kept.query([])?;
        while let Some(row) = rows.next()? {
            let scope = known.add(row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
            known.kept.insert(row.get(0)?, scope);
        }
        Ok(Scopes(RefCell::new(known)))
    }

    /// That of a row of `scopes`.
    pub fn kept(&self, id: i64) -> rusqlite::Result<Scope> {
        self.0.borrow().kept.get(&id).copied().ok_or(rusqlite::Error::QueryReturnedNoRows)
    }

    pub fn of(&self, group: &str, channel: &str) -> Scope {
        let known = self.0.borrow().ids.get(group).and_then(|channels| channels.get(channel)).copied();
        known.unwrap_or_else(|| self.0.borrow_mut().add(group, channel))
    }

    /// That of a row of `channels`; `Unknown` for none.
    pub fn of_channel(&self, conn: &Connection, id: Option<i64>) -> rusqlite::Result<Scope> {
        let mut names = conn.prepare_cached("select channel_group, channel from channels where id = ?1")?;
        let mut rows = names.query([id])?;
        match rows.next()? {
            Some(row) => self.read(row, 0),
            None => Ok(self.of(UNKNOWN, UNKNOWN)),
        }
    }

    /// The one that stands in a row's column and the next.
    pub fn read(&self, row: &Row, at: usize) -> rusqlite::Result<Scope> {
        Ok(self.of(row.get_ref(at)?.as_str()?, row.get_ref(at + 1)?.as_str()?))
    }

    /// A channel, its group, and everything.
    pub fn with_totals(&self, channel: Scope) -> [Scope; 3] {
        if let Some(totals) = self.0.borrow().totals[channel.0 as usize] {
            return totals;
        }
        let group = self.name(channel).0.clone();
        let totals = [channel, self.of(&group, ALL), self.of(ALL, ALL)];
        self.0.borrow_mut().totals[channel.0 as usize] = Some(totals);
        totals
    }

    pub fn name(&self, scope: Scope) -> Ref<'_, (String, String)> {
        Ref::map(self.0.borrow(), |known| &known.names[scope.0 as usize])
    }

    /// Whether it is more than one channel.
    pub fn is_total(&self, scope: Scope) -> bool {
        self.name(scope).1 == ALL
    }

    pub fn is_everything(&self, scope: Scope) -> bool {
        self.name(scope).0 == ALL
    }

    /// Each once, as tables are ordered.
    pub fn in_order(&self, mut scopes: Vec<Scope>) -> Vec<Scope> {
        scopes.sort_unstable();
        scopes.dedup();
        let known = self.0.borrow();
        scopes.sort_unstable_by_key(|scope| &known.names[scope.0 as usize]);
        scopes
    }
}

impl Known {
    fn add(&mut self, group: &str, channel: &str) -> Scope {
        let scope = Scope(self.names.len() as u32);
        self.names.push((group.to_owned(), channel.to_owned()));
        self.totals.push(None);
        self.ids.entry(group.to_owned()).or_default().insert(channel.to_owned(), scope);
        scope
    }
}

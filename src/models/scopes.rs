//! The numbers of what is counted of: a channel, its group, and everything.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::Connection;

/// A row of the table `scopes`: a channel; totals are ('All', 'All') and (group, 'All').
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Scope(pub u32);

impl Scope {
    pub fn place(self) -> usize {
        self.0 as usize
    }
}

/// The table `scopes`, which grows when a new one is named.
pub(super) struct Scopes<'c> {
    conn: &'c Connection,
    known: RefCell<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<String, HashMap<String, Scope>>,
    /// By number: itself, its group, and everything, each once. The totals' own are theirs.
    totals: Vec<Rc<[Scope]>>,
    everything: Option<Scope>,
}

const ALL: &str = "All";

impl<'c> Scopes<'c> {
    pub fn load(conn: &'c Connection) -> rusqlite::Result<Scopes<'c>> {
        let mut statement = conn.prepare_cached("select id, channel_group, channel from scopes")?;
        let mut rows = statement.query([])?;
        let mut known = Known::default();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (group, channel): (String, String) = (row.get(1)?, row.get(2)?);
            let scope = Scope(row.get(0)?);
            known.by_name.entry(group.clone()).or_default().insert(channel.clone(), scope);
            found.push((scope, group, channel));
        }
        let scopes = Scopes { conn, known: RefCell::new(known) };
        for (scope, group, channel) in found {
            scopes.sum_up(scope, &group, &channel)?;
        }
        Ok(scopes)
    }

    /// That of a channel group and channel; new ones get a row.
    pub fn of(&self, group: &str, channel: &str) -> rusqlite::Result<Scope> {
        if let Some(scope) = self.known.borrow().by_name.get(group).and_then(|channels| channels.get(channel))
        {
            return Ok(*scope);
        }
        let scope = self
            .conn
            .prepare_cached("insert into scopes (channel_group, channel) values (?1, ?2) returning id")?
            .query_row([group, channel], |row| row.get(0).map(Scope))?;
        let mut known = self.known.borrow_mut();
        known.by_name.entry(group.to_owned()).or_default().insert(channel.to_owned(), scope);
        drop(known);
        self.sum_up(scope, group, channel)?;
        Ok(scope)
    }

    /// Notes what a scope counts towards.
    fn sum_up(&self, scope: Scope, group: &str, channel: &str) -> rusqlite::Result<()> {
        let mut totals = vec![scope];
        if channel != ALL {
            totals.push(self.of(group, ALL)?);
        }
        if group != ALL {
            totals.push(self.of(ALL, ALL)?);
        }
        let mut known = self.known.borrow_mut();
        if (group, channel) == (ALL, ALL) {
            known.everything = Some(scope);
        }
        if known.totals.len() <= scope.place() {
            known.totals.resize(scope.place() + 1, Rc::default());
        }
        known.totals[scope.place()] = totals.into();
        Ok(())
    }

    /// A channel, its group, and everything.
    pub fn with_totals(&self, channel: Scope) -> Rc<[Scope]> {
        self.known.borrow().totals.get(channel.place()).cloned().unwrap_or_default()
    }

    pub fn is_everything(&self, scope: Scope) -> bool {
        self.known.borrow().everything == Some(scope)
    }

    /// By number: the same of all.
    pub fn all_with_totals(&self) -> Vec<Rc<[Scope]>> {
        self.known.borrow().totals.clone()
    }
}

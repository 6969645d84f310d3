//! Texts that many records say are kept once, in `texts`; columns that refer to it hold their numbers.

use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::Result;
use crate::hash::ByNumber;

/// Texts whose numbers are remembered; beyond, all are looked up again.
const REMEMBERED: usize = 200_000;

/// What texts are told apart by: no two share one by chance.
pub fn hash(text: &str) -> u128 {
    xxh3_128(text.as_bytes())
}

/// Gives texts their numbers.
pub struct Interner<'c> {
    conn: &'c Connection,
    /// By a hash of the text.
    ids: HashMap<u128, i64, ByNumber>,
}

impl<'c> Interner<'c> {
    pub fn new(conn: &'c Connection) -> Interner<'c> {
        Interner { conn, ids: HashMap::default() }
    }

    /// The number of a text, which is entered where it is new.
    pub fn id(&mut self, text: &str) -> Result<i64> {
        self.id_by(hash(text), text)
    }

    /// The same of a text whose hash is known.
    pub fn id_by(&mut self, key: u128, text: &str) -> Result<i64> {
        if text.is_empty() {
            return Ok(0);
        }
        if let Some(id) = self.ids.get(&key) {
            return Ok(*id);
        }
        self.conn.prepare_cached("insert or ignore into texts (text) values (?1)")?.execute([text])?;
        let mut find = self.conn.prepare_cached("select id from texts where text = ?1")?;
        let id = find.query_row([text], |row| row.get(0))?;
        if self.ids.len() >= REMEMBERED {
            self.ids.clear();
        }
        self.ids.insert(key, id);
        Ok(id)
    }
}

/// Texts by their numbers, read once each.
pub struct Texts<'c> {
    find: CachedStatement<'c>,
    known: Vec<Option<Box<str>>>,
}

impl<'c> Texts<'c> {
    pub fn new(conn: &'c Connection) -> Result<Texts<'c>> {
        Ok(Texts { find: conn.prepare_cached("select text from texts where id = ?1")?, known: Vec::new() })
    }

    /// '' for a number that stands for none.
    pub fn get(&mut self, id: i64) -> rusqlite::Result<&str> {
        let Ok(at) = usize::try_from(id) else { return Ok("") };
        if at >= self.known.len() {
            self.known.resize(at + 1, None);
        }
        let known = &mut self.known[at];
        if known.is_none() {
            let mut rows = self.find.query([id])?;
            let row = rows.next()?;
            *known = Some(row.map(|row| row.get(0)).transpose()?.unwrap_or_default());
        }
        Ok(known.as_deref().unwrap_or_default())
    }
}

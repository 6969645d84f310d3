//! All records of people at once.

use std::collections::HashSet;

use rusqlite::Connection;

use super::join::join;
use super::record::{Reader, Record};
use crate::db::batch::Batch;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::Settings;

/// All records, of most of them only what another one could join by.
pub(super) struct Everyone {
    /// In ascending order.
    ids: Vec<i64>,
    /// Those that may be joined with others or count for none, in the same order.
    involved: Vec<Record>,
    /// Addresses and references to other records, with the id of the record that has them.
    keys: Vec<(i64, i64)>,
}

impl Everyone {
    pub fn load(conn: &Connection, settings: &Settings) -> Result<Everyone> {
        let reader = Reader::open(conn, settings)?;
        let mut select = conn.prepare_cached(&reader.select("order by id"))?;
        let mut rows = select.query([])?;
        let (mut ids, mut own, mut own_foreign) = (Vec::new(), Vec::new(), Vec::new());
        let (mut keys, mut involved) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let record = reader.read(row)?;
            ids.push(record.id);
            if reader.has_links {
                own.push(record.own);
                own_foreign.extend(record.own_foreign);
            }
            keys.extend(record.keys().map(|key| (key, record.id)));
            if record.gone || record.links.is_some() {
                involved.push(record);
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let known: HashSet<i64, ByNumber> = involved.iter().map(|r| r.id).collect();
        let shared: HashSet<i64, ByNumber> = (keys.windows(2))
            .filter(|pair| pair[0].0 == pair[1].0)
            .flat_map(|pair| [pair[0].1, pair[1].1])
            .collect();
        let named: HashSet<i64, ByNumber> = involved.iter().flat_map(Record::references).copied().collect();
        if !shared.is_empty() || !named.is_empty() {
            for (at, id) in ids.iter().enumerate() {
                let (own, own_foreign) =
                    (own.get(at).copied().unwrap_or_default(), own_foreign.get(at).copied());
                let is_named = named.contains(&own) || own_foreign.is_some_and(|key| named.contains(&key));
                if (is_named || shared.contains(id)) && !known.contains(id) {
                    let plain = Record { id: *id, own, own_foreign, address: None, gone: false, links: None };
                    involved.push(plain);
                }
            }
            involved.sort_unstable_by_key(|r| r.id);
        }
        Ok(Everyone { ids, involved, keys })
    }

    pub fn store_keys(&self, conn: &Connection) -> Result<()> {
        conn.execute_batch("delete from identity_keys; delete from record_deals;")?;
        let named = self.involved.iter().flat_map(|r| r.deals().iter().map(move |key| (*key, r.id)));
        let mut deals: Vec<(i64, i64)> = named.collect();
        deals.sort_unstable();
        deals.dedup();
        for (into, keys) in
            [("identity_keys (key, record)", &self.keys), ("record_deals (key, record)", &deals)]
        {
            let mut insert = Batch::new(conn, into, 2, "");
            for (key, record) in keys {
                insert.push([(*key).into(), (*record).into()])?;
            }
            insert.flush()?;
        }
        Ok(())
    }

    /// Every record in their order, and the person of one after the other.
    pub fn join(self) -> (Vec<i64>, impl FnMut(i64) -> i64) {
        let place = |id: i64| self.involved.binary_search_by_key(&id, |r| r.id).ok();
        let keys = self.keys.iter().filter_map(|(key, id)| Some((*key, place(*id)?))).collect();
        let mut joined = join(&self.involved, keys).into_iter().peekable();
        let person = move |id| joined.next_if(|(record, _)| *record == id).map_or(id, |(_, person)| person);
        (self.ids, person)
    }
}

//! The records that a few touched ones reach.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};

use super::super::joined::NONE;
use super::record::{Reader, Record};
use crate::error::Result;
use crate::settings::Settings;

/// What the touched records reach.
pub(super) struct Reached {
    /// Some of them may not be there any more.
    pub ids: BTreeSet<i64>,
    pub records: Vec<Record>,
}

/// The records that the touched ones reach, before and after: by key, by reference, and by the person they were. Their
/// new keys are noted; old ones stay, because they only widen the search, never the join.
pub(super) fn reach(conn: &Connection, settings: &Settings, touched: &BTreeSet<i64>) -> Result<Reached> {
    let reader = Reader::open(conn, settings)?;
    let mut load = conn.prepare_cached(&reader.select("where id = ?1"))?;
    let mut by_key = conn.prepare_cached("select record from identity_keys where key = ?1")?;
    let mut by_id = conn.prepare_cached(
        "select q.id from crm_people as p
         cross join json_each(id_list(coalesce(p.merged_ids, '') || ';' || coalesce(p.merged_into_id, '') || ';'
            || coalesce(p.converted_contact_id, ''))) as i
         cross join crm_people as q on q.source = p.source and q.object in (p.object, 'contact') and q.record_id = i.value
         where p.id = ?1
         union all
         select q.id from crm_people as p
         cross join json_each(id_list(p.foreign_ids)) as i
         cross join sources as s on s.id <> p.source
         cross join crm_people as q on q.source = s.id and q.object in ('contact', 'lead') and q.record_id = i.value
         where p.id = ?1 and p.foreign_ids <> ''
         union all
         select q.id from crm_people as p
         cross join crm_merges as m on m.source = p.source and m.merged_id = p.record_id
         cross join crm_people as q on q.source = p.source and q.object = p.object and q.record_id = m.surviving_id
         where p.id = ?1",
    )?;
    let mut person_of = conn.prepare_cached("select person from person_records where record = ?1")?;
    let mut records_of = conn.prepare_cached("select record from person_records where person = ?1")?;
    let mut waiting: Vec<i64> = touched.iter().copied().collect();
    for record in touched {
        let person: Option<i64> = person_of.query_row([record], |row| row.get(0)).optional()?;
        let person = person.unwrap_or(*record);
        if person != NONE {
            waiting.push(person);
            let others = records_of.query_map([person], |row| row.get::<_, i64>(0))?;
            waiting.extend(others.collect::<rusqlite::Result<Vec<_>>>()?);
        }
    }
    let mut add = conn.prepare_cached("insert into identity_keys (key, record) values (?1, ?2)")?;
    let mut name = conn.prepare_cached("insert or ignore into record_deals (key, record) values (?1, ?2)")?;
    let mut having =
        |key: i64| by_key.query_map([key], |r| r.get::<_, i64>(0))?.collect::<rusqlite::Result<Vec<_>>>();
    let (mut ids, mut records) = (BTreeSet::new(), Vec::new());
    while let Some(id) = waiting.pop() {
        if !ids.insert(id) {
            continue;
        }
        let mut rows = load.query([id])?;
        let Some(row) = rows.next()? else { continue };
        let record = reader.read(row)?;
        drop(rows);
        for key in record.keys() {
            let others = having(key)?;
            if !others.contains(&id) {
                add.execute([key, id])?;
            }
            waiting.extend(others);
        }
        // where nobody names records, none is found by being named
        for key in [record.own].into_iter().chain(record.own_foreign).filter(|_| reader.has_links) {
            waiting.extend(having(key)?);
        }
        for key in record.deals() {
            name.execute([*key, id])?;
        }
        // most records name no other
        if !record.references().is_empty() {
            let named = by_id.query_map([id], |r| r.get::<_, i64>(0))?;
            waiting.extend(named.collect::<rusqlite::Result<Vec<_>>>()?);
        }
        records.push(record);
    }
    // the same order as all records have, so that contradicting merges end alike
    records.sort_unstable_by_key(|r| r.id);
    Ok(Reached { ids, records })
}

//! Joins records into people: by record, merge, conversion, address and ids of other systems.

mod everyone;
mod join;
mod reach;
mod record;

use std::collections::{BTreeSet, HashMap};

use rusqlite::Connection;

use super::joined::Joined;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::Settings;
use everyone::Everyone;
use join::{join, keys_of};
use reach::{Reached, reach};

/// Where more than one of so many records is touched, joining all of them again is cheaper than following each.
const FEW: i64 = 10;

/// Joins all records of people.
pub(in crate::models) fn rebuild(conn: &Connection, settings: &Settings) -> Result<Joined> {
    let everyone = Everyone::load(conn, settings)?;
    everyone.store_keys(conn)?;
    conn.execute("delete from person_records", [])?;
    let (records, person) = everyone.join();
    Joined::store(conn, "person_records (record, person)", records, person)
}

/// Joins again what the touched records reach, and notes the people before and after.
pub(in crate::models::touched) fn refresh(conn: &Connection, settings: &Settings) -> Result<()> {
    conn.execute(
        "insert or ignore into touched_record
         select p.id from touched_rows as t
         join crm_merges as m on m.id = t.record
         join crm_people as p on p.source = m.source and p.object in ('contact', 'lead')
            and p.record_id in (m.merged_id, m.surviving_id)
         where t.target = 'crm_merges'",
        [],
    )?;
    let touched: BTreeSet<i64> = conn
        .prepare_cached("select id from touched_record")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if touched.is_empty() {
        return Ok(());
    }
    let last: i64 = conn.query_row("select coalesce(max(id), 0) from crm_people", [], |row| row.get(0))?;
    if FEW * touched.len() as i64 > last {
        let everyone = Everyone::load(conn, settings)?;
        everyone.store_keys(conn)?;
        let (records, mut person) = everyone.join();
        let people: Vec<(i64, i64)> = records.into_iter().map(|record| (record, person(record))).collect();
        return write_changes(conn, &touched, None, &people);
    }
    let Reached { ids, records } = reach(conn, settings, &touched)?;
    let keys = keys_of(&records);
    write_changes(conn, &touched, Some(&ids), &join(&records, keys))
}

/// Writes the records whose person changed; people of touched records are touched too. `people` are those of the
/// records that are reached and still there.
fn write_changes(
    conn: &Connection,
    touched: &BTreeSet<i64>,
    reached: Option<&BTreeSet<i64>>,
    people: &[(i64, i64)],
) -> Result<()> {
    let mut before: HashMap<i64, i64, ByNumber> = HashMap::default();
    match reached {
        None => {
            let mut all = conn.prepare_cached("select record, person from person_records")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                before.insert(row.get(0)?, row.get(1)?);
            }
        }
        Some(reached) => {
            let mut one = conn.prepare_cached("select person from person_records where record = ?1")?;
            for record in reached {
                let mut rows = one.query([record])?;
                if let Some(row) = rows.next()? {
                    before.insert(*record, row.get(0)?);
                }
            }
        }
    }
    let mut note = conn.prepare_cached("insert or ignore into touched_person (id) values (?1)")?;
    let mut forget = conn.prepare_cached("delete from person_records where record = ?1")?;
    let mut remember = conn.prepare_cached("insert into person_records (record, person) values (?1, ?2)")?;
    let lost = touched.iter().filter(|record| people.binary_search_by_key(*record, |(r, _)| *r).is_err());
    let now = people.iter().map(|(record, person)| (*record, Some(*person)));
    for (record, new) in now.chain(lost.map(|record| (*record, None))) {
        let old = before.get(&record).copied().unwrap_or(record);
        if new == Some(old) && !touched.contains(&record) {
            continue;
        }
        for person in [old].into_iter().chain(new) {
            note.execute([person])?;
        }
        if new != Some(old) {
            forget.execute([record])?;
            if let Some(person) = new.filter(|person| *person != record) {
                remember.execute([record, person])?;
            }
        }
    }
    Ok(())
}

//! Joins deal records: merged ones, and the same deal in two systems where one record carries the other's id.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use super::super::functions::split_ids;
use crate::error::Result;
use crate::settings::Settings;

struct Record {
    id: i64,
    source: i64,
    record_id: String,
    merged: String,
    survivor: String,
    foreign: String,
    gone: bool,
}

/// Joins all deal records.
pub(super) fn rebuild(conn: &Connection, settings: &Settings) -> Result<()> {
    conn.execute("delete from deal_records", [])?;
    write(conn, &join(conn, settings)?, &BTreeMap::new())
}

/// Joins again where a deal was touched, and notes the deals before and after.
pub(super) fn refresh(conn: &Connection, settings: &Settings) -> Result<()> {
    conn.execute(
        "insert or ignore into touched_deal
         select coalesce(r.deal, t.record) from touched_rows as t
         left join deal_records as r on r.record = t.record
         where t.target = 'crm_deals'",
        [],
    )?;
    let is_touched: bool =
        conn.query_row("select exists (select 1 from touched_deal)", [], |row| row.get(0))?;
    if !is_touched {
        return Ok(());
    }
    let before: BTreeMap<i64, i64> = conn
        .prepare_cached("select record, deal from deal_records")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    write(conn, &join(conn, settings)?, &before)?;
    conn.execute(
        "insert or ignore into touched_deal
         select r.deal from touched_rows as t join deal_records as r on r.record = t.record
         where t.target = 'crm_deals'",
        [],
    )?;
    Ok(())
}

fn write(conn: &Connection, now: &BTreeMap<i64, i64>, before: &BTreeMap<i64, i64>) -> Result<()> {
    let mut forget = conn.prepare_cached("delete from deal_records where record = ?1")?;
    let mut remember = conn.prepare_cached("insert into deal_records (record, deal) values (?1, ?2)")?;
    let mut note = conn.prepare_cached("insert or ignore into touched_deal (id) values (?1)")?;
    for (record, deal) in before.iter().filter(|(record, deal)| now.get(record) != Some(deal)) {
        forget.execute([record])?;
        note.execute([deal])?;
    }
    for (record, deal) in now.iter().filter(|(record, deal)| before.get(record) != Some(deal)) {
        remember.execute([record, deal])?;
        note.execute([deal])?;
    }
    Ok(())
}

fn join(conn: &Connection, settings: &Settings) -> Result<BTreeMap<i64, i64>> {
    let systems: HashMap<i64, String> = conn
        .prepare_cached("select id, system from sources")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let records = load(conn, settings)?;
    let by_id: HashMap<(i64, &str), usize> =
        records.iter().enumerate().map(|(at, r)| ((r.source, r.record_id.as_str()), at)).collect();
    let counted = settings.written.deals.system.as_ref().map(|s| s.trim().to_lowercase());
    let is_counted = |r: &Record| counted.as_ref().is_none_or(|c| systems.get(&r.source) == Some(c));
    // where a record points: the one whose values count for the deal
    let mut target: Vec<usize> = (0..records.len()).collect();
    for (at, record) in records.iter().enumerate() {
        for id in split_ids(&record.merged) {
            if let Some(merged) = by_id.get(&(record.source, id)).filter(|m| **m != at) {
                target[*merged] = at;
            }
        }
        if let Some(survivor) = by_id.get(&(record.source, record.survivor.trim())) {
            target[at] = *survivor;
        }
    }
    for (at, record) in records.iter().enumerate() {
        for id in split_ids(&record.foreign) {
            let mut others =
                systems.iter().filter(|(_, s)| Some(*s) != systems.get(&record.source)).collect::<Vec<_>>();
            others.sort();
            let Some(other) = others.iter().find_map(|(source, _)| by_id.get(&(**source, id))) else {
                continue;
            };
            // the record that carries an id is the copy, unless the setting names its system
            let (copy, original) =
                if counted.is_some() && is_counted(record) { (*other, at) } else { (at, *other) };
            if target[copy] == copy && end(&target, original) != copy {
                target[copy] = original;
            }
        }
    }
    let mut deals = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        let winner = &records[end(&target, at)];
        let merged_away = end(&target, at) != at;
        if (merged_away || !record.gone) && !winner.gone && is_counted(winner) {
            deals.insert(record.id, winner.id);
        }
    }
    Ok(deals)
}

fn end(target: &[usize], at: usize) -> usize {
    let mut at = at;
    for _ in 0..100 {
        if target[at] == at {
            break;
        }
        at = target[at];
    }
    at
}

fn load(conn: &Connection, settings: &Settings) -> Result<Vec<Record>> {
    let mut select = conn.prepare_cached(
        "select id, source, record_id, coalesce(merged_ids, ''), coalesce(merged_into_id, ''),
            coalesce(foreign_ids, ''), coalesce(is_deleted, 0), coalesce(contact_email, '')
         from crm_deals order by id",
    )?;
    let rows = select.query_map([], |row| {
        let email: String = row.get(7)?;
        Ok(Record {
            id: row.get(0)?,
            source: row.get(1)?,
            record_id: row.get(2)?,
            merged: row.get(3)?,
            survivor: row.get(4)?,
            foreign: row.get(5)?,
            gone: row.get::<_, bool>(6)? || (!email.is_empty() && settings.is_excluded(&email)),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

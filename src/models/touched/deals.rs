//! Joins deal records: merged ones, and the same deal in two systems where one record carries the other's id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::super::fed::Fed;
use super::super::functions::split_ids;
use super::joined::{Joined, NONE};
use crate::error::Result;
use crate::settings::Settings;

struct Record {
    id: i64,
    source: i64,
    gone: bool,
    record_id: String,
    /// What few records have, kept apart because all records are held at once.
    links: Option<Box<Links>>,
}

/// Columns in which records name others.
const LINKS: [&str; 3] = ["merged_ids", "merged_into_id", "foreign_ids"];

/// The records that one names.
#[derive(Default, PartialEq)]
struct Links {
    merged: String,
    survivor: String,
    foreign: String,
}

/// Joins all deal records.
pub(in crate::models) fn rebuild(conn: &Connection, settings: &Settings) -> Result<Joined> {
    const INTO: &str = "deal_records (record, deal)";
    conn.execute("delete from deal_records", [])?;
    let systems = load_systems(conn)?;
    let fed = Fed::load(conn, "crm_deals")?;
    if fed.has_any(&LINKS) {
        let records = load(conn, settings, "", [])?;
        let mut joined = join(&records, &systems, settings).into_iter();
        let ids = records.iter().map(|r| r.id).collect();
        return Joined::store(conn, INTO, ids, |record| joined.next().map_or(record, |(_, deal)| deal));
    }
    // where no record names another, each is a deal of its own or none
    let asks =
        fed.has("is_deleted") || !settings.excludes_nobody() || settings.written.deals.system.is_some();
    let email = if settings.excludes_nobody() { "null" } else { fed.or_null("contact_email") };
    let mut select = conn.prepare(&format!(
        "select id, source, {}, {email} from crm_deals order by id",
        fed.or_null("is_deleted")
    ))?;
    let (mut ids, mut gone) = (Vec::new(), Vec::new());
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        ids.push(id);
        if asks && (is_gone(row, 2, settings)? || !is_counted(settings, &systems, row.get(1)?)) {
            gone.push(id);
        }
    }
    let mut gone = gone.into_iter().peekable();
    Joined::store(conn, INTO, ids, |record| gone.next_if_eq(&record).map_or(record, |_| NONE))
}

/// Joins again where a deal was touched, and notes the deals before and after.
pub(super) fn refresh(conn: &Connection, settings: &Settings) -> Result<()> {
    conn.execute(
        "insert or ignore into touched_deal
         select coalesce(nullif(r.deal, 0), t.record) from touched_rows as t
         left join deal_records as r on r.record = t.record
         where t.target = 'crm_deals'",
        [],
    )?;
    let is_touched: bool =
        conn.query_row("select exists (select 1 from touched_deal)", [], |row| row.get(0))?;
    if !is_touched {
        return Ok(());
    }
    let systems = load_systems(conn)?;
    let records = load_reached(conn, settings, &systems)?;
    let touched: Vec<i64> = conn
        .prepare_cached("select record from touched_rows where target = 'crm_deals'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let now: BTreeMap<i64, i64> = join(&records, &systems, settings).into_iter().collect();
    let mut find = conn.prepare_cached("select deal from deal_records where record = ?1")?;
    let mut forget = conn.prepare_cached("delete from deal_records where record = ?1")?;
    let mut remember = conn.prepare_cached("insert into deal_records (record, deal) values (?1, ?2)")?;
    let mut note = conn.prepare_cached("insert or ignore into touched_deal (id) values (?1)")?;
    let lost = touched.into_iter().filter(|record| !now.contains_key(record));
    for record in now.keys().copied().chain(lost) {
        let before: Option<i64> = find.query_row([record], |row| row.get(0)).optional()?;
        let (old, new) = (before.unwrap_or(record), now.get(&record).copied());
        if new == Some(old) {
            continue;
        }
        forget.execute([record])?;
        if let Some(deal) = new.filter(|deal| *deal != record) {
            remember.execute([record, deal])?;
        }
        for deal in [old].into_iter().chain(new) {
            note.execute([deal])?;
        }
    }
    conn.execute(
        "insert or ignore into touched_deal
         select coalesce(r.deal, t.record) from touched_rows as t
         left join deal_records as r on r.record = t.record
         where t.target = 'crm_deals'",
        [],
    )?;
    Ok(())
}

/// Every record and its deal, or none. A record that names no other and that no other names is a deal of its own.
fn join(records: &[Record], systems: &HashMap<i64, String>, settings: &Settings) -> Vec<(i64, i64)> {
    let linked: Vec<(usize, &Record, &Links)> =
        records.iter().enumerate().filter_map(|(at, r)| Some((at, r, r.links.as_deref()?))).collect();
    let by_id: HashMap<(i64, &str), usize> = if linked.is_empty() {
        HashMap::new()
    } else {
        records.iter().enumerate().map(|(at, r)| ((r.source, r.record_id.as_str()), at)).collect()
    };
    let is_counted = |r: &Record| is_counted(settings, systems, r.source);
    // where a record points: the one whose values count for the deal
    let mut target: Vec<usize> = (0..records.len()).collect();
    for &(at, record, links) in &linked {
        for id in split_ids(&links.merged) {
            if let Some(merged) = by_id.get(&(record.source, id)).filter(|m| **m != at) {
                target[*merged] = at;
            }
        }
        if let Some(survivor) = by_id.get(&(record.source, links.survivor.trim())) {
            target[at] = *survivor;
        }
    }
    for &(at, record, links) in &linked {
        for id in split_ids(&links.foreign) {
            let others = others(systems, record.source);
            let Some(other) = others.iter().find_map(|source| by_id.get(&(*source, id))) else { continue };
            // the record that carries an id is the copy, unless the setting names its system
            let (copy, original) = if settings.written.deals.system.is_some() && is_counted(record) {
                (*other, at)
            } else {
                (at, *other)
            };
            if target[copy] == copy && end(&target, original) != copy {
                target[copy] = original;
            }
        }
    }
    let deal = |(at, record): (usize, &Record)| {
        let winner = &records[end(&target, at)];
        (record.id, if !winner.gone && is_counted(winner) { winner.id } else { NONE })
    };
    records.iter().enumerate().map(deal).collect()
}

/// Whether deals of a source's system count.
fn is_counted(settings: &Settings, systems: &HashMap<i64, String>, source: i64) -> bool {
    let counted = settings.written.deals.system.as_ref().map(|s| s.trim().to_lowercase());
    counted.is_none_or(|counted| systems.get(&source) == Some(&counted))
}

/// Whether a record is deleted or of somebody who is left out, by the columns from `at` on.
fn is_gone(row: &Row, at: usize, settings: &Settings) -> rusqlite::Result<bool> {
    if row.get::<_, Option<bool>>(at)?.unwrap_or(false) {
        return Ok(true);
    }
    let email = row.get_ref(at + 1)?.as_str_or_null().ok().flatten().unwrap_or("");
    Ok(!email.is_empty() && settings.is_excluded(email))
}

/// The sources of other systems.
fn others(systems: &HashMap<i64, String>, source: i64) -> Vec<i64> {
    let own = systems.get(&source);
    let mut others: Vec<i64> = systems.iter().filter(|(_, s)| Some(*s) != own).map(|(id, _)| *id).collect();
    others.sort_unstable();
    others
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

fn load_systems(conn: &Connection) -> Result<HashMap<i64, String>> {
    let systems = conn
        .prepare_cached("select id, system from sources")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(systems)
}

/// The touched records, all that name others or are joined with others, and those that these name.
fn load_reached(
    conn: &Connection,
    settings: &Settings,
    systems: &HashMap<i64, String>,
) -> Result<Vec<Record>> {
    let mut records = load(
        conn,
        settings,
        "where id in (
            select record from touched_rows where target = 'crm_deals'
            union select id from crm_deals where merged_ids <> '' or merged_into_id <> '' or foreign_ids <> ''
            union select record from deal_records where deal <> 0
            union select deal from deal_records where deal <> 0
         )",
        [],
    )?;
    let loaded: BTreeSet<i64> = records.iter().map(|r| r.id).collect();
    let mut named = BTreeSet::new();
    let mut find = conn.prepare_cached("select id from crm_deals where source = ?1 and record_id = ?2")?;
    for (record, links) in records.iter().filter_map(|r| Some((r, r.links.as_ref()?))) {
        let own = split_ids(&links.merged).chain([links.survivor.trim()]).map(|id| (record.source, id));
        let others = others(systems, record.source);
        let foreign = split_ids(&links.foreign).flat_map(|id| others.iter().map(move |s| (*s, id)));
        for (source, id) in own.chain(foreign) {
            let mut rows = find.query((source, id))?;
            if let Some(row) = rows.next()? {
                named.insert(row.get::<_, i64>(0)?);
            }
        }
    }
    let ids: Vec<String> = named.difference(&loaded).map(i64::to_string).collect();
    let ids = format!("[{}]", ids.join(","));
    records.extend(load(conn, settings, "where id in (select value from json_each(?1))", [ids])?);
    // as all records are ordered, so that contradicting links end alike
    records.sort_unstable_by_key(|r| r.id);
    Ok(records)
}

/// Records by id; `which` may hold a `where` with these parameters.
fn load(conn: &Connection, settings: &Settings, which: &str, with: impl Params) -> Result<Vec<Record>> {
    let mut select = conn.prepare(&format!(
        "select id, source, record_id, coalesce(merged_ids, ''), coalesce(merged_into_id, ''),
            coalesce(foreign_ids, ''), is_deleted, contact_email from crm_deals {which} order by id"
    ))?;
    let rows = select.query_map(with, |row| {
        let links = Links { merged: row.get(3)?, survivor: row.get(4)?, foreign: row.get(5)? };
        Ok(Record {
            id: row.get(0)?,
            source: row.get(1)?,
            gone: is_gone(row, 6, settings)?,
            record_id: row.get(2)?,
            links: (links != Links::default()).then(|| Box::new(links)),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

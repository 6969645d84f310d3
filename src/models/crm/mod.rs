//! People and deals of the CRMs, derived in one pass over their records.
//!
//! What they say is kept as short numbers: days since 1970-01-01, and rows of `channels`, `origins` and `touch_ways`.
//! Texts stay in the records; `person_texts` holds those of people of several records.

mod alongside;
mod companies;
mod deal_record;
mod deals;
mod names;
mod namesakes;
mod people;
mod record;
mod stages;
mod touches;

use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection};

use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::Settings;
use deals::{Deal, Outcomes, Reader};
use names::Names;
use stages::Words;

/// Derives the touched people and deals again, or all.
pub(super) fn derive(conn: &Connection, settings: &Settings, everything: bool) -> Result<()> {
    clear(conn, everything)?;
    touches::enter_own_ways(conn)?;
    let mut names = Names::load(conn, settings)?;
    let mut words = Words::load(conn, settings)?;
    let deals = read_deals(conn, settings, &mut names, &mut words, everything)?;
    let outcomes: Outcomes = deals.iter().map(|deal| (deal.id(), deal.outcome())).collect();
    let wanted = people::Wanted {
        given: touches::Given::load(conn, &settings.calendar, &mut names, everything)?,
        people: keys(conn, "person", everything)?,
        joined: joined(conn, "person", everything)?,
        everything,
    };
    people::derive(conn, settings, &mut names, &mut words, &outcomes, wanted)?;
    deals::write(conn, &mut names, deals)?;
    names.days.enter(conn)
}

fn clear(conn: &Connection, everything: bool) -> Result<()> {
    let tables = [
        ("persons", "person"),
        ("person_texts", "person"),
        ("person_touches", "person"),
        ("stage_bounds", "person"),
        ("deal_people", "deal"),
        ("deal_facts", "deal"),
    ];
    for (table, key) in tables {
        let which = if everything {
            String::new()
        } else {
            format!(" where {key} in (select id from touched_{key})")
        };
        conn.prepare_cached(&format!("delete from {table}{which}"))?.execute([])?;
    }
    if everything {
        conn.execute("delete from deal_links", [])?;
        conn.execute("delete from deal_names", [])?;
    }
    Ok(())
}

fn read_deals<'c>(
    conn: &'c Connection,
    settings: &'c Settings,
    names: &mut Names,
    words: &mut Words<'c>,
    everything: bool,
) -> Result<Vec<Deal>> {
    let ids = keys(conn, "deal", everything)?;
    let joined = joined(conn, "deal", everything)?;
    let mut all_records = conn.prepare_cached(&deal_record::Record::select("order by id"))?;
    let mut reader = Reader::open(conn, settings, words)?;
    if everything {
        reader.records.follow(all_records.query([])?)?;
    }
    let mut deals = Vec::with_capacity(ids.len());
    for id in ids {
        let records = joined.get(&id).map_or(std::slice::from_ref(&id), Vec::as_slice);
        deals.extend(reader.read(records, names)?);
    }
    reader.write_links(conn, everything)?;
    Ok(deals)
}

/// The people (or deals) that there are, of the touched ones or of all. Each is known by one of its records.
fn keys(conn: &Connection, key: &str, everything: bool) -> Result<Vec<i64>> {
    let which =
        if everything { String::new() } else { format!(" and record in (select id from touched_{key})") };
    let text = format!("select record from {key}_records where {key} = record{which} order by record");
    let mut statement = conn.prepare_cached(&text)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The records of those that have several, the one they are known by first.
fn joined(conn: &Connection, key: &str, everything: bool) -> Result<HashMap<i64, Vec<i64>, ByNumber>> {
    let which =
        if everything { String::new() } else { format!(" and {key} in (select id from touched_{key})") };
    let text = format!(
        "select {key}, record from {key}_records where record <> {key}{which} order by {key}, record"
    );
    let mut joined: HashMap<i64, Vec<i64>, ByNumber> = HashMap::default();
    let mut statement = conn.prepare_cached(&text)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        joined.entry(id).or_insert_with(|| vec![id]).push(row.get(1)?);
    }
    Ok(joined)
}

fn has_rows(conn: &Connection, table: &str) -> Result<bool> {
    Ok(conn.query_row(&format!("select exists (select 1 from {table})"), [], |row| row.get(0))?)
}

/// A statement that is only needed where a table holds anything.
fn prepare_if<'c>(conn: &'c Connection, table: &str, text: &str) -> Result<Option<CachedStatement<'c>>> {
    Ok(if has_rows(conn, table)? { Some(conn.prepare_cached(text)?) } else { None })
}

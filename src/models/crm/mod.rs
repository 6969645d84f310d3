//! People and deals of the CRMs, derived in one pass over their records.
//!
//! What they say is kept as short numbers: days since 1970-01-01, and rows of `channels`, `origins` and `touch_ways`.
//! Texts stay in the records; `person_texts` holds those of people of several records.

mod alongside;
mod answers;
mod cells;
mod companies;
mod deal_facts;
mod deal_people;
mod deal_record;
mod deals;
mod names;
mod namesakes;
mod people;
mod record;
mod stages;
mod touches;

use rusqlite::{CachedStatement, Connection};

use super::fed::Fed;
use super::touched;
use super::touched::joined::Joined;
use crate::error::Result;
use crate::settings::Settings;
use deal_facts::{Waiting, Writer};
use deal_people::Pairs;
use deal_record::{LAYOUT, LEADING};
use deals::Reader;
use names::Names;
use stages::Words;

/// All people and deals that there are.
pub(super) struct Everyone {
    people: Joined,
    deals: Joined,
}

impl Everyone {
    /// Joins all records anew.
    pub fn join(conn: &Connection, settings: &Settings) -> Result<Everyone> {
        Ok(Everyone {
            people: touched::identity::rebuild(conn, settings)?,
            deals: touched::deals::rebuild(conn, settings)?,
        })
    }

    /// Those that were touched and are still there.
    fn touched(conn: &Connection) -> Result<Everyone> {
        Ok(Everyone {
            people: touched(conn, "person", "crm_people")?,
            deals: touched(conn, "deal", "crm_deals")?,
        })
    }
}

/// Derives the touched people and deals again, or everyone.
pub(super) fn derive(conn: &Connection, settings: &Settings, everyone: Option<Everyone>) -> Result<()> {
    let everything = everyone.is_some();
    let Everyone { people, deals } = everyone.map_or_else(|| Everyone::touched(conn), Ok)?;
    clear(conn, everything)?;
    touches::enter_own_ways(conn)?;
    let mut names = Names::load(conn, settings)?;
    let mut words = Words::load(conn, settings)?;
    let mut writer = Writer::open(conn)?;
    let (waiting, pairs) =
        read_deals(conn, settings, &mut names, &mut words, deals, &mut writer, everything)?;
    let wanted = people::Wanted {
        given: touches::Given::load(conn, &settings.calendar, &mut names, everything)?,
        people,
        everything,
    };
    people::derive(conn, settings, &mut names, &mut words, &waiting, wanted)?;
    writer.finish(&mut names, waiting, &pairs)?;
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

/// Reads the deals, and writes those that nobody is associated with; the others wait for their people.
fn read_deals<'c>(
    conn: &'c Connection,
    settings: &'c Settings,
    names: &mut Names,
    words: &mut Words<'c>,
    wanted: Joined,
    writer: &mut Writer,
    everything: bool,
) -> Result<(Waiting, Pairs)> {
    let fed = Fed::load(conn, LAYOUT.table)?;
    let needless = needless(conn, &LEADING)?;
    let columns = || LAYOUT.columns(&fed, |column| !needless.contains(&column));
    let along = columns();
    let mut all_records = conn.prepare_cached(&format!("{} order by id", along.select))?;
    let mut reader = Reader::open(conn, settings, words, columns())?;
    if everything {
        reader.records.follow(all_records.query([])?, &along)?;
    }
    let mut waiting = Waiting::default();
    let mut people = Vec::new();
    for id in &wanted.ids {
        let Some(deal) = reader.read(wanted.records(id), names, &mut people)? else { continue };
        // what comes behind one that waits does so too, because rows are cheapest in their order
        if people.is_empty() && waiting.is_empty() {
            writer.write_lone(names, &deal)?;
        } else {
            waiting.push(deal);
        }
    }
    let pairs = reader.people.write(conn, everything)?;
    if everything {
        waiting.are_all(&pairs);
    }
    Ok((waiting, pairs))
}

/// The touched people (or deals) that there are.
fn touched(conn: &Connection, key: &str, table: &str) -> Result<Joined> {
    let mut joined = Joined::default();
    let mut alive = conn.prepare_cached(&format!(
        "select t.id from touched_{key} as t
         where exists (select 1 from {table} as r where r.id = t.id)
            and not exists (select 1 from {key}_records as r where r.record = t.id)
         order by t.id"
    ))?;
    let mut rows = alive.query([])?;
    while let Some(row) = rows.next()? {
        joined.ids.push(row.get(0)?);
    }
    let mut others = conn.prepare_cached(&format!(
        "select {key}, record from {key}_records where {key} in (select id from touched_{key}) order by {key}, record"
    ))?;
    let mut rows = others.query([])?;
    while let Some(row) = rows.next()? {
        joined.add(row.get(0)?, row.get(1)?);
    }
    Ok(joined)
}

/// Those of the columns that lead nowhere, because there are no rows in the tables they lead to.
fn needless(conn: &Connection, leading: &[(&'static str, &[&'static str])]) -> Result<Vec<&'static str>> {
    let mut needless = Vec::new();
    for (column, tables) in leading {
        let mut leads = false;
        for table in *tables {
            leads |= has_rows(conn, table)?;
        }
        if !leads {
            needless.push(*column);
        }
    }
    Ok(needless)
}

fn has_rows(conn: &Connection, table: &str) -> Result<bool> {
    Ok(conn.query_row(&format!("select exists (select 1 from {table})"), [], |row| row.get(0))?)
}

/// A statement that is only needed where a table holds anything.
fn prepare_if<'c>(conn: &'c Connection, table: &str, text: &str) -> Result<Option<CachedStatement<'c>>> {
    Ok(if has_rows(conn, table)? { Some(conn.prepare_cached(text)?) } else { None })
}

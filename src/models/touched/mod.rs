//! Which people, deals and campaigns a file reaches: the keys that a refresh derives again.

pub(super) mod deals;
pub(super) mod identity;
pub(super) mod joined;
pub(super) mod links;
pub(super) mod rates;

use rusqlite::Connection;

use self::rates::Since;
use super::fed::Fed;
use super::plan::Plan;
use super::state;
use crate::catalog;
use crate::error::{Error, Result};
use crate::settings::Settings;

/// Temporary tables of touched ids; `touched_campaign` belongs to the ads step. Records that stand for nobody have the
/// person and the deal 0, which is none.
const TABLES: &str = "
    create temp table if not exists touched_rows (target text, record integer, primary key (target, record)) without rowid;
    create temp table if not exists touched_ranges (target text, first integer, last integer);
    create temp table if not exists touched_record (id integer primary key);
    create temp table if not exists touched_person (id integer primary key check (id <> 0));
    create temp table if not exists touched_deal (id integer primary key check (id <> 0));
    create temp table if not exists touched_mail (id integer primary key);
    create temp table if not exists touched_ad_day (id integer primary key);
    create temp table if not exists touched_own_deal (id integer primary key);
    create temp table if not exists touched_deal_record (id integer primary key);
    create temp table if not exists touched_person_record (id integer primary key);
    delete from touched_own_deal;
    delete from touched_deal_record;
    delete from touched_person_record;
    delete from touched_record;
    delete from touched_person;
    delete from touched_deal;
    delete from touched_mail;
    delete from touched_ad_day;";

pub(super) fn create(conn: &Connection, plan: &Plan) -> Result<()> {
    conn.execute_batch(TABLES)?;
    for text in &plan.own_keys {
        let name = text.name;
        conn.execute_batch(&format!(
            "create temp table if not exists touched_{name} (id primary key) without rowid; delete from touched_{name};"
        ))?;
    }
    Ok(())
}

/// Lists the touched rows that were told as ranges: all, or but for those of people and deals, which need no list where
/// all of them are derived again.
pub(super) fn list_ranges(conn: &Connection, all: bool) -> Result<()> {
    let which = if all { "" } else { "where target not in ('crm_people', 'crm_deals')" };
    conn.execute_batch(&format!(
        "insert or ignore into touched_rows
         with recursive spread (target, record, last) as (
            select target, first, last from touched_ranges {which}
            union all
            select target, record + 1, last from spread where record < last
         )
         select target, record from spread;
         delete from touched_ranges {which};"
    ))?;
    Ok(())
}

/// Empties the list of touched rows when their effect is derived.
pub(super) fn clear(conn: &Connection, plan: &Plan) -> Result<()> {
    create(conn, plan)?;
    conn.execute_batch("delete from touched_rows; delete from touched_ranges;")?;
    Ok(())
}

/// Tables whose rows lead to a person or deal; a removed row no longer says to which.
const SATELLITES: [&str; 9] = [
    "crm_changes",
    "crm_campaign_members",
    "crm_deal_people",
    "crm_merges",
    "crm_companies",
    "crm_activities",
    "meetings_given",
    "requests_given",
    "touches_given",
];

/// Whether only deriving everything is sure to be right: exchange rates are gone, rows of a satellite are gone, or other
/// sources make requests of their own.
pub(super) fn reaches_everything(conn: &Connection) -> Result<bool> {
    if rates::since(conn)? == Since::Ever {
        return Ok(true);
    }
    for target in SATELLITES {
        let text = format!(
            "select exists (select 1 from touched_rows as t where t.target = '{target}'
             and not exists (select 1 from {target} as r where r.id = t.record))"
        );
        if conn.query_row(&text, [], |row| row.get::<_, bool>(0))? {
            return Ok(true);
        }
    }
    super::state::answering_changed(conn)
}

/// Fills the touched records, people and deals from the touched rows, before any model changes.
pub(super) fn collect(conn: &Connection, settings: &Settings) -> Result<()> {
    conn.execute(
        "insert or ignore into touched_record select record from touched_rows where target = 'crm_people'",
        [],
    )?;
    identity::refresh(conn, settings)?;
    deals::refresh(conn, settings)?;
    links::follow(conn, settings)
}

/// Finds the own keys that are `wanted` before any model changes; twice, because one key may follow from another.
pub(super) fn run_own_keys(conn: &Connection, plan: &Plan, wanted: impl Fn(&str) -> bool) -> Result<()> {
    let keys = plan.own_keys.iter().filter(|text| wanted(text.name));
    keys.clone().chain(keys).try_for_each(|text| run(conn, text))
}

/// Adds an own key's ids again, now that the models it reads are new.
pub(super) fn run_own_key(conn: &Connection, plan: &Plan, key: &str) -> Result<()> {
    plan.own_keys.iter().filter(|text| text.name == key).try_for_each(|text| run(conn, text))
}

fn run(conn: &Connection, text: &catalog::Text) -> Result<()> {
    let select = text.body.trim().trim_end_matches(';');
    let insert = format!("insert or ignore into touched_{} {select}", text.name);
    conn.prepare_cached(&insert).and_then(|mut statement| statement.execute([])).map_err(|e| {
        Error::failed(format!("the touched `{}` keys could not be found", text.name)).because(e)
    })?;
    Ok(())
}

/// Whether anything of a key is touched.
pub(super) fn has_any(conn: &Connection, key: &str) -> Result<bool> {
    let text = format!("select exists (select 1 from temp.touched_{key})");
    Ok(conn.query_row(&text, [], |row| row.get(0))?)
}

/// Keys that lead from records, people and deals to what follows from them.
pub(super) fn follows_people(key: &str) -> bool {
    const KEYS: [&str; 9] = [
        "record",
        "company_record",
        "company",
        "customer",
        "campaign_name",
        "entity_month",
        "mrr_customer",
        "meeting",
        "request",
    ];
    KEYS.contains(&key)
}

/// Whether these are the first people, whom deals may name, or the first companies, which both may.
pub(super) fn is_first(conn: &Connection) -> Result<bool> {
    Ok(conn.query_row(
        "select
            not exists (select 1 from persons) and exists (select 1 from crm_deals)
                and (exists (select 1 from touched_rows where target = 'crm_people')
                    or exists (select 1 from touched_ranges where target = 'crm_people'))
            or not exists (select 1 from company_facts)
                and exists (select 1 from touched_rows where target = 'crm_companies')",
        [],
        |row| row.get(0),
    )?)
}

/// Whether most records of people or deals are touched, as by the first import of a CRM.
pub(super) fn is_mostly_new(conn: &Connection) -> Result<bool> {
    let count = |text: &str| conn.query_row(text, [], |row| row.get::<_, i64>(0));
    let touched = count(
        "select (select count(*) from touched_rows where target in ('crm_people', 'crm_deals'))
            + (select coalesce(sum(last - first + 1), 0) from touched_ranges)",
    )?;
    if touched <= FEW {
        return Ok(false);
    }
    let enough = touched * 2;
    let all = count(&format!(
        "select (select count(*) from (select 1 from crm_people limit {enough}))
            + (select count(*) from (select 1 from crm_deals limit {enough}))"
    ))?;
    Ok(enough > all)
}

/// Below this many touched records following each is always cheap; in tests so few that both ways are gone.
const FEW: i64 = if cfg!(test) { 1 } else { 1_000 };

/// A system whose people or deals were not there before may own ids that other systems' records carry: those are looked
/// at again.
pub(super) fn notice_new_systems(conn: &Connection) -> Result<()> {
    let systems: String = conn.query_row(
        "select coalesce(group_concat(system), '') from (
            select distinct system from sources as s
            where exists (select 1 from crm_people as p where p.source = s.id)
                or exists (select 1 from crm_deals as d where d.source = s.id)
            order by system
         )",
        [],
        |row| row.get(0),
    )?;
    if state::get(conn, "model_systems")?.as_deref() == Some(systems.as_str()) {
        return Ok(());
    }
    state::set(conn, "model_systems", &systems)?;
    for table in ["crm_people", "crm_deals"] {
        if !Fed::load(conn, table)?.has("foreign_ids") {
            continue;
        }
        conn.execute(
            &format!(
                "insert or ignore into touched_rows
                 select '{table}', id from {table} where foreign_ids <> ''"
            ),
            [],
        )?;
    }
    Ok(())
}

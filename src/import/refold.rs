//! Folding again: after an older file was slotted in, one was taken out, or a format changed.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::Session;
use super::file;
use super::held;
use super::ledger::{self, FileRow, Flags};
use super::load::{self, Loaded, load};
use super::mapper::Mapper;
use super::opened::Opened;
use super::schema::STAGE_DATES;
use super::summary::FileSummary;
use super::surveyed::{Surveyed, survey_all};
use super::tables::Event;
use crate::error::{Error, Result};
use crate::models::ads::news;

/// The tables in which the writer tells the models what changed; an ad path without days there changed as a whole.
pub fn prepare(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "create temp table if not exists touched_rows (target text, record integer, primary key (target, record)) without rowid;
         create temp table if not exists touched_ranges (target text, first integer, last integer);
         create temp table if not exists touched_ad_days (path integer primary key, first_day integer, last_day integer,
             longest integer, report integer)",
    )?;
    news::make_tables(conn)
}

/// The group of a table's records. People of one object never meet those of another: their files need no common order.
pub fn group(target: &str, system: &str, object: Option<&str>) -> String {
    match object {
        Some(object) if target == "crm_people" => format!("{target}/{system}/{object}"),
        _ => format!("{target}/{system}"),
    }
}

/// A group's target table, system and, where all its records share one, object.
fn parts(group: &str) -> (&str, &str, Option<&str>) {
    let mut parts = group.splitn(3, '/');
    let (target, system) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    (target, system, parts.next())
}

/// The groups that a file feeds: each target table with the system it comes from.
pub fn groups(session: &Session, opened: &Opened, survey: &Surveyed, flags: &Flags) -> Result<Vec<String>> {
    let mut groups = BTreeSet::new();
    let given = load::given(session, flags);
    for (mut tables, facts) in opened.walks()?.into_iter().zip(&survey.sheets) {
        for facts in facts {
            loop {
                match tables.advance()? {
                    Some(Event::Start) => break,
                    Some(_) => {}
                    None => return Ok(groups.into_iter().collect()),
                }
            }
            let table = tables.table.as_ref().expect("a table has begun");
            let system = &table.binding.format.spec.system;
            let mapper = Mapper::new(&table.binding, facts, session.schema, &given)?;
            let outputs = mapper.outputs.iter().filter(|o| o.target != STAGE_DATES);
            let object = table.binding.constants.get("object").map(String::as_str);
            groups.extend(outputs.map(|o| group(&o.target, system, object)));
            if mapper.ad_mapper().is_some() {
                groups.insert(group("ads", system, None));
            }
        }
    }
    Ok(groups.into_iter().collect())
}

/// Empties the groups and folds their files again, in order.
pub fn refold(session: &Session, groups: &[String]) -> Result<()> {
    refold_with(session, groups, None)
}

/// The same; the summary of one file that is new is filled in on the way.
pub fn refold_with(
    session: &Session,
    groups: &[String],
    mut new: Option<(i64, &mut FileSummary)>,
) -> Result<()> {
    for group in groups {
        clear(session.conn, group)?;
    }
    for file in ledger::files_of(session.conn, groups)? {
        let loaded = fold_kept(session, &file, &|group| groups.iter().any(|g| g == group))?;
        if let (Some((id, summary)), Some(loaded)) = (&mut new, loaded)
            && *id == file.id
        {
            loaded.tell(summary);
        }
    }
    for group in groups {
        mark(session.conn, group)?;
    }
    Ok(())
}

/// Folds one kept file by the formats of today.
fn fold_kept(session: &Session, row: &FileRow, wanted: &dyn Fn(&str) -> bool) -> Result<Option<Loaded>> {
    let content = ledger::kept(session.conn, row.id)?;
    let opened = Opened::new(&content, session.formats, row.flags.source.as_deref(), session.schema)?
        .with_beside(row.flags.beside.as_deref());
    let named = |mut e: Error| {
        e.message = format!("{}: {}", row.name, e.message);
        e
    };
    file::by_first_rows(session, |reach| {
        let Some(survey) = survey_all(session, &opened, &row.name, &row.flags, reach)? else {
            return Ok(None);
        };
        load(session, &opened, &survey, row.id, &row.flags, wanted).map(Some)
    })
    .map_err(named)
}

/// Removes a group's records and marks them as touched.
fn clear(conn: &Connection, group: &str) -> Result<()> {
    mark(conn, group)?;
    let (target, system, object) = parts(group);
    if target == "ads" {
        let paths = "select p.id from ad_paths as p join sources as s on s.id = p.source where s.system = ?1";
        conn.execute(&format!("delete from ad_rows where path in ({paths})"), [system])?;
        conn.execute(
            &format!("update temp.touched_ad_days set report = null where path in ({paths})"),
            [system],
        )?;
        return Ok(());
    }
    let ids = select_ids(target, object);
    conn.execute(&format!("delete from {target} where id in ({ids})"), params![system, object])?;
    held::clear(conn, group)
}

/// The ids of a group's records; `?1` is the system, `?2` the object.
fn select_ids(table: &str, object: Option<&str>) -> String {
    let of_object = if object.is_some() { "t.object = ?2" } else { "?2 is null" };
    format!(
        "select t.id from {table} as t join sources as s on s.id = t.source where s.system = ?1 and {of_object}"
    )
}

/// Marks every record of a group as touched.
fn mark(conn: &Connection, group: &str) -> Result<()> {
    let (target, system, object) = parts(group);
    let table = if target == "ads" { "ad_paths" } else { target };
    if target == "ads" {
        let (first, last) = crate::models::ALL_DAYS;
        conn.execute(
            "insert into temp.touched_ad_days (path, first_day, last_day, longest)
             select p.id, ?2, ?3, 1 from ad_paths as p join sources as s on s.id = p.source where s.system = ?1
             on conflict do update set first_day = excluded.first_day, last_day = excluded.last_day",
            params![system, first, last],
        )?;
        conn.execute("delete from temp.new_ad_paths", [])?;
    }
    conn.execute(
        &format!(
            "insert or ignore into temp.touched_rows (target, record) select ?3, i.id from ({}) as i",
            select_ids(table, object)
        ),
        params![system, object, table],
    )?;
    Ok(())
}

/// Takes a file's effect back, as if it had never been imported.
pub fn undo(session: &Session, row: &FileRow) -> Result<()> {
    let transaction = session.conn.unchecked_transaction()?;
    prepare(session.conn)?;
    // its rows go when what is left is folded again
    let groups = ledger::groups_of(session.conn, row.id)?;
    ledger::remove(session.conn, row.id)?;
    refold(session, &groups)?;
    crate::models::refresh(session.conn, session.settings)?;
    remove_gone_reports(session.conn)?;
    transaction.commit()?;
    Ok(())
}

/// Runs the whole fold again from the kept exports. Returns how many files it folded.
pub fn rebuild(session: &Session) -> Result<usize> {
    let transaction = session.conn.unchecked_transaction()?;
    prepare(session.conn)?;
    let files = ledger::all_files(session.conn)?;
    let mut statement = session.conn.prepare("select distinct fold_group from import_groups")?;
    let known: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for group in &known {
        clear(session.conn, group)?;
    }
    // no record refers to them now
    session
        .conn
        .execute_batch("delete from said_stages; delete from texts where id <> 0; delete from fed_columns")?;
    for row in &files {
        let content = ledger::kept(session.conn, row.id)?;
        let opened = Opened::new(&content, session.formats, row.flags.source.as_deref(), session.schema)?
            .with_beside(row.flags.beside.as_deref());
        file::by_first_rows(session, |reach| {
            let Some(survey) = survey_all(session, &opened, &row.name, &row.flags, reach)? else {
                return Ok(());
            };
            ledger::set_groups(session.conn, row.id, &groups(session, &opened, &survey, &row.flags)?)?;
            let loaded = load(session, &opened, &survey, row.id, &row.flags, &|_| true)?;
            ledger::keep_rejects(session.conn, row.id, &loaded.rejected)
        })?;
    }
    crate::models::rebuild(session.conn, session.settings)?;
    remove_gone_reports(session.conn)?;
    transaction.commit()?;
    Ok(files.len())
}

/// Reports of files that are gone.
fn remove_gone_reports(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "delete from ad_reports where not exists (select 1 from import_files where id = ad_reports.file)",
    )?;
    Ok(())
}

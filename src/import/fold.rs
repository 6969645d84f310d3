//! The fold: rows of one file into the record tables, by key, in as-of order.
//!
//! A row of a file is a record and what hangs on it (dates of stages). Its hash decides whether anything changed; new
//! records are written many at a time.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use xxhash_rust::xxh3::xxh3_64;

use super::ad_fold::AdFold;
use super::ad_row::{AdMapper, AdRow};
use super::held::Held;
use super::mapper::{Emitted, Output, Sink};
use super::record_fold::RecordFold;
use super::refold::group;
use super::schema::STAGE_DATES;
use crate::db::batch::{Batch, Bound};
use crate::error::Result;
use crate::format::bind::Schema;
use crate::format::spec::Merge;
use crate::format::value::Value;

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Integer(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl<'v> From<&'v Value<'_>> for Bound<'v> {
    fn from(value: &'v Value<'_>) -> Self {
        match value {
            Value::Null => Bound::Null,
            Value::Integer(n) => Bound::Integer(*n),
            Value::Text(text) => Bound::Text(text),
        }
    }
}

/// The file being folded.
#[derive(Debug, Clone)]
pub struct FoldedFile {
    pub id: i64,
    pub system: String,
    /// That of its people, where all of them share one.
    pub object: Option<String>,
    pub account: String,
    /// Its as-of day.
    pub as_of: String,
}

/// Rows that changed what is known, and rows that did not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Changes {
    pub changed: u64,
    pub unchanged: u64,
}

/// Writes one table of one file.
pub struct Fold<'c> {
    /// By output; nothing where its rows are not wanted.
    outputs: Vec<Option<Part<'c>>>,
    /// By group: the records that the file holds.
    held: Vec<Held<'c>>,
    ads: Option<AdFold<'c>>,
    pub changes: Changes,
}

/// What an output's rows are.
enum Part<'c> {
    /// With the place of its group among those held.
    Record(Box<RecordFold<'c>>, usize),
    /// Dates of stages of the record before them.
    StageDates(StageColumns),
}

/// The id of a source, which is made where it is new.
pub fn source_id(conn: &Connection, system: &str, account: &str) -> Result<i64> {
    conn.prepare_cached("insert or ignore into sources (system, account) values (?1, ?2)")?
        .execute([system, account])?;
    Ok(conn
        .prepare_cached("select id from sources where system = ?1 and account = ?2")?
        .query_row([system, account], |row| row.get(0))?)
}

impl<'c> Fold<'c> {
    /// `wanted` says for a group whether its rows are to be written.
    pub fn new(
        conn: &'c Connection,
        file: &FoldedFile,
        outputs: &[Output],
        schema: &Schema,
        merge: &BTreeMap<String, Merge>,
        ads: Option<AdMapper>,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Fold<'c>> {
        let source = source_id(conn, &file.system, &file.account)?;
        let all_columns: String =
            outputs.iter().map(|o| format!("{}({})", o.target, o.columns.join(","))).collect();
        let mut parts = Vec::new();
        let mut held: Vec<Held> = Vec::new();
        for output in outputs {
            if output.target == STAGE_DATES {
                parts.push(Some(Part::StageDates(StageColumns::new(output))));
                continue;
            }
            let group = group(&output.target, &file.system, file.object.as_deref());
            if !wanted(&group) {
                parts.push(None);
                continue;
            }
            feed(conn, output)?;
            let hash = xxh3_64(all_columns.as_bytes());
            let mut table = RecordFold::new(conn, file, source, output, schema, merge, hash)?;
            table.is_shared = outputs.iter().filter(|o| o.target == output.target).count() > 1;
            let place = held.iter().position(|other| other.group == group);
            let place = place.unwrap_or(held.len());
            if place == held.len() {
                held.push(Held::open(conn, file.id, &group)?);
            }
            parts.push(Some(Part::Record(Box::new(table), place)));
        }
        let ads = ads
            .filter(|_| wanted(&group("ads", &file.system, None)))
            .map(|mapper| AdFold::new(conn, file.clone(), mapper))
            .transpose()?;
        Ok(Fold { outputs: parts, held, ads, changes: Changes::default() })
    }

    /// Writes what is still held back. `is_whole` = the file shows the account's whole total.
    pub fn finish(&mut self, is_whole: bool) -> Result<()> {
        for part in &mut self.outputs {
            if let Some(Part::Record(table, _)) = part {
                table.finish()?;
            }
        }
        self.held.iter_mut().try_for_each(Held::store)?;
        if let Some(ads) = &mut self.ads {
            ads.finish(is_whole)?;
            self.changes.changed += ads.changes.changed;
            self.changes.unchanged += ads.changes.unchanged;
        }
        Ok(())
    }
}

impl Sink for Fold<'_> {
    fn rows(&mut self, rows: &Emitted) -> Result<()> {
        // the first output is the row's record; the others are records of their own, or hang on the first
        let mut dates: Vec<StageDate> = Vec::new();
        for (output, values) in rows.iter() {
            if let Some(Part::StageDates(columns)) = &self.outputs[output] {
                dates.push(columns.read(values));
            }
        }
        for (n, (output, values)) in rows.iter().enumerate() {
            if let Some(Part::Record(table, group)) = &mut self.outputs[output] {
                let dates = if n == 0 { dates.as_slice() } else { &[] };
                let changed = table.put(values, dates, &mut self.held[*group])?;
                if output == 0 {
                    if changed { self.changes.changed += 1 } else { self.changes.unchanged += 1 }
                }
            }
        }
        Ok(())
    }

    fn ad(&mut self, row: &AdRow) -> Result<()> {
        match &mut self.ads {
            Some(ads) => ads.put(row),
            None => Ok(()),
        }
    }
}

/// Where an output for stage dates holds what.
struct StageColumns {
    field: usize,
    value: usize,
    pipeline: Option<usize>,
    entered_at: usize,
}

/// One date on which the record entered a stage.
pub(super) struct StageDate<'v> {
    pub field: &'v str,
    pub value: &'v str,
    pub pipeline: &'v str,
    pub entered_at: &'v str,
}

impl StageColumns {
    fn new(output: &Output) -> StageColumns {
        let place = |name: &str| output.columns.iter().position(|c| c == name);
        let required = |name: &str| place(name).expect("the mapper refuses a format that lacks it");
        StageColumns {
            field: required("field"),
            value: required("value"),
            pipeline: place("pipeline"),
            entered_at: required("entered_at"),
        }
    }

    fn read<'v>(&self, values: &'v [Value]) -> StageDate<'v> {
        let text = |at: usize| match &values[at] {
            Value::Text(text) => text.as_ref(),
            _ => "",
        };
        StageDate {
            field: text(self.field),
            value: text(self.value),
            pipeline: self.pipeline.map_or("", text),
            entered_at: text(self.entered_at),
        }
    }
}

/// Notes which columns of its table an output fills.
fn feed(conn: &Connection, output: &Output) -> Result<()> {
    let target = table_id(conn, &output.target)?;
    let mut insert =
        conn.prepare_cached("insert or ignore into fed_columns (target, name) values (?1, ?2)")?;
    for column in &output.columns {
        insert.execute((target, column))?;
    }
    Ok(())
}

/// The number of a record table, which is given where it has none.
pub fn table_id(conn: &Connection, name: &str) -> Result<i64> {
    conn.prepare_cached("insert or ignore into record_tables (name) values (?1)")?.execute([name])?;
    Ok(conn
        .prepare_cached("select id from record_tables where name = ?1")?
        .query_row([name], |row| row.get(0))?)
}

/// Marks records as changed, for the models; neighbours, as all rows of a first file are, in one row.
pub(super) fn touch_all(conn: &Connection, target: &str, records: &mut Vec<i64>) -> Result<()> {
    records.sort_unstable();
    records.dedup();
    if let [first, .., last] = records[..]
        && (last - first + 1).try_into() == Ok(records.len())
    {
        conn.prepare_cached("insert into temp.touched_ranges (target, first, last) values (?1, ?2, ?3)")?
            .execute((target, first, last))?;
        records.clear();
        return Ok(());
    }
    let mut batch = Batch::new(conn, "temp.touched_rows (target, record)", 2, "on conflict do nothing");
    for record in records.drain(..) {
        batch.push([Bound::Text(target), record.into()])?;
    }
    batch.flush()
}

/// A path of ads of which rows changed.
pub(super) struct TouchedPath {
    pub path: i64,
    /// First and last day of what changed, and the days of the longest period among it.
    pub first: i32,
    pub last: i32,
    pub longest: i32,
    /// The report that rows were written of; nothing where rows were taken away, and none may be left.
    pub report: Option<i64>,
}

/// Notes the first and last day of each ad path that changed; days noted before stay.
pub(super) fn touch_days(conn: &Connection, paths: &[TouchedPath]) -> Result<()> {
    let mut batch = Batch::one_by_one(
        conn,
        "temp.touched_ad_days (path, first_day, last_day, longest, report)",
        5,
        "on conflict do update set first_day = min(first_day, excluded.first_day),
            last_day = max(last_day, excluded.last_day), longest = max(longest, excluded.longest),
            report = excluded.report",
    );
    for TouchedPath { path, first, last, longest, report } in paths {
        batch.push([(*path).into(), (*first).into(), (*last).into(), (*longest).into(), (*report).into()])?;
    }
    batch.flush()
}

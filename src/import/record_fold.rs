//! Records of one table by key: what is new is written many at a time, what changed is compared with what was known.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params_from_iter};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::fold::{FoldedFile, StageDate, append, append_text, table_id, touch_all};
use super::mapper::Output;
use crate::db::batch::{Batch, Bound};
use crate::error::Result;
use crate::format::bind::Schema;
use crate::format::spec::Merge;
use crate::format::value::Value;
use crate::hash::ByNumber;

/// Columns whose successive values are kept, because a change between two exports dates a stage.
const TRACKED: [(&str, &[&str]); 3] = [
    ("crm_people", &["lifecycle_stage", "lead_status"]),
    ("crm_deals", &["stage", "status"]),
    ("crm_companies", &["lifecycle_stage"]),
];

/// Records of one file remembered by key, so that rows that wait to be written are found; beyond, all are written first.
const REMEMBERED: usize = 1_000_000;
/// A record that a row of this file or of an earlier one showed.
#[derive(Debug, Clone, Copy)]
struct Known {
    id: i64,
    hash: i64,
    file: i64,
}

/// Writes the records of one table, and what hangs on them.
pub(super) struct RecordFold<'c> {
    conn: &'c Connection,
    file: FoldedFile,
    source: i64,
    name: String,
    /// Its number in `record_tables`.
    target: i64,
    columns_hash: u64,
    key: Vec<usize>,
    tracked: Vec<usize>,
    /// Places of columns in which rows of one file with the same key are combined.
    merged: Vec<(usize, Merge)>,
    names: Vec<String>,
    find: String,
    update: String,
    current: String,
    /// Nothing of this source was known before this file, so that only its own rows have to be looked for.
    is_first: bool,
    /// Another output of the same file writes the same table: what either has written is looked up.
    pub is_shared: bool,
    next_id: i64,
    /// By a hash of the key: the records that rows of this file have shown.
    shown: HashMap<u128, Known, ByNumber>,
    scratch: Vec<u8>,
    /// `said_stages`, by a hash of their words.
    stages: HashMap<u128, i64, ByNumber>,
    /// As-of days of earlier files, by id.
    as_of: HashMap<i64, String>,
    touched: Vec<i64>,
    records: Batch<'c>,
    seen: Batch<'c>,
    values: Batch<'c>,
    dates: Batch<'c>,
}

impl<'c> RecordFold<'c> {
    pub fn new(
        conn: &'c Connection,
        file: &FoldedFile,
        source: i64,
        output: &Output,
        schema: &Schema,
        merge: &BTreeMap<String, Merge>,
        columns_hash: u64,
    ) -> Result<RecordFold<'c>> {
        let table = &schema[&output.target];
        let name = &output.target;
        let names = output.columns.clone();
        let place = |column: &str| names.iter().position(|n| n == column);
        let (present_key, absent_key): (Vec<&String>, Vec<&String>) =
            table.key.iter().partition(|k| place(k).is_some());
        let tracked = TRACKED.iter().find(|(t, _)| t == name).map_or(&[][..], |(_, columns)| columns);
        let conditions: String = (present_key.iter().enumerate())
            .map(|(i, k)| format!(" and t.{k} = ?{}", i + 3))
            .chain(absent_key.iter().map(|k| format!(" and t.{k} = ''")))
            .collect();
        let sets: Vec<String> = names.iter().enumerate().map(|(i, n)| format!("{n} = ?{}", i + 2)).collect();
        let listed = names.join(", ");
        let is_first =
            !conn.prepare(&format!("select 1 from {name} where source = ?1 limit 1"))?.exists([source])?;
        let next_id =
            conn.query_row(&format!("select coalesce(max(id), 0) + 1 from {name}"), [], |row| row.get(0))?;
        Ok(RecordFold {
            conn,
            file: file.clone(),
            source,
            target: table_id(conn, name)?,
            columns_hash,
            key: present_key.iter().filter_map(|k| place(k)).collect(),
            tracked: tracked.iter().filter_map(|t| place(t)).collect(),
            merged: merge.iter().filter_map(|(c, m)| Some((place(c)?, *m))).collect(),
            find: format!(
                "select t.id, coalesce(s.row_hash, 0), coalesce(s.file, 0) from {name} as t
                 left join record_seen as s on s.target = ?1 and s.record = t.id where t.source = ?2{conditions}"
            ),
            update: format!("update {name} set {} where id = ?1", sets.join(", ")),
            current: format!("select {listed} from {name} where id = ?1"),
            is_first,
            is_shared: false,
            next_id,
            shown: HashMap::default(),
            scratch: Vec::new(),
            stages: HashMap::default(),
            as_of: HashMap::new(),
            touched: Vec::new(),
            records: Batch::new(
                conn,
                &format!("{name} (source, {listed})"),
                names.len() + 1,
                "",
            ),
            seen: Batch::new(
                conn,
                "record_seen (target, record, row_hash, file)",
                4,
                "on conflict do update set row_hash = excluded.row_hash, file = excluded.file",
            ),
            values: Batch::new(
                conn,
                "crm_values (target, record, stage, seen_on, after_on)",
                5,
                "on conflict do nothing",
            ),
            // of one stage the earliest date that any export ever showed stands
            dates: Batch::new(
                conn,
                "crm_stage_dates (target, record, stage, entered_at)",
                4,
                "on conflict do update set entered_at = min(entered_at, excluded.entered_at)",
            ),
            name: name.clone(),
            names,
        })
    }

    /// Folds one record; true if it changed what is known.
    pub fn put(&mut self, values: &[Value], dates: &[StageDate]) -> Result<bool> {
        let key = self.hash_key(values);
        let hash = self.hash_row(values, dates);
        let Some(known) = self.find(key, values)? else {
            let id = self.insert(values)?;
            for column in 0..self.tracked.len() {
                let column = self.tracked[column];
                self.track(id, column, &values[column], None)?;
            }
            self.date(id, dates)?;
            self.see(key, id, hash)?;
            self.touched.push(id);
            return Ok(true);
        };
        let again = known.file == self.file.id;
        let is_combining = again && !self.merged.is_empty();
        if known.hash == hash && !is_combining {
            if !again {
                self.see(key, known.id, hash)?;
            }
            return Ok(false);
        }
        if again {
            // what waits may be this very record
            self.records.flush()?;
        }
        self.change(&known, values, again)?;
        self.date(known.id, dates)?;
        // A record combined from several rows is equal to none of them: the next file's first row has to be written.
        self.see(key, known.id, if is_combining { !hash } else { hash })?;
        self.touched.push(known.id);
        Ok(true)
    }

    fn hash_key(&mut self, values: &[Value]) -> u128 {
        self.scratch.clear();
        for &at in &self.key {
            append(&mut self.scratch, &values[at]);
        }
        xxh3_128(&self.scratch)
    }

    #[expect(clippy::cast_possible_wrap, reason = "SQLite keeps the same 64 bits")]
    fn hash_row(&mut self, values: &[Value], dates: &[StageDate]) -> i64 {
        self.scratch.clear();
        self.scratch.extend(self.columns_hash.to_le_bytes());
        for value in values {
            append(&mut self.scratch, value);
        }
        for date in dates {
            for text in [date.field, date.value, date.pipeline, date.entered_at] {
                append_text(&mut self.scratch, text);
            }
        }
        xxh3_64(&self.scratch) as i64
    }

    fn find(&mut self, key: u128, values: &[Value]) -> Result<Option<Known>> {
        if let Some(known) = self.shown.get(&key) {
            return Ok(Some(*known));
        }
        if self.is_first && !self.is_shared {
            return Ok(None);
        }
        let mut find = self.conn.prepare_cached(&self.find)?;
        let key = [&self.target as &dyn ToSql, &self.source].into_iter();
        let key = key.chain(self.key.iter().map(|k| &values[*k] as &dyn ToSql));
        Ok(find
            .query_row(params_from_iter(key), |row| {
                Ok(Known { id: row.get(0)?, hash: row.get(1)?, file: row.get(2)? })
            })
            .optional()?)
    }

    fn insert(&mut self, values: &[Value]) -> Result<i64> {
        if self.is_shared {
            let latest = format!("select coalesce(max(id), 0) + 1 from {}", self.name);
            self.next_id = self.conn.prepare_cached(&latest)?.query_row([], |row| row.get(0))?;
        }
        // the one that SQLite gives
        let id = self.next_id;
        self.next_id += 1;
        let source = std::iter::once(Bound::Integer(self.source));
        self.records.push(source.chain(values.iter().map(Bound::from)))?;
        Ok(id)
    }

    /// Notes that this file holds the record.
    fn see(&mut self, key: u128, id: i64, hash: i64) -> Result<()> {
        self.seen.push([self.target.into(), id.into(), hash.into(), self.file.id.into()])?;
        self.shown.insert(key, Known { id, hash, file: self.file.id });
        if self.is_shared || self.shown.len() > REMEMBERED {
            self.records.flush()?;
            self.seen.flush()?;
            self.shown.clear();
            self.is_first = false;
        }
        Ok(())
    }

    /// Brings a known record to what this row says.
    fn change(&mut self, known: &Known, values: &[Value], again: bool) -> Result<()> {
        let mut combined: Vec<Value> = values.to_vec();
        if !self.tracked.is_empty() || (again && !self.merged.is_empty()) {
            let current = self.current(known.id)?;
            for column in self.tracked.clone() {
                if current[column] != values[column] && known.file != 0 {
                    let after = match &current[column] {
                        Value::Null => None,
                        _ => Some(self.as_of_of(known.file)?),
                    };
                    self.track(known.id, column, &values[column], after.as_deref())?;
                }
            }
            if again {
                for &(column, merge) in &self.merged {
                    combined[column] = merge_values(merge, &current[column], &values[column]);
                }
            }
        }
        let mut update = self.conn.prepare_cached(&self.update)?;
        let all = std::iter::once(&known.id as &dyn ToSql).chain(combined.iter().map(|v| v as &dyn ToSql));
        update.execute(params_from_iter(all))?;
        Ok(())
    }

    fn current(&self, id: i64) -> Result<Vec<Value<'static>>> {
        let mut current: CachedStatement = self.conn.prepare_cached(&self.current)?;
        let count = self.names.len();
        Ok(current.query_row([id], |row| {
            (0..count)
                .map(|i| {
                    Ok(match row.get_ref(i)? {
                        ValueRef::Integer(n) => Value::Integer(n),
                        ValueRef::Text(t) => Value::Text(String::from_utf8_lossy(t).into_owned().into()),
                        _ => Value::Null,
                    })
                })
                .collect()
        })?)
    }

    fn as_of_of(&mut self, file: i64) -> Result<String> {
        if let Some(as_of) = self.as_of.get(&file) {
            return Ok(as_of.clone());
        }
        let as_of: String = self.conn.query_row(
            "select substr(as_of, 1, 10) from import_files where id = ?1",
            [file],
            |r| r.get(0),
        )?;
        self.as_of.insert(file, as_of.clone());
        Ok(as_of)
    }

    fn track(&mut self, id: i64, column: usize, value: &Value, after: Option<&str>) -> Result<()> {
        let Value::Text(text) = value else { return Ok(()) };
        if text.is_empty() {
            return Ok(());
        }
        let field = self.names[column].clone();
        let stage = self.stage(&field, text, "")?;
        let seen_on = Bound::Text(&self.file.as_of);
        let after = after.map_or(Bound::Null, Bound::Text);
        self.values.push([self.target.into(), id.into(), stage.into(), seen_on, after])
    }

    fn date(&mut self, id: i64, dates: &[StageDate]) -> Result<()> {
        for date in dates.iter().filter(|d| !d.entered_at.is_empty()) {
            let stage = self.stage(date.field, date.value, date.pipeline)?;
            self.dates.push([self.target.into(), id.into(), stage.into(), Bound::Text(date.entered_at)])?;
        }
        Ok(())
    }

    /// The id of the words for a stage.
    fn stage(&mut self, field: &str, value: &str, pipeline: &str) -> Result<i64> {
        self.scratch.clear();
        [field, value, pipeline].into_iter().for_each(|text| append_text(&mut self.scratch, text));
        let key = xxh3_128(&self.scratch);
        if let Some(stage) = self.stages.get(&key) {
            return Ok(*stage);
        }
        self.conn
            .prepare_cached("insert or ignore into said_stages (field, value, pipeline) values (?1, ?2, ?3)")?
            .execute([field, value, pipeline])?;
        let stage = self
            .conn
            .prepare_cached("select id from said_stages where field = ?1 and value = ?2 and pipeline = ?3")?
            .query_row([field, value, pipeline], |row| row.get(0))?;
        self.stages.insert(key, stage);
        Ok(stage)
    }

    pub fn finish(&mut self) -> Result<()> {
        self.records.flush()?;
        self.seen.flush()?;
        self.values.flush()?;
        self.dates.flush()?;
        touch_all(self.conn, &self.name, &mut self.touched)
    }
}

fn smaller<'v>(a: &Value<'v>, b: &Value<'v>) -> Value<'v> {
    match (a, b) {
        (Value::Text(x), Value::Text(y)) if x.is_empty() || (!y.is_empty() && y < x) => b.clone(),
        (Value::Null, _) => b.clone(),
        _ => a.clone(),
    }
}

fn merge_values<'v>(merge: Merge, old: &Value<'v>, new: &Value<'v>) -> Value<'v> {
    match (merge, old, new) {
        (_, _, Value::Null) | (Merge::First, Value::Text(_) | Value::Integer(_), _) => old.clone(),
        (_, Value::Null, _) => new.clone(),
        (Merge::Sum, Value::Integer(a), Value::Integer(b)) => Value::Integer(a + b),
        (Merge::Min, Value::Integer(a), Value::Integer(b)) => Value::Integer(*a.min(b)),
        (Merge::Max, Value::Integer(a), Value::Integer(b)) => Value::Integer(*a.max(b)),
        (Merge::Min, ..) => smaller(old, new),
        (Merge::Max, Value::Text(a), Value::Text(b)) => {
            if b > a {
                new.clone()
            } else {
                old.clone()
            }
        }
        _ => new.clone(),
    }
}

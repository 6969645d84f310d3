//! Records of one table by key: what is new is written many at a time, what changed is compared with what was known.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hasher;

use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use xxhash_rust::xxh3::xxh3_64;

use super::ahead::Ahead;
use super::fold::{FoldedFile, StageDate, touch_all};
use super::held::Held;
use super::mapper::Output;
use super::schema::LAST_FILE;
use crate::db::batch::{Batch, Bound};
use crate::db::kept::Kept;
use crate::db::texts::{self, Interner};
use crate::error::Result;
use crate::format::bind::Schema;
use crate::format::spec::Merge;
use crate::format::value::Value;
use crate::hash::{ByNumber, Mixed};
use crate::settings::calendar::parse_day;
use crate::trail::{Moment, Trail};

/// Columns whose successive values are kept in the record's trail, because a change between two exports dates a stage.
/// Only these tables have a trail.
const TRACKED: [(&str, &[&str]); 3] = [
    ("crm_people", &["lifecycle_stage", "lead_status"]),
    ("crm_deals", &["stage", "status"]),
    ("crm_companies", &["lifecycle_stage"]),
];

/// The column of a record's trail.
const TRAIL: &str = "stage_trail";

/// In the place of a value that is not there: no number that an export would hold.
pub(super) const NOTHING: u64 = 0x9ae1_6a3b_2f90_404f;

/// Keys of one file that are remembered, 9 bytes each. Beyond, they are forgotten and every row is looked up.
const REMEMBERED: usize = 3_600_000;

/// A record that a row of this file or of an earlier one showed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub id: i64,
    pub hash: i64,
}

/// Writes the records of one table, and what hangs on them.
pub(super) struct RecordFold<'c> {
    conn: &'c Connection,
    file: i64,
    source: i64,
    name: String,
    columns_hash: u64,
    key: Vec<usize>,
    /// Places of columns that are no part of the key.
    changing: Vec<usize>,
    tracked: Vec<usize>,
    has_trail: bool,
    /// Places of columns that hold numbers of texts.
    interned: Vec<usize>,
    texts: Interner<'c>,
    /// By column: the hashes of the texts of the record at hand that have numbers, 0 for the others; and the numbers.
    hashes: Vec<u128>,
    codes: Vec<Option<i64>>,
    /// Places of columns in which rows of one file with the same key are combined.
    merged: Vec<(usize, Merge)>,
    /// Places of columns of which is asked what they held before.
    compared: Vec<usize>,
    names: Vec<String>,
    find: Kept<'c>,
    /// Not where the key has a text with a number.
    ahead: Option<Ahead<'c>>,
    update: Kept<'c>,
    /// Where records tell the file that last held them: says so of one that did not change.
    show: Option<Kept<'c>>,
    current: Kept<'c>,
    /// Nothing of this source was known before this file, so that only its own rows have to be looked for.
    is_first: bool,
    /// Another output of the same file writes the same table: what either has written is looked up.
    pub is_shared: bool,
    next_id: i64,
    /// Hashes of the keys that rows of this file have shown: another key is not among the rows that wait to be written.
    shown: HashSet<u64, ByNumber>,
    /// `said_stages`, by a hash of their words.
    stages: HashMap<u64, i64, ByNumber>,
    /// The as-of day of this file.
    seen_on: i32,
    trail: Trail,
    packed: Vec<u8>,
    touched: Vec<i64>,
    records: Batch<'c>,
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
        let tracked = TRACKED.iter().find(|(t, _)| t == name).map(|(_, columns)| *columns);
        let has_trail = tracked.is_some();
        let conditions: String = (present_key.iter().enumerate())
            .map(|(i, k)| match table.interned.contains(k) {
                true => format!(" and t.{k} = (select id from texts where text = ?{})", i + 2),
                false => format!(" and t.{k} = ?{}", i + 2),
            })
            .collect();
        let of_all: String = absent_key.iter().map(|k| format!(" and t.{k} = ''")).collect();
        let written: Vec<&str> = names.iter().map(String::as_str).chain(has_trail.then_some(TRAIL)).collect();
        let key: Vec<usize> = present_key.iter().filter_map(|k| place(k)).collect();
        // a record that is found by its key has it already, and to write it would be to look it up in its index again
        let changing: Vec<usize> = (0..names.len()).filter(|at| !key.contains(at)).collect();
        let changed = changing.iter().map(|at| names[*at].as_str()).chain(has_trail.then_some(TRAIL));
        let own = [Some("row_hash"), table.tells_file.then_some(LAST_FILE)].into_iter().flatten();
        let sets: Vec<String> = own.chain(changed).zip(2..).map(|(n, at)| format!("{n} = ?{at}")).collect();
        let listed = written.join(", ");
        let is_compared =
            |column: &str| merge.contains_key(column) || tracked.is_some_and(|t| t.contains(&column));
        let compared: Vec<usize> = (0..names.len()).filter(|at| is_compared(&names[*at])).collect();
        let known = compared.iter().map(|at| &names[*at]).map(|n| match table.interned.contains(n) {
            true => format!("(select text from texts where id = t.{n})"),
            false => format!("t.{n}"),
        });
        let known: Vec<String> = known.chain([if has_trail { TRAIL } else { "null" }.to_owned()]).collect();
        let is_first =
            !conn.prepare(&format!("select 1 from {name} where source = ?1 limit 1"))?.exists([source])?;
        let next_id =
            conn.query_row(&format!("select coalesce(max(id), 0) + 1 from {name}"), [], |row| row.get(0))?;
        let common = if table.tells_file { vec![source, file.id] } else { vec![source] };
        let last_file = if table.tells_file { "last_file, " } else { "" };
        let into = format!("{name} (source, {last_file}row_hash, {listed})");
        let mut records = Batch::with_common(conn, &into, common.len(), 1 + written.len(), "");
        records.begin(common)?;
        let has_number = present_key.iter().any(|k| table.interned.contains(k));
        let present_key: Vec<&str> = present_key.iter().map(|k| k.as_str()).collect();
        let ahead = (!has_number).then(|| Ahead::new(conn, name, source, &present_key, &of_all));
        let show = format!("update {name} set {LAST_FILE} = ?2 where id = ?1");
        Ok(RecordFold {
            conn,
            file: file.id,
            source,
            columns_hash,
            key,
            changing,
            tracked: tracked.unwrap_or_default().iter().filter_map(|t| place(t)).collect(),
            has_trail,
            interned: table.interned.iter().filter_map(|c| place(c)).collect(),
            texts: Interner::new(conn),
            hashes: vec![0; names.len()],
            codes: vec![None; names.len()],
            compared,
            merged: merge.iter().filter_map(|(c, m)| Some((place(c)?, *m))).collect(),
            find: Kept::new(
                conn,
                format!("select t.id, t.row_hash from {name} as t where t.source = ?1{conditions}{of_all}"),
            ),
            ahead,
            update: Kept::new(conn, format!("update {name} set {} where id = ?1", sets.join(", "))),
            show: table.tells_file.then(|| Kept::new(conn, show)),
            current: Kept::new(conn, format!("select {} from {name} as t where t.id = ?1", known.join(", "))),
            is_first,
            is_shared: false,
            next_id,
            shown: HashSet::default(),
            stages: HashMap::default(),
            seen_on: parse_day(&file.as_of).unwrap_or_default(),
            trail: Trail::default(),
            packed: Vec::new(),
            touched: Vec::new(),
            records,
            name: name.clone(),
            names,
        })
    }

    /// Folds one record, which the file then holds; true if it changed what is known.
    pub fn put(&mut self, values: &[Value], dates: &[StageDate], held: &mut Held) -> Result<bool> {
        self.hash_texts(values);
        let key = self.hash_key(values);
        let hash = self.hash_row(values, dates);
        let Some(known) = self.find(key, values)? else {
            self.trail.clear();
            for column in 0..self.tracked.len() {
                let column = self.tracked[column];
                self.track(column, &values[column], None)?;
            }
            self.date(dates)?;
            let id = self.insert(values, hash)?;
            held.add(id)?;
            self.touched.push(id);
            return Ok(true);
        };
        let again = held.has(known.id);
        let is_combining = again && !self.merged.is_empty();
        if known.hash == hash && !is_combining {
            if let Some(show) = self.show.as_mut().filter(|_| !again) {
                show.get()?.execute([known.id, self.file])?;
            }
            held.add(known.id)?;
            return Ok(false);
        }
        // A record combined from several rows is equal to none of them: the next file's first row has to be written.
        let hash = if is_combining { !hash } else { hash };
        self.change(known.id, hash, values, dates, again, held)?;
        held.add(known.id)?;
        self.touched.push(known.id);
        Ok(true)
    }

    fn hash_texts(&mut self, values: &[Value]) {
        for &at in &self.interned {
            self.hashes[at] = match &values[at] {
                Value::Text(text) if !text.is_empty() => texts::hash(text),
                _ => 0,
            };
        }
    }

    fn hash_key(&self, values: &[Value]) -> u64 {
        let mut hash = Mixed::default();
        self.key.iter().for_each(|at| self.hash_value(&mut hash, *at, &values[*at]));
        hash.finish()
    }

    #[expect(clippy::cast_possible_wrap, reason = "SQLite keeps the same 64 bits")]
    fn hash_row(&self, values: &[Value], dates: &[StageDate]) -> i64 {
        let mut hash = Mixed::default();
        hash.write_u64(self.columns_hash);
        values.iter().enumerate().for_each(|(at, value)| self.hash_value(&mut hash, at, value));
        for date in dates {
            for text in [date.field, date.value, date.pipeline, date.entered_at] {
                hash.write_u64(xxh3_64(text.as_bytes()));
            }
        }
        hash.finish() as i64
    }

    fn hash_value(&self, hash: &mut Mixed, at: usize, value: &Value) {
        match value {
            Value::Null => hash.write_u64(NOTHING),
            Value::Integer(n) => hash.write_i64(*n),
            Value::Text(text) => hash.write_u64(match self.hashes[at] {
                0 => xxh3_64(text.as_bytes()),
                known => known as u64,
            }),
        }
    }

    fn find(&mut self, key: u64, values: &[Value]) -> Result<Option<Known>> {
        if self.shown.len() >= REMEMBERED {
            self.records.flush()?;
            self.shown.clear();
            self.is_first = false;
            self.ahead.iter_mut().for_each(Ahead::forget);
        }
        if !self.shown.insert(key) {
            // what waits may be this very record
            self.records.flush()?;
        } else if !self.is_shared {
            if self.is_first {
                return Ok(None);
            }
            if let Some(known) = self.ahead.as_mut().and_then(|ahead| ahead.take(key)) {
                return Ok(Some(known));
            }
        }
        let key = std::iter::once(&self.source as &dyn ToSql);
        let key = key.chain(self.key.iter().map(|k| &values[*k] as &dyn ToSql));
        let find = self.find.get()?;
        let known = find
            .query_row(params_from_iter(key), |row| Ok(Known { id: row.get(0)?, hash: row.get(1)? }))
            .optional()?;
        if let (Some(ahead), Some(known), false) = (&mut self.ahead, &known, self.is_shared) {
            ahead.found(known.id)?;
        }
        Ok(known)
    }

    /// Finds the numbers of the record's texts.
    fn encode(&mut self, values: &[Value]) -> Result<()> {
        for &at in &self.interned {
            self.codes[at] = match &values[at] {
                Value::Text(text) => Some(self.texts.id_by(self.hashes[at], text)?),
                _ => None,
            };
        }
        Ok(())
    }

    fn insert(&mut self, values: &[Value], hash: i64) -> Result<i64> {
        if self.is_shared {
            let latest = format!("select coalesce(max(id), 0) + 1 from {}", self.name);
            self.next_id = self.conn.prepare_cached(&latest)?.query_row([], |row| row.get(0))?;
        }
        self.encode(values)?;
        // the one that SQLite gives
        let id = self.next_id;
        self.next_id += 1;
        self.packed.clear();
        self.trail.pack(&mut self.packed);
        let trail = self.has_trail.then_some(Bound::Blob(&self.packed));
        let all = values.iter().zip(&self.codes).map(|(value, code)| written(value, *code));
        self.records.push(std::iter::once(Bound::Integer(hash)).chain(all).chain(trail))?;
        if self.is_shared {
            // the other output looks for it in the table
            self.records.flush()?;
        }
        Ok(id)
    }

    /// Brings a known record to what this row says; `again` where another row of the file was of the same.
    fn change(
        &mut self,
        id: i64,
        hash: i64,
        values: &[Value],
        dates: &[StageDate],
        again: bool,
        held: &mut Held,
    ) -> Result<()> {
        let mut combined: Vec<Value> = values.to_vec();
        if self.has_trail || (again && !self.merged.is_empty()) {
            let current = self.current(id)?;
            for column in self.tracked.clone() {
                if current[column] == values[column] {
                    continue;
                }
                let shown = if again { Some(self.seen_on) } else { held.last_shown(id)? };
                if let Some(shown) = shown {
                    let after = Some(shown).filter(|_| current[column] != Value::Null);
                    self.track(column, &values[column], after)?;
                }
            }
            if again {
                for &(column, merge) in &self.merged {
                    combined[column] = merge_values(merge, &current[column], &values[column]);
                }
            }
        }
        self.date(dates)?;
        self.packed.clear();
        self.trail.pack(&mut self.packed);
        self.hash_texts(&combined);
        self.encode(&combined)?;
        let trail = self.has_trail.then_some(Bound::Blob(&self.packed));
        let own = [id, hash].into_iter().chain(self.show.is_some().then_some(self.file));
        let changed = self.changing.iter().map(|at| written(&combined[*at], self.codes[*at]));
        let all = own.map(Bound::Integer).chain(changed).chain(trail);
        self.update.get()?.execute(params_from_iter(all))?;
        Ok(())
    }

    /// What is known of a record in the columns that are compared or combined, and its trail.
    fn current(&mut self, id: i64) -> Result<Vec<Value<'static>>> {
        let (trail, compared) = (&mut self.trail, &self.compared);
        let has_trail = self.has_trail;
        let mut current = vec![Value::Null; self.names.len()];
        self.current.get()?.query_row([id], |row| {
            for (at, column) in compared.iter().enumerate() {
                current[*column] = match row.get_ref(at)? {
                    ValueRef::Integer(n) => Value::Integer(n),
                    ValueRef::Text(t) => Value::Text(String::from_utf8_lossy(t).into_owned().into()),
                    _ => Value::Null,
                };
            }
            if has_trail {
                trail.read(row.get_ref(compared.len())?.as_blob_or_null()?.unwrap_or_default());
            }
            Ok(())
        })?;
        Ok(current)
    }

    fn track(&mut self, column: usize, value: &Value, after: Option<i32>) -> Result<()> {
        let Value::Text(text) = value else { return Ok(()) };
        if text.is_empty() {
            return Ok(());
        }
        let field = self.names[column].clone();
        let stage = self.stage(&field, text, "")?;
        self.trail.show(stage, self.seen_on, after);
        Ok(())
    }

    fn date(&mut self, dates: &[StageDate]) -> Result<()> {
        for date in dates {
            if let Some(at) = Moment::parse(date.entered_at) {
                let stage = self.stage(date.field, date.value, date.pipeline)?;
                self.trail.enter(stage, at);
            }
        }
        Ok(())
    }

    /// The id of the words for a stage.
    fn stage(&mut self, field: &str, value: &str, pipeline: &str) -> Result<i64> {
        let mut key = Mixed::default();
        [field, value, pipeline].iter().for_each(|text| key.write_u64(xxh3_64(text.as_bytes())));
        let key = key.finish();
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
        touch_all(self.conn, &self.name, &mut self.touched)
    }
}

/// A value as it is written: a number in place of a text that has one.
fn written<'v>(value: &'v Value, code: Option<i64>) -> Bound<'v> {
    code.map_or_else(|| Bound::from(value), Bound::Integer)
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

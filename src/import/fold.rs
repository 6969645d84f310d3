//! The fold: rows of one file into the record tables, by key, in as-of order.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params_from_iter};

use super::ad_fold::AdFold;
use super::ad_row::{AdMapper, AdRow};
use super::mapper::{Output, Sink};
use crate::error::Result;
use crate::format::bind::Schema;
use crate::format::spec::Merge;
use crate::format::value::Value;

/// Columns whose successive values are kept, because a change between two exports dates a stage.
const TRACKED: [(&str, &[&str]); 3] = [
    ("crm_people", &["lifecycle_stage", "lead_status"]),
    ("crm_deals", &["stage", "status"]),
    ("crm_companies", &["lifecycle_stage"]),
];

/// Of a stage the earliest date that any export ever showed stands.
const EARLIEST: (&str, &str) = ("crm_stage_dates", "entered_at");

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Integer(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// The file being folded.
#[derive(Debug, Clone)]
pub struct FoldedFile {
    pub id: i64,
    pub system: String,
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
    conn: &'c Connection,
    file: FoldedFile,
    source: i64,
    tables: Vec<Option<TableFold>>,
    ads: Option<AdFold<'c>>,
    /// As-of days of earlier files, by id.
    as_of: HashMap<i64, String>,
    pub changes: Changes,
}

/// The statements for one record table and one set of columns.
struct TableFold {
    target: String,
    columns_hash: u64,
    key: Vec<usize>,
    tracked: Vec<usize>,
    /// Places of columns in which rows of one file with the same key are combined.
    merged: Vec<(usize, Merge)>,
    names: Vec<String>,
    find: String,
    insert: String,
    update: String,
    current: String,
    is_main: bool,
    earliest: bool,
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
    /// `wanted` says for a target table whether its rows are to be written.
    pub fn new(
        conn: &'c Connection,
        file: FoldedFile,
        outputs: &[Output],
        schema: &Schema,
        merge: &std::collections::BTreeMap<String, Merge>,
        ads: Option<AdMapper>,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Fold<'c>> {
        let source = source_id(conn, &file.system, &file.account)?;
        let mut tables = Vec::new();
        for (i, output) in outputs.iter().enumerate() {
            tables.push(wanted(&output.target).then(|| TableFold::new(output, schema, merge, i == 0)));
        }
        let ads = ads.filter(|_| wanted("ads")).map(|mapper| AdFold::new(conn, file.clone(), mapper));
        Ok(Fold { conn, file, source, tables, ads, as_of: HashMap::new(), changes: Changes::default() })
    }

    /// Writes what is still held back. `is_whole` = the file shows the account's whole total.
    pub fn finish(&mut self, is_whole: bool) -> Result<()> {
        if let Some(ads) = &mut self.ads {
            ads.finish(is_whole)?;
            self.changes.changed += ads.changes.changed;
            self.changes.unchanged += ads.changes.unchanged;
        }
        Ok(())
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

    fn put(&mut self, table: &TableFold, values: &[Value]) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        table.columns_hash.hash(&mut hasher);
        values.hash(&mut hasher);
        #[expect(clippy::cast_possible_wrap, reason = "SQLite keeps the same 64 bits")]
        let hash = hasher.finish() as i64;
        let mut find = self.conn.prepare_cached(&table.find)?;
        let key = || {
            std::iter::once(&self.source as &dyn ToSql)
                .chain(table.key.iter().map(|k| &values[*k] as &dyn ToSql))
        };
        let found: Option<i64> = find.query_row(params_from_iter(key()), |row| row.get(0)).optional()?;
        drop(find);
        let Some(id) = found else {
            let mut insert = self.conn.prepare_cached(&table.insert)?;
            let all =
                std::iter::once(&self.source as &dyn ToSql).chain(values.iter().map(|v| v as &dyn ToSql));
            let id = insert.insert(params_from_iter(all))?;
            self.seen(table, id, hash, true)?;
            for &column in &table.tracked {
                self.track(table, id, column, &values[column], None)?;
            }
            return self.count(table, id, true);
        };
        let mut seen = self
            .conn
            .prepare_cached("select row_hash, file from record_seen where target = ?1 and record = ?2")?;
        let before: Option<(i64, i64)> =
            seen.query_row((&table.target, id), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        drop(seen);
        let (old_hash, old_file) = before.unwrap_or((0, 0));
        let again = old_file == self.file.id;
        let is_combining = again && !table.merged.is_empty();
        if old_hash == hash && !is_combining {
            self.seen(table, id, hash, false)?;
            return self.count(table, id, false);
        }
        self.change(table, id, values, old_file, again)?;
        // A record combined from several rows is equal to none of them: the next file's first row has to be written.
        self.seen(table, id, if is_combining { !hash } else { hash }, false)?;
        self.count(table, id, true)
    }

    /// Brings a known record to what this row says.
    fn change(
        &mut self,
        table: &TableFold,
        id: i64,
        values: &[Value],
        old_file: i64,
        again: bool,
    ) -> Result<()> {
        let mut combined: Vec<Value> = values.to_vec();
        let needs_current =
            table.earliest || !table.tracked.is_empty() || (again && !table.merged.is_empty());
        if needs_current {
            let current = self.current(table, id)?;
            for &column in &table.tracked {
                if current[column] != values[column] && old_file != 0 {
                    let after = match &current[column] {
                        Value::Null => None,
                        _ => Some(self.as_of_of(old_file)?),
                    };
                    self.track(table, id, column, &values[column], after)?;
                }
            }
            if table.earliest {
                for i in (0..table.names.len()).filter(|i| table.names[*i] == EARLIEST.1) {
                    combined[i] = smaller(&current[i], &values[i]);
                }
            }
            if again {
                for &(column, merge) in &table.merged {
                    combined[column] = merge_values(merge, &current[column], &values[column]);
                }
            }
        }
        let mut update = self.conn.prepare_cached(&table.update)?;
        let all = std::iter::once(&id as &dyn ToSql).chain(combined.iter().map(|v| v as &dyn ToSql));
        update.execute(params_from_iter(all))?;
        Ok(())
    }

    fn current(&self, table: &TableFold, id: i64) -> Result<Vec<Value<'static>>> {
        let mut current: CachedStatement = self.conn.prepare_cached(&table.current)?;
        let count = table.names.len();
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

    fn seen(&self, table: &TableFold, id: i64, hash: i64, is_new: bool) -> Result<()> {
        let sql = if is_new {
            "insert or replace into record_seen (target, record, row_hash, file) values (?1, ?2, ?3, ?4)"
        } else {
            "update record_seen set row_hash = ?3, file = ?4 where target = ?1 and record = ?2"
        };
        self.conn.prepare_cached(sql)?.execute((&table.target, id, hash, self.file.id))?;
        Ok(())
    }

    fn track(
        &self,
        table: &TableFold,
        id: i64,
        column: usize,
        value: &Value,
        after: Option<String>,
    ) -> Result<()> {
        let Value::Text(text) = value else { return Ok(()) };
        if text.is_empty() {
            return Ok(());
        }
        self.conn
            .prepare_cached(
                "insert or ignore into crm_values (target, record, field, value, seen_on, after_on) values (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((&table.target, id, &table.names[column], text.as_ref(), &self.file.as_of, after))?;
        Ok(())
    }

    fn count(&mut self, table: &TableFold, id: i64, changed: bool) -> Result<()> {
        if changed {
            touch(self.conn, &table.target, id)?;
        }
        if table.is_main {
            if changed { self.changes.changed += 1 } else { self.changes.unchanged += 1 }
        }
        Ok(())
    }
}

/// Marks a record as changed, for the models.
pub fn touch(conn: &Connection, target: &str, record: i64) -> Result<()> {
    conn.prepare_cached("insert or ignore into temp.touched_rows (target, record) values (?1, ?2)")?
        .execute((target, record))?;
    Ok(())
}

/// Notes the days of an ad path that changed; days noted before stay.
pub fn touch_days(conn: &Connection, path: i64, (first, last): (i32, i32)) -> Result<()> {
    conn.prepare_cached(
        "insert into temp.touched_ad_days (path, first_day, last_day) values (?1, ?2, ?3)
         on conflict do update set first_day = min(first_day, excluded.first_day),
            last_day = max(last_day, excluded.last_day)",
    )?
    .execute((path, first, last))?;
    Ok(())
}

impl Sink for Fold<'_> {
    fn row(&mut self, output: usize, values: &[Value]) -> Result<()> {
        let Some(table) = self.tables[output].take() else { return Ok(()) };
        let result = self.put(&table, values);
        self.tables[output] = Some(table);
        result
    }

    fn ad(&mut self, row: &AdRow) -> Result<()> {
        match &mut self.ads {
            Some(ads) => ads.put(row),
            None => Ok(()),
        }
    }
}

impl TableFold {
    fn new(
        output: &Output,
        schema: &Schema,
        merge: &std::collections::BTreeMap<String, Merge>,
        is_main: bool,
    ) -> TableFold {
        let table = &schema[&output.target];
        let names = output.columns.clone();
        let place = |name: &String| names.iter().position(|n| n == name);
        let present_key: Vec<&String> = table.key.iter().filter(|k| place(k).is_some()).collect();
        let absent_key: Vec<&String> = table.key.iter().filter(|k| place(k).is_none()).collect();
        let tracked =
            TRACKED.iter().find(|(t, _)| *t == output.target).map_or(&[][..], |(_, columns)| columns);
        let mut hasher = DefaultHasher::new();
        names.hash(&mut hasher);
        let places =
            |from: usize| (0..names.len()).map(|i| format!("?{}", i + from)).collect::<Vec<_>>().join(", ");
        let conditions: Vec<String> = present_key
            .iter()
            .enumerate()
            .map(|(i, k)| format!("{k} = ?{}", i + 2))
            .chain(absent_key.iter().map(|k| format!("{k} = ''")))
            .collect();
        let sets: Vec<String> = names.iter().enumerate().map(|(i, n)| format!("{n} = ?{}", i + 2)).collect();
        let and = if conditions.is_empty() { "" } else { " and " };
        TableFold {
            target: output.target.clone(),
            columns_hash: hasher.finish(),
            key: present_key.iter().filter_map(|k| place(k)).collect(),
            tracked: tracked.iter().filter_map(|t| place(&(*t).to_owned())).collect(),
            merged: merge.iter().filter_map(|(c, m)| Some((place(c)?, *m))).collect(),
            find: format!(
                "select id from {} where source = ?1{and}{}",
                output.target,
                conditions.join(" and ")
            ),
            insert: format!(
                "insert into {} (source, {}) values (?1, {})",
                output.target,
                names.join(", "),
                places(2)
            ),
            update: format!("update {} set {} where id = ?1", output.target, sets.join(", ")),
            current: format!("select {} from {} where id = ?1", names.join(", "), output.target),
            earliest: output.target == EARLIEST.0,
            is_main,
            names,
        }
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

//! Sums kept by adding what changed: what the touched keys add is counted before (−) and after (+) their models change,
//! and the difference is written. Rows are added up here, because SQLite would sort them to group them.

use std::collections::{BTreeSet, HashMap};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement};

use super::measures::{Sign, whole};
use super::plan::{Model, without_restriction};
use crate::db::batch::{Batch, Bound};
use crate::error::{Error, Result};
use crate::hash::ByNumber;

/// Writes sums into a table: all of them, or adding to those that are there.
struct Writer<'c> {
    conn: &'c Connection,
    rows: Batch<'c>,
    /// Takes away the rows that came to nothing, where there may be any.
    sweep: Option<String>,
}

impl<'c> Writer<'c> {
    /// Rows are the columns of the key, then the sums.
    pub fn open(conn: &'c Connection, table: &str, key: &[&str], sums: &[&str], is_first: bool) -> Self {
        let join = |part: &dyn Fn(&str) -> String, between: &str| {
            sums.iter().map(|sum| part(sum)).collect::<Vec<_>>().join(between)
        };
        let into = format!("{table} ({}, {})", key.join(", "), sums.join(", "));
        let width = key.len() + sums.len();
        let rows = if is_first {
            Batch::new(conn, &into, width, "")
        } else {
            let add = join(&|sum| format!("{sum} = {sum} + excluded.{sum}"), ", ");
            Batch::one_by_one(conn, &into, width, &format!("on conflict do update set {add}"))
        };
        let nothing = join(&|sum| format!("{sum} = 0"), " and ");
        let sweep = format!("delete from {table} where {nothing}");
        Writer { conn, rows, sweep: (!is_first).then_some(sweep) }
    }

    pub fn add<'v>(&mut self, row: impl IntoIterator<Item = Bound<'v>>) -> Result<()> {
        self.rows.push(row)
    }

    pub fn finish(mut self) -> Result<()> {
        self.rows.flush()?;
        if let Some(sweep) = &self.sweep {
            self.conn.execute(sweep, [])?;
        }
        Ok(())
    }
}

/// What a refresh changes in the models that are sums, by table.
#[derive(Debug, Default)]
pub(super) struct Rollups(HashMap<String, Rollup>);

/// The columns of one of them, and the changes by key.
#[derive(Debug)]
struct Rollup {
    key: Vec<String>,
    sums: Vec<String>,
    changes: HashMap<Vec<u8>, Box<[i64]>, ByNumber>,
}

/// Columns of a select that are one key and its sums.
#[derive(Debug)]
struct Target {
    key: Vec<usize>,
    /// The column of the key that is its own.
    own: Option<usize>,
    /// Place of the sum, and column.
    sums: Vec<(usize, usize)>,
}

impl Rollups {
    /// Runs the selects of a model and adds their rows, or takes them away.
    pub fn collect(&mut self, conn: &Connection, model: &Model, everything: bool, sign: Sign) -> Result<()> {
        if !self.0.contains_key(&model.table) {
            self.0.insert(model.table.clone(), Rollup::of(conn, &model.table)?);
        }
        let rollup = self.0.get_mut(&model.table).expect("it was put there");
        for select in &model.selects {
            let text = if everything { without_restriction(select) } else { select.clone() };
            conn.prepare_cached(&text)
                .and_then(|mut statement| rollup.add_rows(&mut statement, sign.factor()))
                .map_err(|e| {
                    Error::failed(format!("the model `{}` could not be derived", model.table)).because(e)
                })?;
        }
        Ok(())
    }

    /// Writes what changed in a model; everything, where its table is empty.
    pub fn store(&mut self, conn: &Connection, model: &Model, everything: bool) -> Result<()> {
        let Some(rollup) = self.0.remove(&model.table) else { return Ok(()) };
        rollup.store(conn, &model.table, everything)
    }
}

impl Rollup {
    fn of(conn: &Connection, table: &str) -> Result<Rollup> {
        let mut columns = conn.prepare("select name, pk from pragma_table_info(?1) order by pk, cid")?;
        let columns: Vec<(String, i64)> = columns
            .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let (key, sums): (Vec<_>, Vec<_>) = columns.into_iter().partition(|(_, place)| *place > 0);
        let names = |part: Vec<(String, i64)>| part.into_iter().map(|(name, _)| name).collect();
        Ok(Rollup { key: names(key), sums: names(sums), changes: HashMap::default() })
    }

    /// Columns are known by their names; a sum that a select leaves out is 0. Sums behind a `#word` go to a key of their
    /// own: `key#word` stands in for a column of it, and where it is null they count nowhere.
    fn add_rows(&mut self, statement: &mut Statement, sign: i64) -> rusqlite::Result<()> {
        let targets = self.read_columns(statement)?;
        let mut rows = statement.query([])?;
        let mut packed = Vec::new();
        while let Some(row) = rows.next()? {
            for target in &targets {
                if let Some(own) = target.own
                    && row.get_ref(own)? == ValueRef::Null
                {
                    continue;
                }
                packed.clear();
                for at in &target.key {
                    pack(&mut packed, row, *at)?;
                }
                let add = |changes: &mut [i64]| {
                    for (at, column) in &target.sums {
                        changes[*at] += sign * whole(row.get_ref(*column)?);
                    }
                    Ok::<_, rusqlite::Error>(())
                };
                if let Some(changes) = self.changes.get_mut(packed.as_slice()) {
                    add(changes)?;
                } else {
                    let mut changes = vec![0; self.sums.len()].into_boxed_slice();
                    add(&mut changes)?;
                    self.changes.insert(packed.clone(), changes);
                }
            }
        }
        Ok(())
    }

    /// Where a row's sums go: by its key, and by those of its words.
    fn read_columns(&self, statement: &Statement) -> rusqlite::Result<Vec<Target>> {
        let words: BTreeSet<&str> =
            statement.column_names().map(|name| name.find('#').map_or("", |at| &name[at..])).collect();
        let mut targets = Vec::new();
        for word in words {
            let place = |name: &String| statement.column_index(&format!("{name}{word}"));
            let sums: Vec<(usize, usize)> =
                self.sums.iter().enumerate().filter_map(|(at, name)| Some((at, place(name).ok()?))).collect();
            let of_key = |name: &String| place(name).or_else(|_| statement.column_index(name));
            let key = self.key.iter().map(of_key).collect::<rusqlite::Result<_>>()?;
            let own = self.key.iter().find_map(|name| place(name).ok()).filter(|_| !word.is_empty());
            targets.push(Target { key, own, sums });
        }
        Ok(targets)
    }

    fn store(self, conn: &Connection, table: &str, is_first: bool) -> Result<()> {
        let mut changes: Vec<(Vec<u8>, Box<[i64]>)> =
            self.changes.into_iter().filter(|(_, sums)| sums.iter().any(|sum| *sum != 0)).collect();
        if changes.is_empty() {
            return Ok(());
        }
        // as the table is ordered, or nearly so
        changes.sort_unstable();
        fn names(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        let mut writer = Writer::open(conn, table, &names(&self.key), &names(&self.sums), is_first);
        for (key, sums) in &changes {
            writer.add(Unpack(key).chain(sums.iter().map(|sum| Bound::Integer(*sum))))?;
        }
        writer.finish()
    }
}

const TEXT: u8 = 1;
const INTEGER: u8 = 0;

/// Appends one column of a key: whole numbers in their order, texts behind their length.
fn pack(into: &mut Vec<u8>, row: &Row, at: usize) -> rusqlite::Result<()> {
    match row.get_ref(at)? {
        ValueRef::Text(text) => {
            into.push(TEXT);
            into.extend((text.len() as u32).to_be_bytes());
            into.extend(text);
        }
        ValueRef::Integer(n) => {
            into.push(INTEGER);
            into.extend((n ^ i64::MIN).to_be_bytes());
        }
        other => return Err(rusqlite::Error::InvalidColumnType(at, "key".to_owned(), other.data_type())),
    }
    Ok(())
}

/// The columns of a packed key.
struct Unpack<'k>(&'k [u8]);

impl<'k> Iterator for Unpack<'k> {
    type Item = Bound<'k>;

    fn next(&mut self) -> Option<Bound<'k>> {
        let (kind, rest) = self.0.split_first()?;
        if *kind == TEXT {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (text, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
            self.0 = rest;
            return Some(Bound::Text(std::str::from_utf8(text).unwrap_or("")));
        }
        let (number, rest) = rest.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(Bound::Integer(i64::from_be_bytes(*number) ^ i64::MIN))
    }
}

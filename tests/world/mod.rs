//! An invented company as exports, imported, against what is known of it; and the properties of the fold.

mod answers;
mod fold;
mod sample;
mod truth;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use funnelite::demo::company::{Company, Shape};
use funnelite::demo::{self, exports};
use funnelite::import::{self, Options};
use funnelite::store::Store;
use funnelite::workspace::Workspace;
use rusqlite::Connection;
use rusqlite::types::Value;

/// A company and its exports: every file alone in a folder, so that its weekly folder still dates it.
struct World {
    company: Company,
    folder: tempfile::TempDir,
    /// One path for every file, the oldest first; what stands below each is `week-…/file`.
    files: Vec<PathBuf>,
}

impl World {
    fn new(seed: u64, shape: &Shape) -> World {
        let company = demo::simulate(seed, shape);
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for week in exports::list_weeks(shape) {
            for (name, bytes) in exports::list_files(&company, &week) {
                let root = folder.path().join(format!("files/{:03}", files.len()));
                std::fs::create_dir_all(root.join(week.folder())).unwrap();
                std::fs::write(root.join(week.folder()).join(name), bytes).unwrap();
                files.push(root);
            }
        }
        World { company, folder, files }
    }

    /// A new workspace of this world, with the settings of the sample workspace.
    fn workspace(&self, name: &str) -> Workspace {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("funnelite.toml"), include_str!("../../src/demo/funnelite.toml")).unwrap();
        Workspace::of(folder.join("funnel.db"))
    }

    /// A new workspace with these paths imported, one import for each group of them.
    fn import<'p>(&self, name: &str, groups: impl IntoIterator<Item = &'p [PathBuf]>) -> Store {
        let store = Store::open(self.workspace(name)).unwrap();
        for paths in groups {
            import(&store, paths);
        }
        store
    }
}

#[track_caller]
fn import(store: &Store, paths: &[PathBuf]) {
    let today = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
    let options = Options { today, ..Options::default() };
    let folder: &Path = &store.workspace.folder;
    let imported = import::run(&store.conn, &store.settings, folder, paths, &options).unwrap();
    if imported.has_failed() || imported.is_incomplete() {
        panic!("{}", import::summary::render(&imported, true, false));
    }
}

fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(i) => i.to_string(),
        Value::Real(r) => format!("{r:.6}"),
        Value::Text(t) => t,
        Value::Blob(b) => format!("{} bytes", b.len()),
    }
}

/// The rows of a query; the first column is the key, the others follow it.
fn keyed(conn: &Connection, sql: &str) -> BTreeMap<String, Vec<String>> {
    let mut statement = conn.prepare(sql).unwrap();
    let count = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells: Vec<String> = (0..count).map(|i| row.get(i).map(text)).collect::<rusqlite::Result<_>>()?;
        Ok((cells[0].clone(), cells[1..].to_vec()))
    });
    let mut keyed = BTreeMap::new();
    for row in rows.unwrap() {
        let (key, cells) = row.unwrap();
        assert!(keyed.insert(key.clone(), cells).is_none(), "{key} twice in {sql}");
    }
    keyed
}

/// Shows the first cells that differ.
#[track_caller]
fn assert_same<V: PartialEq + Debug>(
    what: &str,
    expected: &BTreeMap<String, V>,
    found: &BTreeMap<String, V>,
) {
    let mut differences: Vec<String> = Vec::new();
    for (key, row) in expected {
        match found.get(key) {
            Some(other) if other == row => {}
            Some(other) => differences.push(format!("{key}\n  expected {row:?}\n  found    {other:?}")),
            None => differences.push(format!("{key} is missing: {row:?}")),
        }
    }
    let unexpected = found.keys().filter(|key| !expected.contains_key(*key));
    differences.extend(unexpected.map(|key| format!("{key} is not expected: {:?}", found[key])));
    let shown = differences.iter().take(8).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{what}: {} of {} differ\n{shown}", differences.len(), expected.len());
}

/// Every row of every public view but the import ledger, sorted.
fn dump(conn: &Connection) -> BTreeMap<String, Vec<String>> {
    let orphans: i64 =
        conn.query_row("select count(*) from pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(orphans, 0, "rows that refer to nothing; `pragma foreign_key_check` shows them");
    assert_columns_fed(conn);
    let views: Vec<String> = conn
        .prepare("select name from sqlite_master where type = 'view' order by name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    let ledger = ["files", "rejects", "kpi_snapshots"];
    let views = views.into_iter().filter(|view| !ledger.contains(&view.as_str()));
    views.map(|view| (view.clone(), sorted_rows(conn, &view))).collect()
}

/// What no export had a column for is null in every record: models do not read it.
fn assert_columns_fed(conn: &Connection) {
    let columns: Vec<(String, String)> = conn
        .prepare(
            "select t.name, c.name from record_tables as t join pragma_table_info(t.name) as c
             where c.\"notnull\" = 0 and c.pk = 0 and c.name not in ('stage_trail', 'last_file')
                 and c.name not in (select f.name from fed_columns as f where f.target = t.id)",
        )
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    for (table, column) in columns {
        let found = format!("select exists (select 1 from {table} where {column} is not null)");
        let is_filled: bool = conn.query_row(&found, [], |row| row.get(0)).unwrap();
        assert!(!is_filled, "`{table}.{column}` holds something, but no export had it");
    }
}

fn sorted_rows(conn: &Connection, view: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("select * from \"{view}\"")).unwrap();
    let count = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..count)
            .map(|i| row.get(i).map(text))
            .collect::<rusqlite::Result<Vec<_>>>()
            .map(|cells| cells.join("|"))
    });
    let mut rows: Vec<String> = rows.unwrap().collect::<rusqlite::Result<_>>().unwrap();
    rows.sort();
    rows
}

/// Two dumps are equal; else the first rows that only one of them has.
#[track_caller]
fn assert_same_views(what: &str, one: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>) {
    let differing: Vec<&String> =
        one.iter().filter(|(view, rows)| other[*view] != **rows).map(|(v, _)| v).collect();
    for (view, rows) in one {
        let others = &other[view];
        if rows == others {
            continue;
        }
        let only = |a: &[String], b: &[String]| {
            let missing = a.iter().filter(|row| b.binary_search(row).is_err());
            missing.take(5).cloned().collect::<Vec<_>>().join("\n  ")
        };
        panic!(
            "{what}: {differing:?} differ; `{view}` has {} and {} rows\nonly first:\n  {}\nonly second:\n  {}",
            rows.len(),
            others.len(),
            only(rows, others),
            only(others, rows)
        );
    }
}

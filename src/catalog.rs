//! The knowledge embedded in the binary: formats, models, measures, views, queries and checks.

use include_dir::{Dir, include_dir};

static FORMATS: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/formats");
static SQL: Dir = include_dir!("$CARGO_MANIFEST_DIR/sql");

/// An embedded text: its file stem and its content.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    pub name: &'static str,
    pub body: &'static str,
}

/// The built-in formats, by name.
pub fn formats() -> Vec<Text> {
    list(&FORMATS, "", "toml")
}

/// The SQL files of one folder of `sql/` (models, measures, views, queries, checks), by name.
pub fn sql(folder: &str) -> Vec<Text> {
    list(&SQL, folder, "sql")
}

/// The KPI catalogue's files, by subject.
pub fn kpis() -> Vec<Text> {
    list(&SQL, "kpis", "toml")
}

/// One file below `sql/`, such as `kpis.toml`.
pub fn sql_file(path: &str) -> &'static str {
    SQL.get_file(path).and_then(|f| f.contents_utf8()).expect("an embedded file")
}

fn list(dir: &'static Dir, folder: &str, extension: &str) -> Vec<Text> {
    let files = if folder.is_empty() { Some(dir) } else { dir.get_dir(folder) };
    let mut texts: Vec<Text> = files
        .map(|d| d.files())
        .into_iter()
        .flatten()
        .filter(|f| f.path().extension().is_some_and(|e| e == extension))
        .map(|f| Text {
            name: f.path().file_stem().and_then(|s| s.to_str()).expect("an ASCII file name"),
            body: f.contents_utf8().expect("UTF-8 text"),
        })
        .collect();
    texts.sort_by_key(|t| t.name);
    texts
}

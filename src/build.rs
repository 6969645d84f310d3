//! Embeds the data folders: the built-in formats with the headers that each needs, and all that is SQL.

#[path = "format/header.rs"]
#[allow(dead_code, reason = "the library uses the rest of it")]
mod header;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use toml::{Table, Value};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

const FORMATS: &str = "src/formats";

/// What says how the database is made and filled: where one changes, it is made again.
const MODEL_TEXTS: [&str; 8] = [
    "migrations",
    "src/models/tables.sql",
    "sql/models",
    "sql/measures",
    "sql/touched",
    "sql/samples",
    "sql/crm",
    "sql/kpis",
];

fn main() -> Result<(), Box<dyn Error>> {
    let embedded = ["migrations", "sql", FORMATS, "src/settings", "src/models/tables.sql"];
    for path in embedded.iter().chain(&["src/format/header.rs"]) {
        println!("cargo:rerun-if-changed={path}");
    }
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let mut texts = Xxh3::new();
    for path in MODEL_TEXTS {
        hash(&root.join(path), &mut texts)?;
    }
    println!("cargo:rustc-env=MODEL_TEXTS={:032x}", texts.digest128());
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("built_in_formats.rs"), index(&root.join(FORMATS))?)?;
    std::fs::write(out.join("sql_files.rs"), embed(&root.join("sql"))?)?;
    Ok(())
}

/// The source that `src/catalog.rs` includes.
fn embed(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let (inner, files): (Vec<PathBuf>, Vec<PathBuf>) =
            files(&next)?.into_iter().partition(|p| p.is_dir());
        folders.extend(inner);
        found.extend(files);
    }
    let mut rows = String::new();
    for path in &found {
        let names = path.strip_prefix(folder)?.iter().map(|name| name.to_string_lossy());
        let name = names.collect::<Vec<_>>().join("/");
        if path.extension().is_some_and(|e| e == "toml") {
            // read by every import, and JSON is read in a fifth of the time
            let table: Table = std::fs::read_to_string(path)?.parse().map_err(|e| format!("{name}: {e}"))?;
            writeln!(rows, "    ({name:?}, {:?}),", serde_json::to_string(&table)?)?;
        } else {
            writeln!(rows, "    ({name:?}, include_str!({path:?})),")?;
        }
    }
    Ok(format!(
        "/// The files below `sql/` with their texts, those of TOML as JSON; a folder's in the order of their names.\n\
         static SQL_FILES: [(&str, &str); {}] = [\n{rows}];\n",
        found.len()
    ))
}

/// Takes in the names and texts of a file or folder.
fn hash(path: &Path, texts: &mut Xxh3) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        return files(path)?.iter().try_for_each(|file| hash(file, texts));
    }
    texts.update(path.file_name().unwrap_or_default().as_encoded_bytes());
    texts.update(&std::fs::read(path)?);
    Ok(())
}

/// What a folder holds, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.sort_by_key(|path| path.file_stem().map(ToOwned::to_owned));
    Ok(paths)
}

/// The source that `src/format/built_in.rs` includes.
fn index(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut paths = files(folder)?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    let mut formats = String::new();
    // by hash and format: the needs that the name meets
    let mut names: BTreeMap<(u64, usize), u16> = BTreeMap::new();
    for (place, path) in paths.iter().enumerate() {
        let name = path.file_stem().unwrap_or_default().display().to_string();
        let text = std::fs::read_to_string(path)?;
        // what is wrong with a format a test tells
        let format: Table = text.parse().map_err(|e| format!("{name}: {e}"))?;
        let needs = needs(&format);
        let all = u16::try_from((1_u32 << needs.len()) - 1)?;
        for (bit, alternatives) in needs.iter().enumerate() {
            for name in alternatives {
                let hash = xxh3_64(header::normalize(name).as_bytes());
                *names.entry((hash, place)).or_default() |= 1 << bit;
            }
        }
        let has_empty_line = format.contains_key("empty_line");
        let beside: Vec<&str> = texts(format.get("file").and_then(|file| file.get("beside"))).collect();
        writeln!(
            formats,
            "    BuiltIn {{ name: {name:?}, text: include_str!({path:?}), place: {place}, needs: {all}, \
             has_empty_line: {has_empty_line}, beside: &{beside:?} }},"
        )?;
    }
    let count = names.len();
    let mut rows = String::new();
    for ((hash, place), needs) in names {
        writeln!(rows, "    ({hash}, {place}, {needs}),")?;
    }
    Ok(format!(
        "/// In the order of their names.\n\
         pub static BUILT_IN: [BuiltIn; {}] = [\n{formats}];\n\n\
         /// Hashes of normalised headers in their order: the format that needs such a header, and for which needs.\n\
         static NAMES: [(u64, u16, u16); {count}] = [\n{rows}];\n",
        paths.len()
    ))
}

/// For each need of a format the headers of which one must be there; not for those that a pattern may meet.
fn needs(format: &Table) -> Vec<Vec<&str>> {
    let column = |target: &str| format.get("columns")?.get(target.trim());
    let by_column = texts(format.get("need")).filter_map(|need| {
        let columns: Option<Vec<Vec<&str>>> = need.split('|').filter_map(column).map(headers).collect();
        Some(columns?.concat())
    });
    let also = texts(format.get("also")).map(|names| names.split('|').collect());
    by_column.chain(also).collect()
}

/// The headers of a column and its fallback; none where a pattern finds it.
fn headers(column: &Value) -> Option<Vec<&str>> {
    if column.is_array() {
        return Some(texts(Some(column)).collect());
    }
    let own = texts(column.get("headers"));
    let fallback = column.get("fallback").map_or(Some(Vec::new()), headers)?;
    column.get("pattern").is_none().then(|| own.chain(fallback).collect())
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

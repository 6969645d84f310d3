//! The ledger: which files were imported, their bytes, and in which order they are folded.

use std::io::{Read, Write};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::dating::{AsOf, AsOfEvidence};
use super::mapper::RowError;
use super::source::Content;
use crate::error::{Error, Result};

/// Flags that a file was imported with; they hold whenever it is folded again.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct Flags {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
    /// Lines of the file that stood beside it in its archive and says what it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

/// A file in the ledger.
#[derive(Debug, Clone)]
pub struct FileRow {
    pub id: i64,
    pub hash: String,
    pub name: String,
    pub as_of: AsOf,
    pub flags: Flags,
    pub modified: String,
    pub format: Option<String>,
    /// The day on which the newest copy of it was made.
    pub last_seen_on: String,
}

const COLUMNS: &str = "id, hash, name, as_of, as_of_evidence, flags, coalesce(modified_at, ''), format, coalesce(last_seen_on, '')";

fn file_row(row: &rusqlite::Row) -> rusqlite::Result<FileRow> {
    Ok(FileRow {
        id: row.get(0)?,
        hash: row.get(1)?,
        name: row.get(2)?,
        as_of: AsOf { moment: row.get(3)?, evidence: AsOfEvidence::of(&row.get::<_, String>(4)?) },
        flags: serde_json::from_str(&row.get::<_, String>(5)?).unwrap_or_default(),
        modified: row.get(6)?,
        format: row.get(7)?,
        last_seen_on: row.get(8)?,
    })
}

pub fn find_by_hash(conn: &Connection, hash: &str) -> Result<Option<FileRow>> {
    let sql = format!("select {COLUMNS} from import_files where hash = ?1");
    Ok(conn.query_row(&sql, [hash], file_row).optional()?)
}

/// True if a file of so many bytes is known.
pub fn has_size(conn: &Connection, bytes: u64) -> Result<bool> {
    let sql = "select exists (select 1 from import_files where bytes = ?1)";
    Ok(conn.query_row(sql, [i64::try_from(bytes).unwrap_or(i64::MAX)], |row| row.get(0))?)
}

/// A file by its number in the ledger or by the first characters of its hash.
pub fn find(conn: &Connection, id: &str) -> Result<FileRow> {
    let sql = format!(
        "select {COLUMNS} from import_files where cast(id as text) = ?1 or (length(?1) >= 4 and hash like ?1 || '%')"
    );
    let mut statement = conn.prepare(&sql)?;
    let mut found: Vec<FileRow> = statement.query_map([id], file_row)?.collect::<rusqlite::Result<_>>()?;
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Error::usage(format!("no file `{id}`")).hint("`funnelite files` lists what was imported")),
        _ => {
            Err(Error::usage(format!("`{id}` could be several files"))
                .hint("give more characters of the hash"))
        }
    }
}

/// The files that feed any of the groups, in the order of the fold.
pub fn files_of(conn: &Connection, groups: &[String]) -> Result<Vec<FileRow>> {
    let list = serde_json::to_string(groups).expect("strings");
    let sql = format!(
        "select {COLUMNS} from import_files where id in (
            select file from import_groups where fold_group in (select value from json_each(?1)))
         order by sort_key"
    );
    let mut statement = conn.prepare(&sql)?;
    Ok(statement.query_map([list], file_row)?.collect::<rusqlite::Result<_>>()?)
}

pub fn all_files(conn: &Connection) -> Result<Vec<FileRow>> {
    let mut statement = conn.prepare(&format!("select {COLUMNS} from import_files order by sort_key"))?;
    Ok(statement.query_map([], file_row)?.collect::<rusqlite::Result<_>>()?)
}

pub fn groups_of(conn: &Connection, file: i64) -> Result<Vec<String>> {
    let mut statement = conn.prepare("select fold_group from import_groups where file = ?1")?;
    Ok(statement.query_map([file], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

pub fn set_groups(conn: &Connection, file: i64, groups: &[String]) -> Result<()> {
    conn.execute("delete from import_groups where file = ?1", [file])?;
    for group in groups {
        conn.execute(
            "insert or ignore into import_groups (file, fold_group) values (?1, ?2)",
            params![file, group],
        )?;
    }
    Ok(())
}

/// Dates a file.
pub fn date(conn: &Connection, file: i64, as_of: &AsOf, sort_key: &str) -> Result<()> {
    conn.execute(
        "update import_files set as_of = ?2, as_of_evidence = ?3, sort_key = ?4 where id = ?1",
        params![file, as_of.moment, as_of.evidence.name(), sort_key],
    )?;
    Ok(())
}

/// True if a file feeds one of these groups.
pub fn has_any(conn: &Connection, groups: &[String]) -> Result<bool> {
    let list = serde_json::to_string(groups).expect("strings");
    Ok(conn.query_row(
        "select exists (select 1 from import_groups where fold_group in (select value from json_each(?1)))",
        [list],
        |row| row.get(0),
    )?)
}

/// Notes a newer copy of a file that is known.
pub fn set_last_seen(conn: &Connection, file: i64, day: &str) -> Result<()> {
    conn.execute("update import_files set last_seen_on = ?2 where id = ?1", params![file, day])?;
    Ok(())
}

/// True if a file of one of these groups sorts after `key`.
pub fn has_later(conn: &Connection, groups: &[String], key: &str, file: i64) -> Result<bool> {
    let list = serde_json::to_string(groups).expect("strings");
    Ok(conn.query_row(
        "select exists (select 1 from import_groups as g join import_files as f on f.id = g.file
            where g.fold_group in (select value from json_each(?1)) and f.sort_key > ?2 and f.id <> ?3)",
        params![list, key, file],
        |row| row.get(0),
    )?)
}

pub fn keep_rejects(conn: &Connection, file: i64, rejects: &[RowError]) -> Result<()> {
    conn.execute("delete from import_rejects where file = ?1", [file])?;
    let mut insert = conn.prepare_cached(
        "insert into import_rejects (file, line, column_name, value, reason) values (?1, ?2, ?3, ?4, ?5)",
    )?;
    for reject in rejects {
        let line = i64::try_from(reject.line).unwrap_or(i64::MAX);
        insert.execute(params![file, line, reject.column, reject.value, reject.reason])?;
    }
    Ok(())
}

/// Removes a file from the ledger, its bytes included.
pub fn remove(conn: &Connection, file: i64) -> Result<()> {
    for sql in [
        "delete from import_rejects where file = ?1",
        "delete from import_groups where file = ?1",
        "delete from import_chunks where file = ?1",
        "delete from import_files where id = ?1",
    ] {
        conn.execute(sql, [file])?;
    }
    Ok(())
}

/// Bytes compressed as one: more than the compressor looks back.
const CHUNK: usize = 2 << 20;

/// Keeps a file's bytes, compressed chunk by chunk.
pub fn keep(conn: &Connection, file: i64, mut bytes: impl Read) -> Result<()> {
    let mut insert =
        conn.prepare_cached("insert into import_chunks (file, seq, bytes) values (?1, ?2, ?3)")?;
    let mut compressor = zstd::bulk::Compressor::new(1)?;
    // what it looks back at stays near the processor: a tenth faster and hardly larger
    compressor.set_parameter(zstd::zstd_safe::CParameter::WindowLog(17))?;
    compressor.set_parameter(zstd::zstd_safe::CParameter::HashLog(13))?;
    let mut chunk = vec![0; AHEAD + CHUNK];
    for seq in 0_i64.. {
        let count = fill(&mut bytes, &mut chunk[AHEAD..])?;
        if count == 0 {
            break;
        }
        insert.execute(params![file, seq, compressor.compress(&chunk[AHEAD..AHEAD + count])?])?;
    }
    Ok(())
}

/// Left free before a chunk: so large a buffer is mapped, 16 bytes into a page, and where a page is copied to there some
/// processors take four times as long.
const AHEAD: usize = 48;

/// Reads until the buffer is full or nothing is left, and says how much it was.
fn fill(bytes: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match bytes.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(count)
}

/// A kept file's bytes, in a temporary file.
pub fn kept(conn: &Connection, file: i64) -> Result<Content> {
    let mut held = tempfile::NamedTempFile::new()?;
    {
        let mut chunks = conn.prepare("select bytes from import_chunks where file = ?1 order by seq")?;
        let mut decoder = zstd::stream::write::Decoder::new(held.as_file_mut())?;
        let mut rows = chunks.query([file])?;
        while let Some(row) = rows.next()? {
            decoder.write_all(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        }
        decoder.flush()?;
    }
    Ok(Content::Held(Arc::new(held)))
}

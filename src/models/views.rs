//! Keeps the public views as this version's texts say.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xxhash_rust::xxh3::xxh3_128;

use super::state;
use crate::catalog;
use crate::error::{Error, Result};

/// Drops the public views, so that the tables below them can change.
pub fn drop_views(conn: &Connection) -> Result<()> {
    let has_meta: bool =
        conn.query_row("select exists (select 1 from sqlite_master where name = 'meta')", [], |r| r.get(0))?;
    if !has_meta {
        return Ok(());
    }
    for name in recorded(conn)?.keys() {
        conn.execute_batch(&format!("drop view if exists \"{name}\""))?;
        conn.execute("delete from meta where key = ?1", [format!("view:{name}")])?;
    }
    Ok(())
}

/// Whether the database's views are those of this program, text by text.
pub(super) fn are_current(conn: &Connection) -> Result<bool> {
    let recorded = recorded(conn)?;
    let texts = catalog::sql("views");
    Ok(texts.len() == recorded.len() && texts.iter().all(|t| recorded.get(t.name) == Some(&version(t.body))))
}

fn version(text: &str) -> String {
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

/// Recreates the views whose text changed and drops those that are gone.
pub(super) fn sync_views(conn: &Connection) -> Result<()> {
    if are_current(conn)? {
        return Ok(());
    }
    let texts = catalog::sql("views");
    // views may read each other: when one changed, all are made anew
    drop_views(conn)?;
    for text in &texts {
        conn.execute_batch(text.body).map_err(|e| {
            Error::failed(format!("the view `{}` could not be created", text.name)).because(e)
        })?;
        state::set(conn, &format!("view:{}", text.name), &version(text.body))?;
    }
    Ok(())
}

fn recorded(conn: &Connection) -> Result<BTreeMap<String, String>> {
    let rows = conn
        .prepare("select substr(key, 6), value from meta where key like 'view:%'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(rows)
}

//! Keeps the public views as this version's texts say.

use rusqlite::Connection;
use xxhash_rust::xxh3::Xxh3;

use super::state;
use crate::catalog;
use crate::error::{Error, Result};

/// Drops the public views, so that the tables below them can change.
pub(super) fn drop_views(conn: &Connection) -> Result<()> {
    let has_meta: bool =
        conn.query_row("select exists (select 1 from sqlite_master where name = 'meta')", [], |r| r.get(0))?;
    if !has_meta {
        return Ok(());
    }
    for name in state::get(conn, NAMES)?.unwrap_or_default().split_whitespace() {
        conn.execute_batch(&format!("drop view if exists \"{name}\""))?;
    }
    state::set(conn, VERSION, "")
}

/// In `meta`: the views that are there, and the version of their texts.
const NAMES: &str = "views";
const VERSION: &str = "views_version";

/// Whether the database's views are those of this program.
pub(super) fn are_current(conn: &Connection) -> Result<bool> {
    Ok(state::get(conn, VERSION)?.as_deref() == Some(version(&catalog::sql("views")).as_str()))
}

fn version(texts: &[catalog::Text]) -> String {
    let mut hash = Xxh3::new();
    for text in texts {
        hash.update(text.name.as_bytes());
        hash.update(text.body.as_bytes());
    }
    format!("{:032x}", hash.digest128())
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
    }
    let names: Vec<&str> = texts.iter().map(|text| text.name).collect();
    state::set(conn, NAMES, &names.join(" "))?;
    state::set(conn, VERSION, &version(&texts))
}

//! The database file: opening, migrating, and leaving it as one complete file.

pub mod guard;
pub(crate) mod lexer;
pub mod query;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Opens the database for writing, creating it where it does not exist, and brings its tables up to date.
pub fn open(path: &Path) -> Result<Connection> {
    let mut conn = Connection::open(path)
        .map_err(|e| Error::failed(format!("`{}` could not be opened", path.display())).because(e))?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "normal")?;
    conn.pragma_update(None, "foreign_keys", "on")?;
    migrate(&mut conn)?;
    Ok(conn)
}

/// Opens an existing database for reading only.
pub fn open_read_only(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)
        .map_err(|e| Error::failed(format!("`{}` could not be opened", path.display())).because(e))?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(conn)
}

/// Applies the migrations that the database lacks.
pub fn migrate(conn: &mut Connection) -> Result<()> {
    embedded::migrations::runner()
        .run(conn)
        .map_err(|e| Error::failed("the database could not be brought up to date").because(e))?;
    Ok(())
}

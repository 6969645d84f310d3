//! The database file: opening, migrating, and leaving it as one complete file.

pub mod batch;
pub mod guard;
pub mod kept;
pub(crate) mod lexer;
pub(crate) mod mistake;
pub mod query;

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};

pub mod checks;
pub mod named;
pub mod records;
pub mod texts;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Pages held in memory while writing, so that a large file's rows are not written and read back in between.
const CACHE_KIB: i64 = 96 * 1024;

/// Statements kept prepared: those that a file's rows and the models run in turn.
const STATEMENTS: usize = 256;

/// Of a new database. Twice what SQLite takes by itself: half as many pages to split and to look up.
const PAGE_BYTES: i64 = 8192;

/// How much of the file is read where the operating system holds it, without a copy.
const MAPPED_BYTES: i64 = 4 << 30;

/// Opens the database for writing, creating it where it does not exist; until [`begin`] it stays as it is.
pub fn open(path: &Path) -> Result<Connection> {
    let conn = Connection::open(path)
        .map_err(|e| Error::failed(format!("`{}` could not be opened", path.display())).because(e))?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    // ids come from the tables they refer to; to look each up again would cost as much as to write it
    conn.pragma_update(None, "foreign_keys", "off")?;
    // a statement keeps its plan whatever is bound to it; else those that might use a partial index are planned anew for
    // each row
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

/// Readies a database to be written.
pub fn begin(conn: &Connection, is_new: bool) -> Result<()> {
    if is_new {
        conn.pragma_update(None, "page_size", PAGE_BYTES)?;
    }
    // counted in pages of the size that it has at this moment
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // others may read on while it is written; what is not there yet nobody reads, and its pages are written once
    conn.pragma_update(None, "journal_mode", if is_new { "delete" } else { "wal" })?;
    conn.pragma_update(None, "synchronous", "normal")?;
    Ok(())
}

/// Opens an existing database for reading only.
pub fn open_read_only(path: &Path) -> Result<Connection> {
    let failed = |e| Error::failed(format!("`{}` could not be opened", path.display())).because(e);
    take_back_journal(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(failed)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    // opening reads nothing: a file that is no database shows only here
    conn.query_row("select count(*) from sqlite_schema", [], |_| Ok(())).map_err(failed)?;
    Ok(conn)
}

/// A program that was killed while it wrote may have left a journal, which SQLite takes back only for a connection
/// that may write.
fn take_back_journal(path: &Path) {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if Path::new(&journal).exists()
        && let Ok(conn) = Connection::open_with_flags(path, flags)
    {
        // where it cannot be written, the read that follows says so
        let _ = conn.query_row("select count(*) from sqlite_schema", [], |_| Ok(()));
    }
}

/// Applies the migrations that the database lacks.
pub fn migrate(conn: &mut Connection) -> Result<()> {
    embedded::migrations::runner()
        .set_grouped(true)
        .run(conn)
        .map_err(|e| Error::failed("the database could not be brought up to date").because(e))?;
    Ok(())
}

/// Takes back what `work` wrote where it fails.
pub fn in_savepoint<T>(conn: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    conn.execute_batch("savepoint work")?;
    match work() {
        Ok(done) => {
            conn.execute_batch("release work")?;
            Ok(done)
        }
        Err(e) => {
            conn.execute_batch("rollback to work; release work")?;
            Err(e)
        }
    }
}

/// The same where `begun` may say how many changes the connection had made when its transaction began. If there are none
/// since, the transaction begins anew: of pages that change within a savepoint, SQLite writes copies first.
pub fn attempt<T>(conn: &Connection, begun: Option<u64>, work: impl FnOnce() -> Result<T>) -> Result<T> {
    if begun != Some(conn.total_changes()) {
        return in_savepoint(conn, work);
    }
    let done = work();
    if done.is_err() {
        conn.execute_batch("rollback; begin immediate")?;
    }
    done
}

/// False where another program that held it open kept the last command from leaving it as one complete file.
pub fn is_one_file(conn: &Connection) -> Result<bool> {
    let mode: String = conn.query_row("pragma journal_mode", [], |row| row.get(0))?;
    Ok(mode == "delete")
}

/// Leaves the database as one complete file; false where another program holds it open.
pub fn finish(conn: Connection) -> Result<bool> {
    conn.pragma_update(None, "optimize", "")?;
    conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    let mode: rusqlite::Result<String> = conn.query_row("pragma journal_mode = delete", [], |row| row.get(0));
    conn.close().map_err(|(_, e)| e)?;
    Ok(mode.is_ok_and(|m| m == "delete"))
}

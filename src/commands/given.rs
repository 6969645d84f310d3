//! What people type or fill in beside the exports: targets and notes. Typed rows have a source of their own, which no
//! sheet replaces.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use crate::cli::{Context, Outcome};
use crate::commands::import;
use crate::error::{Error, Result};
use crate::import::{fold, refold};
use crate::models;
use crate::store::Store;

/// The system of rows that were typed on the command line.
const TYPED: &str = "command";

/// Imports a filled-in sheet of one kind.
pub(super) fn import_sheet(file: PathBuf, format: &str, ctx: &Context) -> Result<Outcome> {
    let args = import::Args { paths: vec![file], source: Some(format.to_owned()), ..import::Args::default() };
    import::run(args, ctx)
}

/// Changes typed rows of a table and derives what follows from them, in one transaction.
pub(super) fn change(
    store: Store,
    ctx: &Context,
    table: &str,
    write: impl FnOnce(&Connection, i64) -> rusqlite::Result<usize>,
) -> Result<usize> {
    let transaction = store.conn.unchecked_transaction()?;
    refold::prepare(&store.conn)?;
    let source = fold::source_id(&store.conn, TYPED, "")?;
    let count = write(&store.conn, source)?;
    store.conn.execute(
        &format!("insert or ignore into temp.touched_rows (target, record) select ?1, id from {table} where source = ?2"),
        params![table, source],
    )?;
    models::refresh(&store.conn, &store.settings)?;
    transaction.commit()?;
    store.close(ctx)?;
    Ok(count)
}

/// Removes a typed row; one from a sheet goes with its sheet.
pub(super) fn remove(table: &str, id: i64, what: &str, ctx: &Context) -> Result<Outcome> {
    let count = change(ctx.open_store()?, ctx, table, |conn, source| {
        conn.execute(&format!("delete from {table} where id = ?1 and source = ?2"), params![id, source])
    })?;
    if count == 0 {
        return Err(Error::usage(format!("there is no typed {what} {id}")).hint(format!(
            "`funnelite {what} list` shows them; one from a sheet goes with `funnelite undo`"
        )));
    }
    ctx.say(format!("{what} {id} is removed"));
    Ok(Outcome::Done)
}

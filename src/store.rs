//! A workspace opened for writing: its database, brought up to date, and its settings.

use rusqlite::Connection;

use crate::cli::Context;
use crate::db;
use crate::error::Result;
use crate::models;
use crate::settings::Settings;
use crate::workspace::Workspace;

pub struct Store {
    pub conn: Connection,
    pub settings: Settings,
    pub workspace: Workspace,
}

impl Store {
    /// Opens the workspace's database, creating it where it does not exist.
    pub fn open(workspace: Workspace) -> Result<Store> {
        let settings = Settings::load(&workspace.folder)?;
        let conn = db::open(&workspace.database)?;
        models::prepare(&conn, &settings)?;
        Ok(Store { conn, settings, workspace })
    }

    /// Leaves the database as one complete file; says so where another program keeps it from that.
    pub fn close(self, ctx: &Context) -> Result<()> {
        if !db::finish(self.conn)? {
            ctx.say(format!(
                "note: another program holds `{}` open; `{}-wal` belongs to it until that program closes",
                self.workspace.database.display(),
                self.workspace.database.display(),
            ));
        }
        Ok(())
    }
}

/// Opens for reading, after changed settings, models and views are applied; where the file cannot be written, what it holds
/// is read as it is, and the person is told.
pub(crate) fn open_up_to_date(workspace: &Workspace, ctx: &Context) -> Result<Connection> {
    let settings = Settings::load(&workspace.folder)?;
    let conn = db::open_read_only(&workspace.database)?;
    if models::is_current(&conn, &settings)? {
        return Ok(conn);
    }
    drop(conn);
    ctx.say("note: settings or definitions have changed; deriving the numbers again");
    let applied = Store::open(workspace.clone()).and_then(|store| store.close(ctx));
    if let Err(error) = applied {
        ctx.say(format!(
            "note: the settings last applied hold, because the database could not be changed\n{error}"
        ));
    }
    db::open_read_only(&workspace.database)
}

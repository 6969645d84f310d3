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

/// A workspace whose database was opened and is as it was.
pub struct Untouched {
    pub conn: Connection,
    pub settings: Settings,
    pub workspace: Workspace,
    is_new: bool,
    /// Whether it is one complete file whose tables, models and views are those of this program and these settings.
    pub is_current: bool,
}

impl Store {
    /// Opens the workspace's database, creating it where it does not exist.
    pub fn open(workspace: Workspace) -> Result<Store> {
        Untouched::open(workspace)?.prepare()
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

impl Untouched {
    pub fn open(workspace: Workspace) -> Result<Untouched> {
        let settings = Settings::load(&workspace.folder)?;
        let is_new = !workspace.database.exists();
        let conn = db::open(&workspace.database)?;
        let is_current = !is_new
            && db::is_one_file(&conn)?
            && models::is_ours(&conn)?
            && models::is_current(&conn, &settings)?;
        Ok(Untouched { conn, settings, workspace, is_new, is_current })
    }

    /// Brings the database up to date, to be written from now on.
    pub fn prepare(mut self) -> Result<Store> {
        db::begin(&self.conn, self.is_new)?;
        if !self.is_current {
            db::migrate(&mut self.conn)?;
        }
        models::prepare(&self.conn, &self.settings)?;
        Ok(Store { conn: self.conn, settings: self.settings, workspace: self.workspace })
    }
}

/// Opens for reading, after changed settings, models and views are applied; where the file cannot be written, what it holds
/// is read as it is, and the person is told.
pub(crate) fn open_up_to_date(workspace: &Workspace, ctx: &Context) -> Result<Connection> {
    let settings = Settings::load(&workspace.folder)?;
    let conn = db::open_read_only(&workspace.database)?;
    if !models::is_ours(&conn)? || models::is_current(&conn, &settings)? {
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

//! The import history.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::db::query;
use crate::error::{Error, Result};
use crate::import::ledger;
use crate::output::Cell;

const EXAMPLE: &str = "\
Example:
  funnelite files 12 --save restored";

/// Import history: every file with its format, period and what became of its rows
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// One file: its number, or the first characters of its hash
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Give kept exports back, as they were: the named one, or all, into this folder
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let conn = ctx.open_read_only()?;
    if let Some(folder) = &args.save {
        let count = save(&conn, args.id.as_deref(), folder)?;
        ctx.say(format!("{count} exports written to {}", folder.display()));
        return Ok(Outcome::Done);
    }
    let id = args.id.map(|id| ledger::find(&conn, &id)).transpose()?.map(|file| file.id);
    let sql = match id {
        None => LIST,
        Some(_) => DETAILS,
    };
    ctx.print(&query::run(&conn, sql, &[("id", id.map_or(Cell::Null, Cell::Integer))])?)?;
    Ok(Outcome::Done)
}

const LIST: &str = "\
select id as file, substr(hash, 1, 8) as hash, name, format, period_start as period_from, period_end as period_to, as_of, last_seen_on as last_seen,
    rows_read, rows_loaded as loaded, rows_changed as changed, rows_furniture as furniture, rows_rejected as rejected, checksum
from import_files
order by sort_key, id";

const DETAILS: &str = "\
select 'file' as what, id as value from import_files where id = :id
union all select 'hash', hash from import_files where id = :id
union all select 'name', name from import_files where id = :id
union all select 'read from', path from import_files where id = :id
union all select 'bytes', bytes from import_files where id = :id
union all select 'format', format from import_files where id = :id
union all select 'as of', replace(as_of, 'T', ' ') || ' (by ' || as_of_evidence || ')' from import_files where id = :id
union all select 'period', period_start || ' to ' || period_end from import_files where id = :id
union all select 'last seen', last_seen_on from import_files where id = :id
union all select 'imported', imported_at from import_files where id = :id
union all select 'flags', flags from import_files where id = :id
union all select 'rows read', rows_read from import_files where id = :id
union all select 'rows loaded', rows_loaded from import_files where id = :id
union all select 'new or changed', rows_changed from import_files where id = :id
union all select 'unchanged', rows_unchanged from import_files where id = :id
union all select 'furniture', rows_furniture from import_files where id = :id
union all select 'rejected', rows_rejected from import_files where id = :id
union all select 'own total', coalesce(checksum, 'gives none') from import_files where id = :id
union all select 'not used', c.value from import_files as f, json_each(f.unmapped) as c where f.id = :id";

/// Gives kept exports back, byte for byte, under their own names.
fn save(conn: &rusqlite::Connection, id: Option<&str>, folder: &std::path::Path) -> Result<usize> {
    let files = match id {
        Some(id) => vec![ledger::find(conn, id)?],
        None => ledger::all_files(conn)?,
    };
    std::fs::create_dir_all(folder)?;
    for file in &files {
        // Several weeks hold files of one name: the number keeps them apart.
        let name: String =
            file.name.chars().map(|c| if matches!(c, '/' | '\\' | ':') { '_' } else { c }).collect();
        let path = folder.join(format!("{:04}-{name}", file.id));
        let mut out = std::fs::File::create(&path)
            .map_err(|e| Error::failed(format!("`{}` could not be written", path.display())).because(e))?;
        std::io::copy(&mut ledger::kept(conn, file.id)?.open()?, &mut out)?;
    }
    Ok(files.len())
}

//! The rows that could not be read.

use crate::cli::{Context, Outcome};
use crate::db::query;
use crate::error::Result;
use crate::import::ledger;
use crate::output::Cell;

const EXAMPLE: &str = "\
Example:
  funnelite rejects 12";

/// Rejected rows with file, line, column, value and reason
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Of one file only: its number, or the first characters of its hash
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let conn = ctx.open_read_only()?;
    let id = args.id.map(|id| ledger::find(&conn, &id)).transpose()?.map(|file| file.id);
    let rejected = query::run(&conn, SQL, &[("id", id.map_or(Cell::Null, Cell::Integer))])?;
    if rejected.rows.is_empty() {
        ctx.say("no row was rejected");
    }
    ctx.print(&rejected)?;
    Ok(Outcome::Done)
}

const SQL: &str = "\
select r.file, f.name, r.line, r.column_name as \"column\", r.value, r.reason
from import_rejects as r
join import_files as f on f.id = r.file
where :id is null or r.file = :id
order by f.sort_key, r.line, r.id";

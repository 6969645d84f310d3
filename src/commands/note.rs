//! Dated annotations.

use std::path::PathBuf;

use rusqlite::params;

use super::given;
use crate::cli::{Context, Outcome};
use crate::db::query;
use crate::error::{Error, Result};
use crate::format::date;

const EXAMPLE: &str = "\
Example:
  funnelite note add 2026-10-05 'Autumn webinar' --channel Webinar";

/// Dated annotations (a webinar, a trade show, a launch), shown beside every series
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Add a note
    Add {
        /// Day it happened
        #[arg(value_name = "DAY")]
        day: String,
        /// What happened
        #[arg(value_name = "TEXT")]
        text: String,
        /// Channel it concerns
        #[arg(long, value_name = "CHANNEL")]
        channel: Option<String>,
    },
    /// List notes
    List,
    /// Import a filled-in sheet (`funnelite template notes`)
    Import {
        /// The sheet, csv or xlsx
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Remove a note
    Remove {
        /// Its number in `note list`
        #[arg(value_name = "ID")]
        id: i64,
    },
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    match args.action {
        Action::List => {
            let conn = ctx.open_read_only()?;
            ctx.print(&query::run(&conn, LIST, &[])?)?;
            Ok(Outcome::Done)
        }
        Action::Import { file } => given::import_sheet(file, "notes", ctx),
        Action::Add { day, text, channel } => {
            let moment = date::parse(&day, None).ok_or_else(|| {
                Error::usage(format!("`{day}` is no date")).hint("write it like 2026-10-05")
            })?;
            let day = moment.day().to_string();
            given::change(ctx.open_store()?, ctx, "notes_given", |conn, source| {
                conn.execute(
                    "insert or ignore into notes_given (source, day, channel, text) values (?1, ?2, ?3, ?4)",
                    params![source, day, channel.unwrap_or_default(), text],
                )
            })?;
            ctx.say(format!("noted for {day}"));
            Ok(Outcome::Done)
        }
        Action::Remove { id } => given::remove("notes_given", id, "note", ctx),
    }
}

const LIST: &str = "\
select n.id, n.day, n.channel, n.text, case s.system when 'command' then 'typed' else 'sheet' end as origin
from notes_given as n
join sources as s on s.id = n.source
order by n.day, n.id";

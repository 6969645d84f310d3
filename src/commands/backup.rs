//! A whole copy of the database.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite backup funnel-2026-10-05.db";

/// Copy the whole database to a file, also while another program reads it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The copy; it must not exist yet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let conn = ctx.open_read_only()?;
    if args.file.exists() {
        return Err(Error::failed(format!("`{}` exists already", args.file.display()))
            .hint("name a file that does not exist yet"));
    }
    // `vacuum into` writes one complete, compact file, whatever other programs do meanwhile.
    conn.execute("vacuum into ?1", [args.file.to_string_lossy()])
        .map_err(|e| Error::failed(format!("`{}` could not be written", args.file.display())).because(e))?;
    let bytes = std::fs::metadata(&args.file)?.len();
    ctx.say(format!("written to {} ({:.1} MB)", args.file.display(), bytes as f64 / 1e6));
    Ok(Outcome::Done)
}

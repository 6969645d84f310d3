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

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`backup` is not available yet"))
}

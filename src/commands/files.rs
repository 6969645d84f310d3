//! The import history.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

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

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`files` is not available yet"))
}

//! The rows that could not be read.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

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

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`rejects` is not available yet"))
}

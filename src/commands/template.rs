//! Sheets to fill in by hand.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite template spend --output spend.csv";

/// Write an empty sheet to fill in by hand: spend, targets, notes, meetings, mrr, touches, …
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The sheet; without a name, the list of them
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`template` is not available yet"))
}

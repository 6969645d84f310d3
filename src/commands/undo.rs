//! Takes a file's effect back.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite undo 12";

/// Take a file's effect back, as if it had never been imported
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The file: its number, or the first characters of its hash (`funnelite files`)
    #[arg(value_name = "ID")]
    pub id: String,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`undo` is not available yet"))
}

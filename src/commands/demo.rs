//! A sample workspace of invented exports, imported, with the scorecard.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite demo && cd funnelite-demo && funnelite query funnel";

/// Make a sample workspace: several weeks of invented exports from many sources, imported
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Folder to make it in; it must be new or empty
    #[arg(default_value = "funnelite-demo", value_name = "DIR")]
    pub dir: PathBuf,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`demo` is not available yet"))
}

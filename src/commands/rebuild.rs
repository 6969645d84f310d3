//! Runs the whole fold again from the kept exports.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite rebuild";

/// Derive everything again from the kept exports, with the settings and formats of today
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`rebuild` is not available yet"))
}

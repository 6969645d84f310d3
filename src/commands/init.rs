//! Starts a workspace: commented settings, a folder for queries, an empty database.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite init acme";

/// Start a workspace: a commented `funnelite.toml`, `queries/` and an empty database
///
/// Nothing that exists is overwritten. Everything works without a workspace, too.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Folder to make it in
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`init` is not available yet"))
}

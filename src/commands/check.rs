//! Data-quality assertions.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite check --fix-rules --output rules.toml";

/// Check the data: values no rule covers, twins, gaps, and what to do about each
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Only this check
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Write the missing `[[channel]]`, `[stages]` and `[[campaign_alias]]` rules, commented, to be looked through
    #[arg(long)]
    pub fix_rules: bool,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`check` is not available yet"))
}

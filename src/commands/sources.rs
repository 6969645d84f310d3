//! The formats it knows, and which format a file is.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite sources --detect report.csv";

/// List the exports it knows and how to get them; name one for its columns
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// A format, such as `hubspot_contacts`
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Say which format this file is and why, or the two nearest and what each misses
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub detect: Option<PathBuf>,
    /// Write a starting point for a format of your own from an unknown file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "detect"])]
    pub new: Option<PathBuf>,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`sources` is not available yet"))
}

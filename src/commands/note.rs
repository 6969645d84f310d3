//! Dated annotations.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite note add 2026-10-05 'Autumn webinar' --channel Webinar";

/// Dated annotations (a webinar, a trade show, a launch), shown beside every series
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Add a note
    Add {
        /// Day it happened
        #[arg(value_name = "DAY")]
        day: String,
        /// What happened
        #[arg(value_name = "TEXT")]
        text: String,
        /// Channel it concerns
        #[arg(long, value_name = "CHANNEL")]
        channel: Option<String>,
    },
    /// List notes
    List,
    /// Import a filled-in sheet (`funnelite template notes`)
    Import {
        /// The sheet, csv or xlsx
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Remove a note
    Remove {
        /// Its number in `note list`
        #[arg(value_name = "ID")]
        id: i64,
    },
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`note` is not available yet"))
}

//! Goals for KPIs.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite target add mqls 2026-Q4 120 --channel 'Paid search'";

/// Goals for KPIs (OKRs), shown beside what was reached
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Add or replace a goal
    Add {
        /// KPI the goal is for
        #[arg(value_name = "KPI")]
        kpi: String,
        /// Period: 2026-10, 2026-Q4, 2026-W41, 2026
        #[arg(value_name = "PERIOD")]
        period: String,
        /// Value to reach; a rate as 0.25 or 25%
        #[arg(value_name = "VALUE")]
        value: String,
        /// Channel or channel group
        #[arg(long, value_name = "CHANNEL", default_value = "All")]
        channel: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// List goals
    List,
    /// Import a filled-in sheet (`funnelite template targets`)
    Import {
        /// The sheet, csv or xlsx
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Remove a goal
    Remove {
        /// Its number in `target list`
        #[arg(value_name = "ID")]
        id: i64,
    },
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`target` is not available yet"))
}

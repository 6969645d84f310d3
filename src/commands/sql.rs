//! Ad-hoc SQL: one statement from the command line, a script from a pipe, or the interactive shell.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Examples:
  funnelite sql                                    opens the shell (`.help` inside)
  funnelite sql 'select channel, count(*) from people group by channel'
  funnelite sql --format csv < monthly.sql > monthly.csv";

/// Ask in SQL: one statement, a script from a pipe, or an interactive shell
///
/// Reading only, unless `--write`: and that changes tables of your own, never Funnelite's.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// SQL to run; without it, a shell on a terminal, or the script that is piped in
    #[arg(value_name = "SQL")]
    pub sql: Option<String>,
    /// Allow changes to tables of your own
    #[arg(long)]
    pub write: bool,
    /// Add bars to a table whose rows are a series
    #[arg(long)]
    pub chart: bool,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`sql` is not available yet"))
}

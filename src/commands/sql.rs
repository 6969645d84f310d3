//! Ad-hoc SQL: one statement from the command line, a script from a pipe, or the interactive shell.

use std::io::{self, IsTerminal};

use crate::cli::{Context, Outcome};
use crate::db::guard::Access;
use crate::db::query::Session;
use crate::error::Result;
use crate::output::Chart;
use crate::shell::{Shell, prompt};
use crate::store;

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
    /// Add bars of a column to tables, or sparklines where columns are periods
    #[arg(long, value_name = "COLUMN", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub chart: Option<Chart>,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let workspace = ctx.workspace()?;
    workspace.expect_database()?;
    store::open_up_to_date(&workspace, ctx)?;
    let session = Session::open(&workspace.database, if args.write { Access::Write } else { Access::Read })?;
    let mut ctx = ctx.clone();
    ctx.style.currency = session.currency();
    ctx.style.chart = args.chart;
    ctx.style.null = "NULL".to_owned();
    let mut shell = Shell::new(ctx, session, workspace);
    match args.sql {
        Some(sql) => shell.run_script(&mut sql.as_bytes())?,
        None if io::stdin().is_terminal() => prompt::run(&mut shell)?,
        None => shell.run_script(&mut io::stdin().lock())?,
    }
    Ok(Outcome::Done)
}

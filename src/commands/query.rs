//! Named questions: `sql/queries/*.sql` and the workspace's own; their headers become flags and help.

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::catalog;
use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Examples:
  funnelite query                                  lists them
  funnelite query funnel --by channel --from 2026-07
  funnelite query cac --help                       what it means and takes";

/// Which query, and the values of its parameters as they were typed.
#[derive(Debug)]
pub struct Args {
    pub name: Option<String>,
    /// Print its SQL and definition instead of running it.
    pub explain: bool,
    /// Add bars to the table.
    pub chart: bool,
    /// Parameter and text, in the order of the query's header.
    pub params: Vec<(String, String)>,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`query` is not available yet"))
}

/// A query is a subcommand and its parameters are its flags, so that `--help`, completion and the global flags
/// work after a name as everywhere.
impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        let command = command
            .about("Run a named query; without a name, list them")
            .after_help(EXAMPLE)
            .subcommand_value_name("NAME")
            .subcommand_help_heading("Queries");
        catalog::sql("queries")
            .into_iter()
            .fold(command, |c, text| c.subcommand(subcommand(text.name, text.body)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let Some((name, matches)) = matches.subcommand() else {
            return Ok(Args { name: None, explain: false, chart: false, params: Vec::new() });
        };
        let body = catalog::sql("queries").into_iter().find(|t| t.name == name).map_or("", |t| t.body);
        let params = header_params(body)
            .filter_map(|(param, _)| Some((param.to_owned(), matches.get_one::<String>(param)?.clone())))
            .collect();
        let (explain, chart) = (matches.get_flag("explain"), matches.get_flag("chart"));
        Ok(Args { name: Some(name.to_owned()), explain, chart, params })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn subcommand(name: &'static str, body: &'static str) -> Command {
    let about = body.lines().next().unwrap_or_default().trim_start_matches("--").trim();
    let flag =
        |id: &'static str, help: &'static str| Arg::new(id).long(id).action(ArgAction::SetTrue).help(help);
    header_params(body)
        .fold(Command::new(name).about(about), |c, (param, help)| {
            c.arg(Arg::new(param).long(param.replace('_', "-")).value_name("VALUE").help(help))
        })
        .arg(flag("explain", "Print its SQL and definition instead of running it"))
        .arg(flag("chart", "Add bars to the table"))
}

/// The lines `-- :name  description` of a query's header.
fn header_params(body: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    body.lines().take_while(|line| line.starts_with("--")).filter_map(|line| {
        let (name, help) =
            line.trim_start_matches("--").trim().strip_prefix(':')?.split_once(char::is_whitespace)?;
        Some((name, help.trim()))
    })
}

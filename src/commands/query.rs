//! Named questions: `sql/queries/*.sql` and the workspace's own; their headers become flags and help.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::cli::{Context, Outcome};
use crate::db::named::{self, Moment, NamedQuery, Origin, Param, ParamKind};
use crate::error::Result;
use crate::output::{Cell, Chart, ResultSet};
use crate::workspace;

const EXAMPLE: &str = "\
Examples:
  funnelite query                                  lists them
  funnelite query funnel --by channel --from 2026-07
  funnelite query cac --help                       what it means and takes

Files `queries/*.sql` beside the database are listed and run like the built-in ones; a file of the
same name takes the place of a built-in one.";

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

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let queries = named::all(Some(&ctx.workspace()?.queries()))?;
    let Some(query) = args.name.and_then(|name| queries.iter().find(|q| q.name == name)) else {
        ctx.print(&list_queries(&queries))?;
        return Ok(Outcome::Done);
    };
    if args.explain {
        ctx.write(|out| Ok(out.write_all(explain(query).as_bytes())?))?;
        return Ok(Outcome::Done);
    }
    let conn = ctx.open_read_only()?;
    let moment = Moment::read(&conn, ctx.today)?;
    let values = named::bind(query, &args.params, &moment, &conn)?;
    let result = named::run(&conn, &query.name, &query.sql, &values)?;
    let mut style = ctx.style();
    style.chart = args.chart.then_some(Chart::Auto);
    ctx.print_styled(&result, &style)?;
    if result.rows.is_empty() {
        ctx.say(say_empty(&values));
    }
    Ok(Outcome::Done)
}

fn list_queries(queries: &[NamedQuery]) -> ResultSet {
    let rows = queries.iter().map(|query| {
        let origin = match &query.origin {
            Origin::BuiltIn => "built in".to_owned(),
            Origin::Workspace(path) => path.display().to_string(),
        };
        let flags: Vec<String> = query.flags().iter().map(|p| format!("--{}", p.name)).collect();
        vec![
            Cell::from(query.name.clone()),
            Cell::from(query.title.clone()),
            Cell::from(flags.join(" ")),
            Cell::from(origin),
        ]
    });
    ResultSet::new(["query", "title", "takes", "origin"], rows.collect())
}

/// Its own text says everything: definition, grain, parameters, SQL.
fn explain(query: &NamedQuery) -> String {
    let origin = match &query.origin {
        Origin::BuiltIn => format!("built-in query `{}`", query.name),
        Origin::Workspace(path) => path.display().to_string(),
    };
    format!("-- {origin}\n{}\n", query.sql.trim_end())
}

fn say_empty(values: &[(String, rusqlite::types::Value)]) -> String {
    let given = |name: &str| {
        values.iter().find_map(|(n, v)| match v {
            rusqlite::types::Value::Text(text) if n == name => Some(text.as_str()),
            _ => None,
        })
    };
    match (given("from").or(given("period")), given("to").or(given("period_ends"))) {
        (Some(from), Some(to)) => format!("nothing from {from} to {to}"),
        _ => "no rows".to_owned(),
    }
}

/// A query is a subcommand and its parameters are its flags, so that `--help`, completion and the global flags
/// work after a name as everywhere.
impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        let command = command
            .about("Run a named query; without a name, list them")
            .after_help(EXAMPLE)
            .arg(flag("list", "List them, as without a name"))
            .subcommand_value_name("NAME")
            .subcommand_help_heading("Queries");
        known_queries().iter().fold(command, |c, query| c.subcommand(subcommand(query)))
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
        let known = known_queries();
        let flags = known.iter().find(|q| q.name == name).map(NamedQuery::flags).unwrap_or_default();
        let params = flags
            .into_iter()
            .filter_map(|p| {
                matches.get_one::<String>(&param_id(&p)).map(|text| (p.name.clone(), text.clone()))
            })
            .collect();
        let (explain, chart) = (matches.get_flag("explain"), matches.get_flag("chart"));
        Ok(Args { name: Some(name.to_owned()), explain, chart, params })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The built-in queries and those beside the database. Flags are declared before they are parsed, so the database is
/// looked up on the command line by hand; what cannot be read is said when the query runs.
fn known_queries() -> Vec<NamedQuery> {
    let folder = std::env::current_dir().ok().and_then(|here| {
        workspace::locate(named_database().as_deref(), &here).ok().map(|workspace| workspace.queries())
    });
    named::all(folder.as_deref()).or_else(|_| named::all(None)).unwrap_or_default()
}

fn named_database() -> Option<PathBuf> {
    let mut args = std::env::args_os();
    while let Some(arg) = args.next() {
        if arg == "--db" {
            return args.next().map(PathBuf::from);
        }
        if let Some(path) = arg.to_str().and_then(|a| a.strip_prefix("--db=")) {
            return Some(Path::new(path).to_path_buf());
        }
    }
    std::env::var_os("FUNNELITE_DB").filter(|path| !path.is_empty()).map(PathBuf::from)
}

fn subcommand(query: &NamedQuery) -> Command {
    let mut about = vec![query.title.clone(), String::new()];
    about.extend(query.text.iter().cloned());
    if let Origin::Workspace(path) = &query.origin {
        about.extend([String::new(), format!("From {}", path.display())]);
    }
    let command = Command::new(query.name.clone()).about(query.title.clone()).long_about(about.join("\n"));
    let flags = query.flags();
    flags
        .iter()
        .fold(command, |c, param| c.arg(argument(param)))
        .arg(flag("explain", "Print its SQL and definition instead of running it"))
        .arg(flag("chart", "Add bars to the table"))
}

fn argument(param: &Param) -> Arg {
    let value_name = match param.kind {
        ParamKind::From | ParamKind::To | ParamKind::Period => "PERIOD",
        ParamKind::Grain => "GRAIN",
        ParamKind::Channel => "CHANNEL",
        ParamKind::Number => "NUMBER",
        _ => "VALUE",
    };
    let mut help = param.about.clone();
    if let Some(default) = &param.default {
        let plain = default.replace("-{grain}s", " periods").replace("{grain}", "period");
        help = format!(
            "{help} [default: {}]",
            plain.replace('-', if plain.starts_with("last") { " " } else { "-" })
        );
    }
    let arg = Arg::new(param_id(param)).long(param.name.replace('_', "-")).value_name(value_name).help(help);
    if param.choices.is_empty() {
        return arg.allow_hyphen_values(param.kind == ParamKind::Number);
    }
    arg.value_parser(clap::builder::PossibleValuesParser::new(param.choices.clone())).ignore_case(true)
}

/// Ids of global flags are not taken by a query's own.
fn param_id(param: &Param) -> String {
    format!("param.{}", param.name)
}

fn flag(id: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).action(ArgAction::SetTrue).help(help)
}

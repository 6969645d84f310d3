//! Named questions: `sql/queries/*.sql` and the workspace's own; their headers become flags and help.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use crate::cli::{Context, Outcome};
use crate::db::checks;
use crate::db::named::{self, Moment, NamedQuery, Origin, Param, ParamKind};
use crate::error::{Error, Result, nearest};
use crate::labels::{self, Language};
use crate::output::{Cell, Chart, ResultSet, Shape};
use crate::settings::Settings;
use crate::workspace;

const EXAMPLE: &str = "\
Examples:
  funnelite query                                  lists them
  funnelite query funnel --by channel --period last-quarter
  funnelite query cac --help                       what it means and takes
  funnelite query --list --format json             for programs, with every flag

Files `queries/*.sql` beside the database are listed and run like the built-in ones; a file of the
same name takes the place of a built-in one.";

/// Which query, and the values of its parameters as they were typed.
#[derive(Debug)]
pub struct Args {
    pub name: Option<String>,
    /// Print its SQL and definition instead of running it.
    pub explain: bool,
    /// Add bars or sparklines to the table.
    pub chart: Option<Chart>,
    /// Language of names and headers.
    pub lang: Language,
    /// Parameter and text, in the order of the query's header.
    pub params: Vec<(String, String)>,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let queries = named::all(Some(&ctx.workspace()?.queries()))?;
    let Some(name) = args.name else {
        list_queries(&queries, ctx)?;
        return Ok(Outcome::Done);
    };
    let Some(query) = queries.iter().find(|q| q.name == name) else {
        let error = Error::usage(format!("there is no query `{name}`"));
        return Err(match nearest(&name, queries.iter().map(|q| q.name.as_str())) {
            Some(near) => error.hint(format!("did you mean `{near}`? `funnelite query` lists them")),
            None => error.hint("`funnelite query` lists them"),
        });
    };
    if args.explain {
        ctx.write(|out| Ok(out.write_all(explain(query).as_bytes())?))?;
        return Ok(Outcome::Done);
    }
    ctx.check_file_name()?;
    let conn = ctx.open_read_only()?;
    let moment = Moment::read(&conn, ctx.today)?;
    let values = named::bind(query, &args.params, &moment, &conn)?;
    let mut result = named::run(&conn, &query.name, &query.sql, &values)?;
    labels::translate(&mut result, args.lang);
    let mut ctx = ctx.with_currency(&conn);
    ctx.style.chart = args.chart;
    ctx.print(&result)?;
    if result.rows.is_empty() {
        ctx.say(say_empty(&values));
    }
    if query.text.iter().any(|line| line.starts_with("Below:")) {
        checks::register_functions(&conn, &Settings::load(&ctx.workspace()?.folder)?)?;
        ctx.say(checks::say_foundation(&conn)?);
    }
    Ok(Outcome::Done)
}

/// People read names and titles; programs get every flag as well.
fn list_queries(queries: &[NamedQuery], ctx: &Context) -> Result<()> {
    if matches!(ctx.shape, Shape::Json | Shape::Ndjson) {
        ctx.check_file_name()?;
        return ctx.write(|out| {
            let described: Vec<_> = queries.iter().map(describe).collect();
            if ctx.shape == Shape::Json {
                serde_json::to_writer_pretty(&mut *out, &described).map_err(std::io::Error::from)?;
                return Ok(writeln!(out)?);
            }
            described.iter().try_for_each(|query| Ok(writeln!(out, "{query}")?))
        });
    }
    let rows = queries.iter().map(|query| {
        let flags: Vec<String> = query.flags().iter().map(|p| format!("--{}", p.name)).collect();
        let name = Cell::from(query.name.clone());
        vec![name, Cell::from(query.title.clone()), Cell::from(origin(query)), Cell::from(flags.join(" "))]
    });
    let mut list = ResultSet::new(["query", "title", "origin", "takes"], rows.collect());
    if ctx.shape == Shape::Table {
        list.columns.pop();
        list.rows.iter_mut().for_each(|row| row.truncate(3));
        ctx.print(&list)?;
        ctx.say("\nhint: `funnelite query NAME --help` says what one means and takes");
        return Ok(());
    }
    ctx.print(&list)
}

fn origin(query: &NamedQuery) -> String {
    match &query.origin {
        Origin::BuiltIn => "built in".to_owned(),
        Origin::Workspace(path) => path.display().to_string(),
    }
}

fn describe(query: &NamedQuery) -> serde_json::Value {
    let flag = |param: &Param| {
        json!({
            "flag": format!("--{}", param.name.replace('_', "-")),
            "about": param.about,
            "kind": param.kind.name(),
            "default": param.default,
            "choices": param.choices,
        })
    };
    json!({
        "query": query.name,
        "title": query.title,
        "text": query.text,
        "origin": origin(query),
        "flags": query.flags().iter().map(flag).collect::<Vec<_>>(),
    })
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
        command
            .about("Run a named query; without a name, list them")
            .after_help(EXAMPLE)
            .arg(flag("list", "List them, as without a name"))
            .subcommand_value_name("NAME")
            // a name that is none is said with the nearest, by `run`
            .allow_external_subcommands(true)
            .subcommand_help_heading("Queries")
            // other commands start without reading them
            .defer(with_queries)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let Some((name, matches)) = matches.subcommand() else {
            return Ok(Args {
                name: None,
                explain: false,
                chart: None,
                lang: Language::En,
                params: Vec::new(),
            });
        };
        let known = known_queries();
        if known.iter().all(|q| q.name != name) {
            return Ok(Args {
                name: Some(name.to_owned()),
                explain: false,
                chart: None,
                lang: Language::En,
                params: Vec::new(),
            });
        }
        let flags = known.iter().find(|q| q.name == name).map(NamedQuery::flags).unwrap_or_default();
        let params = flags
            .into_iter()
            .filter_map(|p| {
                matches.get_one::<String>(&param_id(&p)).map(|text| (p.name.clone(), text.clone()))
            })
            .collect();
        let (explain, chart) = (matches.get_flag("explain"), matches.get_one::<Chart>("chart").cloned());
        let lang = matches.get_one("lang").copied().unwrap_or_default();
        Ok(Args { name: Some(name.to_owned()), explain, chart, lang, params })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Adds the queries to their command, each with its flags.
pub fn with_queries(command: Command) -> Command {
    known_queries().iter().fold(command, |c, query| c.subcommand(subcommand(query)))
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
        .arg(
            Arg::new("chart")
                .long("chart")
                .value_name("COLUMN")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("")
                .value_parser(clap::value_parser!(Chart))
                .help("Add bars of a column, or sparklines where columns are a series"),
        )
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("LANGUAGE")
                .help("Language of names and headers")
                .value_parser(clap::value_parser!(Language)),
        )
        .after_help(format!("Example:\n  {}", example(query)))
}

/// A command line that runs: with a period and one choice, where it takes them.
fn example(query: &NamedQuery) -> String {
    let mut line = format!("funnelite query {}", query.name);
    if let Some(param) = query.flags().iter().find(|p| p.name == "period" && p.default.is_none()) {
        line.push_str(&format!(" --{} last-quarter", param.name));
    }
    let other = |param: &Param| {
        let choice = param.choices.iter().find(|choice| Some(*choice) != param.default.as_ref())?;
        Some(format!(" --{} {choice}", param.name.replace('_', "-")))
    };
    let choices: Vec<String> = query.params.iter().filter_map(other).collect();
    line.extend(choices.last().cloned());
    line
}

fn argument(param: &Param) -> Arg {
    let value_name = match param.kind {
        ParamKind::From | ParamKind::To | ParamKind::Period => "PERIOD",
        ParamKind::Grain => "GRAIN",
        ParamKind::Channel => "CHANNEL",
        ParamKind::Kpi => "KPI",
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

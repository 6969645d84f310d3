//! The words a person may want to type: names in the database, functions, KPIs, queries.

use clap::CommandFactory;

use crate::cli::Cli;
use crate::commands::query::with_queries;
use crate::db::query::{Relation, Session, VOCABULARIES};

/// Everything completion knows; read again when the database's tables may have changed.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub relations: Vec<Relation>,
    pub functions: Vec<String>,
    /// Column and the texts it holds, for completion inside quotes.
    pub values: Vec<(&'static str, Vec<String>)>,
    pub queries: Vec<Query>,
    pub kpi_flags: Vec<Flag>,
}

/// A named query as a person types it.
#[derive(Debug)]
pub(super) struct Query {
    pub name: String,
    pub title: String,
    pub flags: Vec<Flag>,
}

#[derive(Debug)]
pub(super) struct Flag {
    /// With its dashes.
    pub name: String,
    pub about: String,
    /// The values it may have, or begins like.
    pub takes: Vec<String>,
    /// The column whose texts it takes.
    pub column: Option<&'static str>,
}

/// Periods as words, to begin with; dates and others are typed.
const PERIODS: &[&str] =
    &["last-month", "this-month", "last-quarter", "this-quarter", "last-year", "last-90-days", "ytd"];

impl Words {
    pub(super) fn read(session: &Session) -> Self {
        let values = VOCABULARIES.iter().map(|(column, _)| (*column, session.values(column))).collect();
        let cli = Cli::command();
        let flags_of = |name| cli.find_subcommand(name).map(flags).unwrap_or_default();
        Words {
            relations: session.relations().unwrap_or_default(),
            functions: session.functions().unwrap_or_default(),
            values,
            queries: named_queries(&with_queries(clap::Command::new("query"))),
            kpi_flags: flags_of("kpi"),
        }
    }

    pub(super) fn relation(&self, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn kpis(&self) -> &[String] {
        self.values_of("kpi")
    }

    pub(super) fn values_of(&self, column: &str) -> &[String] {
        self.values.iter().find(|(name, _)| *name == column).map_or(&[], |(_, values)| values)
    }
}

/// The command line knows them with their flags.
fn named_queries(query: &clap::Command) -> Vec<Query> {
    let read = |command: &clap::Command| Query {
        name: command.get_name().to_owned(),
        title: command.get_about().map(ToString::to_string).unwrap_or_default(),
        flags: flags(command),
    };
    query.get_subcommands().map(read).collect()
}

fn flags(command: &clap::Command) -> Vec<Flag> {
    let read = |arg: &clap::Arg| {
        let value = arg.get_value_names().and_then(|names| names.first()).map(|name| name.as_str());
        let mut takes: Vec<String> =
            arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        if arg.get_action().takes_values() && value == Some("PERIOD") {
            takes = PERIODS.iter().map(|period| (*period).to_owned()).collect();
        } else if !arg.get_action().takes_values() {
            takes.clear();
        }
        Some(Flag {
            name: format!("--{}", arg.get_long()?),
            about: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            takes,
            column: match value {
                Some("CHANNEL") => Some("channel"),
                Some("KPI") => Some("kpi"),
                _ => None,
            },
        })
    };
    command.get_arguments().filter_map(read).collect()
}

//! The words a person may want to type: names in the database, functions, KPIs, queries.

use clap::CommandFactory;

use crate::cli::Cli;
use crate::db::query::{Relation, Session};

/// Everything completion knows; read again when the database's tables may have changed.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub relations: Vec<Relation>,
    pub functions: Vec<String>,
    /// Column and the texts it holds, for completion inside quotes.
    pub values: Vec<(&'static str, Vec<String>)>,
    /// Named queries and their flags.
    pub queries: Vec<(String, Vec<String>)>,
}

impl Words {
    pub(super) fn read(session: &Session) -> Self {
        let channels =
            ["channel", "channel_group"].map(|column| (column, session.values("kpi_yearly", column)));
        let mut values = vec![("kpi", session.values("kpis", "kpi"))];
        values.extend(channels);
        Words {
            relations: session.relations().unwrap_or_default(),
            functions: session.functions().unwrap_or_default(),
            values,
            queries: named_queries(),
        }
    }

    pub(super) fn relation(&self, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn kpis(&self) -> &[String] {
        &self.values[0].1
    }
}

/// The command line knows them with their flags.
fn named_queries() -> Vec<(String, Vec<String>)> {
    let cli = Cli::command();
    let Some(query) = cli.find_subcommand("query") else { return Vec::new() };
    let flags = |command: &clap::Command| {
        command.get_arguments().filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect()
    };
    query.get_subcommands().map(|command| (command.get_name().to_owned(), flags(command))).collect()
}

//! The verbs, one file each: what it does, its arguments, `run`.

pub mod backup;
pub mod check;
pub mod completions;
pub mod demo;
pub mod files;
mod given;
pub mod import;
pub mod init;
pub mod kpi;
pub mod man;
pub mod note;
pub mod query;
pub mod rebuild;
pub mod rejects;
pub mod sources;
pub mod sql;
pub mod target;
pub mod template;
pub mod todo;
pub mod undo;

use crate::cli::{Context, Outcome};
use crate::error::Result;

/// A verb with its arguments, in the order in which `--help` lists them.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Init(init::Args),
    Demo(demo::Args),
    Import(import::Args),
    Sources(sources::Args),
    Todo(todo::Args),
    Files(files::Args),
    Rejects(rejects::Args),
    Undo(undo::Args),
    Rebuild(rebuild::Args),
    Query(query::Args),
    Kpi(kpi::Args),
    Sql(sql::Args),
    Target(target::Args),
    Note(note::Args),
    Check(check::Args),
    Template(template::Args),
    Backup(backup::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    pub fn run(self, ctx: &Context) -> Result<Outcome> {
        match self {
            Command::Init(args) => init::run(args, ctx),
            Command::Demo(args) => demo::run(args, ctx),
            Command::Import(args) => import::run(args, ctx),
            Command::Sources(args) => sources::run(args, ctx),
            Command::Todo(args) => todo::run(args, ctx),
            Command::Files(args) => files::run(args, ctx),
            Command::Rejects(args) => rejects::run(args, ctx),
            Command::Undo(args) => undo::run(args, ctx),
            Command::Rebuild(args) => rebuild::run(args, ctx),
            Command::Query(args) => query::run(args, ctx),
            Command::Kpi(args) => kpi::run(args, ctx),
            Command::Sql(args) => sql::run(args, ctx),
            Command::Target(args) => target::run(args, ctx),
            Command::Note(args) => note::run(args, ctx),
            Command::Check(args) => check::run(args, ctx),
            Command::Template(args) => template::run(args, ctx),
            Command::Backup(args) => backup::run(args, ctx),
            Command::Completions(args) => completions::run(args, ctx),
            Command::Man(args) => man::run(args, ctx),
        }
    }
}

//! Named queries: the files of `sql/queries/` and of the workspace's `queries/`, and what their headers declare.
//!
//! A header is the comment at the top of the file: a title, why, `Grain: …`, then one line per parameter:
//! `-- :grain  length of the periods, default month, one of week|month|quarter|year`.

use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, ToSql};

use super::mistake::explain_error;
use super::query::relations;
use crate::catalog;
use crate::error::{Error, INTERRUPTED, Result};
use crate::output::{Cell, ResultSet};

mod params;
mod range;

pub use params::{Moment, bind, find_channel};

/// Where a query comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    BuiltIn,
    /// A file of the workspace; it may take the place of a built-in one.
    Workspace(PathBuf),
}

/// A named query as its file declares it.
#[derive(Debug, Clone)]
pub struct NamedQuery {
    pub name: String,
    pub origin: Origin,
    pub title: String,
    /// The header's sentences after the title, without parameters.
    pub text: Vec<String>,
    pub params: Vec<Param>,
    pub sql: String,
}

/// How the text of a flag becomes a bound value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// First day (`from`) or last day of a date or period.
    From,
    To,
    /// One calendar period: bound as its first day, and its last as `:NAME_ends`.
    Period,
    Grain,
    /// A channel or channel group that exists in the data.
    Channel,
    /// A KPI of the catalogue.
    Kpi,
    /// A segment of the settings.
    Segment,
    /// Text in which `*` stands for anything.
    Pattern,
    Number,
    Text,
}

impl ParamKind {
    /// What programs read of it.
    pub fn name(self) -> &'static str {
        match self {
            ParamKind::From | ParamKind::To | ParamKind::Period => "period",
            ParamKind::Grain => "grain",
            ParamKind::Channel => "channel",
            ParamKind::Kpi => "kpi",
            ParamKind::Segment => "segment",
            ParamKind::Pattern => "pattern",
            ParamKind::Number => "number",
            ParamKind::Text => "text",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    pub name: String,
    pub about: String,
    pub kind: ParamKind,
    pub default: Option<String>,
    pub choices: Vec<String>,
    /// A period of which nothing need be known yet.
    pub may_lie_ahead: bool,
}

/// All named queries by name; a workspace's file takes the place of a built-in one of its name.
pub fn all(workspace_queries: Option<&Path>) -> Result<Vec<NamedQuery>> {
    let mut queries: Vec<NamedQuery> = workspace_files(workspace_queries)?;
    for text in catalog::sql("queries") {
        if queries.iter().all(|q| q.name != text.name) {
            queries.push(NamedQuery::read(text.name, text.body, Origin::BuiltIn));
        }
    }
    queries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(queries)
}

fn workspace_files(folder: Option<&Path>) -> Result<Vec<NamedQuery>> {
    let Some(entries) = folder.and_then(|f| std::fs::read_dir(f).ok()) else {
        return Ok(Vec::new());
    };
    let mut queries = Vec::new();
    for path in entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "sql")) {
        let Some(name) = path.file_stem().and_then(|s| s.to_str()) else { continue };
        let body = std::fs::read_to_string(&path)
            .map_err(|e| Error::failed(format!("`{}` could not be read", path.display())).because(e))?;
        queries.push(NamedQuery::read(name, &body, Origin::Workspace(path.clone())));
    }
    Ok(queries)
}

impl NamedQuery {
    /// Reads a file's header; anything in it that is no parameter is text.
    pub fn read(name: &str, body: &str, origin: Origin) -> NamedQuery {
        let body = body.trim_start_matches('\u{feff}');
        let header = body.lines().take_while(|l| l.starts_with("--")).map(|l| l[2..].trim());
        let (params, text): (Vec<&str>, Vec<&str>) = header.partition(|l| l.starts_with(':'));
        let mut text = text.into_iter().map(str::to_owned);
        NamedQuery {
            name: name.to_owned(),
            origin,
            title: text.next().unwrap_or_default(),
            text: text.collect(),
            params: params.into_iter().filter_map(Param::read).collect(),
            sql: body.to_owned(),
        }
    }

    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|p| p.name == name)
    }

    /// The flags it takes: its parameters, and `period` as a short way to give `from` and `to`.
    pub fn flags(&self) -> Vec<Param> {
        let mut flags = self.params.clone();
        let has_range = self.param("from").is_some() && self.param("to").is_some();
        if has_range && self.param("period").is_none() {
            let about = "both of them at once: 2026-10, 2026-Q4, last-month, …".to_owned();
            let period = Param {
                name: "period".to_owned(),
                about,
                kind: ParamKind::Period,
                default: None,
                choices: Vec::new(),
                may_lie_ahead: false,
            };
            let at = flags.iter().position(|p| p.name == "to").map_or(0, |at| at + 1);
            flags.insert(at, period);
        }
        flags
    }
}

impl Param {
    /// Reads `:name  words, default X, one of a|b, number`; the attributes stand after the description.
    fn read(line: &str) -> Option<Param> {
        let (name, rest) = line.strip_prefix(':')?.split_once(char::is_whitespace)?;
        let mut param = Param {
            name: name.to_owned(),
            about: String::new(),
            kind: kind_of_name(name),
            default: None,
            choices: Vec::new(),
            may_lie_ahead: false,
        };
        let mut about: Vec<&str> = Vec::new();
        for part in rest.split(',').map(str::trim) {
            if let Some(default) = part.strip_prefix("default ") {
                param.default = Some(default.to_owned());
            } else if let Some(choices) = part.strip_prefix("one of ") {
                param.choices = choices.split('|').map(|c| c.trim().to_owned()).collect();
            } else if let Some(kind) = kind_of_word(part) {
                param.kind = kind;
            } else if part != "optional" {
                param.may_lie_ahead |= part == "which may lie ahead";
                about.push(part);
            }
        }
        param.about = about.join(", ");
        Some(param)
    }
}

fn kind_of_name(name: &str) -> ParamKind {
    match name {
        "from" => ParamKind::From,
        "to" => ParamKind::To,
        "period" | "against" => ParamKind::Period,
        "grain" => ParamKind::Grain,
        "channel" => ParamKind::Channel,
        "kpi" => ParamKind::Kpi,
        "segment" => ParamKind::Segment,
        "campaign" => ParamKind::Pattern,
        "limit" | "lookback" => ParamKind::Number,
        _ => ParamKind::Text,
    }
}

fn kind_of_word(word: &str) -> Option<ParamKind> {
    match word {
        "date" => Some(ParamKind::From),
        "period" => Some(ParamKind::Period),
        "number" => Some(ParamKind::Number),
        "text" => Some(ParamKind::Text),
        "pattern" => Some(ParamKind::Pattern),
        _ => None,
    }
}

/// Runs SQL with values bound by name. A name that the statement uses and nobody gave is a failure.
pub fn run(conn: &Connection, name: &str, sql: &str, values: &[(String, Value)]) -> Result<ResultSet> {
    let mut statement = conn.prepare(sql).map_err(|e| explain_failure(conn, name, sql, e))?;
    for index in 1..=statement.parameter_count() {
        let parameter = statement.parameter_name(index).unwrap_or("?").to_owned();
        let value = values.iter().find(|(n, _)| parameter.strip_prefix(':') == Some(n)).ok_or_else(|| {
            Error::failed(format!("`{name}` uses `{parameter}`, which its header does not declare"))
                .hint(format!("add a line `-- {parameter}  what it is, optional` at its top"))
        })?;
        statement.raw_bind_parameter(index, value.1.to_sql()?)?;
    }
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut answer = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|e| explain_failure(conn, name, sql, e))? {
        let cells = (0..names.len()).map(|i| row.get_ref(i).map(Cell::from));
        answer.push(cells.collect::<rusqlite::Result<Vec<Cell>>>()?);
    }
    Ok(ResultSet::new(names, answer))
}

fn explain_failure(conn: &Connection, name: &str, sql: &str, error: rusqlite::Error) -> Error {
    let relations = || relations(conn).unwrap_or_default();
    let explained = explain_error(error, sql, relations);
    if explained.message == INTERRUPTED {
        return explained;
    }
    let empty = explained.message.contains("no such table") && !relations().iter().any(|r| r.is_view);
    let failure = Error::failed(format!("`{name}` could not be run")).because(explained.message);
    match explained.hint {
        _ if empty => failure.hint("the database has no views yet; `funnelite import PATH` fills it"),
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_declares_parameters() {
        let body = "-- CAC: what a new customer costs\n-- Grain: one row per period.\n-- :from  first day, default last-12-{grain}s\n\
                    -- :to  last day, optional\n-- :grain  length, of the periods, default month, one of week|month\n\
                    -- :rows  how many, number\nselect :from, :to, :grain, :rows\n";
        let query = NamedQuery::read("cac", body, Origin::BuiltIn);
        assert_eq!(query.title, "CAC: what a new customer costs");
        assert_eq!(query.text, ["Grain: one row per period."]);
        let grain = query.param("grain").unwrap();
        assert_eq!(
            (grain.about.as_str(), grain.default.as_deref()),
            ("length, of the periods", Some("month"))
        );
        assert_eq!(grain.choices, ["week", "month"]);
        assert_eq!(query.param("rows").unwrap().kind, ParamKind::Number);
        let flags: Vec<String> = query.flags().into_iter().map(|p| p.name).collect();
        assert_eq!(flags, ["from", "to", "period", "grain", "rows"]);
    }

    #[test]
    fn a_workspace_file_takes_the_place_of_a_built_in_query() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("zebra.sql"), "-- Mine\nselect 1\n").unwrap();
        let queries = all(Some(folder.path())).unwrap();
        let mine = queries.iter().find(|q| q.name == "zebra").unwrap();
        assert_eq!(mine.title, "Mine");
        assert!(matches!(&mine.origin, Origin::Workspace(path) if path.ends_with("zebra.sql")));
    }

    #[test]
    fn an_undeclared_name_is_said() {
        let conn = Connection::open_in_memory().unwrap();
        let error = run(&conn, "x", "select :who", &[]).unwrap_err();
        assert_eq!(error.message, "`x` uses `:who`, which its header does not declare");
    }
}

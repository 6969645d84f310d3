//! Data-quality checks: the files of `sql/checks/`, each a select of the rows that offend.
//!
//! A check answers `subject, finding, records`; further columns are for `--fix-rules`. Header lines that begin with
//! `do:` say what to do about it; `short:` names the finding where a line says what all numbers rest on, and `kpis:` lists
//! those that say it of themselves.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::named::{self, NamedQuery, Origin};
use crate::catalog;
use crate::error::{Error, Result, nearest};
use crate::output::{Cell, ResultSet};
use crate::settings::Settings;
use crate::settings::channels::{KEYS, Keys};

/// A check as its file declares it.
#[derive(Debug, Clone)]
pub struct Check {
    pub name: String,
    pub title: String,
    pub why: String,
    pub advice: String,
    /// The finding in a few words, where it belongs below every scorecard.
    pub short: Option<String>,
    /// The KPIs that rest on what it looks at.
    pub kpis: Vec<String>,
    pub sql: String,
}

/// What a check found: no rows, nothing to say.
#[derive(Debug)]
pub struct Finding {
    pub check: Check,
    pub rows: ResultSet,
}

/// All checks by name.
pub fn all() -> Vec<Check> {
    catalog::sql("checks").into_iter().map(|text| read(text.name, text.body)).collect()
}

/// The check of a name; a usage error names the nearest.
pub fn find(name: &str) -> Result<Check> {
    let checks = all();
    if let Some(check) = checks.iter().find(|c| c.name == name) {
        return Ok(check.clone());
    }
    let error = Error::usage(format!("there is no check `{name}`"));
    Err(match nearest(name, checks.iter().map(|c| c.name.as_str())) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`funnelite check --list` lists them"),
    })
}

fn read(name: &str, body: &str) -> Check {
    let query = NamedQuery::read(name, body, Origin::BuiltIn);
    let lines = |mark: &'static str| {
        query.text.iter().filter_map(move |line| line.strip_prefix(mark).map(|rest| rest.trim().to_owned()))
    };
    let is_marked = |line: &str| ["do:", "short:", "kpis:", "Grain:"].iter().any(|m| line.starts_with(m));
    let why: Vec<&str> = query.text.iter().map(String::as_str).filter(|line| !is_marked(line)).collect();
    let listed = lines("kpis:").collect::<Vec<_>>().join(",");
    Check {
        why: why.join(" "),
        advice: lines("do:").collect::<Vec<_>>().join(" "),
        short: lines("short:").next(),
        kpis: listed.split(',').map(|k| k.trim().to_owned()).filter(|k| !k.is_empty()).collect(),
        name: query.name,
        title: query.title,
        sql: query.sql,
    }
}

/// In one line, how far the data reaches and which findings every number rests on.
pub fn say_foundation(conn: &Connection) -> Result<String> {
    let (date, currency): (Option<String>, Option<String>) =
        conn.query_row("select data_date, currency from workspace", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut parts = Vec::new();
    for check in all().into_iter().filter(|check| check.short.is_some()) {
        let finding = run(conn, check)?;
        if !finding.is_clean() {
            let short = finding.check.short.as_deref().unwrap_or_default();
            parts.push(format!("{} {short}", finding.records()));
        }
    }
    let data = match (date, currency) {
        (None, _) => "no data yet".to_owned(),
        (Some(date), Some(currency)) => format!("data to {date} in {currency}"),
        (Some(date), None) => format!("data to {date}, no reporting currency"),
    };
    let but = if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) };
    Ok(format!("rests on {data}{but} (`funnelite check`)"))
}

/// Gives a connection the functions that checks may call beside plain SQL: `has_channel_rule(json of keys)`,
/// `stage_of(system, field, value, pipeline)` and `has_qualifying_stage()`.
pub fn register_functions(conn: &Connection, settings: &Settings) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let settings = Arc::new(settings.clone());
    let qualifying = settings.stages.qualifying;
    conn.create_scalar_function("has_qualifying_stage", 0, flags, move |_| Ok(qualifying))?;
    let rules = Arc::clone(&settings);
    conn.create_scalar_function("has_channel_rule", 1, flags, move |ctx| {
        let keys = read_keys(&ctx.get::<String>(0)?);
        Ok(rules.channels.channel_of(&keys).is_some())
    })?;
    conn.create_scalar_function("stage_of", 4, flags, move |ctx| {
        let text = |at| ctx.get::<Option<String>>(at).map(Option::unwrap_or_default);
        Ok(settings.stages.stage_of(&text(0)?, &text(1)?, &text(2)?, &text(3)?).map(str::to_owned))
    })?;
    Ok(())
}

fn read_keys(json: &str) -> Keys {
    let mut keys = Keys::default();
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(json) else { return keys };
    for (name, value) in map.iter().filter(|(name, _)| KEYS.contains(&name.as_str())) {
        match value {
            serde_json::Value::String(text) => keys.add(name, text),
            serde_json::Value::Array(texts) => {
                texts.iter().filter_map(|t| t.as_str()).for_each(|t| keys.add(name, t))
            }
            _ => {}
        }
    }
    keys
}

/// Runs one check.
pub fn run(conn: &Connection, check: Check) -> Result<Finding> {
    let rows = named::run(conn, &check.name, &check.sql, &[])?;
    Ok(Finding { check, rows })
}

impl Finding {
    pub fn is_clean(&self) -> bool {
        self.rows.rows.is_empty()
    }

    /// How many records its rows speak of.
    pub fn records(&self) -> i64 {
        let numbers = (0..self.rows.rows.len()).filter_map(|row| match self.cell(row, "records") {
            Some(Cell::Integer(n)) => Some(*n),
            _ => None,
        });
        numbers.sum()
    }

    pub fn text(&self, row: usize, column: &str) -> &str {
        match self.cell(row, column) {
            Some(Cell::Text(text)) => text,
            _ => "",
        }
    }

    fn cell(&self, row: usize, column: &str) -> Option<&Cell> {
        let at = self.rows.columns.iter().position(|c| c.name == column)?;
        self.rows.rows.get(row)?.get(at)
    }

    /// The columns for people.
    pub fn shown(&self, limit: usize) -> ResultSet {
        const SHOWN: [&str; 3] = ["subject", "finding", "records"];
        let rows = (0..self.rows.rows.len().min(limit)).map(|row| {
            SHOWN.iter().map(|name| self.cell(row, name).cloned().unwrap_or(Cell::Null)).collect()
        });
        ResultSet::new(SHOWN, rows.collect())
    }
}

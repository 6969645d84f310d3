//! The texts of models, measures, samples and touched keys, read from `sql/`.

use std::sync::OnceLock;

use rusqlite::Connection;

use super::state;
use crate::catalog;
use crate::error::{Error, Result};

/// A derived table: how it is created and filled.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub table: String,
    /// What restricts a refresh: person, deal, campaign, an own key, `all`; `rust` and `crm` for tables that Rust steps fill.
    pub key: String,
    /// The model's column that holds the key.
    pub column: String,
    /// Record tables, and touched keys as `touched key`; with key `all` the model is derived again when one of them changed.
    pub reads: Vec<String>,
    /// Its rows are sums by the primary key: what the touched keys add is taken away before their models change, and
    /// added after. It may read models only, since records have changed by then.
    pub is_sums: bool,
    creates: Vec<String>,
    inserts: Vec<String>,
    /// What is added up, of sums.
    pub selects: Vec<String>,
}

/// How a measure's rows are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `measure, day, channel_group, channel, value, incomplete`
    Long,
    /// `channel` as a number, then a column for each measure with the day on which it counts: 1, or what a column
    /// `measure.value` says; `measure.incomplete` may stand beside. `measure#word` is another column of a measure, and
    /// `one, other` a column of several.
    Wide,
    /// `channel` as a number, a `day`, and a column for each measure with a later day: counts `measure@n` on the first
    /// of the month, n calendar months before the later day.
    Months,
    /// `day`, `channel` as a number, and the number of a record.
    Sample,
}

/// A select of what is counted or summed, or of the records that a sample has.
#[derive(Debug, Clone)]
pub(super) struct Measure {
    pub name: &'static str,
    pub key: String,
    pub form: Form,
    pub reads: Vec<String>,
    /// Those of its measures that views read by day.
    pub shown: Vec<String>,
    pub text: String,
}

pub(super) struct Plan {
    pub models: Vec<Model>,
    pub measures: Vec<Measure>,
    /// Keys beyond person, deal and campaign: the select of their touched ids.
    pub own_keys: Vec<catalog::Text>,
}

/// Changes when the Rust steps of the models change what they write.
const STEPS_VERSION: u32 = 3;

/// Of all that says what the database is: the texts, which the build hashes, and the Rust steps.
pub(super) fn fingerprint() -> String {
    format!("{}/{STEPS_VERSION}", env!("MODEL_TEXTS"))
}

const BASE_TABLES: &str = include_str!("tables.sql");

impl Plan {
    /// The embedded texts, read once.
    pub fn get() -> Result<&'static Plan> {
        static PLAN: OnceLock<Plan> = OnceLock::new();
        if let Some(plan) = PLAN.get() {
            return Ok(plan);
        }
        let plan = Plan::read()?;
        Ok(PLAN.get_or_init(|| plan))
    }

    fn read() -> Result<Plan> {
        Ok(Plan {
            models: catalog::sql("models").iter().map(read_model).collect::<Result<_>>()?,
            measures: [
                catalog::sql("measures").iter().map(read_measure).collect::<Vec<_>>(),
                catalog::sql("samples").iter().map(read_sample).collect(),
            ]
            .concat(),
            own_keys: catalog::sql("touched"),
        })
    }

    /// Drops every model that an earlier version made and creates this version's, empty.
    pub fn recreate_tables(&self, conn: &Connection) -> Result<()> {
        let names: Vec<String> = conn
            .prepare("select value from meta where key like 'model_table:%'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for name in names {
            conn.execute_batch(&format!("drop table if exists \"{name}\""))?;
        }
        conn.execute("delete from meta where key like 'model_table:%'", [])?;
        conn.execute_batch(BASE_TABLES).map_err(|e| broken("tables.sql", &e))?;
        for model in &self.models {
            for create in &model.creates {
                conn.execute_batch(create).map_err(|e| broken(&model.table, &e))?;
            }
        }
        let tables = self.models.iter().map(|m| m.table.as_str()).chain(base_tables());
        for table in tables {
            state::set(conn, &format!("model_table:{table}"), table)?;
        }
        Ok(())
    }

    pub fn empty_tables(&self, conn: &Connection) -> Result<()> {
        for table in self.models.iter().map(|m| m.table.as_str()).chain(base_tables()) {
            conn.execute(&format!("delete from {table}"), [])?;
        }
        Ok(())
    }

    pub fn measures_of<'a>(
        &'a self,
        key: &'a str,
        conn: &'a Connection,
    ) -> impl Iterator<Item = &'a Measure> {
        self.measures.iter().filter(move |m| {
            let reads = || m.reads.is_empty() || m.reads.iter().any(|table| is_touched(conn, table));
            m.key == key && (key != "all" || reads())
        })
    }
}

impl Model {
    /// Whether a refresh must look at it at all; `is_whole` says of which keys everything is derived again.
    pub fn is_stale(&self, conn: &Connection, is_whole: impl Fn(&str) -> bool) -> bool {
        let (keys, tables): (Vec<&String>, Vec<&String>) =
            self.reads.iter().partition(|name| name.starts_with("touched "));
        let is_key_touched = |name: &str| {
            let key = name.trim_start_matches("touched ");
            is_whole(key)
                || conn
                    .query_row(&format!("select exists (select 1 from temp.touched_{key})"), [], |row| {
                        row.get(0)
                    })
                    .unwrap_or(true)
        };
        match self.key.as_str() {
            "rust" => false,
            "all" if self.reads.is_empty() => true,
            "all" => tables.iter().any(|t| is_touched(conn, t)) || keys.iter().any(|key| is_key_touched(key)),
            _ => true,
        }
    }

    /// Takes away the rows of the touched keys, or all of them; from sums, [`super::sums::Rollups`] takes what changed.
    pub fn clear(&self, conn: &Connection, everything: bool) -> Result<()> {
        let text = match self.key.as_str() {
            _ if self.is_sums && !everything => return Ok(()),
            _ if everything => format!("delete from {}", self.table),
            "all" => format!("delete from {}", self.table),
            key => {
                format!("delete from {} where {} in (select id from touched_{key})", self.table, self.column)
            }
        };
        conn.execute(&text, []).map_err(|e| broken(&self.table, &e))?;
        Ok(())
    }

    /// Inserts the rows of the touched keys, or all of them.
    pub fn fill(&self, conn: &Connection, everything: bool) -> Result<()> {
        for insert in &self.inserts {
            let text = if everything { without_restriction(insert) } else { insert.clone() };
            conn.prepare_cached(&text)
                .and_then(|mut statement| statement.execute([]))
                .map_err(|e| broken(&self.table, &e))?;
        }
        Ok(())
    }
}

fn broken(name: &str, err: &rusqlite::Error) -> Error {
    Error::failed(format!("the model `{name}` could not be derived")).because(err)
}

fn base_tables<'a>() -> impl Iterator<Item = &'a str> {
    BASE_TABLES
        .lines()
        .filter_map(|l| l.strip_prefix("create table "))
        .filter_map(|l| l.split([' ', '(']).next())
}

/// Whether rows of a record table were touched.
fn is_touched(conn: &Connection, table: &str) -> bool {
    let found = conn.prepare_cached("select exists (select 1 from touched_rows where target = ?1)");
    let Ok(mut statement) = found else { return true };
    statement.query_row([table], |row| row.get(0)).unwrap_or(true)
}

/// Replaces every `x in (select id from touched_key)` by `true`.
pub(super) fn without_restriction(text: &str) -> String {
    const MARK: &str = " in (select id from touched_";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let head = &rest[..at];
        let column =
            head.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).map_or(0, |i| i + 1);
        out.push_str(&head[..column]);
        out.push_str("true");
        let tail = &rest[at + MARK.len()..];
        rest = tail.split_once(')').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

fn directive<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .take_while(|l| l.starts_with("--") || l.trim().is_empty())
        .find_map(|l| l.trim_start_matches('-').trim_start().strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}

fn list(text: &str, name: &str) -> Vec<String> {
    directive(text, name).map_or_else(Vec::new, |l| l.split(',').map(|t| t.trim().to_owned()).collect())
}

fn read_model(text: &catalog::Text) -> Result<Model> {
    let name = text.name;
    let table = name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('_').to_owned();
    let key = directive(text.body, "key").unwrap_or("all").to_owned();
    let column = directive(text.body, "column").unwrap_or(&key).to_owned();
    let (mut inserts, mut selects, mut creates) = (Vec::new(), Vec::new(), Vec::new());
    for statement in statements(text.body) {
        match first_word(&statement) {
            "insert" => inserts.push(statement),
            "select" | "with" => selects.push(statement),
            _ => creates.push(statement),
        }
    }
    if creates.is_empty() {
        return Err(Error::failed(format!("the model `{name}` creates no table")));
    }
    let is_sums = directive(text.body, "form") == Some("sums");
    Ok(Model { table, key, column, reads: list(text.body, "reads"), is_sums, creates, inserts, selects })
}

fn read_measure(text: &catalog::Text) -> Measure {
    Measure {
        name: text.name,
        key: directive(text.body, "key").unwrap_or("all").to_owned(),
        form: match directive(text.body, "form") {
            Some("wide") => Form::Wide,
            Some("months") => Form::Months,
            _ => Form::Long,
        },
        reads: list(text.body, "reads"),
        shown: list(text.body, "shown by day"),
        text: text.body.trim().trim_end_matches(';').to_owned(),
    }
}

/// Samples have their key as a column, so that the records behind a value are listed by the same text.
fn read_sample(text: &catalog::Text) -> Measure {
    let key = directive(text.body, "key").unwrap_or_default();
    let body = text.body.trim().trim_end_matches(';');
    let restricted = format!(
        "select day, channel, value from (\n{body}\n) as s where s.{key} in (select id from touched_{key})"
    );
    Measure { form: Form::Sample, text: restricted, ..read_measure(text) }
}

pub(super) fn first_word(statement: &str) -> &str {
    let code = statement.lines().find(|l| !l.trim_start().starts_with("--") && !l.trim().is_empty());
    code.and_then(|l| l.split_whitespace().next()).unwrap_or("")
}

/// The statements of a file; each ends with a `;` at the end of a line.
pub(super) fn statements(body: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    for line in body.lines() {
        current.push_str(line);
        current.push('\n');
        if line.trim_end().ends_with(';') && !line.trim_start().starts_with("--") {
            found.push(std::mem::take(&mut current));
        }
    }
    if !first_word(&current).is_empty() {
        found.push(current);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuild_reads_the_same_text_without_its_restriction() {
        let text = "select 1 from t\nwhere t.person in (select id from touched_person) and a = 1";
        assert_eq!(without_restriction(text), "select 1 from t\nwhere true and a = 1");
    }

    #[test]
    fn the_catalogue_is_well_formed() {
        let counted = catalog::measures_named();
        for sample in catalog::sql("samples") {
            assert!(counted.iter().any(|m| m == sample.name), "no measure counts the sample {}", sample.name);
        }
        Plan::get().unwrap();
    }
}

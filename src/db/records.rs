//! The records behind a KPI's cell: `sql/rows/*.sql`, each listing what one or several measures count or sum, and
//! `sql/samples/*.sql`, which hold what medians and distinct counts are made of.
//!
//! A rows file names its measures in the header (`-- measures: contacts, leads`), takes `:measure`, `:from`, `:to` and
//! `:channel`, and answers `day, record, name, channel, value`, whose values sum to the measure.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::named::{self, NamedQuery, Origin};
use crate::catalog;
use crate::error::{Error, Result};
use crate::models;
use crate::output::{Cell, ResultSet};

/// Which cell is looked into; days as `YYYY-MM-DD`, both included.
#[derive(Debug, Clone)]
pub struct CellRange {
    pub from: String,
    pub to: String,
    /// A channel or group; none for all.
    pub channel: Option<String>,
}

/// One side of a KPI: its formula over measures.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// How its rows are marked, such as `numerator`.
    pub part: &'a str,
    pub formula: &'a str,
    /// Whether it stands at the end of the period instead of adding up over it.
    pub is_stock: bool,
    /// The gross margin, 0–1.
    pub margin: f64,
    /// What measures without a rows file are divided by.
    pub unit: f64,
}

pub const COLUMNS: [&str; 7] = ["part", "measure", "day", "record", "name", "channel", "value"];

/// Functions of a formula under which a measure or sample is another number than by itself.
const CALLS: [&str; 3] = ["opening", "distinct", "median"];

/// The measures that a formula of the catalogue names: `new_business_revenue * margin - spend`. A function around a
/// measure is left out, but for those of [`CALLS`].
pub fn measures_in(formula: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut call = "";
    let mut rest = formula;
    while let Some(start) = rest.find(|c: char| c.is_ascii_lowercase()) {
        let word = &rest[start..];
        let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        rest = after;
        if after.trim_start().starts_with('(') {
            call = word;
            continue;
        }
        let name = if CALLS.contains(&call) { format!("{call}({word})") } else { word.to_owned() };
        call = "";
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// `distinct(people)` as its function and its name; a name alone has no function.
pub fn split_call(measure: &str) -> (&str, &str) {
    measure.strip_suffix(')').and_then(|m| m.split_once('(')).unwrap_or(("", measure))
}

/// The sample of a name, which medians and distinct counts read.
pub fn sample_of(measure: &str) -> Option<catalog::Text> {
    let (call, name) = split_call(measure);
    let sample = catalog::sql("samples").into_iter().find(|text| text.name == name);
    sample.filter(|_| call == "distinct" || call == "median")
}

/// The file that lists a measure's records.
pub fn rows_of(measure: &str) -> Option<NamedQuery> {
    let files = catalog::sql("rows").into_iter();
    let mut queries = files.map(|text| NamedQuery::read(text.name, text.body, Origin::BuiltIn));
    queries.find(|query| measures_of(query).any(|m| m == measure))
}

/// The measures that a rows file declares.
pub fn measures_of(query: &NamedQuery) -> impl Iterator<Item = &str> {
    let lists = query.text.iter().filter_map(|line| line.strip_prefix("measures:"));
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|m| !m.is_empty())
}

/// The records of every measure of a formula, as rows of [`COLUMNS`].
pub fn list(conn: &Connection, side: Side, range: &CellRange) -> Result<Vec<Vec<Cell>>> {
    let mut rows = Vec::new();
    for measure in measures_in(side.formula).into_iter().filter(|m| m != "margin") {
        let rows_file = rows_of(&measure);
        let result = match (sample_of(&measure), &rows_file) {
            (Some(sample), _) => list_sample(conn, sample, split_call(&measure).0, range)?,
            (None, Some(query)) => list_measure(conn, query, &measure, range)?,
            (None, None) => list_days(conn, &measure, side, range)?,
        };
        let bare = split_call(&measure).1;
        let weight = models::weight_in(side.formula, bare, rows_file.is_none(), side.margin)?;
        for mut row in result.rows {
            if let Some(value) = row.last_mut().filter(|_| weight != 1.0 && sample_of(&measure).is_none()) {
                *value = multiply(value, weight);
            }
            let mut cells = vec![Cell::from(side.part), Cell::from(measure.as_str())];
            cells.extend(row);
            rows.push(cells);
        }
    }
    Ok(rows)
}

fn multiply(value: &Cell, weight: f64) -> Cell {
    match value {
        Cell::Integer(n) if weight == -1.0 => Cell::Integer(-n),
        Cell::Integer(n) => Cell::Real(*n as f64 * weight),
        Cell::Real(x) => Cell::Real(x * weight),
        other => other.clone(),
    }
}

fn list_measure(
    conn: &Connection,
    query: &NamedQuery,
    measure: &str,
    range: &CellRange,
) -> Result<ResultSet> {
    run(conn, &format!("rows/{}", query.name), &query.sql, measure, range)
}

/// What a sample holds; of those counted as distinct, the first row of each.
fn list_sample(conn: &Connection, sample: catalog::Text, call: &str, range: &CellRange) -> Result<ResultSet> {
    let body = sample.body.trim().trim_end_matches(';');
    let (value, group) = if call == "distinct" { ("1", "group by s.value") } else { ("s.value", "") };
    let day = if call == "distinct" { "min(c.day)" } else { "c.day" };
    let sql = format!(
        "select {day} as day, s.record, s.name, coalesce(h.channel, 'Unknown') as channel, {value} as value
         from (\n{body}\n) as s
         join calendar_days as c on c.day_number = s.day
         left join channels as h on h.id = s.channel
         where c.day between :from and :to and (:channel is null
            or :channel in (coalesce(h.channel, 'Unknown'), coalesce(h.channel_group, 'Unknown')))
         {group} order by 1, s.record"
    );
    run(conn, &format!("samples/{}", sample.name), &sql, sample.name, range)
}

/// The days of a measure whose records no file lists, such as one of the workspace's own.
fn list_days(conn: &Connection, measure: &str, side: Side, range: &CellRange) -> Result<ResultSet> {
    let (call, name) = split_call(measure);
    let days = match (call, side.is_stock) {
        ("opening", _) => "c.day < :from",
        (_, true) => "c.day <= :to",
        _ => "c.day between :from and :to",
    };
    let sql = format!(
        "select c.day as day, s.channel_group as record, null as name, s.channel as channel,
            (m.value ->> 2) / {:.1} as value
         from json_each(:days) as m
         join scopes as s on s.id = m.value ->> 1
         join calendar_days as c on c.day_number = m.value ->> 0
         where {days} and (:channel is null or :channel in (s.channel, s.channel_group))
         order by c.day, s.channel",
        side.unit
    );
    let sums: Vec<String> = models::days_of_measure(conn, name)?
        .into_iter()
        .map(|(day, scope, value)| format!("[{day},{scope},{value}]"))
        .collect();
    let sums = ("days".to_owned(), Value::Text(format!("[{}]", sums.join(","))));
    run_with(conn, "days of a measure", &sql, name, range, Some(sums))
}

fn run(conn: &Connection, name: &str, sql: &str, measure: &str, range: &CellRange) -> Result<ResultSet> {
    run_with(conn, name, sql, measure, range, None)
}

/// The same with one more value for the text.
fn run_with(
    conn: &Connection,
    name: &str,
    sql: &str,
    measure: &str,
    range: &CellRange,
    more: Option<(String, Value)>,
) -> Result<ResultSet> {
    let text = |value: &str| Value::Text(value.to_owned());
    let mut values = vec![
        ("measure".to_owned(), text(measure)),
        ("from".to_owned(), text(&range.from)),
        ("to".to_owned(), text(&range.to)),
        ("channel".to_owned(), range.channel.as_deref().map_or(Value::Null, text)),
    ];
    values.extend(more);
    let result = named::run(conn, name, sql, &values)?;
    let names: Vec<&str> = result.columns.iter().map(|c| c.name.as_str()).collect();
    if names != COLUMNS[2..] {
        return Err(Error::failed(format!("{name} answers {}", names.join(", "))));
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_name_measures() {
        assert_eq!(
            measures_in("new_business_revenue * margin - spend"),
            ["new_business_revenue", "margin", "spend"]
        );
        assert_eq!(measures_in("closing(pipeline_open) / 1000"), ["pipeline_open"]);
        assert_eq!(
            measures_in("churned_customers / opening(mrr_customers)"),
            ["churned_customers", "opening(mrr_customers)"]
        );
        assert_eq!(measures_in("mqls"), ["mqls"]);
        assert_eq!(measures_in("distinct(meeting_people)"), ["distinct(meeting_people)"]);
    }

    #[test]
    fn a_measure_has_one_rows_file() {
        let mut seen: Vec<String> = Vec::new();
        for text in catalog::sql("rows") {
            let query = NamedQuery::read(text.name, text.body, Origin::BuiltIn);
            for measure in measures_of(&query) {
                assert!(!seen.iter().any(|s| s == measure), "{measure} stands twice");
                seen.push(measure.to_owned());
            }
        }
    }
}

//! The records behind a KPI's cell: `sql/rows/*.sql`, each listing what one or several measures count or sum.
//!
//! A rows file names its measures in the header (`-- measures: contacts, leads`), takes `:measure`, `:from`, `:to` and
//! `:channel`, and answers `day, record, name, channel, value`, whose values sum to the measure.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::named::{self, NamedQuery, Origin};
use crate::catalog;
use crate::error::{Error, Result};
use crate::output::{Cell, ResultSet};

/// Which cell is looked into; days as `YYYY-MM-DD`, both included.
#[derive(Debug, Clone)]
pub struct CellRange {
    pub from: String,
    pub to: String,
    /// A channel or group; none for all.
    pub channel: Option<String>,
}

pub const COLUMNS: [&str; 7] = ["part", "measure", "day", "record", "name", "channel", "value"];

/// The measures that a formula of the catalogue names: `new_business_revenue * margin - spend`. A function around a
/// measure is left out, but for `opening(x)`, which is another number.
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
        let name = if call == "opening" { format!("opening({word})") } else { word.to_owned() };
        call = "";
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
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

/// The records of every measure of a formula, as rows of [`COLUMNS`]; names that are no measures are left out.
pub fn list(conn: &Connection, part: &str, formula: &str, range: &CellRange) -> Result<Vec<Vec<Cell>>> {
    let mut rows = Vec::new();
    for measure in measures_in(formula) {
        let Some(query) = rows_of(&measure) else { continue };
        let is_taken_away = is_subtracted(formula, &measure);
        for mut row in list_measure(conn, &query, &measure, range)?.rows {
            if let Some(value) = row.last_mut().filter(|_| is_taken_away) {
                *value = negate(value);
            }
            let mut cells = vec![Cell::from(part), Cell::from(measure.as_str())];
            cells.extend(row);
            rows.push(cells);
        }
    }
    Ok(rows)
}

/// Whether a formula takes a measure away: spend in `revenue * margin - spend`.
fn is_subtracted(formula: &str, measure: &str) -> bool {
    formula.find(measure).is_some_and(|at| formula[..at].trim_end().ends_with('-'))
}

fn negate(value: &Cell) -> Cell {
    match value {
        Cell::Integer(n) => Cell::Integer(-n),
        Cell::Real(x) => Cell::Real(-x),
        other => other.clone(),
    }
}

fn list_measure(
    conn: &Connection,
    query: &NamedQuery,
    measure: &str,
    range: &CellRange,
) -> Result<ResultSet> {
    let text = |value: &str| Value::Text(value.to_owned());
    let values = [
        ("measure".to_owned(), text(measure)),
        ("from".to_owned(), text(&range.from)),
        ("to".to_owned(), text(&range.to)),
        ("channel".to_owned(), range.channel.as_deref().map_or(Value::Null, text)),
    ];
    let result = named::run(conn, &format!("rows/{}", query.name), &query.sql, &values)?;
    let names: Vec<&str> = result.columns.iter().map(|c| c.name.as_str()).collect();
    if names != COLUMNS[2..] {
        return Err(Error::failed(format!("rows/{} answers {}", query.name, names.join(", "))));
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
    }

    #[test]
    fn what_is_taken_away_is_negative() {
        assert!(is_subtracted("new_business_revenue * margin - spend", "spend"));
        assert!(!is_subtracted("new_business_revenue * margin - spend", "new_business_revenue"));
        assert_eq!(negate(&Cell::Real(2.5)), Cell::Real(-2.5));
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

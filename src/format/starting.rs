//! A starting point for a format of one's own: an unknown file's header, with the guesses that it allows.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::Schema;
use super::value::Kind;
use super::{Formats, header};

/// Headers that the new format asks for, so that it takes no other file.
const ASKED_FOR: usize = 4;

/// The text of a format file for a header row.
pub fn write(file: &str, cells: &[String], formats: &Formats, schema: &Schema) -> String {
    let cells: Vec<&str> = cells.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
    let guesses: Vec<BTreeMap<(&str, &str), usize>> = cells.iter().map(|c| guess(formats, c)).collect();
    let target = likeliest(&guesses);
    let columns = assign(&guesses, target);
    let required = schema.get(target).map_or(&[][..], |table| table.required.as_slice());
    let quote = |text: &str| toml::Value::from(text).to_string();
    let list =
        |texts: &[&str]| format!("[{}]", texts.iter().map(|t| quote(t)).collect::<Vec<_>>().join(", "));

    let mut out = format!(
        "# Where to click for this export, its header, and an invented row:\n# {}\n",
        cells.join(",")
    );
    out += &format!("title = {}\n", quote(file));
    out += "system = \"other\"       # the system it comes from; its records are kept apart from those of others\n";
    out += &format!("target = {}   # where its rows go: one of the tables at the end\n", quote(target));
    out += "get = \"\"               # what to click, as `funnelite todo` shows it\n";
    out += "cadence = \"weekly\"\nwindow = \"everything\"  # the days to ask for, or: last 30 days\n";
    out += &format!(
        "also = {}   # headers that tell this file from every other\n",
        list(&cells[..cells.len().min(ASKED_FOR)])
    );
    out += "\n[columns]\n# target column = [headers]; options: { headers = [\"…\"], date = \"dmy\", zone = \"utc\", unit = \"minor\", values = { … } }\n";
    for column in required.iter().filter(|r| !columns.iter().any(|c| c.as_ref() == Some(&r.as_str()))) {
        out += &format!("# {column} = [\"…\"]   # needed: {}\n", Kind::of(column, false).expected());
    }
    for (cell, column) in cells.iter().zip(&columns) {
        out += &match column {
            Some(column) => format!("{column} = {}\n", list(&[cell])),
            None => format!("# … = {}\n", list(&[cell])),
        };
    }
    out + &describe(formats, target, &columns)
}

/// The target columns that known formats fill from such a header, and in how many of them.
fn guess<'f>(formats: &'f Formats, name: &str) -> BTreeMap<(&'f str, &'f str), usize> {
    let mut found = BTreeMap::new();
    for (f, c) in formats.index.get(&header::normalize(name)).into_iter().flatten() {
        let format = &formats.all[*f];
        // a header of an unpivoted column is known, but belongs to no single one
        if let Some(column) = format.columns.get(*c).filter(|_| format.spec.target != "nothing") {
            *found.entry((format.spec.target.as_str(), column.target.as_str())).or_insert(0) += 1;
        }
    }
    found
}

/// The target that knows most of the headers; one that many targets know says little.
fn likeliest<'f>(guesses: &[BTreeMap<(&'f str, &'f str), usize>]) -> &'f str {
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    for guess in guesses {
        let targets: BTreeSet<&str> = guess.keys().map(|(target, _)| *target).collect();
        for target in &targets {
            *votes.entry(target).or_insert(0) += 1000 / targets.len();
        }
    }
    votes.into_iter().max_by_key(|(_, n)| *n).map_or("crm_people", |(target, _)| target)
}

/// The column of that target for each header, each column once.
fn assign<'f>(guesses: &[BTreeMap<(&'f str, &'f str), usize>], target: &str) -> Vec<Option<&'f str>> {
    let mut used = BTreeSet::new();
    let mut assigned = Vec::new();
    for guess in guesses {
        let fitting = guess.iter().filter(|((t, column), _)| *t == target && !used.contains(column));
        let column = fitting.max_by_key(|(_, n)| **n).map(|((_, column), _)| *column);
        used.extend(column);
        assigned.push(column);
    }
    assigned
}

/// What else there is to fill, and where else rows can go.
fn describe(formats: &Formats, target: &str, columns: &[Option<&str>]) -> String {
    let known = |wanted: &str| -> BTreeSet<&str> {
        let fitting = formats.all.iter().filter(|f| f.spec.target == wanted);
        fitting.flat_map(|f| f.columns.iter().map(|c| c.target.as_str())).collect()
    };
    let others: Vec<&str> = known(target).into_iter().filter(|c| !columns.contains(&Some(c))).collect();
    let targets: BTreeSet<&str> =
        formats.all.iter().map(|f| f.spec.target.as_str()).filter(|t| *t != "nothing").collect();
    format!(
        "\n# Other columns of {target}: {}\n# Tables: {}\n",
        others.join(", "),
        targets.into_iter().collect::<Vec<_>>().join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_word_finds_its_column_and_a_needed_one_is_asked_for() {
        let schema = crate::format::bind::Schema::from([(
            "crm_deals".to_owned(),
            crate::format::bind::Table { required: vec!["record_id".to_owned()], ..Default::default() },
        )]);
        let cells =
            ["Ref", "Kunde", "E-Mail", "Betrag", "Status", "2026-01", "Deal Stage"].map(str::to_owned);
        let text = write("list.csv", &cells, &Formats::load(None).unwrap(), &schema);
        assert!(text.contains("target = \"crm_deals\""), "{text}");
        assert!(text.contains("# record_id = [\"…\"]   # needed: an id"), "{text}");
        assert!(text.contains("amount_micros = [\"Betrag\"]"), "{text}");
        crate::format::spec::parse("list", &text).unwrap();
    }
}

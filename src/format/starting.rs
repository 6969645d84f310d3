//! A starting point for a format of one's own: an unknown file's header, with the guesses that it and its first row allow.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::Schema;
use super::date::Order;
use super::locale::{DecimalMark, Locale};
use super::pattern::Pattern;
use super::value::{self, Kind, Reading};
use super::{Formats, header};

/// Headers that the new format asks for, so that it takes no other file.
const ASKED_FOR: usize = 4;

const WORDS: &str = include_str!("words.toml");

/// A word that ends a compound without a space is at least so long.
const LONG: usize = 5;

/// A file that no format knows: its header, and the row below it.
#[derive(Debug, Clone, Default)]
pub struct Unknown {
    pub header: Vec<String>,
    pub first: Vec<String>,
}

/// How well a header suits a column; the greater, the better.
type Fit = usize;
const WHOLE: Fit = 1000;
const AT_AN_END: Fit = 1;

/// Target and column → how well they suit a header.
type Guess = BTreeMap<(String, String), Fit>;

/// The text of a format file for a header row.
pub fn write(file: &str, unknown: &Unknown, formats: &Formats, schema: &Schema) -> String {
    let cells: Vec<(&str, &str)> = unknown
        .header
        .iter()
        .enumerate()
        .map(|(i, cell)| (cell.trim(), unknown.first.get(i).map_or("", |first| value::trim(first))))
        .filter(|(cell, _)| !cell.is_empty())
        .collect();
    let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
    let words: Words = toml::from_str(WORDS).expect("words.toml is valid");
    let guesses: Vec<Guess> =
        cells.iter().map(|(name, first)| guess(formats, schema, &words, name, first)).collect();
    let target = likeliest(&guesses);
    let target = target.as_str();
    let mut columns = assign(&guesses, target);
    let required = schema.get(target).map_or(&[][..], |table| table.required.as_slice());
    let is_missing =
        |columns: &[Option<String>], wanted: &str| !columns.iter().flatten().any(|c| c == wanted);
    // a row is told from the others by its first column, as a rule
    let mut by_place = None;
    if is_missing(&columns, "record_id") && required.iter().any(|r| r == "record_id") {
        by_place = columns.iter().position(Option::is_none);
        if let Some(at) = by_place {
            columns[at] = Some("record_id".to_owned());
        }
    }
    let quote = |text: &str| toml::Value::from(text).to_string();
    let list =
        |texts: &[&str]| format!("[{}]", texts.iter().map(|t| quote(t)).collect::<Vec<_>>().join(", "));

    let mut out = format!(
        "# Where to click for this export, its header, and an invented row:\n# {}\n",
        names.join(",")
    );
    out += &format!("title = {}\n", quote(file));
    out += "system = \"other\"       # the system it comes from; its records are kept apart from those of others\n";
    out += &format!("target = {}   # where its rows go: one of the tables at the end\n", quote(target));
    out += "get = \"\"               # what to click, as `funnelite todo` shows it\n";
    out += "cadence = \"weekly\"\nwindow = \"everything\"  # the days to ask for, or: last 30 days\n";
    out += &format!(
        "also = {}   # headers that tell this file from every other\n",
        list(&names[..names.len().min(ASKED_FOR)])
    );
    // a day is the first and the last day of its row
    let is_open = |wanted: &&String| {
        is_missing(&columns, wanted) && (!wanted.starts_with("day_") || is_missing(&columns, "day"))
    };
    let open: Vec<(&String, Option<String>)> =
        required.iter().filter(is_open).map(|r| (r, usual(formats, target, r))).collect();
    out += "\n[set]\n# target column = \"the same text in every row\"\n";
    for (column, text) in open.iter().filter_map(|(column, text)| Some((column, text.as_ref()?))) {
        let note =
            if *column == "object" { "   # or \"lead\", where every row is somebody who asked" } else { "" };
        out += &format!("{column} = {}{note}\n", quote(text));
    }
    out += "\n[columns]\n# target column = [headers]; options: { headers = [\"…\"], date = \"dmy\", zone = \"utc\", unit = \"minor\", values = { … } }\n";
    for (column, _) in open.iter().filter(|(_, text)| text.is_none()) {
        let flag = if *column == "currency" { ", or import the file with `--currency`" } else { "" };
        out += &format!("# {column} = [\"…\"]   # needed: {}{flag}\n", Kind::of(column, false).expected());
    }
    for (at, (cell, column)) in names.iter().zip(&columns).enumerate() {
        let note = if by_place == Some(at) { "   # a guess: what no two rows share" } else { "" };
        out += &match column {
            Some(column) => format!("{column} = {}{note}\n", list(&[cell])),
            None => format!("# … = {}\n", list(&[cell])),
        };
    }
    let columns: Vec<Option<&str>> = columns.iter().map(Option::as_deref).collect();
    out + &describe(formats, target, &columns)
}

/// The text that most formats give a column of a target which no header of theirs fills.
fn usual(formats: &Formats, target: &str, column: &str) -> Option<String> {
    let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
    for format in formats.all().filter(|f| f.spec.target == target) {
        let set = format.spec.set.get(column).map(String::as_str);
        let rules = format.columns.iter().filter(|c| c.target == column);
        let labels = rules.flat_map(|c| &c.spec.present).map(|(_, label)| label.as_str());
        for text in set.into_iter().chain(labels) {
            *texts.entry(text).or_default() += 1;
        }
    }
    texts.into_iter().max_by_key(|(_, n)| *n).map(|(text, _)| text.to_owned())
}

/// Table (or `any`) → column → words.
type Words = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The columns that known formats and words find in a header, where the cell below it can be read as such.
fn guess(formats: &Formats, schema: &Schema, words: &Words, name: &str, first: &str) -> Guess {
    let normal = header::normalize(name);
    let mut found = Guess::new();
    let mut add = |target: &str, column: &str, fit: Fit| {
        let table = schema.get(target);
        // one day fills both ends of a period
        let name = if column == "day" { "day_from" } else { column };
        let known = table.and_then(|t| t.columns.iter().find(|(c, _)| c == name || c == column));
        let is_integer = known.is_some_and(|(_, is_integer)| *is_integer);
        if (target == "ads" || known.is_some()) && suits(first, Kind::of(column, is_integer)) {
            *found.entry((target.to_owned(), column.to_owned())).or_insert(0) += fit;
        }
    };
    for (format, column) in formats.naming(&normal).filter(|(format, _)| format.spec.target != "nothing") {
        add(&format.spec.target, &column.target, WHOLE);
    }
    let tables: Vec<&str> = words.keys().map(String::as_str).filter(|t| *t != "any").collect();
    for (table, columns) in words {
        for (column, words) in columns {
            let Some(fit) = words.iter().filter_map(|word| fit_of(&normal, &header::normalize(word))).max()
            else {
                continue;
            };
            for target in tables.iter().filter(|t| table == "any" || table == *t) {
                add(target, column, fit);
            }
        }
    }
    if Pattern::trusted("(?i)^{how did you hear about us}$").is_match(&header::straighten(name)) {
        add("crm_people", "self_reported_source", WHOLE);
    }
    found
}

/// A word that is the header counts most, then the longest at one of its ends.
fn fit_of(header: &str, word: &str) -> Option<Fit> {
    let length = word.chars().count();
    let is_apart =
        |rest: &str, next: Option<char>| rest.is_empty() || next.is_some_and(|c| !c.is_alphanumeric());
    if header == word {
        return Some(WHOLE);
    }
    let begins = header.strip_prefix(word).is_some_and(|rest| is_apart(rest, rest.chars().next()));
    let ends = header
        .strip_suffix(word)
        .is_some_and(|rest| length >= LONG || is_apart(rest, rest.chars().next_back()));
    (begins || ends).then_some(AT_AN_END + length)
}

/// Whether a cell can be what a column of this kind holds, however the file writes dates and numbers.
fn suits(cell: &str, kind: Kind) -> bool {
    [(DecimalMark::Dot, Order::MonthFirst), (DecimalMark::Comma, Order::DayFirst)].iter().any(
        |(decimal, order)| {
            let locale = Locale { decimal: Some(*decimal), order: Some(*order) };
            value::read(cell, kind, &Reading::default(), &locale).is_ok()
        },
    )
}

/// The target that knows most of the headers; one that many targets know says little.
fn likeliest(guesses: &[Guess]) -> String {
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    for guess in guesses {
        let mut best: BTreeMap<&str, Fit> = BTreeMap::new();
        for ((target, _), fit) in guess {
            let of_target = best.entry(target).or_insert(0);
            *of_target = (*of_target).max((*fit).min(WHOLE));
        }
        for (target, fit) in &best {
            *votes.entry(target).or_insert(0) += fit / best.len();
        }
    }
    votes.into_iter().max_by_key(|(_, n)| *n).map_or("crm_people", |(target, _)| target).to_owned()
}

/// The column of that target for each header, each column once, to the header that it suits best.
fn assign(guesses: &[Guess], target: &str) -> Vec<Option<String>> {
    let mut fits: Vec<(Fit, usize, &str)> = Vec::new();
    for (at, guess) in guesses.iter().enumerate() {
        let fitting = guess.iter().filter(|((t, _), _)| t == target);
        fits.extend(fitting.map(|((_, column), fit)| (*fit, at, column.as_str())));
    }
    fits.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(b.2)));
    let mut assigned: Vec<Option<String>> = vec![None; guesses.len()];
    let mut used = BTreeSet::new();
    for (_, at, column) in fits {
        if assigned[at].is_none() && used.insert(column) {
            assigned[at] = Some(column.to_owned());
        }
    }
    assigned
}

/// What else there is to fill, and where else rows can go.
fn describe(formats: &Formats, target: &str, columns: &[Option<&str>]) -> String {
    let known = |wanted: &str| -> BTreeSet<&str> {
        let fitting = formats.all().filter(|f| f.spec.target == wanted);
        fitting.flat_map(|f| f.columns.iter().map(|c| c.target.as_str())).collect()
    };
    let others: Vec<&str> = known(target).into_iter().filter(|c| !columns.contains(&Some(c))).collect();
    let targets: BTreeSet<&str> =
        formats.all().map(|f| f.spec.target.as_str()).filter(|t| *t != "nothing").collect();
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
    fn a_word_is_a_header_or_stands_at_one_of_its_ends() {
        for (header, word, fits) in [
            ("betrag", "betrag", true),
            ("kundennummer", "nummer", true),
            ("müşteri no", "no", true),
            ("nomor peluang", "nomor", true),
            ("رقم العميل", "رقم", true),
            ("notiz", "no", false),
            ("casino", "no", false),
            ("identity", "id", false),
        ] {
            assert_eq!(fit_of(header, word).is_some(), fits, "{header} {word}");
        }
        assert!(fit_of("deal value", "deal value") > fit_of("deal value", "value"));
    }

    #[test]
    fn a_cell_rules_out_what_it_cannot_be() {
        assert!(suits("13.01.2026", Kind::Moment));
        assert!(suits("03/04/2026", Kind::Moment));
        assert!(!suits("2026-02-12", Kind::Bool));
        assert!(suits("1.234,50 €", Kind::Money));
        assert!(!suits("Gewonnen", Kind::Money));
        assert!(suits("", Kind::Money));
    }

    #[test]
    fn what_no_header_gives_is_set_or_asked_for() {
        let (mut conn, formats) =
            (rusqlite::Connection::open_in_memory().unwrap(), Formats::load(None).unwrap());
        crate::db::migrate(&mut conn).unwrap();
        let schema = crate::import::schema::read(&conn).unwrap();
        let starting = |header: &[&str]| {
            let header = header.iter().map(|c| (*c).to_owned()).collect();
            let text = write("x.csv", &Unknown { header, first: Vec::new() }, &formats, &schema);
            crate::format::spec::parse("x", &text).unwrap();
            text
        };
        let web = starting(&["Date", "Channel Type", "Sessions", "Bounces"]);
        assert!(web.contains("report = \"date\"") && !web.contains("# day_from"), "{web}");
        let costs = starting(&["Day", "Channel", "Category", "Amount"]);
        assert!(costs.contains("--currency") && !costs.contains("# day_to"), "{costs}");
        for (header, wanted) in [
            (&["Date", "Channel Type", "Visits"][..], "target = \"web_rows\""),
            (
                &["Campaign Name", "Send Time", "Total Recipients", "Unique Opens"],
                "sent_at = [\"Send Time\"]",
            ),
            (
                &["uuid", "account_code", "unit_amount", "state", "activated_at"],
                "amount_micros = [\"unit_amount\"]",
            ),
            (&["Meeting ID", "Guest Email", "Meeting Time"], "starts_at = [\"Meeting Time\"]"),
            (&["Conversation Ref", "Created At", "First Agent Response At"], "target = \"requests_given\""),
            (&["Click Date", "Product Name", "Number of Clicks", "Total Cost"], "target = \"ads\""),
            (&["Network", "Published", "Post Text", "Share Count"], "shares = [\"Share Count\"]"),
            (&["Share Date", "Shared URL", "Share Clicks"], "target = \"link_days\""),
        ] {
            let text = starting(header);
            assert!(text.contains(wanted), "{text}");
        }
    }
}

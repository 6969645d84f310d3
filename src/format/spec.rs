//! The vocabulary of a format file: closed, small, and checked when it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result};

/// How sure we are of what the file says about the export.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// A real exported file was seen.
    #[default]
    Real,
    /// Code that others wrote against real exports.
    Code,
    /// Vendor documents only.
    Documents,
}

/// One export, as its TOML file describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    pub title: String,
    pub system: String,
    /// A record table, `ads`, or `nothing`: recognised, its rows counted as furniture.
    #[serde(default = "nothing")]
    pub target: String,
    #[serde(default)]
    pub evidence: Evidence,
    #[serde(default)]
    pub get: String,
    #[serde(default)]
    pub cadence: String,
    #[serde(default)]
    pub window: String,
    #[serde(default)]
    pub need: Vec<String>,
    #[serde(default)]
    pub also: Vec<String>,
    /// Headers that rule the format out; `*.id` is any that ends in `.id`.
    #[serde(default)]
    pub forbid: Vec<String>,
    pub title_line: Option<String>,
    /// A line that makes a file without any table this format's empty report.
    pub empty_line: Option<String>,
    /// A preamble line that rules the format out.
    pub forbid_line: Option<String>,
    pub note: Option<String>,
    pub refuse: Option<String>,
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnSpec>,
    #[serde(default)]
    pub unpivot: Vec<Unpivot>,
    #[serde(default)]
    pub totals: Totals,
    #[serde(default)]
    pub skip: Skip,
    /// Target columns in which rows of one file with the same key are combined: sum, min, max or first; else the last row stands.
    #[serde(default)]
    pub merge: BTreeMap<String, Merge>,
    #[serde(default)]
    pub ads: Ads,
    #[serde(default)]
    pub file: FileSpec,
    /// Objects of the same archive that are known and not used, by member name without extension.
    #[serde(default)]
    pub unused: Vec<String>,
}

fn nothing() -> String {
    "nothing".to_owned()
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Merge {
    Sum,
    Min,
    Max,
    First,
}

/// Where a target column comes from: a list of headers, or a table with options.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum ColumnSpec {
    Headers(Vec<String>),
    Full(Box<Column>),
}

impl ColumnSpec {
    pub fn full(self) -> Column {
        match self {
            ColumnSpec::Headers(headers) => Column { headers, ..Column::default() },
            ColumnSpec::Full(column) => *column,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Column {
    pub headers: Vec<String>,
    /// Used where none of `headers` is present: a list of headers, or a table with options of its own.
    pub fallback: Option<ColumnSpec>,
    /// Header regexes; their named groups fill target columns. `{how did you hear about us}` is that question in many languages.
    pub pattern: Patterns,
    /// `utc`: times without a mark are UTC.
    pub zone: Option<String>,
    /// `date`: midnight means a bare date.
    pub midnight: Option<String>,
    pub unit: Option<String>,
    /// `mdy` or `dmy`: fixed whatever the locale.
    pub date: Option<String>,
    pub null: Vec<String>,
    pub values: BTreeMap<String, String>,
    /// Values outside `values` become empty.
    pub only: bool,
    /// `salesforce`: 15-character ids are widened to 18.
    pub key: Option<String>,
    pub default: Option<String>,
    pub sum: bool,
    pub list: bool,
    /// What stands between the parts of a list; `;` unless given.
    pub join: Option<String>,
    pub extract: Option<String>,
    /// The cell is a rate of that other target column: their product counts.
    pub times: Option<String>,
    /// The cell is a number of days after the table's own first day.
    pub offset: bool,
    /// Pairs (target column or header, label): the labels of those present in the header, joined by `+`.
    pub present: Vec<(String, String)>,
    /// The cell counts only where another raw column matches; elsewhere `default` stands.
    #[serde(rename = "where")]
    pub condition: Option<Condition>,
    /// The target column whose value stands in where this one is absent or empty.
    #[serde(rename = "or")]
    pub otherwise: Option<String>,
    /// The cell is the first day of a period whose length the file does not say in the row.
    pub starts: bool,
    /// What to write there, for those who fill in a sheet by hand.
    pub holds: Option<String>,
}

/// Another column of the row, by header, and what it has to match.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub headers: Vec<String>,
    #[serde(rename = "match")]
    pub pattern: String,
}

/// One regex or several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Patterns(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Patterns {
    fn from(given: OneOrMany) -> Self {
        match given {
            OneOrMany::One(one) => Patterns(vec![one]),
            OneOrMany::Many(many) => Patterns(many),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpivot {
    pub header: String,
    pub target: Option<String>,
    pub cell: Patterns,
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    #[serde(default)]
    pub take: BTreeMap<String, String>,
    pub zone: Option<String>,
    pub midnight: Option<String>,
    pub unit: Option<String>,
    pub date: Option<String>,
    /// Value map of the cells; with `only`, cells outside it make no record.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    #[serde(default)]
    pub only: bool,
    /// The format matches only where a header matches this.
    #[serde(default)]
    pub need: bool,
    /// Such a header, for people.
    pub like: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Totals {
    pub prefix: Vec<String>,
    pub blank: Vec<String>,
    /// Labels whose row is the sum of the listed rows.
    pub rows: Option<String>,
    /// Labels whose row is the whole account's total.
    pub account: Option<String>,
    /// `account`: a total recognised by `blank` is the whole account's.
    pub blank_is: Option<String>,
    /// `start` or `end`: rows with a `prefix` are totals only in the unbroken block there.
    pub at: Option<String>,
    pub footer: Vec<String>,
    pub count: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Skip {
    pub when: BTreeMap<String, Vec<String>>,
    /// A regex that a cell of a target column or header must match for the row to be furniture.
    #[serde(rename = "match")]
    pub matching: BTreeMap<String, String>,
    pub same: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ads {
    pub partial: Vec<String>,
    pub breakdown: Vec<String>,
    pub partial_breakdown: Vec<String>,
    pub identity: bool,
    /// The whole report shows part of the traffic, whatever its level.
    pub is_partial: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileSpec {
    pub period: Vec<String>,
    pub period_columns: Vec<String>,
    pub as_of: Vec<String>,
    pub set: BTreeMap<String, Captured>,
    /// Regexes over `folder/file.csv` or `archive.zip/member.csv`.
    pub name: BTreeMap<String, Captured>,
    pub decimal: Option<String>,
    pub date: Option<String>,
    /// Names of the workbook sheets that the format is looked for in.
    pub sheets: Vec<String>,
    /// Several tables stand below each other in one text.
    pub stacked: bool,
    /// Lines that begin another table of a stacked text.
    pub section: Vec<String>,
    /// A regex with a group `value` that names the rows' period: Daily, Weekly, Monthly, Summary …
    pub grain: Option<String>,
    /// Names of a member of the same archive, or of a sheet, that says what the table holds.
    pub beside: Vec<String>,
    /// `pairs`: each line is a label and its value; together they are one record.
    pub layout: Option<String>,
    /// Numbers of rows at which the platform cuts an export off.
    pub cut: Vec<u64>,
    /// Columns filled from outside the rows, and what to say where one is: `{}` stands for its text.
    pub warn: BTreeMap<String, String>,
}

/// A text taken from lines outside the table, by regexes with a group `value`; the first that matches counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Captured {
    One(String),
    Several(Vec<String>),
    Full {
        find: Vec<String>,
        #[serde(default)]
        null: Vec<String>,
        #[serde(default)]
        values: BTreeMap<String, String>,
    },
}

impl Captured {
    pub fn patterns(&self) -> &[String] {
        match self {
            Captured::One(pattern) => std::slice::from_ref(pattern),
            Captured::Several(patterns) | Captured::Full { find: patterns, .. } => patterns,
        }
    }

    /// The captured text after its own null and value maps.
    pub fn translate(&self, found: &str) -> String {
        match self {
            Captured::Full { null, .. } if null.iter().any(|n| n == found) => String::new(),
            Captured::Full { values, .. } => values.get(found).cloned().unwrap_or_else(|| found.to_owned()),
            _ => found.to_owned(),
        }
    }
}

/// Reads a format file; unknown keys are errors that name the file.
pub fn parse(name: &str, text: &str) -> Result<Spec> {
    toml::from_str(text).map_err(|e| {
        Error::failed(format!("the format `{name}` could not be read"))
            .because(e.to_string().trim().replace('\n', "\n    "))
    })
}

//! A query's answer, and its shapes on paper: table, csv, tsv, json, ndjson, markdown, html, xlsx.

mod chart;
mod csv;
mod html;
mod json;
mod kind;
mod layout;
mod line;
mod markdown;
mod number;
mod table;
pub mod wrap;
mod xlsx;

use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Result, nearest};

pub use number::show;

/// One value of a result, as SQLite gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl Cell {
    /// The value as a number, for alignment and bars; never for sums.
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Integer(n) => Some(*n as f64),
            Cell::Real(x) => Some(*x),
            _ => None,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Cell::Integer(n)
    }
}

impl From<f64> for Cell {
    fn from(x: f64) -> Self {
        Cell::Real(x)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

impl From<rusqlite::types::ValueRef<'_>> for Cell {
    fn from(value: rusqlite::types::ValueRef<'_>) -> Self {
        use rusqlite::types::ValueRef;
        match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(n) => Cell::Integer(n),
            ValueRef::Real(x) => Cell::Real(x),
            ValueRef::Text(bytes) => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
            ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
        }
    }
}

/// How people read a column; machine formats always get the exact value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColumnKind {
    /// As it is; numbers without thousands marks (ids, years).
    #[default]
    Text,
    Number,
    Money,
    /// 0–1, shown as percent.
    Rate,
    Date,
    /// 0 or 1, shown as no or yes.
    Flag,
    /// Sentences, which go on over several lines where they do not fit.
    Prose,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
    /// What a workbook says of the column when one points at its header.
    pub note: Option<String>,
}

/// Rows in the order the query gave them; every row has one cell per column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResultSet {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

impl ResultSet {
    /// A result whose kinds follow from the columns' names and cells.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>, rows: Vec<Vec<Cell>>) -> Self {
        let columns = names.into_iter().enumerate().map(|(index, name)| {
            let name = name.into();
            let kind = kind::infer(&name, rows.iter().map(|row| &row[index]));
            Column { name, kind, note: None }
        });
        ResultSet { columns: columns.collect(), rows }
    }
}

/// The shapes an answer can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Shape {
    #[default]
    #[value(aliases = ["box", "column", "columns"])]
    Table,
    // one line for each column; a doc comment would unfold the help of every command
    Line,
    Csv,
    Tsv,
    Json,
    Ndjson,
    Markdown,
    Html,
    Xlsx,
}

impl Shape {
    /// The shape that a file's name asks for; a table where it has no ending.
    pub fn of_file(path: &Path) -> Result<Shape> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        Ok(match extension.as_str() {
            "csv" => Shape::Csv,
            "tsv" | "tab" => Shape::Tsv,
            "json" => Shape::Json,
            "ndjson" | "jsonl" => Shape::Ndjson,
            "md" | "markdown" => Shape::Markdown,
            "html" | "htm" => Shape::Html,
            "xlsx" => Shape::Xlsx,
            "" | "txt" => Shape::Table,
            _ => {
                let error = Error::usage(format!("`.{extension}` does not say what to write"));
                return Err(error.hint(
                    "a name ends in .csv, .tsv, .json, .ndjson, .md, .html, .xlsx or .txt; `--format` says it otherwise",
                ));
            }
        })
    }
}

/// What a result looks like where people read it; exact shapes take only `guard` from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    /// Columns of the terminal; none: nothing is cut.
    pub width: Option<usize>,
    pub color: bool,
    /// What stands for NULL where people read.
    pub null: String,
    /// Whether the columns' names stand above csv, tsv and tables.
    pub headers: bool,
    /// Whether text in csv and tsv that a spreadsheet would run as a formula gets a `'` before it.
    pub guard: bool,
    /// Bars or sparklines in tables, markdown and html.
    pub chart: Option<Chart>,
    /// Widths that the reader set, per column; 0 means as wide as needed.
    pub widths: Vec<usize>,
    /// The reporting currency, said beside money.
    pub currency: Option<String>,
    /// Whether money may be in other currencies too, unless its column says `_reporting`.
    pub mixed_money: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            width: None,
            color: false,
            null: "–".to_owned(),
            headers: true,
            guard: true,
            chart: None,
            widths: Vec::new(),
            currency: None,
            mixed_money: false,
        }
    }
}

/// Which column a chart shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chart {
    /// The periods of each row where columns are periods, else the first column of numbers.
    Auto,
    Column(String),
}

impl std::str::FromStr for Chart {
    type Err = std::convert::Infallible;

    fn from_str(column: &str) -> std::result::Result<Self, Self::Err> {
        Ok(if column.is_empty() { Chart::Auto } else { Chart::Column(column.to_owned()) })
    }
}

/// What was left out so that the answer fits; told to the reader beside the answer.
pub type Note = Option<String>;

/// Writes a result in one shape.
pub fn write(result: &ResultSet, shape: Shape, style: &Style, out: &mut dyn Write) -> io::Result<Note> {
    let charted = style.chart.as_ref().and_then(|chart| chart::add(result, chart));
    let shown = charted.as_ref().unwrap_or(result);
    match shape {
        Shape::Table => return table::write(shown, style, out),
        Shape::Line => line::write(shown, style, out)?,
        Shape::Markdown => markdown::write(shown, style, out)?,
        Shape::Html => html::write(shown, style, out)?,
        Shape::Xlsx => xlsx::write(result, style, out)?,
        Shape::Csv | Shape::Tsv | Shape::Json | Shape::Ndjson => {
            let mut stream = Stream::new(shape, style.clone());
            stream.write(result, out)?;
            stream.end(out)?;
        }
    }
    Ok(None)
}

/// Says which columns there are where a chart is asked of one that is not.
pub fn check_chart(result: &ResultSet, chart: &Chart) -> Result<()> {
    let Chart::Column(name) = chart else { return Ok(()) };
    let names = || result.columns.iter().map(|column| column.name.as_str());
    if names().any(|own| own.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let error = Error::usage(format!("there is no column `{name}` to draw"));
    Err(match nearest(name, names()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("columns here: {}", names().collect::<Vec<_>>().join(", "))),
    })
}

/// An answer of a shape that needs no look at all of it, written batch by batch.
pub struct Stream {
    shape: Shape,
    style: Style,
    rows: u64,
    has_begun: bool,
}

impl Stream {
    /// Whether a shape can be written so.
    pub fn suits(shape: Shape) -> bool {
        matches!(shape, Shape::Csv | Shape::Tsv | Shape::Json | Shape::Ndjson)
    }

    pub fn new(shape: Shape, style: Style) -> Self {
        Stream { shape, style, rows: 0, has_begun: false }
    }

    /// Writes the next rows; the first batch, even an empty one, brings the columns' names.
    pub fn write(&mut self, batch: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
        match self.shape {
            Shape::Json => json::write_items(batch, self.rows, out)?,
            Shape::Ndjson => json::write_lines(batch, out)?,
            Shape::Tsv => csv::write(batch, b'\t', &self.style, out)?,
            _ => csv::write(batch, b',', &self.style, out)?,
        }
        self.style.headers = false;
        self.rows += batch.rows.len() as u64;
        self.has_begun = true;
        Ok(())
    }

    /// Ends an answer; false where there was none.
    pub fn end(self, out: &mut dyn Write) -> io::Result<bool> {
        if self.has_begun && self.shape == Shape::Json {
            json::write_end(self.rows, out)?;
        }
        Ok(self.has_begun)
    }
}

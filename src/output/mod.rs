//! A query's answer, and its shapes on paper: table, csv, tsv, json, ndjson, markdown, html, xlsx.

/// One value of a result, as SQLite gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// How people read a column; machine formats always get the exact value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColumnKind {
    #[default]
    Text,
    Number,
    Money,
    /// 0–1, shown as percent.
    Rate,
    Date,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

/// Rows in the order the query gave them; every row has one cell per column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResultSet {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

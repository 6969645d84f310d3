//! Result → texts: what table, line, markdown and html share.

use super::{Cell, ColumnKind, ResultSet, Style, kind, number};

/// How the cells of a result are read by people. Texts are made row by row, so that a long result is not held twice.
pub(super) struct Layout<'a> {
    result: &'a ResultSet,
    style: &'a Style,
    /// The column that says each row's unit, as the rows of KPIs do.
    unit: Option<usize>,
    decimals: Vec<[usize; 3]>,
    /// Whether the column's cells are numbers, so that they stand on the right.
    pub right: Vec<bool>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(result: &'a ResultSet, style: &'a Style) -> Self {
        let columns = 0..result.columns.len();
        Layout {
            result,
            style,
            unit: result.columns.iter().position(|column| column.name == "unit"),
            decimals: columns.clone().map(|index| column_decimals(result, index)).collect(),
            right: columns.map(|index| is_numeric(result, index)).collect(),
        }
    }

    /// The cells of one row as people read them, numbers as their kind asks.
    pub(super) fn texts(&self, row: &[Cell]) -> Vec<String> {
        (0..row.len()).map(|index| self.text(row, index)).collect()
    }

    fn text(&self, row: &[Cell], index: usize) -> String {
        let column = &self.result.columns[index];
        let cell = &row[index];
        if self.unit == Some(index)
            && let Some(currency) = &self.style.currency
            && *cell == Cell::from("money")
        {
            return currency.clone();
        }
        let kind = kind::of_row(&column.name, column.kind, self.unit.map(|unit| &row[unit]));
        let decimals = match kind {
            ColumnKind::Money => 2,
            ColumnKind::Rate => self.decimals[index][1],
            _ if kind == column.kind && self.unit.is_some() => own_decimals(cell),
            _ => self.decimals[index][2],
        };
        number::show(cell, kind, decimals, &self.style.null)
    }

    /// The currency of a column of money, where it is known to be the same in every row.
    pub(super) fn currency(&self, index: usize) -> Option<&'a str> {
        let column = &self.result.columns[index];
        let is_mixed =
            self.style.mixed_money || self.result.columns.iter().any(|column| column.name == "currency");
        let is_known = !is_mixed || column.name.ends_with("_reporting");
        let is_money = column.kind == ColumnKind::Money && self.right[index];
        self.style.currency.as_deref().filter(|_| is_money && is_known)
    }

    /// A column's name with its currency, where there is no line below the names to say it.
    pub(super) fn title(&self, index: usize) -> String {
        let name = number::visible(&self.result.columns[index].name);
        match self.currency(index) {
            Some(currency) => format!("{name} ({currency})"),
            None => name,
        }
    }
}

fn is_numeric(result: &ResultSet, index: usize) -> bool {
    if result.columns[index].kind == ColumnKind::Flag {
        return false;
    }
    let mut cells = result.rows.iter().map(|row| &row[index]).filter(|cell| **cell != Cell::Null).peekable();
    if cells.peek().is_none() {
        return matches!(
            result.columns[index].kind,
            ColumnKind::Number | ColumnKind::Money | ColumnKind::Rate
        );
    }
    cells.all(|cell| cell.number().is_some())
}

fn column_decimals(result: &ResultSet, index: usize) -> [usize; 3] {
    let of = |kind| number::decimals(result.rows.iter().map(|row| &row[index]), kind);
    [2, of(ColumnKind::Rate), of(ColumnKind::Number)]
}

/// Where each row has its own unit, each number has its own decimals.
fn own_decimals(cell: &Cell) -> usize {
    number::decimals(std::iter::once(cell), ColumnKind::Number)
}

//! Result → grid of texts: what table, markdown and html share.

use super::{Cell, ColumnKind, ResultSet, kind, number};

/// Every cell as people read it, with what is needed to align it.
pub(super) struct Grid {
    /// Whether the column's cells are numbers, so that they stand on the right.
    pub right: Vec<bool>,
    pub rows: Vec<Vec<String>>,
}

/// Lays a result out as text, numbers as their kind asks.
pub(super) fn grid(result: &ResultSet, null: &str) -> Grid {
    let unit = result.columns.iter().position(|column| column.name == "unit");
    let right: Vec<bool> = (0..result.columns.len()).map(|index| is_numeric(result, index)).collect();
    let decimals: Vec<[usize; 3]> =
        (0..result.columns.len()).map(|index| column_decimals(result, index)).collect();
    let show = |row: &Vec<Cell>, index: usize| {
        let column = &result.columns[index];
        let kind = kind::of_row(&column.name, column.kind, unit.map(|u| &row[u]));
        let decimals = match kind {
            ColumnKind::Money => 2,
            ColumnKind::Rate => decimals[index][1],
            _ if kind == column.kind && unit.is_some() => own_decimals(&row[index]),
            _ => decimals[index][2],
        };
        number::show(&row[index], kind, decimals, null)
    };
    let rows = result.rows.iter().map(|row| (0..row.len()).map(|index| show(row, index)).collect()).collect();
    Grid { right, rows }
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

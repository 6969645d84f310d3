//! Bars and sparklines: one more column that shows a series at a glance.

use super::{Cell, Chart, Column, ColumnKind, ResultSet};

const BAR: usize = 20;
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The result with a column of sparklines (where columns are periods) or bars; none if there is no number to show.
pub(super) fn add(result: &ResultSet, chart: &Chart) -> Option<ResultSet> {
    let periods = series(result);
    let drawn: Vec<String> = match chart {
        Chart::Auto if periods.len() >= 3 => {
            result.rows.iter().map(|row| spark(periods.iter().map(|i| row[*i].number()))).collect()
        }
        Chart::Auto => bars(result, first_numbers(result)?),
        Chart::Column(name) => {
            bars(result, result.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name))?)
        }
    };
    let mut charted = result.clone();
    charted.columns.push(Column { name: "chart".to_owned(), ..Column::default() });
    for (row, text) in charted.rows.iter_mut().zip(drawn) {
        row.push(Cell::Text(text));
    }
    Some(charted)
}

/// The columns that are one series, as their names differ in a number alone: `2026-10`, `2026-W41`, `within_3_months`.
fn series(result: &ResultSet) -> Vec<usize> {
    let shape = |name: &str| -> Option<String> {
        let mut shape = name.replace(|c: char| c.is_ascii_digit(), "0");
        while shape.contains("00") {
            shape = shape.replace("00", "0");
        }
        shape.contains('0').then_some(shape)
    };
    let shapes: Vec<Option<String>> = result.columns.iter().map(|column| shape(&column.name)).collect();
    let alike = |wanted: &Option<String>| (0..shapes.len()).filter(|i| shapes[*i] == *wanted).collect();
    let all = shapes.iter().filter(|shape| shape.is_some()).map(alike);
    all.max_by_key(Vec::len).unwrap_or_default()
}

fn first_numbers(result: &ResultSet) -> Option<usize> {
    let of_kind = |index: &usize| {
        !matches!(result.columns[*index].kind, ColumnKind::Text | ColumnKind::Date | ColumnKind::Flag)
            && result.rows.iter().any(|row| row[*index].number().is_some())
    };
    (0..result.columns.len()).find(of_kind)
}

/// Bars from zero; below zero they are drawn with a minus sign.
fn bars(result: &ResultSet, index: usize) -> Vec<String> {
    let largest = result.rows.iter().filter_map(|row| row[index].number()).fold(0f64, |a, x| a.max(x.abs()));
    let bar = |x: f64| {
        let eighths = (x.abs() / largest * (BAR * 8) as f64).round() as usize;
        let mut text = "█".repeat(eighths / 8);
        if !eighths.is_multiple_of(8) {
            text.push(EIGHTHS[eighths % 8 - 1]);
        }
        if x < 0.0 { format!("-{text}") } else { text }
    };
    let draw = |cell: &Cell| match cell.number() {
        Some(x) if largest > 0.0 && x.is_finite() => bar(x),
        _ => String::new(),
    };
    result.rows.iter().map(|row| draw(&row[index])).collect()
}

fn spark(values: impl Iterator<Item = Option<f64>> + Clone) -> String {
    let known = || values.clone().flatten().filter(|x| x.is_finite());
    let low = known().fold(f64::INFINITY, f64::min).min(0.0);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    let mark = |x: f64| {
        let share = if high > low { (x - low) / (high - low) } else { 0.0 };
        SPARKS[(share * 7.0).round() as usize]
    };
    values.map(|value| value.filter(|x| x.is_finite()).map_or(' ', mark)).collect()
}

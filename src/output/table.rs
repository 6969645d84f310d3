//! A table on a terminal: cut to its width, and saying so.

use std::io::{self, Write};

use nu_ansi_term::{Color, Style as Paint};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::layout::Layout;
use super::{Cell, ColumnKind, Note, ResultSet, Style, number, wrap};

const GAP: &str = "  ";
/// A column of text is not made narrower than this; rather are columns left out.
const NARROWEST: usize = 20;
/// Sentences that need more lines than this are cut.
const MOST_LINES: usize = 6;

pub(super) fn write(result: &ResultSet, style: &Style, out: &mut dyn Write) -> io::Result<Note> {
    if result.columns.is_empty() {
        return Ok(None);
    }
    let layout = Layout::new(result, style);
    let names: Vec<String> = result.columns.iter().map(|c| number::visible(&c.name)).collect();
    let natural = natural_widths(result, &layout, &names, style);
    let widths = fit(&natural, &layout.right, style.width);
    let shown = widths.len();
    if style.headers {
        write_header(&names, &layout, &widths, style, out)?;
    }
    let mut cut = 0;
    for row in &result.rows {
        let texts = layout.texts(row);
        let cells: Vec<Vec<String>> = (0..shown)
            .map(|index| {
                let (lines, was_cut) = break_cell(&texts[index], widths[index], result.columns[index].kind);
                cut += usize::from(was_cut);
                lines
            })
            .collect();
        for number in 0..cells.iter().map(Vec::len).max().unwrap_or(1) {
            let mut line = String::new();
            for (index, lines) in cells.iter().enumerate() {
                let text = lines.get(number).map_or("", String::as_str);
                let paint = paint_of(&row[index], style.color);
                push_cell(&mut line, text, widths[index], layout.right[index], paint);
            }
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(note(cut, &names[shown..]))
}

fn natural_widths(result: &ResultSet, layout: &Layout, names: &[String], style: &Style) -> Vec<usize> {
    let mut widths: Vec<usize> = (0..names.len())
        .map(|index| {
            let currency = layout.currency(index).map_or(0, str::len);
            if style.headers { names[index].width().max(currency).max(1) } else { 1 }
        })
        .collect();
    for row in &result.rows {
        for (width, text) in widths.iter_mut().zip(layout.texts(row)) {
            *width = (*width).max(text.width());
        }
    }
    for (width, set) in widths.iter_mut().zip(&style.widths).filter(|(_, set)| **set > 0) {
        *width = *set;
    }
    widths
}

/// The widths of the columns that are shown: text gives way first, widest first; then the last columns are left out.
fn fit(natural: &[usize], right: &[bool], width: Option<usize>) -> Vec<usize> {
    let mut widths = natural.to_vec();
    let Some(width) = width else { return widths };
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + GAP.len() * (widths.len() - 1);
    let least = |index: usize| if right[index] { natural[index] } else { natural[index].min(NARROWEST) };
    let mut count = natural.len();
    while count > 1 && (0..count).map(least).sum::<usize>() + GAP.len() * (count - 1) > width {
        count -= 1;
    }
    widths.truncate(count);
    while total(&widths) > width {
        let spare = |index: &usize| widths[*index] > least(*index);
        let Some(widest) = (0..count).filter(spare).max_by_key(|index| widths[*index]) else { break };
        widths[widest] -= 1;
    }
    if count == 1 {
        widths[0] = widths[0].min(width.max(1));
    }
    widths
}

/// The names, and below each column of money its currency.
fn write_header(
    names: &[String],
    layout: &Layout,
    widths: &[usize],
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let bold = style.color.then(|| Paint::new().bold());
    let dim = style.color.then(|| Paint::new().dimmed());
    let mut line = String::new();
    for (index, width) in widths.iter().enumerate() {
        let (name, _) = cut_to(&names[index], *width);
        push_cell(&mut line, &name, *width, layout.right[index], bold);
    }
    writeln!(out, "{}", line.trim_end())?;
    line.clear();
    for (index, width) in widths.iter().enumerate() {
        push_cell(&mut line, &rule(*width, layout.currency(index)), *width, false, dim);
    }
    writeln!(out, "{}", line.trim_end())
}

/// The line below a name, ending in the column's currency: `──── EUR`.
fn rule(width: usize, currency: Option<&str>) -> String {
    let currency = currency.filter(|currency| currency.len() <= width).unwrap_or_default();
    let left = width - currency.len();
    let gap = usize::from(left > 0 && !currency.is_empty());
    format!("{}{}{currency}", "─".repeat(left - gap), " ".repeat(gap))
}

/// Adds a cell to a line, with the gap before it.
fn push_cell(line: &mut String, text: &str, width: usize, right: bool, paint: Option<Paint>) {
    if !line.is_empty() {
        line.push_str(GAP);
    }
    let pad = " ".repeat(width.saturating_sub(text.width()));
    let text = paint.map_or(text.to_owned(), |paint| paint.paint(text).to_string());
    line.push_str(&if right { pad + &text } else { text + &pad });
}

/// NULL stands apart from empty text, and a loss from a gain.
fn paint_of(cell: &Cell, color: bool) -> Option<Paint> {
    match cell {
        _ if !color => None,
        Cell::Null => Some(Paint::new().dimmed()),
        Cell::Integer(n) if *n < 0 => Some(Color::Red.normal()),
        Cell::Real(x) if *x < 0.0 => Some(Color::Red.normal()),
        _ => None,
    }
}

/// The lines of a cell, and whether something of it is left out.
fn break_cell(text: &str, width: usize, kind: ColumnKind) -> (Vec<String>, bool) {
    if kind != ColumnKind::Prose || text.width() <= width {
        let (text, was_cut) = cut_to(text, width);
        return (vec![text], was_cut);
    }
    let mut lines = wrap::lines(text, width);
    let is_long = lines.len() > MOST_LINES;
    if is_long {
        let rest = lines.split_off(MOST_LINES - 1).join(" ");
        lines.push(cut_to(&rest, width).0);
    }
    (lines, is_long)
}

/// The text within a width, ending in `…` where it was cut.
fn cut_to(text: &str, width: usize) -> (String, bool) {
    if text.width() <= width {
        return (text.to_owned(), false);
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        cut.push(c);
    }
    // half of a joined emoji is another emoji
    cut.truncate(cut.trim_end_matches('\u{200d}').len());
    cut.push('…');
    (cut, true)
}

fn note(cut: usize, hidden: &[String]) -> Note {
    let cells = match cut {
        0 => None,
        1 => Some("1 cell is cut".to_owned()),
        n => Some(format!("{n} cells are cut")),
    };
    let columns = match hidden {
        [] => None,
        [name] => Some(format!("1 column does not fit: {name}")),
        names => Some(format!("{} columns do not fit: {}", names.len(), names.join(", "))),
    };
    let said: Vec<String> = [cells, columns].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_counts_columns_not_letters() {
        assert_eq!(cut_to("広告キャンペーン", 7), ("広告キ…".to_owned(), true));
        assert_eq!(cut_to("İğdır", 5), ("İğdır".to_owned(), false));
        assert_eq!(fit(&[30, 10, 40], &[false, true, false], Some(60)), [23, 10, 23]);
        assert_eq!(fit(&[30, 10, 40], &[false, true, false], Some(36)), [24, 10]);
        assert_eq!(fit(&[30, 10, 40], &[false, true, false], Some(8)), [8]);
    }
}

//! Values as people read them: thousands marks, two decimals of money, percent.

use super::{Cell, ColumnKind};

/// A cell as people read it in a column of this kind; NULL as `null`.
pub fn show(cell: &Cell, kind: ColumnKind, decimals: usize, null: &str) -> String {
    match (cell, kind) {
        (Cell::Null, _) => null.to_owned(),
        (Cell::Text(text), _) => visible(text),
        (Cell::Blob(bytes), _) => format!("({} bytes)", bytes.len()),
        (Cell::Integer(n), ColumnKind::Flag) => if *n == 0 { "no" } else { "yes" }.to_owned(),
        (Cell::Integer(n), ColumnKind::Text | ColumnKind::Prose) => n.to_string(),
        (Cell::Integer(n), ColumnKind::Number | ColumnKind::Date) => {
            let text = group(&n.unsigned_abs().to_string(), *n < 0);
            if decimals == 0 { text } else { format!("{text}.{}", "0".repeat(decimals)) }
        }
        (Cell::Real(x), ColumnKind::Text | ColumnKind::Prose | ColumnKind::Flag) => exact(*x),
        (Cell::Real(x), ColumnKind::Number | ColumnKind::Date) => fixed(*x, decimals),
        (Cell::Integer(n), ColumnKind::Money) => {
            format!("{}.00", group(&n.unsigned_abs().to_string(), *n < 0))
        }
        (Cell::Real(x), ColumnKind::Money) => fixed(*x, 2),
        (Cell::Integer(n), ColumnKind::Rate) => format!("{}%", fixed(*n as f64 * 100.0, decimals)),
        (Cell::Real(x), ColumnKind::Rate) if is_small_rate(*x) => format!("{}%", fixed(x * 100.0, 3)),
        (Cell::Real(x), ColumnKind::Rate) => format!("{}%", fixed(x * 100.0, decimals)),
    }
}

/// A small share is not none: 0.036 %, not 0.0 %.
pub(super) fn is_small_rate(x: f64) -> bool {
    x != 0.0 && x.abs() < 0.0005
}

/// The decimals that a column's numbers take, so that their points stand below each other.
pub(super) fn decimals<'a>(cells: impl Iterator<Item = &'a Cell>, kind: ColumnKind) -> usize {
    let mut largest = 0f64;
    let mut needed = 0;
    for cell in cells {
        let Some(x) = cell.number().filter(|x| x.is_finite()) else { continue };
        largest = largest.max(x.abs());
        if matches!(cell, Cell::Real(_)) && needed < 4 {
            let digits = (needed..4).find(|d| is_whole_at(x, *d)).unwrap_or(4);
            needed = needed.max(digits);
        }
    }
    match kind {
        ColumnKind::Money => 2,
        ColumnKind::Rate if largest < 0.01 && largest > 0.0 => 2,
        ColumnKind::Rate => 1,
        _ if largest < 1.0 => needed,
        _ => needed.min(2),
    }
}

fn is_whole_at(x: f64, decimals: usize) -> bool {
    let scaled = x * 10f64.powi(i32::try_from(decimals).unwrap_or(0));
    (scaled - scaled.round()).abs() < 1e-6
}

/// Shortest text that reads back as the same number, always recognisable as a real one.
pub(super) fn exact(x: f64) -> String {
    format!("{x:?}")
}

fn fixed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return x.to_string();
    }
    // beyond what a double holds exactly, digits would be invented
    if x.abs() >= 1e15 {
        return format!("{x:e}");
    }
    let text = format!("{:.decimals$}", x.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let negative = x < 0.0 && text.bytes().any(|b| b.is_ascii_digit() && b != b'0');
    let grouped = group(whole, negative);
    rest.map_or(grouped.clone(), |rest| format!("{grouped}.{rest}"))
}

fn group(digits: &str, negative: bool) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if negative {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Text on one line, with nothing in it that a terminal would obey.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => shown.push('↵'),
            '\t' => shown.push(' '),
            c if c.is_control() => shown.push('\u{fffd}'),
            // marks that turn the direction of what follows, neighbouring cells included
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let real = |x, kind, decimals| show(&Cell::Real(x), kind, decimals, "");
        assert_eq!(real(-1234567.895, ColumnKind::Money, 2), "-1,234,567.90");
        assert_eq!(real(0.1234, ColumnKind::Rate, 1), "12.3%");
        assert_eq!(real(-0.0001, ColumnKind::Money, 2), "0.00");
        assert_eq!(show(&Cell::Integer(i64::MIN), ColumnKind::Number, 0, ""), "-9,223,372,036,854,775,808");
        assert_eq!(real(-1e300, ColumnKind::Number, 2), "-1e300");
        assert_eq!(show(&Cell::Integer(20260101), ColumnKind::Text, 0, ""), "20260101");
        assert_eq!(
            decimals([Cell::Real(1.5), Cell::Real(2.25), Cell::Integer(3)].iter(), ColumnKind::Number),
            2
        );
        assert_eq!(visible("a\r\nb\u{1b}[31m"), "a↵b\u{fffd}[31m");
    }
}

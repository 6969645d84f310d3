//! Comma- and tab-separated values: exact, NULL as nothing and empty text as `""`.
//!
//! Text that begins with `=`, `+`, `-`, `@`, a tab or a line's end would be run as a formula by a spreadsheet, so it
//! gets a `'` before it unless `--no-guard` is given. Numbers are never touched, also where they are stored as text.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Cell, ResultSet, Style, number};

pub(super) fn write(result: &ResultSet, delimiter: u8, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if style.headers {
        for (index, column) in result.columns.iter().enumerate() {
            separate(index, delimiter, out)?;
            write_text(&column.name, delimiter, style.guard, out)?;
        }
        out.write_all(b"\n")?;
    }
    for row in &result.rows {
        for (index, cell) in row.iter().enumerate() {
            separate(index, delimiter, out)?;
            match cell {
                Cell::Null => {}
                Cell::Integer(n) => write!(out, "{n}")?,
                Cell::Real(x) => out.write_all(number::exact(*x).as_bytes())?,
                Cell::Text(text) => write_text(text, delimiter, style.guard, out)?,
                Cell::Blob(bytes) => bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?,
            }
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn separate(index: usize, delimiter: u8, out: &mut dyn Write) -> io::Result<()> {
    if index > 0 { out.write_all(&[delimiter]) } else { Ok(()) }
}

fn write_text(text: &str, delimiter: u8, guard: bool, out: &mut dyn Write) -> io::Result<()> {
    let text = if guard && is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    let plain =
        !text.is_empty() && !text.bytes().any(|b| b == delimiter || matches!(b, b'"' | b'\n' | b'\r'));
    if plain {
        return out.write_all(text.as_bytes());
    }
    write!(out, "\"{}\"", text.replace('"', "\"\""))
}

fn is_formula(text: &str) -> bool {
    // `+49 30 1234` is a telephone number, which a spreadsheet would count
    let is_negative = || text.starts_with('-') && text.parse().is_ok_and(f64::is_finite);
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_negative()
}

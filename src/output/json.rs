//! JSON: one array of objects, or one object per line; exact values under the columns' names.

use std::io::{self, Write};

use super::{Cell, ResultSet};

/// The next rows of an array; `before` were written already.
pub(super) fn write_items(result: &ResultSet, before: u64, out: &mut dyn Write) -> io::Result<()> {
    let names = distinct_names(result);
    let mut lead: &[u8] = if before == 0 { b"[\n  " } else { b",\n  " };
    for row in &result.rows {
        out.write_all(lead)?;
        write_object(&names, row, out)?;
        lead = b",\n  ";
    }
    Ok(())
}

/// The end of an array of so many rows.
pub(super) fn write_end(rows: u64, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(if rows == 0 { b"[]\n" } else { b"\n]\n" })
}

pub(super) fn write_lines(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let names = distinct_names(result);
    for row in &result.rows {
        write_object(&names, row, out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// An object cannot hold a name twice: a second `id` becomes `id_2`.
fn distinct_names(result: &ResultSet) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(result.columns.len());
    for column in &result.columns {
        let mut name = column.name.clone();
        let mut copy = 2;
        while names.contains(&name) {
            name = format!("{}_{copy}", column.name);
            copy += 1;
        }
        names.push(name);
    }
    names
}

fn write_object(names: &[String], row: &[Cell], out: &mut dyn Write) -> io::Result<()> {
    for (index, (name, cell)) in names.iter().zip(row).enumerate() {
        out.write_all(if index == 0 { b"{" } else { b"," })?;
        serde_json::to_writer(&mut *out, name)?;
        out.write_all(b":")?;
        write_value(cell, out)?;
    }
    out.write_all(if row.is_empty() { b"{}" } else { b"}" })
}

fn write_value(cell: &Cell, out: &mut dyn Write) -> io::Result<()> {
    match cell {
        Cell::Integer(n) => write!(out, "{n}"),
        Cell::Real(x) if x.is_finite() => Ok(serde_json::to_writer(out, x)?),
        Cell::Null | Cell::Real(_) => out.write_all(b"null"),
        Cell::Text(text) => Ok(serde_json::to_writer(out, text)?),
        Cell::Blob(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(serde_json::to_writer(out, &hex)?)
        }
    }
}

//! JSON: one array of objects, or one object per line; exact values under the columns' names.

use std::io::{self, Write};

use serde_json::{Number, Value};

use super::{Cell, ResultSet};

pub(super) fn write(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let names = distinct_names(result);
    for (index, row) in result.rows.iter().enumerate() {
        out.write_all(if index == 0 { b"[\n  " } else { b",\n  " })?;
        write_object(&names, row, out)?;
    }
    out.write_all(if result.rows.is_empty() { b"[]\n" } else { b"\n]\n" })
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
        serde_json::to_writer(&mut *out, &value(cell))?;
    }
    out.write_all(if row.is_empty() { b"{}" } else { b"}" })
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(n) => Value::from(*n),
        Cell::Real(x) => Number::from_f64(*x).map_or(Value::Null, Value::Number),
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::Blob(bytes) => Value::from(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    }
}

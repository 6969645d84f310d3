//! A Markdown table, as people read it.

use std::io::{self, Write};

use super::{ResultSet, Style, layout, number};

pub(super) fn write(result: &ResultSet, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let grid = layout::grid(result, &style.null);
    let names: Vec<String> = result.columns.iter().map(|c| escape(&number::visible(&c.name))).collect();
    writeln!(out, "| {} |", names.join(" | "))?;
    let rules: Vec<&str> = grid.right.iter().map(|right| if *right { "---:" } else { "---" }).collect();
    writeln!(out, "| {} |", rules.join(" | "))?;
    for row in &grid.rows {
        let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '↵' => escaped.push_str("<br>"),
            '|' | '\\' | '`' | '*' | '<' | '[' | ']' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

//! A Markdown table, as people read it.

use std::io::{self, Write};

use super::layout::Layout;
use super::{ResultSet, Style};

pub(super) fn write(result: &ResultSet, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let layout = Layout::new(result, style);
    let names: Vec<String> = (0..result.columns.len()).map(|index| escape(&layout.title(index))).collect();
    writeln!(out, "| {} |", names.join(" | "))?;
    let rules: Vec<&str> = layout.right.iter().map(|right| if *right { "---:" } else { "---" }).collect();
    writeln!(out, "| {} |", rules.join(" | "))?;
    for row in &result.rows {
        let cells: Vec<String> = layout.texts(row).iter().map(|cell| escape(cell)).collect();
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

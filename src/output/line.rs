//! One line for each column: for rows that are wider than any screen.

use std::io::{self, Write};

use nu_ansi_term::Style as Paint;
use unicode_width::UnicodeWidthStr;

use super::layout::Layout;
use super::{ResultSet, Style, wrap};

const GAP: &str = "  ";
/// Less room than this is no room: the value begins beside its name and goes on past the edge.
const NARROWEST: usize = 20;

pub(super) fn write(result: &ResultSet, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let layout = Layout::new(result, style);
    let names: Vec<String> = (0..result.columns.len()).map(|index| layout.title(index)).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let room =
        style.width.map_or(usize::MAX, |width| width.saturating_sub(widest + GAP.len()).max(NARROWEST));
    for (index, row) in result.rows.iter().enumerate() {
        if index > 0 {
            out.write_all(b"\n")?;
        }
        for (name, text) in names.iter().zip(layout.texts(row)) {
            let pad = " ".repeat(widest - name.width());
            let name = if style.color { Paint::new().bold().paint(name).to_string() } else { name.clone() };
            for (number, line) in wrap::lines(&text, room).iter().enumerate() {
                let left = if number == 0 { format!("{name}{pad}") } else { " ".repeat(widest) };
                writeln!(out, "{}", format!("{left}{GAP}{line}").trim_end())?;
            }
        }
    }
    Ok(())
}

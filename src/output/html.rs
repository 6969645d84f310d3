//! One HTML page with one table; nothing in it is loaded from elsewhere.

use std::io::{self, Write};

use super::{ResultSet, Style, layout};

const HEAD: &str = "<!doctype html>
<html>
<head>
<meta charset=\"utf-8\">
<title>Funnelite</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: #f5f5f5; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.null { color: #999; }
</style>
</head>
<body>
<table>
";

pub(super) fn write(result: &ResultSet, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let grid = layout::grid(result, &style.null);
    out.write_all(HEAD.as_bytes())?;
    out.write_all(b"<thead><tr>")?;
    for (column, right) in result.columns.iter().zip(&grid.right) {
        write!(out, "<th{}>{}</th>", class(*right, false), escape(&column.name))?;
    }
    out.write_all(b"</tr></thead>\n<tbody>\n")?;
    for (row, cells) in result.rows.iter().zip(&grid.rows) {
        out.write_all(b"<tr>")?;
        for (index, text) in cells.iter().enumerate() {
            let null = row[index] == super::Cell::Null;
            write!(out, "<td{}>{}</td>", class(grid.right[index], null), escape(text))?;
        }
        out.write_all(b"</tr>\n")?;
    }
    out.write_all(b"</tbody>\n</table>\n</body>\n</html>\n")
}

fn class(right: bool, null: bool) -> &'static str {
    match (right, null) {
        (true, true) => " class=\"number null\"",
        (true, false) => " class=\"number\"",
        (false, true) => " class=\"null\"",
        (false, false) => "",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('↵', "<br>")
}

//! One HTML page with one table; nothing in it is loaded from elsewhere.

use std::io::{self, Write};

use super::layout::Layout;
use super::{Cell, ResultSet, Style};

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
    let layout = Layout::new(result, style);
    out.write_all(HEAD.as_bytes())?;
    out.write_all(b"<thead><tr>")?;
    for (index, right) in layout.right.iter().enumerate() {
        write!(out, "<th{}>{}</th>", class(*right, false), escape(&layout.title(index)))?;
    }
    out.write_all(b"</tr></thead>\n<tbody>\n")?;
    for row in &result.rows {
        out.write_all(b"<tr>")?;
        for (index, text) in layout.texts(row).iter().enumerate() {
            let null = row[index] == Cell::Null;
            write!(out, "<td{}>{}</td>", class(layout.right[index], null), escape(text))?;
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

//! Finds the tables in a file: what stands above them, their header and format, and the rows that belong to them.

use super::rows::{Row, Rows};
use crate::error::{Error, Result};
use crate::format::bind::{self, Binding, Schema};
use crate::format::{Detection, Format, Formats, pattern};

/// Rows looked at for a first header before a file counts as not recognised.
const HEADER_SEARCH: u64 = 80;
/// Lines of the file remembered for patterns that look outside a table.
const REMEMBERED_LINES: usize = 60;

/// A table found: its format tied to its header, and the lines above it.
pub struct Table<'f> {
    pub binding: Binding<'f>,
    /// The table's own lines, then those of the whole file before it.
    pub lines: Vec<String>,
    pub file_lines: Vec<String>,
    pub line: u64,
}

/// What reading on yields.
pub enum Event {
    Start,
    /// A row of the current table.
    Row,
    /// A line that is no data: preamble, header, separator.
    Outside,
}

/// Walks through the rows of a text or sheet.
pub struct Tables<'f> {
    rows: Rows,
    pub row: Row,
    formats: &'f Formats,
    /// A workspace's answer to "which format": only this one is looked for.
    only: Option<&'f str>,
    sheet: Option<String>,
    schema: &'f Schema,
    pub table: Option<Table<'f>>,
    lines: Vec<String>,
    file_lines: Vec<String>,
    /// Lines of the file that says what this one holds, for formats that have such a file.
    beside: Vec<String>,
    system: Option<&'f str>,
    /// Whether the current table may be followed by others, and the lines that begin them.
    stacked: bool,
    sections: Vec<regex::Regex>,
    has_table: bool,
    seeking: bool,
    searched: u64,
    /// The widest line outside a table: a file of narrow lines only is a preamble.
    pub widest_outside: usize,
    /// Lines that no format took, for warnings.
    pub strangers: Vec<String>,
}

impl<'f> Tables<'f> {
    pub fn has_semicolons(&self) -> bool {
        self.rows.delimiter() == b';'
    }

    pub fn new(
        rows: Rows,
        sheet: Option<String>,
        formats: &'f Formats,
        only: Option<&'f str>,
        schema: &'f Schema,
    ) -> Self {
        Tables {
            rows,
            row: Row::default(),
            formats,
            only,
            sheet,
            schema,
            table: None,
            lines: Vec::new(),
            file_lines: Vec::new(),
            beside: Vec::new(),
            system: None,
            stacked: false,
            sections: Vec::new(),
            has_table: false,
            seeking: true,
            searched: 0,
            widest_outside: 0,
            strangers: Vec::new(),
        }
    }

    /// The same rows, with the lines of what stands beside them.
    pub fn beside(mut self, lines: Vec<String>) -> Self {
        self.beside = lines;
        self
    }

    /// Whether other tables may follow the current one.
    pub fn is_stacked(&self) -> bool {
        self.stacked
    }

    pub fn position(&self) -> u64 {
        self.rows.position()
    }

    pub fn file_lines(&self) -> &[String] {
        &self.file_lines
    }

    /// The next event, or `None` at the end.
    pub fn advance(&mut self) -> Result<Option<Event>> {
        loop {
            if !self.rows.next(&mut self.row)? {
                return Ok(None);
            }
            if self.row.is_blank() {
                self.row.after_blank = true;
                if self.stacked {
                    self.seeking = true;
                }
                continue;
            }
            if self.stacked && (self.row.after_blank || self.begins_section()) {
                self.seeking = true;
                self.lines.clear();
            }
            if !self.seeking {
                self.remember_row();
                return Ok(Some(Event::Row));
            }
            if !self.has_table && self.searched > HEADER_SEARCH {
                return Ok(None);
            }
            self.searched += 1;
            return self.seek().map(Some);
        }
    }

    /// A table of a stacked text may say what the next one is about, such as a webinar's start.
    fn remember_row(&mut self) {
        if self.stacked && self.file_lines.len() < REMEMBERED_LINES {
            self.file_lines.push(self.row.joined(self.rows.delimiter()));
        }
    }

    fn begins_section(&self) -> bool {
        !self.sections.is_empty() && {
            let line = self.row.joined(self.rows.delimiter());
            self.sections.iter().any(|s| s.is_match(&line))
        }
    }

    /// Outside a table: the row is a header, or one more line above one.
    fn seek(&mut self) -> Result<Event> {
        let found = {
            let cells: Vec<&str> = self.row.cells.iter().collect();
            match self.formats.detect(&cells, &self.lines) {
                Detection::Match(format) if self.is_welcome(format) => {
                    Some((format, bind::bind(format, &cells, self.schema)?))
                }
                Detection::Ambiguous(formats) => {
                    let wanted = formats.iter().find(|f| self.only.is_some_and(|o| o == f.name));
                    match wanted {
                        Some(format) => Some((*format, bind::bind(format, &cells, self.schema)?)),
                        None => return Err(ambiguous(&formats)),
                    }
                }
                _ => None,
            }
        };
        let Some((format, binding)) = found else {
            let line = self.row.joined(self.rows.delimiter());
            self.widest_outside = self.widest_outside.max(self.row.filled());
            if self.has_table && self.lines.is_empty() && self.row.filled() > 1 {
                self.strangers.push(line.clone());
            }
            if self.file_lines.len() < REMEMBERED_LINES {
                self.file_lines.push(line.clone());
            }
            self.lines.push(line);
            return Ok(Event::Outside);
        };
        self.system = Some(&format.spec.system);
        self.has_table = true;
        self.stacked = format.spec.file.stacked;
        self.sections = format.spec.file.section.iter().filter_map(|s| pattern::compile(s).ok()).collect();
        let lines = std::mem::take(&mut self.lines);
        let beside = self.beside.iter().filter(|_| !format.spec.file.beside.is_empty());
        let file_lines = beside.chain(&self.file_lines).cloned().collect();
        self.table = Some(Table { binding, lines, file_lines, line: self.row.line });
        self.seeking = false;
        self.remember_row();
        Ok(Event::Start)
    }

    /// After a first table only further tables of its kind are looked for; a sheet list restricts a format to its sheets.
    fn is_welcome(&self, format: &Format) -> bool {
        let sheets = &format.spec.file.sheets;
        let right_sheet = match &self.sheet {
            Some(sheet) => {
                let (out, of): (Vec<&String>, Vec<&String>) = sheets.iter().partition(|s| s.starts_with('!'));
                (of.is_empty() || of.iter().any(|s| s.eq_ignore_ascii_case(sheet)))
                    && !out.iter().any(|s| s[1..].eq_ignore_ascii_case(sheet))
            }
            None => true,
        };
        let right_system = self.system.is_none_or(|s| s == format.spec.system && format.spec.file.stacked);
        right_sheet && right_system && self.only.is_none_or(|o| o == format.name)
    }
}

fn ambiguous(formats: &[&Format]) -> Error {
    let names: Vec<String> = formats.iter().map(|f| format!("`{}`", f.name)).collect();
    Error::failed(format!("the header fits several formats: {}", names.join(", ")))
        .hint("say which with `--source NAME`")
}

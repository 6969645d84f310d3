//! A file as rows of cells with their true line numbers: delimited text or a workbook's sheets.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Cursor, Read, Seek};

use calamine::{Data, DataType, Range, Reader, Sheets, Xlsx};
use chrono::{NaiveDateTime, Timelike};
use csv_core::ReadRecordResult;
use encoding_rs::Encoding;

use super::cells::Cells;
use super::decode::TextReader;
use crate::error::{Error, Result};
use crate::moment::{write_day, write_time};

/// One row: its cells, the line it begins on (from 1), and whether blank lines stand before it.
#[derive(Debug, Default)]
pub struct Row {
    pub cells: Cells,
    pub line: u64,
    pub after_blank: bool,
}

impl Row {
    pub fn is_blank(&self) -> bool {
        // nearly every row shows it by its first character that it is not
        self.cells.iter().all(|cell| cell.chars().all(char::is_whitespace))
    }

    pub fn filled(&self) -> usize {
        self.cells.iter().filter(|c| !c.trim().is_empty()).count()
    }

    /// The line as it stood in the file, as far as it matters for a preamble.
    pub fn joined(&self, delimiter: u8) -> String {
        let cells: Vec<&str> = self.cells.iter().collect();
        let joined = cells.join(&char::from(delimiter).to_string());
        joined.trim().trim_end_matches(char::from(delimiter)).trim().to_owned()
    }
}

/// Rows of one text or one sheet.
pub enum Rows {
    Text(Box<Records>),
    Sheet { rows: std::vec::IntoIter<Cells>, line: u64 },
}

impl Rows {
    pub fn text(bytes: Box<dyn Read>, encoding: &'static Encoding, delimiter: u8) -> Rows {
        Rows::Text(Box::new(Records::new(TextReader::new(bytes, encoding), delimiter)))
    }

    pub fn delimiter(&self) -> u8 {
        match self {
            Rows::Text(records) => records.delimiter,
            Rows::Sheet { .. } => b',',
        }
    }

    /// Bytes of text read so far, for progress.
    pub fn position(&self) -> u64 {
        match self {
            Rows::Text(records) => records.position,
            Rows::Sheet { line, .. } => *line,
        }
    }

    /// Reads the next row; false at the end.
    pub fn next(&mut self, row: &mut Row) -> Result<bool> {
        match self {
            Rows::Text(records) => records.next(row),
            Rows::Sheet { rows, line } => {
                row.after_blank = false;
                loop {
                    let Some(cells) = rows.next() else { return Ok(false) };
                    *line += 1;
                    row.cells = cells;
                    row.line = *line;
                    if !row.is_blank() {
                        return Ok(true);
                    }
                    row.after_blank = true;
                }
            }
        }
    }
}

/// The records of a delimited text, parsed where the text is held: a reader that holds it itself would copy it twice.
pub struct Records {
    text: TextReader<Box<dyn Read>>,
    parser: csv_core::Reader,
    delimiter: u8,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Lines of records that the parser has not seen.
    plain: u64,
    previous_end: u64,
    position: u64,
}

impl Records {
    fn new(text: TextReader<Box<dyn Read>>, delimiter: u8) -> Records {
        Records {
            text,
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            bytes: vec![0; 4096],
            ends: vec![0; 64],
            plain: 0,
            previous_end: 0,
            position: 0,
        }
    }

    fn next(&mut self, row: &mut Row) -> Result<bool> {
        let unreadable = |e| Error::failed("the text could not be read").because(e);
        let taken = row.cells.take_plain(self.text.fill_buf()?, self.delimiter).map_err(unreadable)?;
        let line_ends_within = if let Some(length) = taken {
            self.text.consume(length);
            self.position += length as u64;
            self.plain += 1;
            0
        } else {
            let Some((bytes, cells)) = self.parse()? else { return Ok(false) };
            let bytes = &self.bytes[..bytes];
            row.cells.take(bytes, &self.ends[..cells]).map_err(unreadable)?;
            memchr::memchr_iter(b'\n', bytes).count() as u64
        };
        // The parser skips blank lines and stands behind the record's last line, whose end is always `\n`.
        let end = self.parser.line() - 1 + self.plain;
        row.line = end - line_ends_within;
        row.after_blank = row.line > self.previous_end + 1;
        self.previous_end = end;
        Ok(true)
    }

    /// The next record into the buffers: how much of these it fills, or nothing at the end.
    fn parse(&mut self) -> Result<Option<(usize, usize)>> {
        let (mut bytes, mut cells) = (0, 0);
        loop {
            let text = self.text.fill_buf()?;
            let (result, read, written, ended) =
                self.parser.read_record(text, &mut self.bytes[bytes..], &mut self.ends[cells..]);
            self.text.consume(read);
            self.position += read as u64;
            bytes += written;
            cells += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.bytes.resize(2 * self.bytes.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record => return Ok(Some((bytes, cells))),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

impl From<csv::Error> for Error {
    fn from(e: csv::Error) -> Self {
        Error::failed("the text could not be read").because(e)
    }
}

/// The sheets of a workbook, in order, as rows of text: days as `YYYY-MM-DD`, numbers with a dot.
pub fn sheets(mut bytes: Box<dyn Read>) -> Result<Vec<(String, Vec<Cells>)>> {
    let mut content = Vec::new();
    bytes.read_to_end(&mut content)?;
    let unreadable = |e: calamine::Error| Error::failed("the workbook could not be read").because(e);
    let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(content)).map_err(unreadable)?;
    let names = workbook.sheet_names();
    let mut sheets = Vec::new();
    for name in names {
        let in_order = match &mut workbook {
            Sheets::Xlsx(book) => rows_in_order(book, &name),
            _ => None,
        };
        let rows = match in_order {
            Some(rows) => rows,
            None => {
                let Ok(range) = workbook.worksheet_range(&name) else { continue };
                rows_of(&range)
            }
        };
        sheets.push((name, rows));
    }
    Ok(sheets)
}

fn rows_of(range: &Range<Data>) -> Vec<Cells> {
    let above = range.start().map_or(0, |(row, _)| row);
    let mut rows: Vec<Cells> = (0..above).map(|_| Cells::new()).collect();
    rows.extend(range.rows().map(|cells| {
        let mut row = Cells::new();
        cells.iter().for_each(|cell| row.push(&cell_text(cell)));
        row
    }));
    rows
}

/// The same rows, of cells that are read one after the other: all at once they take ten times the place of their texts.
/// Nothing where that cannot be done, because they are not in order.
fn rows_in_order<R: Read + Seek>(book: &mut Xlsx<R>, name: &str) -> Option<Vec<Cells>> {
    let mut reader = book.worksheet_cells_reader(name).ok()?;
    let mut rows: Vec<Cells> = Vec::new();
    let (mut first, mut width, mut above) = (usize::MAX, 0, 0);
    while let Some(cell) = reader.next_cell().ok()? {
        let value = cell.get_value();
        if value.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        let (row, column) = (usize::try_from(row).ok()?, usize::try_from(column).ok()?);
        if rows.is_empty() {
            above = row;
        }
        if row + 1 < rows.len() || (row + 1 == rows.len() && column < rows[row].len()) {
            return None;
        }
        rows.resize_with(row + 1, Cells::new);
        pad(&mut rows[row], column);
        rows[row].push(&cell_text(value));
        (first, width) = (first.min(column), width.max(column + 1));
    }
    // columns that no row fills do not count, and all rows are as wide as the widest
    for row in rows.iter_mut().skip(above) {
        pad(row, width);
        if first > 0 {
            *row = row.iter().skip(first).map(str::to_owned).collect();
        }
        row.shrink();
    }
    Some(rows)
}

/// Adds empty cells up to this many.
fn pad(row: &mut Cells, width: usize) {
    while row.len() < width {
        row.push("");
    }
}

fn cell_text(cell: &impl DataType) -> Cow<'_, str> {
    let text = cell.get_string().or_else(|| cell.get_datetime_iso()).or_else(|| cell.get_duration_iso());
    if let Some(text) = text {
        return Cow::Borrowed(text);
    }
    if let Some(yes) = cell.get_bool() {
        return Cow::Borrowed(if yes { "true" } else { "false" });
    }
    if let Some(n) = cell.get_int() {
        return Cow::Owned(n.to_string());
    }
    if let Some(n) = cell.get_float() {
        // Whole numbers past 2^53 have lost digits: the form says so, and id columns refuse it.
        return Cow::Owned(match n.abs() >= 9_007_199_254_740_992.0 {
            true => format!("{n:E}").replace('E', "E+"),
            false => n.to_string(),
        });
    }
    match cell.get_datetime() {
        Some(serial) if serial.is_datetime() => {
            Cow::Owned(serial.as_datetime().map(moment_text).unwrap_or_default())
        }
        Some(serial) => Cow::Owned(serial.as_f64().to_string()),
        None => Cow::Borrowed(""),
    }
}

fn moment_text(time: NaiveDateTime) -> String {
    if time.num_seconds_from_midnight() == 0 {
        return write_day(time.date());
    }
    write_time(time).replacen('T', " ", 1)
}

/// The cells within the only filled cell of a row.
pub fn unwrap<'c>(cells: impl Iterator<Item = &'c str>, inner: u8) -> Option<Cells> {
    let mut filled = cells.filter(|c| !c.trim().is_empty());
    let (line, None) = (filled.next()?, filled.next()) else { return None };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(inner).has_headers(false).from_reader(line.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

/// The rows of a text in which each line stands in one cell, on the lines that they begin on.
pub fn unwrapped(text: impl Read, outer: u8, inner: u8) -> Result<Vec<Cells>> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(outer).has_headers(false).flexible(true).from_reader(text);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        while rows.len() + 1 < line {
            rows.push(Cells::new());
        }
        let plain = || record.iter().map(str::to_owned).collect();
        rows.push(unwrap(record.iter(), inner).unwrap_or_else(plain));
    }
    Ok(rows)
}

/// The first rows of a text, for recognising it.
pub fn head(text: &str, delimiter: u8, most: usize) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(BufReader::new(Cursor::new(text.as_bytes())));
    reader.records().take(most).map_while(|r| r.ok()).map(|r| r.iter().map(str::to_owned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a workbook's first sheet, read cell by cell and all at once.
    fn both(workbook: &[u8]) -> [Vec<Vec<String>>; 2] {
        let plain = |rows: Vec<Cells>| rows.iter().map(|r| r.iter().map(str::to_owned).collect()).collect();
        let mut book = Xlsx::new(Cursor::new(workbook)).unwrap();
        let name = book.sheet_names().remove(0);
        let in_order = rows_in_order(&mut book, &name).unwrap();
        [plain(in_order), plain(rows_of(&book.worksheet_range(&name).unwrap()))]
    }

    #[test]
    fn a_sheet_is_read_cell_by_cell_as_it_is_at_once() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write(2, 1, "Report").unwrap();
        sheet.write(4, 1, "Day").unwrap().write(4, 3, "Spend").unwrap().write(4, 4, "Paid").unwrap();
        sheet.write_with_format(5, 1, 45_569, &day).unwrap();
        sheet.write(5, 3, 12.5).unwrap().write(5, 4, true).unwrap();
        sheet.write(7, 3, 3_000_000_000_i64).unwrap().write(7, 1, "Total").unwrap();
        let [in_order, at_once] = both(&book.save_to_buffer().unwrap());
        assert_eq!(in_order, at_once);
        assert_eq!(in_order[5], ["2024-10-04", "", "12.5", "true"]);
        assert_eq!(in_order[7], ["Total", "", "3000000000", ""]);
        assert!(in_order[0].is_empty() && in_order[1].is_empty());

        let mut empty = rust_xlsxwriter::Workbook::new();
        empty.add_worksheet();
        let [in_order, at_once] = both(&empty.save_to_buffer().unwrap());
        assert_eq!(in_order, at_once);
    }
}

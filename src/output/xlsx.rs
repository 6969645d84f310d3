//! A workbook with one sheet: real numbers, dates and percent, a frozen header and a filter.

use std::io::{self, Write};

use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatBorder, Note, Workbook, Worksheet, XlsxError};

use super::layout::Layout;
use super::{Cell, ColumnKind, ResultSet, Style, kind, number};

const WIDEST: usize = 60;
/// Digits that Excel keeps of a number.
const EXACT: u64 = 999_999_999_999_999;
const MOST_ROWS: usize = 1_048_575;

pub(super) fn write(result: &ResultSet, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if result.rows.len() > MOST_ROWS {
        return Err(io::Error::other("a sheet holds 1,048,575 rows; write csv, or fewer rows"));
    }
    let bytes = build(result, style).map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn build(result: &ResultSet, style: &Style) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Result")?;
    let header = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0xF2_F2_F2))
        .set_border_bottom(FormatBorder::Thin);
    for (index, column) in result.columns.iter().enumerate() {
        sheet.write_string_with_format(0, to_column(index), &column.name, &header)?;
        sheet.set_column_width(to_column(index), width(result, index) as f64)?;
        if let Some(note) = &column.note {
            sheet.insert_note(0, to_column(index), &Note::new(note).add_author_prefix(false))?;
        }
    }
    let unit = result.columns.iter().position(|column| column.name == "unit");
    let layout = Layout::new(result, style);
    let formats = Formats::new(None);
    let in_currency = Formats::new(style.currency.as_deref());
    for (line, row) in result.rows.iter().enumerate() {
        for (index, cell) in row.iter().enumerate() {
            let column = &result.columns[index];
            let kind = kind::of_row(&column.name, column.kind, unit.map(|u| &row[u]));
            let of_unit = kind == ColumnKind::Money && kind != column.kind;
            let formats = if of_unit || layout.currency(index).is_some() { &in_currency } else { &formats };
            let line = u32::try_from(line + 1).expect("a row number below a million");
            write_cell(sheet, (line, to_column(index)), cell, kind, formats)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if !result.columns.is_empty() && !result.rows.is_empty() {
        let last = u32::try_from(result.rows.len()).expect("a row number below a million");
        sheet.autofilter(0, 0, last, to_column(result.columns.len() - 1))?;
    }
    workbook.save_to_buffer()
}

struct Formats {
    whole: Format,
    number: Format,
    money: Format,
    rate: Format,
    small_rate: Format,
    date: Format,
    moment: Format,
    plain: Format,
}

impl Formats {
    fn new(currency: Option<&str>) -> Self {
        let of = |text: &str| Format::new().set_num_format(text);
        Formats {
            whole: of("#,##0"),
            number: of("#,##0.00##"),
            money: of(&currency.map_or("#,##0.00".to_owned(), |c| format!("#,##0.00 [${c}]"))),
            rate: of("0.0%"),
            small_rate: of("0.000%"),
            date: of("yyyy-mm-dd"),
            moment: of("yyyy-mm-dd hh:mm:ss"),
            // ids of more than eleven digits would be shown as powers of ten
            plain: of("0"),
        }
    }
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    kind: ColumnKind,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let format = match (kind, cell) {
        (ColumnKind::Money, _) => &formats.money,
        (ColumnKind::Rate, Cell::Real(x)) if number::is_small_rate(*x) => &formats.small_rate,
        (ColumnKind::Rate, _) => &formats.rate,
        (ColumnKind::Text | ColumnKind::Prose | ColumnKind::Flag, Cell::Integer(_)) => &formats.plain,
        (_, Cell::Integer(_)) => &formats.whole,
        (_, Cell::Real(x)) if x.fract() == 0.0 => &formats.whole,
        _ => &formats.number,
    };
    match cell {
        Cell::Null => {}
        Cell::Integer(n) if kind == ColumnKind::Flag => {
            sheet.write_boolean(row, column, *n != 0)?;
        }
        // longer integers stay exact as text
        Cell::Integer(n) if n.unsigned_abs() > EXACT => {
            sheet.write_string(row, column, n.to_string())?;
        }
        Cell::Integer(n) => {
            sheet.write_number_with_format(row, column, *n as f64, format)?;
        }
        Cell::Real(x) if x.is_finite() => {
            sheet.write_number_with_format(row, column, *x, format)?;
        }
        Cell::Real(x) => {
            sheet.write_string(row, column, x.to_string())?;
        }
        Cell::Text(text) if kind == ColumnKind::Date => write_date(sheet, (row, column), text, formats)?,
        Cell::Text(text) => write_text(sheet, (row, column), text)?,
        Cell::Blob(bytes) => write_text(sheet, (row, column), &format!("({} bytes)", bytes.len()))?,
    }
    Ok(())
}

fn write_date(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let (format, looks) = match text.len() {
        10 => (&formats.date, text.as_bytes()[4] == b'-'),
        19 | 20 => (&formats.moment, text.as_bytes()[10] == b'T'),
        _ => return write_text(sheet, (row, column), text),
    };
    // dates before 1900 do not exist in a workbook and stay text
    if looks
        && let Ok(moment) = ExcelDateTime::parse_from_str(text.trim_end_matches('Z'))
        && sheet.write_datetime_with_format(row, column, &moment, format).is_ok()
    {
        return Ok(());
    }
    write_text(sheet, (row, column), text)
}

/// A cell holds 32,767 characters at most.
fn write_text(sheet: &mut Worksheet, (row, column): (u32, u16), text: &str) -> Result<(), XlsxError> {
    let text: String = text.chars().take(32_767).collect();
    sheet.write_string(row, column, text)?;
    Ok(())
}

fn to_column(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

fn width(result: &ResultSet, index: usize) -> usize {
    let cells = result.rows.iter().take(1000).map(|row| match &row[index] {
        Cell::Text(text) => unicode_width::UnicodeWidthStr::width(text.as_str()),
        Cell::Null | Cell::Blob(_) => 0,
        Cell::Integer(_) | Cell::Real(_) => 12,
    });
    let name = result.columns[index].name.chars().count() + 4;
    cells.chain([name]).max().unwrap_or(8).clamp(8, WIDEST) + 1
}

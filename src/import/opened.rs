//! A file opened: its hash, its encoding and delimiter or its sheets, and from then on its tables as often as needed.

use std::io::Read;

use encoding_rs::Encoding;
use xxhash_rust::xxh3::Xxh3;

use super::cells::Cells;
use super::decode::TextReader;
use super::rows::{self, Rows};
use super::sniff::Sniffer;
use super::source::Content;
use super::tables::Tables;
use crate::error::Result;
use crate::format::bind::Schema;
use crate::format::{Detection, Formats};

/// Decoded bytes looked at to find the delimiter.
const HEAD: u64 = 128 * 1024;
/// Rows looked at for a header.
const HEAD_ROWS: usize = 100;
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// By what a file is known again, and what its bytes are.
#[derive(Debug)]
pub struct Fingerprint {
    /// 128 bits, hex: no two exports share one by chance.
    pub hash: String,
    pub bytes: u64,
    /// Where that was asked, because it is probably new.
    pub sniffed: Option<Sniffer>,
}

/// Reads a file once, as whatever is asked of all its bytes.
pub fn fingerprint(content: &Content, is_sniffed: bool) -> Result<Fingerprint> {
    let (mut hasher, mut sniffed) = (Xxh3::new(), is_sniffed.then(Sniffer::default));
    let mut bytes = 0;
    read_all(content, |chunk| {
        hasher.update(chunk);
        if let Some(sniffer) = &mut sniffed {
            sniffer.see(chunk);
        }
        bytes += chunk.len() as u64;
    })?;
    Ok(Fingerprint { hash: format!("{:032x}", hasher.digest128()), bytes, sniffed })
}

/// Bytes read at once. A larger buffer would be mapped, 16 bytes into a page, and where a page is copied to there some
/// processors take four times as long.
const AT_ONCE: usize = 64 * 1024;

fn read_all(content: &Content, mut see: impl FnMut(&[u8])) -> Result<()> {
    let mut reader = content.open()?;
    let mut buffer = vec![0; AT_ONCE];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(()),
            count => see(&buffer[..count]),
        }
    }
}

/// A file whose tables can be walked through again and again.
pub struct Opened<'f> {
    content: Content,
    encoding: &'static Encoding,
    delimiter: u8,
    sheets: Option<Vec<(String, Vec<Cells>)>>,
    formats: &'f Formats,
    only: Option<&'f str>,
    schema: &'f Schema,
    /// Lines of the file or sheet that says what this one holds.
    beside: Vec<String>,
    /// The row that a format recognises, else the widest one near the top, for saying what is near.
    pub widest: Vec<String>,
    /// The row below that one.
    pub below: Vec<String>,
}

impl<'f> Opened<'f> {
    pub fn new(
        content: &Content,
        formats: &'f Formats,
        only: Option<&'f str>,
        schema: &'f Schema,
    ) -> Result<Opened<'f>> {
        let mut sniffer = Sniffer::default();
        read_all(content, |chunk| sniffer.see(chunk))?;
        Opened::sniffed(content, &sniffer, formats, only, schema)
    }

    /// The same of a file of which all bytes were seen.
    pub fn sniffed(
        content: &Content,
        sniffer: &Sniffer,
        formats: &'f Formats,
        only: Option<&'f str>,
        schema: &'f Schema,
    ) -> Result<Opened<'f>> {
        let mut opened = Opened {
            content: content.clone(),
            encoding: sniffer.encoding(),
            delimiter: b',',
            sheets: None,
            formats,
            only,
            schema,
            beside: Vec::new(),
            widest: Vec::new(),
            below: Vec::new(),
        };
        if sniffer.is_workbook() {
            let sheets = rows::sheets(content.open()?)?;
            (opened.widest, opened.below) = widest(&sheets);
            let told = sheets.iter().filter(|(name, _)| formats.is_beside(name)).flat_map(|(_, rows)| rows);
            let line = |r: &Cells| r.iter().collect::<Vec<_>>().join(",").trim_matches(',').to_owned();
            opened.beside = told.map(line).collect();
            opened.sheets = Some(sheets);
        } else {
            opened.find_delimiter()?;
        }
        Ok(opened)
    }

    /// The same file with what stood beside it in its archive.
    pub fn with_beside(mut self, lines: Option<&str>) -> Opened<'f> {
        self.beside.extend(lines.into_iter().flat_map(str::lines).map(str::to_owned));
        self
    }

    /// The delimiter under which a header is recognised; else the one that makes the widest rows.
    fn find_delimiter(&mut self) -> Result<()> {
        let mut head = String::new();
        let text = TextReader::new(self.content.open()?, self.encoding);
        let mut bytes = Vec::new();
        text.take(HEAD).read_to_end(&mut bytes)?;
        head.push_str(&String::from_utf8_lossy(&bytes));
        if let Some(&separator) = head.strip_prefix("sep=").and_then(|rest| rest.as_bytes().first())
            && separator.is_ascii()
        {
            self.delimiter = separator;
            return Ok(());
        }
        let mut widest: (usize, u8) = (0, b',');
        for delimiter in DELIMITERS {
            let mut lines: Vec<String> = Vec::new();
            let mut rows = rows::head(&head, delimiter, HEAD_ROWS).into_iter().peekable();
            while let Some(cells) = rows.next() {
                let refs: Vec<&str> = cells.iter().map(String::as_str).collect();
                let is_known = !matches!(self.formats.detect(&refs, &lines), Detection::Unknown);
                if is_known || cells.len() > widest.0 {
                    widest = (cells.len(), delimiter);
                    self.widest = cells.clone();
                    self.below = rows.peek().cloned().unwrap_or_default();
                }
                if is_known {
                    self.delimiter = delimiter;
                    return Ok(());
                }
                lines.push(cells.join(&char::from(delimiter).to_string()).trim().to_owned());
            }
        }
        self.delimiter = widest.1;
        self.find_pairs(&head);
        if self.sheets.is_none()
            && let Some((outer, inner)) = self.find_wrapped(&head)
        {
            let text = TextReader::new(self.content.open()?, self.encoding);
            self.sheets = Some(vec![(String::new(), rows::unwrapped(text, outer, inner)?)]);
        }
        Ok(())
    }

    /// A spreadsheet may have put each line into one cell: the delimiters around and within these, where a header is
    /// recognised.
    fn find_wrapped(&self, head: &str) -> Option<(u8, u8)> {
        let pairs = DELIMITERS.iter().flat_map(|outer| DELIMITERS.map(|inner| (*outer, inner)));
        pairs.into_iter().find(|(outer, inner)| {
            let mut lines = Vec::new();
            rows::head(head, *outer, HEAD_ROWS).iter().any(|row| {
                let cells = rows::unwrap(row.iter().map(String::as_str), *inner);
                let cells: Vec<&str> = cells.iter().flat_map(Cells::iter).collect();
                let is_known =
                    cells.len() > 1 && !matches!(self.formats.detect(&cells, &lines), Detection::Unknown);
                lines.push(row.join(&char::from(*outer).to_string()).trim().to_owned());
                is_known
            })
        })
    }

    /// A text of labels and values is one record: its header are the labels. Parts of a test repeat theirs.
    fn find_pairs(&mut self, text: &str) {
        let mut labels = Cells::new();
        let mut values = Cells::new();
        for cells in rows::head(text, b',', usize::MAX) {
            let filled: Vec<&str> = cells.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
            let [label, value] = filled[..] else { continue };
            labels.push(label.trim_end_matches(':'));
            values.push(value);
        }
        let cells: Vec<&str> = labels.iter().collect();
        if let Detection::Match(format) = self.formats.detect(&cells, &[])
            && format.spec.file.layout.as_deref() == Some("pairs")
        {
            self.sheets = Some(vec![(String::new(), vec![labels, values])]);
        }
    }

    /// The encoding where nothing in the bytes says it and their letters do.
    pub fn guessed_encoding(&self) -> Option<&'static str> {
        let is_told = self.sheets.is_some() || self.encoding.name().starts_with("UTF-");
        (!is_told).then(|| self.encoding.name())
    }

    /// The tables of each sheet; a text is one sheet without a name.
    pub fn walks(&self) -> Result<Vec<Tables<'f>>> {
        let tables = |rows, sheet| {
            Tables::new(rows, sheet, self.formats, self.only, self.schema).beside(self.beside.clone())
        };
        Ok(match &self.sheets {
            Some(sheets) => sheets
                .iter()
                .map(|(name, rows)| {
                    tables(Rows::Sheet { rows: rows.clone().into_iter(), line: 0 }, Some(name.clone()))
                })
                .collect(),
            None => vec![tables(Rows::text(self.content.open()?, self.encoding, self.delimiter), None)],
        })
    }
}

/// The first of the fullest rows near the top of a workbook's sheets, and the row below it.
fn widest(sheets: &[(String, Vec<Cells>)]) -> (Vec<String>, Vec<String>) {
    let texts = |row: &Cells| row.iter().map(str::to_owned).collect::<Vec<_>>();
    let mut most = 0;
    let mut found = (Vec::new(), Vec::new());
    for (_, rows) in sheets {
        for (at, row) in rows.iter().enumerate().take(HEAD_ROWS) {
            let filled = row.iter().filter(|cell| !cell.trim().is_empty()).count();
            if filled > most {
                most = filled;
                found = (texts(row), rows.get(at + 1).map(texts).unwrap_or_default());
            }
        }
    }
    found
}

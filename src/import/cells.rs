//! The cells of one row: their texts in one buffer that the next row uses again.

use std::ops::Index;
use std::str::Utf8Error;

/// Checked to be UTF-8 as a whole, which is cheaper than cell by cell.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    text: String,
    /// Where each cell begins and ends in the text.
    places: Vec<(usize, usize)>,
}

impl Cells {
    pub fn new() -> Cells {
        Cells::default()
    }

    /// Takes the cells of a record in place of its own: their bytes one behind the other, and where each ends. An error
    /// where they are no UTF-8.
    pub fn take(&mut self, bytes: &[u8], ends: &[usize]) -> Result<(), Utf8Error> {
        self.set_text(bytes)?;
        self.places.clear();
        let mut start = 0;
        self.places.extend(ends.iter().map(|end| (std::mem::replace(&mut start, *end), *end)));
        Ok(())
    }

    /// Takes the record that a text begins with, and tells its length with the line end; nothing where a parser is
    /// needed, because the record does not end within the text or something in its quotes stands for something else. A
    /// parser goes byte by byte, while of nearly all records only delimiters have to be found.
    pub fn take_plain(&mut self, text: &[u8], delimiter: u8) -> Result<Option<usize>, Utf8Error> {
        let Some(length) = find_plain(text, delimiter, &mut self.places) else { return Ok(None) };
        self.set_text(&text[..length])?;
        Ok(Some(length))
    }

    fn set_text(&mut self, bytes: &[u8]) -> Result<(), Utf8Error> {
        let text = std::str::from_utf8(bytes)?;
        self.text.clear();
        self.text.push_str(text);
        Ok(())
    }

    pub fn push(&mut self, cell: &str) {
        let start = self.text.len();
        self.text.push_str(cell);
        self.places.push((start, self.text.len()));
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn get(&self, place: usize) -> Option<&str> {
        let (start, end) = *self.places.get(place)?;
        self.text.get(start..end)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| &self[place])
    }
}

/// Where the cells of the record are that a text begins with, and how long it is.
fn find_plain(text: &[u8], delimiter: u8, places: &mut Vec<(usize, usize)>) -> Option<usize> {
    places.clear();
    // blank lines are the parser's to skip
    if text.first()? == &b'\n' {
        return None;
    }
    let mut marks = Marks::new(text, delimiter);
    let mut start = 0;
    loop {
        let behind = if text.get(start)? == &b'"' {
            marks.next();
            let end = marks.find(|at| matches!(text[*at], b'"' | b'\n'))?;
            if text[end] == b'\n' {
                return None;
            }
            places.push((start + 1, end));
            marks.next().filter(|at| *at == end + 1)?
        } else {
            let end = marks.find(|at| text[*at] != b'"')?;
            places.push((start, end));
            end
        };
        match text[behind] {
            b'\n' => return Some(behind + 1),
            byte if byte == delimiter => start = behind + 1,
            _ => return None,
        }
    }
}

/// The places of delimiters, quotes and line ends in a text. Cells are short: sixteen bytes at once are compared in less
/// time than a search from cell to cell takes to begin.
struct Marks<'t> {
    text: &'t [u8],
    delimiter: u8,
    /// Where the bytes begin of which `found` tells.
    at: usize,
    /// The highest bit of each byte that is such a mark.
    found: u128,
}

/// Bytes that are compared at once.
const AT_ONCE: usize = 16;

impl<'t> Marks<'t> {
    fn new(text: &'t [u8], delimiter: u8) -> Marks<'t> {
        let mut marks = Marks { text, delimiter, at: 0, found: 0 };
        marks.look();
        marks
    }

    /// Compares the bytes at `at`, or those that are left.
    fn look(&mut self) {
        let rest = &self.text[self.at..];
        let mut last = [0; AT_ONCE];
        let bytes: &[u8; AT_ONCE] = rest.first_chunk().unwrap_or_else(|| {
            last[..rest.len()].copy_from_slice(rest);
            &last
        });
        let delimiter = self.delimiter;
        // without a branch this becomes a few vector instructions
        let mark = |byte: u8| {
            if (byte == delimiter) | (byte == b'\n') | (byte == b'"') { 0xff } else { 0 }
        };
        self.found = u128::from_le_bytes(bytes.map(mark)) & const { u128::from_le_bytes([0x80; AT_ONCE]) };
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.at += AT_ONCE;
            if self.at >= self.text.len() {
                return None;
            }
            self.look();
        }
        let place = self.at + (self.found.trailing_zeros() / 8) as usize;
        self.found &= self.found - 1;
        Some(place)
    }
}

impl Index<usize> for Cells {
    type Output = str;

    fn index(&self, place: usize) -> &str {
        self.get(place).expect("a row has the cells it counts")
    }
}

impl FromIterator<String> for Cells {
    fn from_iter<T: IntoIterator<Item = String>>(cells: T) -> Cells {
        let mut all = Cells::new();
        cells.into_iter().for_each(|cell| all.push(&cell));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_record_is_what_the_parser_reads() {
        let pieces = ["a", "", "\"\"", "\"b,;c\"", "d\"e", "\"f\"\"g\"", "\"h\ni\"", "\"j\"k", "ü", "\"ß \""];
        let mut plain = 0;
        for (first, second) in pieces.iter().flat_map(|a| pieces.map(|b| (a, b))) {
            for end in ["\n", "\nnext,row\n", ""] {
                let text = format!("{first},{second}{end}");
                let mut cells = Cells::new();
                let Some(length) = cells.take_plain(text.as_bytes(), b',').unwrap() else { continue };
                plain += 1;
                let mut reader =
                    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
                let record = reader.records().next().unwrap().unwrap();
                assert_eq!(cells.iter().collect::<Vec<_>>(), record.iter().collect::<Vec<_>>(), "{text:?}");
                assert_eq!(&text[..length], format!("{first},{second}\n"), "{text:?}");
            }
        }
        assert_eq!(plain, 2 * 7 * 7, "all but those with a quote or a line end within quotes");
    }
}

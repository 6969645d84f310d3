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

    /// Gives back the room that further cells would take.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.places.shrink_to_fit();
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
    let (quotes, delimiters) = (const { eightfold(b'"') }, eightfold(delimiter));
    let mut start = 0;
    'cells: loop {
        if text.get(start)? == &b'"' {
            start += 1;
            let end = find(text, start, quotes)?;
            if text[end] == b'\n' {
                return None;
            }
            places.push((start, end));
            match *text.get(end + 1)? {
                b'\n' => return Some(end + 2),
                byte if byte == delimiter => start = end + 2,
                _ => return None,
            }
            continue;
        }
        // several cells may end within eight bytes
        let mut at = start;
        loop {
            let mut ends = compare(text, at, delimiters)?;
            while ends != 0 {
                let end = at + (ends.trailing_zeros() / 8) as usize;
                ends &= ends - 1;
                places.push((start, end));
                start = end + 1;
                if text[end] == b'\n' {
                    return Some(start);
                }
                if text.get(start)? == &b'"' {
                    continue 'cells;
                }
            }
            at += 8;
        }
    }
}

/// A byte eight times.
const fn eightfold(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Where the next of these bytes, or a line end, is.
fn find(text: &[u8], start: usize, bytes: u64) -> Option<usize> {
    let mut at = start;
    loop {
        let found = compare(text, at, bytes)?;
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
}

/// Which of the next eight bytes are these, or line ends: their highest bits are set. Cells are short: to compare eight
/// bytes at once takes less time than for a search to begin.
#[inline(always)]
fn compare(text: &[u8], at: usize, bytes: u64) -> Option<u64> {
    const LOW: u64 = eightfold(0x7f);
    // a byte that is zero, and only that, is left with its highest bit
    let zeros = |word: u64| !(((word & LOW) + LOW) | word | LOW);
    let eight = match text.get(at..at + 8) {
        Some(eight) => eight.try_into().expect("eight bytes"),
        None if at < text.len() => std::array::from_fn(|i| text.get(at + i).copied().unwrap_or(0)),
        None => return None,
    };
    let word = u64::from_le_bytes(eight);
    Some(zeros(word ^ bytes) | zeros(word ^ const { eightfold(b'\n') }))
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
        let threes = pieces.iter().flat_map(|a| pieces.iter().flat_map(move |b| pieces.map(|c| [a, b, c])));
        for record in threes.map(|cells| cells.join(",")) {
            for end in ["\n", "\nnext,row\n", ""] {
                let text = format!("{record}{end}");
                let mut cells = Cells::new();
                let Some(length) = cells.take_plain(text.as_bytes(), b',').unwrap() else { continue };
                plain += 1;
                let mut reader =
                    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
                let parsed = reader.records().next().unwrap().unwrap();
                assert_eq!(cells.iter().collect::<Vec<_>>(), parsed.iter().collect::<Vec<_>>(), "{text:?}");
                assert_eq!(text[..length], format!("{record}\n"), "{text:?}");
            }
        }
        assert_eq!(plain, 2 * 7 * 7 * 7, "all but those with a quote or a line end within quotes");
    }
}

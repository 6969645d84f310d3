//! The cells of one row: their texts in one buffer that the next row uses again.

use std::ops::Index;

/// Checked to be UTF-8 as a whole, which is cheaper than cell by cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    pub fn new() -> Cells {
        Cells::default()
    }

    /// Takes the cells of a record in place of its own: their bytes one behind the other, and where each ends. An error
    /// where they are no UTF-8.
    pub fn take(&mut self, bytes: &[u8], ends: &[usize]) -> Result<(), std::str::Utf8Error> {
        let text = std::str::from_utf8(bytes)?;
        self.text.clear();
        self.text.push_str(text);
        self.ends.clear();
        self.ends.extend_from_slice(ends);
        Ok(())
    }

    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        self.text.get(start..end)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| &self[place])
    }

    /// All cells, one behind the other.
    pub fn joined(&self) -> &str {
        &self.text
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

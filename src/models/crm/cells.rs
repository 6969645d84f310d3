//! The cells of a record as it is read: all of its texts in one buffer that is used again for the next.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::super::fed::Fed;
use crate::db::texts::Texts;
use crate::trail::{self, Fact};

/// What may be read of the records of a table.
pub(super) struct Layout {
    pub table: &'static str,
    pub texts: &'static [&'static str],
    pub numbers: &'static [&'static str],
}

impl Layout {
    /// The columns that are wanted and may hold anything.
    pub fn columns(&self, fed: &Fed, wanted: impl Fn(&str) -> bool) -> Columns {
        let places = |names: &[&str]| -> Vec<usize> {
            (0..names.len()).filter(|at| fed.has(names[*at]) && wanted(names[*at])).collect()
        };
        let (texts, numbers) = (places(self.texts), places(self.numbers));
        let mut names = vec!["id", "source", "stage_trail"];
        names.extend(texts.iter().map(|at| self.texts[*at]));
        names.extend(numbers.iter().map(|at| self.numbers[*at]));
        Columns { select: format!("select {} from {}", names.join(", "), self.table), texts, numbers }
    }
}

/// Columns that are read, by the places of what they hold.
#[derive(Debug)]
pub(super) struct Columns {
    pub select: String,
    texts: Vec<usize>,
    numbers: Vec<usize>,
}

/// A text of a record; '' where it says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<'r> {
    pub text: &'r str,
    /// Of `texts`; 0 for a text that is the record's own.
    pub number: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
    number: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Cells<const TEXTS: usize, const NUMBERS: usize> {
    pub id: i64,
    pub source: i64,
    trail: Vec<u8>,
    buffer: String,
    spans: [Span; TEXTS],
    numbers: [Option<i64>; NUMBERS],
}

impl<const TEXTS: usize, const NUMBERS: usize> Default for Cells<TEXTS, NUMBERS> {
    fn default() -> Self {
        Cells {
            id: 0,
            source: 0,
            trail: Vec::new(),
            buffer: String::new(),
            spans: [Span::default(); TEXTS],
            numbers: [None; NUMBERS],
        }
    }
}

impl<const TEXTS: usize, const NUMBERS: usize> Cells<TEXTS, NUMBERS> {
    /// Takes the place of what was read before.
    pub fn read(
        &mut self,
        id: i64,
        row: &Row,
        columns: &Columns,
        interned: &mut Texts,
    ) -> rusqlite::Result<()> {
        self.id = id;
        self.source = row.get_ref(1)?.as_i64()?;
        self.trail.clear();
        self.trail.extend_from_slice(row.get_ref(2)?.as_blob_or_null()?.unwrap_or_default());
        self.buffer.clear();
        self.spans = [Span::default(); TEXTS];
        self.numbers = [None; NUMBERS];
        let mut at = 3;
        for place in &columns.texts {
            let start = self.buffer.len();
            let mut number = 0;
            match row.get_ref(at)? {
                ValueRef::Integer(id) => {
                    number = u32::try_from(id).unwrap_or_default();
                    self.buffer.push_str(interned.get(id)?);
                }
                ValueRef::Text(text) => self.buffer.push_str(str::from_utf8(text).unwrap_or_default()),
                _ => {}
            }
            self.spans[*place] = Span { start: start as u32, end: self.buffer.len() as u32, number };
            at += 1;
        }
        for place in &columns.numbers {
            self.numbers[*place] = row.get(at)?;
            at += 1;
        }
        Ok(())
    }

    #[inline]
    pub fn said(&self, at: usize) -> Said<'_> {
        let span = self.spans[at];
        Said { text: &self.buffer[span.start as usize..span.end as usize], number: span.number }
    }

    /// '' where it says nothing.
    #[inline]
    pub fn text(&self, at: usize) -> &str {
        self.said(at).text
    }

    pub fn number(&self, at: usize) -> Option<i64> {
        self.numbers[at]
    }

    /// What exports said of its stages.
    pub fn trail(&self) -> impl Iterator<Item = Fact> {
        trail::facts(&self.trail)
    }
}

//! Rows of a table that are no data: its header again, what its format skips, the example of a template, totals.

use super::{Cells, Mapper};
use crate::format::pattern::Pattern;
use crate::format::value::{self, Value};
use crate::import::totals::{self, NoData};

impl Mapper<'_> {
    pub(super) fn is_example(&self, cells: &Cells) -> bool {
        let Some(example) = &self.example else { return false };
        let number = |text: &str| text.parse::<f64>().ok();
        // a workbook writes 12500.00 as 12500 and 09:30 as 09:30:00
        let is_same = |shown: &str, cell: &str| {
            cell == shown
                || cell.strip_suffix(":00") == Some(shown)
                || number(cell).is_some_and(|n| number(shown) == Some(n))
        };
        let cell = |i: usize| value::trim(cells.get(i).unwrap_or_default());
        example.iter().enumerate().all(|(i, shown)| is_same(shown, cell(i)))
    }

    pub(super) fn repeats_header(&self, cells: &Cells) -> bool {
        cells.len() == self.binding.headers.len()
            && cells.iter().zip(&self.binding.headers).all(|(c, h)| c.trim() == h)
    }

    pub(super) fn is_skipped(&self, cells: &Cells) -> bool {
        let cell = |p: usize| cells.get(p).map(value::trim).unwrap_or_default();
        let is_same = self.binding.same.is_some_and(|(a, b)| cell(a) == cell(b) && !cell(a).is_empty());
        is_same
            || self.binding.skip_when.iter().any(|(p, values)| {
                let lower = value::lower(cell(*p));
                values.iter().any(|v| *v == lower)
            })
            || self.binding.skip_matching.iter().any(|(p, regex)| regex.is_match(cell(*p)))
    }

    /// A row of data by its looks, with an id that the format does not know.
    pub(super) fn is_stranger(&self, cells: &Cells) -> bool {
        let Some(id) = self.binding.column("record_id").and_then(|c| c.positions.first()) else {
            return false;
        };
        let is_foreign = |(position, regex): &(usize, Pattern)| {
            position == id
                && cells
                    .get(*id)
                    .is_some_and(|cell| !value::trim(cell).is_empty() && regex.is_match(value::trim(cell)))
        };
        self.binding.skip_matching.iter().any(is_foreign)
            && cells.iter().filter(|cell| !value::trim(cell).is_empty()).count() > 1
            && self.totals.label(cells).is_none()
            && !self.repeats_header(cells)
    }

    pub(super) fn note_total(&mut self, no_data: NoData, cells: &Cells) {
        match no_data {
            NoData::Footer => {
                let is_end = self.totals.is_footer(cells);
                self.ended |= is_end;
            }
            NoData::Total { label, of, is_segment } => {
                let numbers = self.binding.columns.iter().filter(|c| c.kind.is_number());
                let amounts = numbers.filter_map(|c| match self.read(c, cells) {
                    Ok(Value::Integer(n)) => Some((c.target.clone(), n)),
                    _ => None,
                });
                let amounts: Vec<(String, i64)> = amounts.chain(self.unpivoted_amounts(cells)).collect();
                self.checksum.total(&label, of, is_segment, &amounts);
            }
        }
    }

    /// The numbers of a row's unpivoted columns, where the format knows totals to hold them against.
    pub(super) fn unpivoted_amounts(&self, cells: &Cells) -> Vec<(String, i64)> {
        if self.binding.format.spec.totals.rows.is_none() {
            return Vec::new();
        }
        let numbers = self.binding.unpivots.iter().flat_map(|bound| {
            bound
                .cells
                .iter()
                .filter(|(_, kind)| kind.is_number())
                .map(move |(target, kind)| (bound, target, kind))
        });
        let amounts = numbers.filter_map(|(bound, target, kind)| {
            let cell = value::trim(cells.get(bound.position)?);
            match value::read(cell, *kind, &bound.reading, &self.locale) {
                Ok(Value::Integer(n)) => Some((totals::summed_as(target, &bound.header), n)),
                _ => None,
            }
        });
        amounts.collect()
    }
}

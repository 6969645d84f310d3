//! The values of a row as rows of record tables.

use std::borrow::Cow;

use super::targets::{From, Sign, UnpivotFrom};
use super::{Cells, Fate, Mapper, RowError, Sink, emptied, is_nothing};
use crate::error::Result;
use crate::format::currency;
use crate::format::value::{self, Value};

/// What one row of a file gives: rows of outputs, its record first.
#[derive(Debug, Default)]
pub struct Emitted<'v> {
    values: Vec<Value<'v>>,
    /// Output, and where its values end.
    ends: Vec<(usize, usize)>,
}

impl<'v> Emitted<'v> {
    /// Nothing, in the place of another row.
    pub(super) fn emptied<'w>(mut self) -> Emitted<'w> {
        self.ends.clear();
        Emitted { values: emptied(self.values), ends: self.ends }
    }

    /// The values since the last end are those of a row of this output.
    fn end(&mut self, output: usize) {
        self.ends.push((output, self.values.len()));
    }

    /// Each output with its values.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[Value<'v>])> {
        let mut start = 0;
        self.ends.iter().map(move |&(output, end)| {
            let values = &self.values[start..end];
            start = end;
            (output, values)
        })
    }
}

impl Mapper<'_> {
    pub(super) fn emit(
        &mut self,
        values: &[Value],
        cells: &Cells,
        line: u64,
        sink: &mut dyn Sink,
    ) -> Result<Fate> {
        if let Some(ads) = &self.ads {
            let row = match ads.row(self.binding, self.facts, values, cells)? {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(Fate::Furniture),
                Err(reason) => {
                    return Ok(Fate::Rejected(RowError { line, column: None, value: None, reason }));
                }
            };
            if let Some(hash) = ads.identity(cells)
                && !self.identity.insert(hash)
            {
                return Ok(Fate::Furniture);
            }
            sink.ad(&row)?;
            return Ok(Fate::Loaded);
        }
        let mut emitted: Emitted = std::mem::take(&mut self.emitted);
        if let Some(main) = &self.main {
            emitted.values.extend(main.from.iter().map(|from| match from {
                From::Column(i) => values[*i].borrowed(),
                From::Constant(text) => Value::Text(Cow::Borrowed(text.as_str())),
                From::Missing => Value::Null,
            }));
            emitted.end(main.index);
            if let Some(currency) = main.sign.as_ref().and_then(|s| s.read(&emitted.values, cells)) {
                emitted.values[currency.0] = currency.1;
            }
            if let Some(empty) = main.required.iter().find(|p| is_nothing(&emitted.values[**p])) {
                let target = &self.outputs[main.index].columns[*empty];
                let header = self.binding.column(target).map(|c| c.header.clone());
                let reason = "is empty, and every row needs it".to_owned();
                return Ok(Fate::Rejected(RowError {
                    line,
                    column: header,
                    value: Some(String::new()),
                    reason,
                }));
            }
            if let Some((Value::Text(first), Value::Text(last))) =
                main.days.map(|(first, last)| (&emitted.values[first], &emitted.values[last]))
                && !last.is_empty()
                && last < first
            {
                let reason = format!("begins on {first} and ends before that, on {last}");
                return Ok(Fate::Rejected(RowError { line, column: None, value: None, reason }));
            }
        }
        if let Some(rejected) = self.emit_unpivots(values, cells, line, &mut emitted) {
            return Ok(Fate::Rejected(rejected));
        }
        sink.rows(&emitted)?;
        self.emitted = emitted.emptied();
        Ok(Fate::Loaded)
    }

    fn emit_unpivots<'v>(
        &'v self,
        values: &'v [Value],
        cells: &'v Cells,
        line: u64,
        emitted: &mut Emitted<'v>,
    ) -> Option<RowError> {
        for (bound, output) in self.binding.unpivots.iter().zip(&self.unpivots) {
            let spec = &bound.rule.spec;
            let given = value::trim(cells.get(bound.position).unwrap_or_default());
            let mapped = spec
                .values
                .iter()
                .find(|(from, _)| from.eq_ignore_ascii_case(given))
                .map(|(_, to)| to.as_str());
            let cell = mapped.unwrap_or(if spec.only { "" } else { given });
            if value::is_placeholder(cell) {
                continue;
            }
            for from in &output.from {
                let value = match from {
                    UnpivotFrom::Cell(kind) => value::read(cell, *kind, &bound.reading, &self.locale),
                    UnpivotFrom::Fixed(text) => Ok(Value::Text(Cow::Borrowed(text.as_str()))),
                    UnpivotFrom::Column(i) => Ok(values[*i].borrowed()),
                };
                match value {
                    Ok(value) => emitted.values.push(value),
                    Err(reason) => {
                        let (column, value) = (Some(bound.header.clone()), Some(cell.to_owned()));
                        return Some(RowError { line, column, value, reason });
                    }
                }
            }
            emitted.end(output.index);
        }
        None
    }
}

impl Sign {
    /// Where the currency stands among the values, and what the amount says.
    fn read<'v>(&self, values: &[Value], cells: &Cells) -> Option<(usize, Value<'v>)> {
        if !self.is_assumed && !is_nothing(&values[self.at]) {
            return None;
        }
        let mut amounts = self.positions.iter().map(|p| value::trim(cells.get(*p).unwrap_or_default()));
        let code = currency::of_amount(amounts.find(|a| !value::is_placeholder(a))?)?;
        Some((self.at, Value::Text(Cow::Owned(code))))
    }
}

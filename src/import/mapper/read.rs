//! What the cells of one row say for one target column.

use std::borrow::Cow;
use std::convert::Infallible;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Cells, Mapper, RowError, is_nothing};
use crate::format::bind::BoundColumn;
use crate::format::few::Few;
use crate::format::value::{self, Kind, Value};

/// What a cell says, or why it cannot be read. Errors are rare, and should not make the way of values longer.
type Reading<'r> = std::result::Result<Value<'r>, Box<CellError>>;

impl Mapper<'_> {
    /// The same as [`Mapper::read`]; a text that the column has just had is not read again.
    pub(super) fn read_or_repeat<'r>(
        &self,
        column: &BoundColumn,
        cells: &'r Cells,
        before: &'r mut Option<Few<Value<'static>>>,
    ) -> Reading<'r> {
        let Some(few) = before.as_mut().filter(|few| few.pay()) else { return self.read(column, cells) };
        let cell = cells.get(column.positions[0]).unwrap_or_default();
        // what is empty is read at once
        if cell.is_empty() {
            return self.read(column, cells);
        }
        few.get_or_find(cell, || Ok(self.read(column, cells)?.into_owned())).map(Value::borrowed)
    }

    /// The value of one target column in one row.
    pub(super) fn read<'r>(&self, column: &BoundColumn, cells: &'r Cells) -> Reading<'r> {
        if column.is_plain && column.kind != Kind::Id {
            let cell = cells.get(column.positions[0]).unwrap_or_default();
            return value::read(cell, column.kind, &column.reading, &self.locale)
                .map_err(|reason| wrong(value::trim(cell), reason));
        }
        let spec = &column.rule.spec;
        if !self.condition_holds(column, cells) {
            return Ok(match &spec.default {
                Some(default) => Value::Text(Cow::Owned(default.clone())),
                None if column.kind.is_number() => Value::Null,
                None => Value::Text(Cow::Borrowed("")),
            });
        }
        if spec.list {
            return self.read_list(column, cells);
        }
        if spec.sum {
            return self.read_sum(column, cells);
        }
        let mut cell = "";
        for position in &column.positions {
            cell = value::trim(cells.get(*position).unwrap_or_default());
            if !value::is_placeholder(cell) {
                break;
            }
        }
        if let Some(whole) = &spec.times {
            return self.read_share(column, cell, whole, cells);
        }
        let value = self.read_cell(column, cell)?;
        match (&spec.default, is_nothing(&value)) {
            (Some(default), true) => Ok(Value::Text(Cow::Owned(default.clone()))),
            _ => Ok(value),
        }
    }

    /// A rate times the number it is a rate of, rounded half to even.
    fn read_share<'r>(&self, column: &BoundColumn, cell: &str, whole: &str, cells: &Cells) -> Reading<'r> {
        let rate = value::read(cell, Kind::Millionths, &column.reading, &self.locale)
            .map_err(|reason| wrong(cell, reason))?;
        let whole = match self.binding.column(whole) {
            Some(other) => self.read(other, cells)?,
            None => Value::Null,
        };
        let (Value::Integer(rate), Value::Integer(whole)) = (rate, whole) else { return Ok(Value::Null) };
        let share = Decimal::new(rate, 6) * Decimal::from(whole);
        let rounded = share.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        Ok(rounded.to_i64().map_or(Value::Null, Value::Integer))
    }

    fn condition_holds(&self, column: &BoundColumn, cells: &Cells) -> bool {
        let (Some(condition), Some((_, pattern))) = (&column.condition, &column.rule.condition) else {
            return true;
        };
        let is_match = |cell: &str| pattern.is_match(value::trim(cell));
        condition.positions.iter().any(|position| {
            let cell = cells.get(*position).unwrap_or_default();
            let mut said = condition.said.borrow_mut();
            if said.pay() {
                let Ok(holds) = said.get_or_find(cell, || Ok::<_, Infallible>(is_match(cell)));
                return *holds;
            }
            is_match(cell)
        })
    }

    fn read_cell<'r>(&self, column: &BoundColumn, cell: &'r str) -> Reading<'r> {
        let wrong = |reason: String| wrong(cell, reason);
        if column.kind == Kind::Id && value::is_scientific(cell) {
            let reason = "an id that a spreadsheet has rounded; its digits are gone".to_owned();
            return Err(Box::new(CellError { value: cell.to_owned(), reason, is_fatal: true }));
        }
        let has_map = !column.null.is_empty() || !column.values.is_empty();
        let mut text = Cow::Borrowed(cell);
        if has_map {
            let lower = value::lower(cell);
            if column.null.contains(lower.as_ref()) {
                text = Cow::Borrowed("");
            } else if let Some(mapped) = column.values.get(lower.as_ref()) {
                text = Cow::Owned(mapped.clone());
            } else if column.rule.spec.only {
                text = Cow::Borrowed("");
            }
        }
        if let Some(extract) = &column.rule.extract {
            text = match text {
                Cow::Borrowed(text) => Cow::Borrowed(extract.value_in(text).unwrap_or_default()),
                Cow::Owned(text) => Cow::Owned(extract.value_in(&text).unwrap_or_default().to_owned()),
            };
        }
        if column.rule.spec.offset {
            return self.read_offset(&text).map_err(wrong);
        }
        match text {
            Cow::Borrowed(text) => {
                value::read(text, column.kind, &column.reading, &self.locale).map_err(wrong)
            }
            Cow::Owned(text) => {
                match value::read(&text, column.kind, &column.reading, &self.locale).map_err(wrong)? {
                    Value::Text(t) => Ok(Value::Text(Cow::Owned(t.into_owned()))),
                    Value::Integer(n) => Ok(Value::Integer(n)),
                    Value::Null => Ok(Value::Null),
                }
            }
        }
    }

    fn read_offset(&self, text: &str) -> std::result::Result<Value<'static>, String> {
        let start = self.facts.period.map(|p| p.0).ok_or("expected a table that says its first day")?;
        let days: u64 = text.parse().map_err(|_| "expected a number of days".to_owned())?;
        let day = start.checked_add_days(chrono::Days::new(days)).ok_or("expected a number of days")?;
        Ok(Value::Text(Cow::Owned(day.to_string())))
    }

    fn read_list<'r>(&self, column: &BoundColumn, cells: &'r Cells) -> Reading<'r> {
        let mut parts: Vec<String> = Vec::new();
        let join = column.rule.spec.join.as_deref().unwrap_or(";");
        // `@column` stands for what the lines above the table gave for that column.
        let outside = column.rule.spec.headers.iter().filter_map(|h| self.constant(h.strip_prefix('@')?));
        parts.extend(outside.filter(|text| !text.is_empty()));
        for position in &column.positions {
            for part in cells.get(*position).unwrap_or_default().split(';') {
                match self.read_cell(column, value::trim(part))? {
                    Value::Text(t) if !t.is_empty() => parts.push(t.into_owned()),
                    Value::Integer(n) => parts.push(n.to_string()),
                    _ => {}
                }
            }
        }
        Ok(Value::Text(Cow::Owned(parts.join(join))))
    }

    fn read_sum<'r>(&self, column: &BoundColumn, cells: &'r Cells) -> Reading<'r> {
        let mut sum = None;
        for position in &column.positions {
            let cell = value::trim(cells.get(*position).unwrap_or_default());
            if let Value::Integer(n) = self.read_cell(column, cell)? {
                sum = Some(sum.unwrap_or(0) + n);
            }
        }
        Ok(sum.map_or(Value::Null, Value::Integer))
    }
}

pub(super) struct CellError {
    pub value: String,
    pub reason: String,
    pub is_fatal: bool,
}

fn wrong(cell: &str, reason: String) -> Box<CellError> {
    Box::new(CellError { value: cell.to_owned(), reason, is_fatal: false })
}

impl CellError {
    pub fn at(self, column: &BoundColumn, line: u64) -> RowError {
        RowError { line, column: Some(column.header.clone()), value: Some(self.value), reason: self.reason }
    }
}

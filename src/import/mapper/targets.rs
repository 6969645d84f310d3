//! Which columns of which record tables a file's table fills, and where each comes from.

use super::{Given, Mapper};
use crate::error::{Error, Result};
use crate::format::bind::{BoundUnpivot, Schema};
use crate::format::date;
use crate::format::value::{self, Kind, Value};
use crate::import::outside::Period;

/// Rows for one record table, and the columns they fill.
#[derive(Debug, Clone)]
pub struct Output {
    pub target: String,
    pub columns: Vec<String>,
}

pub(super) enum From {
    Column(usize),
    Constant(String),
    Missing,
}

pub(super) struct MainOutput {
    pub(super) index: usize,
    pub(super) from: Vec<From>,
    /// Places of key columns that must not be empty.
    pub(super) required: Vec<usize>,
    /// Places of the first and the last day.
    pub(super) days: Option<(usize, usize)>,
    pub(super) sign: Option<Sign>,
}

/// The sign of an amount says its currency where nothing in the file and no flag does.
pub(super) struct Sign {
    /// Place of the currency among the columns.
    pub(super) at: usize,
    /// Cells of the amount.
    pub(super) positions: Vec<usize>,
    /// The currency is that of the settings, which says less than a sign.
    pub(super) is_assumed: bool,
}

pub(super) struct UnpivotOutput {
    pub(super) index: usize,
    /// Per bound unpivot column: where each output column comes from.
    pub(super) from: Vec<UnpivotFrom>,
}

pub(super) enum UnpivotFrom {
    /// The unpivoted cell, read as this.
    Cell(Kind),
    Fixed(String),
    Column(usize),
}

impl Mapper<'_> {
    /// A text from outside the rows, in the form its column holds.
    pub(super) fn constant(&self, column: &str) -> Option<String> {
        let text = self.facts.constants.get(column).or_else(|| self.binding.constants.get(column))?;
        Some(self.fixed_text(column, text).unwrap_or_else(|_| text.clone()))
    }

    pub(super) fn bound(&self, column: &str) -> Option<usize> {
        self.binding.columns.iter().position(|c| c.target == column)
    }

    /// Where a target column comes from: a column of the file, a constant, the day or the period, a flag.
    fn source_of(&self, column: &str, given: &Given) -> From {
        let window = |day: fn(Period) -> chrono::NaiveDate| match self.facts.period {
            Some(period) => From::Constant(day(period).to_string()),
            None => From::Missing,
        };
        if let Some(i) = self.bound(column) {
            return From::Column(i);
        }
        if let Some(constant) = self.constant(column) {
            return From::Constant(constant);
        }
        // `or` holds for a column that the file lacks altogether as well.
        let rule = self.binding.format.columns.iter().find(|c| c.target == column);
        if let Some(other) = rule.and_then(|r| self.bound(r.spec.otherwise.as_deref()?)) {
            return From::Column(other);
        }
        match column {
            "day_from" | "day_to" if self.bound("day").is_some() => {
                From::Column(self.bound("day").expect("just seen"))
            }
            "day_from" | "day" => window(|p| p.0),
            "day_to" => window(|p| p.1),
            "currency" => match given.currency.clone().or_else(|| given.fallback_currency.clone()) {
                Some(currency) => From::Constant(currency),
                None => From::Missing,
            },
            _ => From::Missing,
        }
    }

    /// What a flag or the settings say, for tables that hold no amount without a currency. A sign in the amounts says
    /// more than the settings.
    pub(super) fn currency_of_empty_cells(&self, schema: &Schema, given: &Given) -> Option<(usize, String)> {
        let at = self.bound("currency")?;
        let targets = self.binding.unpivots.iter().map(|u| u.target.as_str());
        let mut targets = targets.chain([self.binding.format.spec.target.as_str()]);
        let is_needed = targets
            .any(|t| schema.get(t).is_some_and(|table| table.required.iter().any(|r| r == "currency")));
        let settings = given.fallback_currency.clone().filter(|_| !self.facts.has_signs);
        given.currency.clone().or(settings).filter(|_| is_needed).map(|currency| (at, currency))
    }

    pub(super) fn add_main(&mut self, target: &str, schema: &Schema, given: &Given) -> Result<()> {
        let table = &schema[target];
        let mut columns = Vec::new();
        let mut from = Vec::new();
        for (column, _) in &table.columns {
            if column == "id" || column == "source" {
                continue;
            }
            match self.source_of(column, given) {
                From::Missing if column != "currency" || !self.facts.has_signs => {}
                source => {
                    columns.push(column.clone());
                    from.push(source);
                }
            }
        }
        let missing = table.required.iter().find(|k| !columns.contains(k));
        if let Some(missing) = missing {
            if self.binding.unpivots.iter().any(|u| u.target == target) {
                return Ok(());
            }
            return Err(self.lacks(missing));
        }
        let required = table.required.iter().filter_map(|k| columns.iter().position(|c| c == k)).collect();
        let sign = columns.iter().position(|c| c == "currency").filter(|_| self.facts.has_signs);
        let sign = sign.filter(|_| given.currency.is_none()).zip(self.binding.amount());
        let sign = sign.map(|(at, amount)| Sign {
            at,
            positions: amount.positions.clone(),
            is_assumed: matches!(from[at], From::Constant(_)) && self.constant("currency").is_none(),
        });
        let place = |column: &str| columns.iter().position(|c| c == column);
        let days = place("day_from").zip(place("day_to"));
        self.main = Some(MainOutput { index: self.outputs.len(), from, required, days, sign });
        self.outputs.push(Output { target: target.to_owned(), columns });
        Ok(())
    }

    fn lacks(&self, column: &str) -> Error {
        match column {
            "day_from" | "day_to" | "day" => {
                Error::failed("neither the rows nor the lines above them say which days this is about")
                    .hint("download it again with a date range or a Day column")
            }
            "currency" => Error::failed("no currency is given anywhere in the file")
                .hint("say which with `--currency CODE`"),
            _ => {
                Error::failed(format!("the format `{}` has nothing for `{column}`", self.binding.format.name))
            }
        }
    }

    pub(super) fn add_unpivot(
        &mut self,
        unpivot: &BoundUnpivot,
        schema: &Schema,
        given: &Given,
    ) -> Result<()> {
        let table = schema
            .get(&unpivot.target)
            .ok_or_else(|| Error::failed(format!("unknown target `{}`", unpivot.target)))?;
        let mut columns = Vec::new();
        let mut from = Vec::new();
        for (column, _) in table.columns.iter().filter(|(c, _)| c != "id" && c != "source") {
            let fixed = unpivot.fixed.iter().find(|(c, _)| c == column);
            let own = unpivot.rule.spec.take.get(column);
            let taken = own.and_then(|own| self.bound(own));
            let outside = own.and_then(|own| self.constant(own));
            let source = if let Some((_, kind)) = unpivot.cells.iter().find(|(c, _)| c == column) {
                UnpivotFrom::Cell(*kind)
            } else if let Some((_, text)) = fixed {
                UnpivotFrom::Fixed(self.fixed_text(column, text)?)
            } else if let Some(i) = taken {
                UnpivotFrom::Column(i)
            } else if let Some(text) = outside {
                UnpivotFrom::Fixed(text)
            } else {
                match self.source_of(column, given) {
                    From::Column(i) => UnpivotFrom::Column(i),
                    From::Constant(text) => UnpivotFrom::Fixed(text),
                    From::Missing => continue,
                }
            };
            columns.push(column.clone());
            from.push(source);
        }
        if let Some(missing) = table.required.iter().find(|k| !columns.contains(k)) {
            return Err(self.lacks(missing));
        }
        let output = Output { target: unpivot.target.clone(), columns };
        let same = |o: &Output| o.target == output.target && o.columns == output.columns;
        let index = self.outputs.iter().position(same).unwrap_or_else(|| {
            self.outputs.push(output.clone());
            self.outputs.len() - 1
        });
        self.unpivots.push(UnpivotOutput { index, from });
        Ok(())
    }

    /// A text from a header, in the form its column holds: `2026-02` is a month's first day.
    fn fixed_text(&self, column: &str, text: &str) -> Result<String> {
        let kind = Kind::of(column, false);
        if !kind.is_date() && kind != Kind::Currency {
            return Ok(text.to_owned());
        }
        if column == "month"
            && let Some((year, month)) = date::parse_month(text)
        {
            return Ok(format!("{year}-{month:02}-01"));
        }
        match value::read(text, kind, &value::Reading::default(), &self.locale) {
            Ok(Value::Text(text)) => Ok(text.into_owned()),
            _ => Err(Error::failed(format!("the header `{text}` could not be read as {}", kind.expected()))),
        }
    }
}

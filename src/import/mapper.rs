//! Rows of a table into rows of record tables, by a format tied to the table's header.

mod emit;
mod no_data;
mod read;
mod targets;

use std::borrow::Cow;
use std::collections::HashSet;

pub use emit::Emitted;
use read::CellError;
pub use targets::Output;
use targets::{MainOutput, UnpivotOutput};

use super::ad_row::{AdMapper, AdRow};
use super::cells::Cells;
use super::survey::Facts;
use super::totals::{Checksum, Label, TotalRules};
use crate::error::{Error, Result};
use crate::format::bind::{Binding, BoundColumn, Schema};
use crate::format::few::Few;
use crate::format::locale::Locale;
use crate::format::value::{self, Value};
use crate::hash::ByNumber;

/// Where the rows go.
pub trait Sink {
    fn rows(&mut self, rows: &Emitted) -> Result<()>;
    fn ad(&mut self, row: &AdRow) -> Result<()>;
}

/// What became of a row.
#[derive(Debug)]
pub enum Fate {
    Loaded,
    Furniture,
    Rejected(RowError),
}

/// A cell that could not be read: where it is, what it holds, and what was expected.
#[derive(Debug, Clone)]
pub struct RowError {
    pub line: u64,
    pub column: Option<String>,
    pub value: Option<String>,
    pub reason: String,
}

/// What the command line and the settings add to a file.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub account: Option<String>,
    pub currency: Option<String>,
    /// The reporting currency of the settings, where nothing else names one.
    pub fallback_currency: Option<String>,
}

pub struct Mapper<'f> {
    binding: &'f Binding<'f>,
    facts: &'f Facts,
    locale: Locale,
    totals: TotalRules<'f>,
    pub outputs: Vec<Output>,
    main: Option<MainOutput>,
    unpivots: Vec<UnpivotOutput>,
    ads: Option<AdMapper>,
    checksum: Checksum,
    ended: bool,
    /// The example row of a sheet to fill in, which somebody may have left in it.
    example: Option<Vec<String>>,
    pub has_example: bool,
    /// Rows left out because their id is none of the platform's.
    pub strangers: u64,
    identity: HashSet<u64, ByNumber>,
    /// Columns of numbers, with their sums in the loaded rows.
    sums: Vec<(usize, i128)>,
    /// Columns with those whose values stand in where their own are empty.
    fallbacks: Vec<(usize, usize)>,
    /// The column of a currency that every row needs, and the one for cells that are empty.
    currency: Option<(usize, String)>,
    /// By column: its last texts, where a column may repeat them.
    repeated: Vec<Option<Few<Value<'static>>>>,
    /// The places of a row's values and of what it gives, which the next row takes.
    values: Vec<Value<'static>>,
    emitted: Emitted<'static>,
}

/// An empty list in the place of another.
fn emptied<'v>(mut values: Vec<Value<'_>>) -> Vec<Value<'v>> {
    values.clear();
    values.into_iter().map(|_| Value::Null).collect()
}

impl<'f> Mapper<'f> {
    pub fn new(
        binding: &'f Binding<'f>,
        facts: &'f Facts,
        schema: &Schema,
        given: &Given,
    ) -> Result<Mapper<'f>> {
        let mut mapper = Mapper {
            binding,
            facts,
            locale: facts.locale,
            totals: TotalRules::new(binding),
            outputs: Vec::new(),
            main: None,
            unpivots: Vec::new(),
            ads: None,
            checksum: Checksum::default(),
            ended: false,
            example: binding.format.example_under(&binding.headers),
            has_example: false,
            strangers: 0,
            identity: HashSet::default(),
            sums: (0..binding.columns.len())
                .filter(|at| binding.columns[*at].kind.is_number())
                .map(|at| (at, 0))
                .collect(),
            fallbacks: Vec::new(),
            currency: None,
            repeated: binding.columns.iter().map(|c| c.depends_on_one_cell().then(Few::default)).collect(),
            values: Vec::new(),
            emitted: Emitted::default(),
        };
        let otherwise = |c: &BoundColumn| mapper.bound(c.rule.spec.otherwise.as_deref()?);
        let columns = binding.columns.iter().enumerate();
        mapper.fallbacks = columns.filter_map(|(at, column)| Some((at, otherwise(column)?))).collect();
        mapper.currency = mapper.currency_of_empty_cells(schema, given);
        match binding.format.spec.target.as_str() {
            "nothing" => {}
            "ads" => mapper.ads = Some(AdMapper::new(binding, facts, given)?),
            target => mapper.add_main(target, schema, given)?,
        }
        for unpivot in &binding.unpivots {
            mapper.add_unpivot(unpivot, schema, given)?;
        }
        Ok(mapper)
    }

    /// What the rows of an ad report share, where this is one.
    pub fn ad_mapper(&self) -> Option<AdMapper> {
        self.ads.clone()
    }

    /// Maps one row; `label` is that of a total. An error refuses the whole file.
    pub fn map(
        &mut self,
        cells: &Cells,
        line: u64,
        label: Option<Label>,
        sink: &mut dyn Sink,
    ) -> Result<Fate> {
        if self.ended || self.repeats_header(cells) || self.is_skipped(cells) {
            self.strangers += u64::from(!self.ended && self.is_stranger(cells));
            return Ok(Fate::Furniture);
        }
        if let Some(no_data) = self.totals.judge(cells, label, self.facts.fills_blank) {
            self.note_total(no_data, cells);
            return Ok(Fate::Furniture);
        }
        if self.binding.format.spec.target == "nothing" && self.unpivots.is_empty() {
            return Ok(Fate::Furniture);
        }
        if self.is_example(cells) {
            self.has_example = true;
            return Ok(Fate::Furniture);
        }
        if let Some(extra) =
            (self.binding.headers.len()..cells.len()).find(|p| !value::trim(&cells[*p]).is_empty())
        {
            let reason = format!(
                "the row has {} cells where the header has {}",
                cells.len(),
                self.binding.headers.len()
            );
            return Ok(Fate::Rejected(RowError {
                line,
                column: None,
                value: Some(cells[extra].to_owned()),
                reason,
            }));
        }
        let mut repeated = std::mem::take(&mut self.repeated);
        let fate = self.map_data(cells, line, &mut repeated, sink);
        self.repeated = repeated;
        fate
    }

    fn map_data(
        &mut self,
        cells: &Cells,
        line: u64,
        repeated: &mut [Option<Few<Value<'static>>>],
        sink: &mut dyn Sink,
    ) -> Result<Fate> {
        let mut values: Vec<Value> = std::mem::take(&mut self.values);
        for (column, repeated) in self.binding.columns.iter().zip(repeated) {
            match self.read_or_repeat(column, cells, repeated) {
                Ok(value) => values.push(value),
                Err(e) if e.is_fatal => return Err(self.refusal(&e, column, line)),
                Err(e) => return Ok(Fate::Rejected(e.at(column, line))),
            }
        }
        self.fill_in(&mut values);
        let fate = self.emit(&values, cells, line, sink)?;
        if matches!(fate, Fate::Loaded) {
            for (at, sum) in &mut self.sums {
                if let Value::Integer(n) = &values[*at] {
                    *sum += i128::from(*n);
                }
            }
            for (column, amount) in self.unpivoted_amounts(cells) {
                self.checksum.add(&column, i128::from(amount));
            }
        }
        self.values = emptied(values);
        Ok(fate)
    }

    /// The sums of the loaded rows against the totals that the file gives.
    pub fn checksum(&mut self) -> &mut Checksum {
        for (at, sum) in &mut self.sums {
            self.checksum.add(&self.binding.columns[*at].target, std::mem::take(sum));
        }
        &mut self.checksum
    }

    fn refusal(&self, e: &CellError, column: &BoundColumn, line: u64) -> Error {
        Error::failed(format!("line {line}: `{}` is \"{}\", {}", column.header, e.value, e.reason))
            .hint("download the export again and import it without opening it in a spreadsheet")
    }

    /// `or = "…"`: an empty value takes another's.
    fn fill_in(&self, values: &mut [Value]) {
        if let Some((at, currency)) = &self.currency
            && is_nothing(&values[*at])
        {
            values[*at] = Value::Text(Cow::Owned(currency.clone()));
        }
        for (i, other) in &self.fallbacks {
            if is_nothing(&values[*i]) {
                values[*i] = values[*other].clone();
            }
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::Integer(_) => false,
    }
}

//! Rows of a table into rows of record tables, by a format tied to the table's header.

mod read;

use std::borrow::Cow;
use std::collections::HashSet;

use super::ad_row::{AdMapper, AdRow};
use super::cells::Cells;
use super::outside::Period;
use super::survey::Facts;
use super::totals::{self, Checksum, Label, NoData, TotalRules};
use crate::error::{Error, Result};
use crate::format::bind::{Binding, BoundColumn, BoundUnpivot, Schema};
use crate::format::currency;
use crate::format::date;
use crate::format::locale::Locale;
use crate::format::pattern::Pattern;
use crate::format::value::{self, Kind, Value};
use crate::hash::ByNumber;
use read::{CellError, Repeated};

/// Rows for one record table, and the columns they fill.
#[derive(Debug, Clone)]
pub struct Output {
    pub target: String,
    pub columns: Vec<String>,
}

/// What one row of a file gives: rows of outputs, its record first.
#[derive(Debug, Default)]
pub struct Emitted<'v> {
    values: Vec<Value<'v>>,
    /// Output, and where its values end.
    ends: Vec<(usize, usize)>,
}

impl<'v> Emitted<'v> {
    fn push(&mut self, output: usize, values: impl Iterator<Item = Value<'v>>) {
        self.values.extend(values);
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

enum From {
    Column(usize),
    Constant(String),
    Missing,
}

struct MainOutput {
    index: usize,
    from: Vec<From>,
    /// Places of key columns that must not be empty.
    required: Vec<usize>,
    /// Places of the first and the last day.
    days: Option<(usize, usize)>,
    sign: Option<Sign>,
}

/// The sign of an amount says its currency where nothing in the file and no flag does.
struct Sign {
    /// Place of the currency among the columns.
    at: usize,
    /// Cells of the amount.
    positions: Vec<usize>,
    /// The currency is that of the settings, which says less than a sign.
    is_assumed: bool,
}

struct UnpivotOutput {
    index: usize,
    /// Per bound unpivot column: where each output column comes from.
    from: Vec<UnpivotFrom>,
}

enum UnpivotFrom {
    Cell(usize),
    Fixed(String),
    Column(usize),
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
    /// By column: the sum of its numbers in the loaded rows.
    sums: Vec<Option<i128>>,
    /// By column: the column whose value stands in where its own is empty.
    fallbacks: Vec<Option<usize>>,
    /// The column of a currency that every row needs, and the one for cells that are empty.
    currency: Option<(usize, String)>,
    /// By column: its last cell, where a column may repeat it.
    repeated: Vec<Option<Repeated>>,
    /// The place of a row's values, which the next row's take.
    values: Vec<Value<'static>>,
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
            sums: binding.columns.iter().map(|c| c.kind.is_number().then_some(0)).collect(),
            fallbacks: Vec::new(),
            currency: None,
            repeated: binding
                .columns
                .iter()
                .map(|c| c.depends_on_one_cell().then(Repeated::default))
                .collect(),
            values: Vec::new(),
        };
        let otherwise = |c: &BoundColumn| mapper.bound(c.rule.spec.otherwise.as_deref()?);
        mapper.fallbacks = binding.columns.iter().map(otherwise).collect();
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

    /// A text from outside the rows, in the form its column holds.
    fn constant(&self, column: &str) -> Option<String> {
        let text = self.facts.constants.get(column).or_else(|| self.binding.constants.get(column))?;
        Some(self.fixed_text(column, text).unwrap_or_else(|_| text.clone()))
    }

    fn bound(&self, column: &str) -> Option<usize> {
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
    fn currency_of_empty_cells(&self, schema: &Schema, given: &Given) -> Option<(usize, String)> {
        let at = self.bound("currency")?;
        let targets = self.binding.unpivots.iter().map(|u| u.target.as_str());
        let mut targets = targets.chain([self.binding.format.spec.target.as_str()]);
        let is_needed = targets
            .any(|t| schema.get(t).is_some_and(|table| table.required.iter().any(|r| r == "currency")));
        let settings = given.fallback_currency.clone().filter(|_| !self.facts.has_signs);
        given.currency.clone().or(settings).filter(|_| is_needed).map(|currency| (at, currency))
    }

    fn add_main(&mut self, target: &str, schema: &Schema, given: &Given) -> Result<()> {
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

    fn add_unpivot(&mut self, unpivot: &BoundUnpivot, schema: &Schema, given: &Given) -> Result<()> {
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
            let source = if let Some(cell) = unpivot.cells.iter().position(|(c, _)| c == column) {
                UnpivotFrom::Cell(cell)
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
        repeated: &mut [Option<Repeated>],
        sink: &mut dyn Sink,
    ) -> Result<Fate> {
        let mut values: Vec<Value> = emptied(std::mem::take(&mut self.values));
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
            for (sum, value) in self.sums.iter_mut().zip(&values) {
                if let (Some(sum), Value::Integer(n)) = (sum, value) {
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
        for (column, sum) in self.binding.columns.iter().zip(&mut self.sums) {
            if let Some(sum) = sum {
                self.checksum.add(&column.target, std::mem::take(sum));
            }
        }
        &mut self.checksum
    }

    fn refusal(&self, e: &CellError, column: &BoundColumn, line: u64) -> Error {
        Error::failed(format!("line {line}: `{}` is \"{}\", {}", column.header, e.value, e.reason))
            .hint("download the export again and import it without opening it in a spreadsheet")
    }

    fn is_example(&self, cells: &Cells) -> bool {
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

    fn repeats_header(&self, cells: &Cells) -> bool {
        cells.len() == self.binding.headers.len()
            && cells.iter().zip(&self.binding.headers).all(|(c, h)| c.trim() == h)
    }

    fn is_skipped(&self, cells: &Cells) -> bool {
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
    fn is_stranger(&self, cells: &Cells) -> bool {
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

    fn note_total(&mut self, no_data: NoData, cells: &Cells) {
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
    fn unpivoted_amounts(&self, cells: &Cells) -> Vec<(String, i64)> {
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

    /// `or = "…"`: an empty value takes another's.
    fn fill_in(&self, values: &mut [Value]) {
        if let Some((at, currency)) = &self.currency
            && is_nothing(&values[*at])
        {
            values[*at] = Value::Text(Cow::Owned(currency.clone()));
        }
        for (i, other) in self.fallbacks.iter().enumerate() {
            let Some(other) = *other else { continue };
            if matches!(&values[i], Value::Null) || values[i] == Value::Text(Cow::Borrowed("")) {
                values[i] = values[other].clone();
            }
        }
    }

    fn emit(&mut self, values: &[Value], cells: &Cells, line: u64, sink: &mut dyn Sink) -> Result<Fate> {
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
        let mut emitted = Emitted::default();
        if let Some(main) = &self.main {
            emitted.push(
                main.index,
                main.from.iter().map(|from| match from {
                    From::Column(i) => values[*i].borrowed(),
                    From::Constant(text) => Value::Text(Cow::Borrowed(text.as_str())),
                    From::Missing => Value::Null,
                }),
            );
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
            let mut read = Vec::with_capacity(bound.cells.len());
            for (_, kind) in &bound.cells {
                match value::read(cell, *kind, &bound.reading, &self.locale) {
                    Ok(value) => read.push(value),
                    Err(reason) => {
                        let (column, value) = (Some(bound.header.clone()), Some(cell.to_owned()));
                        return Some(RowError { line, column, value, reason });
                    }
                }
            }
            emitted.push(
                output.index,
                output.from.iter().map(|from| match from {
                    UnpivotFrom::Cell(i) => read[*i].clone(),
                    UnpivotFrom::Fixed(text) => Value::Text(Cow::Borrowed(text.as_str())),
                    UnpivotFrom::Column(i) => values[*i].borrowed(),
                }),
            );
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

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::Integer(_) => false,
    }
}

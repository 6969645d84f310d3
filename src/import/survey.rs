//! What has to be known of a table before its rows can be loaded. The first rows nearly always say it; loading goes on
//! looking, and a file whose other rows contradict the first ones is read as a whole and loaded again.

use std::collections::{BTreeMap, HashSet};

use chrono::{Datelike, NaiveDate};

use super::cells::Cells;
use super::outside::{Period, Surroundings};
use super::tables::{Event, Table, Tables};
use super::totals::{Block, Label, TotalOf, TotalRules};
use crate::error::{Error, Result};
use crate::format::bind::{Binding, BoundColumn};
use crate::format::currency;
use crate::format::date::{self, Moment, Order};
use crate::format::locale::{DecimalMark, Evidence, Locale};
use crate::format::value::{self, Kind};

/// What one table's rows need to be read.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub format: String,
    pub locale: Locale,
    pub period: Option<Period>,
    pub constants: BTreeMap<String, String>,
    pub grain: Grain,
    /// Some row fills one of the columns whose emptiness marks a total.
    pub fills_blank: bool,
    pub fills_day: bool,
    pub rows: u64,
    pub unmapped: Vec<String>,
    /// First and last day that the rows themselves carry.
    pub days: Option<Period>,
    pub generated: Option<String>,
    /// Some amount says its currency by a sign or a code beside it.
    pub has_signs: bool,
}

impl Facts {
    /// Rows are loaded alike by both.
    fn agrees_with(&self, other: &Facts) -> bool {
        let said =
            |facts: &Facts| (facts.period, facts.grain, facts.generated.clone(), facts.constants.clone());
        let filled = |facts: &Facts| (facts.fills_blank, facts.fills_day, facts.has_signs, facts.rows > 0);
        self.locale.reads_like(&other.locale) && said(self) == said(other) && filled(self) == filled(other)
    }
}

/// How long the period is that a row's day begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Grain {
    #[default]
    Day,
    Week,
    Month,
    Quarter,
    Year,
    /// Every row stands for the file's whole window.
    Window,
}

/// How numbers and dates are written: what flags say, and what the settings say where the file leaves it open.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    pub flags: Locale,
    pub settings: Locale,
}

/// How far a file is read before it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Until its rows leave nothing open.
    FirstRows,
    AllRows,
}

/// The facts of a file's tables, and whether all rows were seen.
pub fn survey(tables: &mut Tables, name: &str, known: Known, reach: Reach) -> Result<(Vec<Facts>, bool)> {
    let mut all: Vec<Facts> = Vec::new();
    let mut current: Option<Survey> = None;
    let mut is_whole = true;
    while let Some(event) = tables.advance()? {
        match event {
            Event::Start => {
                if let Some(done) = current.take() {
                    all.push(done.finish(known)?);
                }
                let table = tables.table.as_ref().expect("a table has begun");
                refuse_where_told(table)?;
                current = Some(Survey::new(table, name, tables.has_semicolons()));
            }
            Event::Row => {
                if let Some(survey) = &mut current {
                    survey.see(&tables.row.cells, tables.row.line);
                    // other tables may follow a stacked one
                    if reach == Reach::FirstRows && !tables.is_stacked() && survey.leaves_nothing_open(known)
                    {
                        is_whole = false;
                        break;
                    }
                }
            }
            Event::Outside => {}
        }
    }
    if let Some(done) = current {
        all.push(done.finish(known)?);
    }
    Ok((all, is_whole))
}

fn refuse_where_told(table: &Table) -> Result<()> {
    let format = table.binding.format;
    match &format.spec.refuse {
        Some(reason) => Err(Error::failed(format!("this is {}: {reason}", format.spec.title))),
        None => Ok(()),
    }
}

/// Distinct days remembered, to tell daily rows from rows of a window or of months.
const DAYS_REMEMBERED: usize = 4000;

/// Lines of a footer that are looked at.
const FOOTER_LINES: usize = 20;

/// Rows that are seen before those that follow are left to the loading.
const FIRST_ROWS: u64 = 256;

/// The facts of a table while its rows are seen.
#[derive(Clone)]
pub struct Survey<'f> {
    facts: Facts,
    surroundings: Surroundings,
    evidence: Evidence,
    totals: TotalRules<'f>,
    /// The first and last line that is not a total by its label.
    data_lines: (u64, u64),
    /// Position, header and kind of the columns whose cells show how numbers and dates are written.
    shown: Vec<(usize, String, Kind)>,
    has_dates: bool,
    has_numbers: bool,
    /// Positions of the amounts whose currency has to be found.
    amounts: Vec<usize>,
    day: Option<usize>,
    /// The order in which the platform writes the day column in every language.
    day_order: Option<Order>,
    starts: bool,
    /// Cells of the columns of days, as written.
    days: HashSet<String>,
    /// Positions of the columns in which ad rows carry their own first and last day.
    ranges: Vec<usize>,
    /// What these, and the day column behind them, said last: rows of one day often follow one another.
    last_days: Vec<String>,
    decimal: Option<DecimalMark>,
    /// The platform's habit, for dates that nothing in the file decides.
    order: Option<Order>,
    /// A spreadsheet separates columns with semicolons where the comma is its decimal mark.
    has_semicolons: bool,
    /// The last row that is labelled like a total before the total of the listed rows.
    doubtful: Option<u64>,
    has_rows_total: bool,
    ended: bool,
}

impl<'f> Survey<'f> {
    pub fn new(table: &Table<'f>, name: &str, has_semicolons: bool) -> Survey<'f> {
        let binding = &table.binding;
        let spec = &binding.format.spec;
        let is_free = |c: &&BoundColumn| c.reading.order.is_none() && c.rule.extract.is_none();
        let columns = binding.columns.iter().filter(is_free);
        let mut shown: Vec<(usize, String, Kind)> =
            columns.flat_map(|c| c.positions.iter().map(|p| (*p, c.header.clone(), c.kind))).collect();
        for unpivot in &binding.unpivots {
            shown.extend(
                unpivot.cells.iter().map(|(_, kind)| (unpivot.position, unpivot.header.clone(), *kind)),
            );
        }
        shown.retain(|(_, _, kind)| kind.is_date() || kind.is_number());
        let surroundings = Surroundings {
            spec: spec.file.clone(),
            own: table.lines.clone(),
            before: table.file_lines.clone(),
            after: Vec::new(),
            name: name.to_owned(),
        };
        let day = binding.column("day");
        let ranges = range_positions(binding);
        Survey {
            facts: Facts {
                format: binding.format.name.clone(),
                constants: surroundings.constants(),
                unmapped: binding.unmapped.clone(),
                grain: surroundings.grain().map_or(Grain::Day, |g| grain_named(&g)),
                ..Facts::default()
            },
            data_lines: (u64::MAX, 0),
            evidence: Evidence::default(),
            totals: TotalRules::new(binding),
            has_dates: shown.iter().any(|s| s.2.is_date()),
            has_numbers: shown.iter().any(|s| s.2.is_number()),
            amounts: binding.amount().map(|c| c.positions.clone()).unwrap_or_default(),
            shown,
            day: day.and_then(|d| d.positions.first().copied()),
            day_order: day.and_then(|d| d.reading.order),
            starts: day.is_some_and(|d| d.rule.spec.starts),
            days: HashSet::new(),
            last_days: vec![String::new(); ranges.len() + 1],
            ranges,
            decimal: match spec.file.decimal.as_deref() {
                Some("dot") => Some(DecimalMark::Dot),
                Some("comma") => Some(DecimalMark::Comma),
                _ => None,
            },
            order: match spec.file.date.as_deref() {
                Some("mdy") => Some(Order::MonthFirst),
                Some("dmy") => Some(Order::DayFirst),
                _ => None,
            },
            has_semicolons,
            doubtful: None,
            has_rows_total: false,
            surroundings,
            ended: false,
        }
    }

    /// Takes a row into account; gives its label where that is called like a total.
    pub fn see(&mut self, cells: &Cells, line: u64) -> Option<Label> {
        if self.ended || self.totals.is_footer(cells) {
            self.ended = true;
            let filled: Vec<&str> = cells.iter().map(value::trim).filter(|c| !c.is_empty()).collect();
            if self.surroundings.after.len() < FOOTER_LINES {
                self.surroundings.after.push(filled.join(","));
            }
            return None;
        }
        self.facts.rows += 1;
        let label = self.totals.label(cells);
        match label.as_ref().map(|label| label.of) {
            None => {
                self.data_lines = (self.data_lines.0.min(line), line);
                self.facts.fills_blank = self.facts.fills_blank || self.totals.fills_blank(cells);
            }
            Some(TotalOf::Rows) => self.has_rows_total = true,
            Some(TotalOf::Part) if !self.has_rows_total => self.doubtful = Some(line),
            Some(_) => {}
        }
        for (position, last) in self.ranges.iter().chain(&self.day).zip(&mut self.last_days) {
            let day = value::trim(cells.get(*position).unwrap_or_default());
            if value::is_placeholder(day) {
                continue;
            }
            self.facts.fills_day |= Some(*position) == self.day;
            if last != day {
                day.clone_into(last);
                if self.days.len() < DAYS_REMEMBERED && !self.days.contains(day) {
                    self.days.insert(day.to_owned());
                }
            }
        }
        if !self.facts.has_signs {
            let mut cells = self.amounts.iter().filter_map(|p| cells.get(*p));
            self.facts.has_signs = cells.any(|cell| currency::of_amount(value::trim(cell)).is_some());
        }
        if !self.evidence.is_settled(self.has_dates, self.has_numbers) {
            for (position, header, kind) in &self.shown {
                if let Some(cell) = cells.get(*position) {
                    self.evidence.see(header, cell, *kind);
                }
            }
        }
        label
    }

    /// Whether a row that is labelled like a total can be told only when the rows below it are known.
    pub fn tells_labels_later(&self) -> bool {
        self.totals.block() == Block::End && !self.ended
    }

    /// True if a row that is labelled like a total stands where totals do, as far as the rows seen tell.
    pub fn is_total_at(&self, line: u64) -> bool {
        let (first, last) = self.data_lines;
        // A block of totals begins with that of the listed rows; a row before it that is called "Total …" is data.
        let doubtful = self.doubtful.filter(|_| self.has_rows_total);
        match self.totals.block() {
            Block::Start => line < first,
            Block::End => line > doubtful.map_or(last, |doubtful| doubtful.max(last)),
            Block::Anywhere => true,
        }
    }

    /// True if no row that follows can change how the rows are read, as long as it is written like those seen.
    fn leaves_nothing_open(&self, known: Known) -> bool {
        if self.facts.rows < FIRST_ROWS || !self.facts.rows.is_power_of_two() {
            return false;
        }
        let is_readable =
            self.evidence.is_settled(self.has_dates, self.has_numbers) || !self.evidence.is_open();
        is_readable
            && (self.facts.fills_blank || !self.totals.has_blank())
            && (self.facts.fills_day || self.day.is_none())
            && !(self.totals.has_footers() && self.surroundings.may_end_with_news())
            && (!self.starts || self.clone().finish(known).is_ok_and(|facts| facts.grain == Grain::Day))
    }

    /// The facts, all rows seen; an error where they are not those by which the rows were loaded.
    pub fn confirm(self, assumed: &Facts, known: Known) -> Result<Facts> {
        let seen = self.finish(known)?;
        if seen.agrees_with(assumed) {
            return Ok(seen);
        }
        Err(Error::failed("the first rows are written otherwise than those that follow"))
    }

    fn finish(mut self, known: Known) -> Result<Facts> {
        let outside = self.surroundings.order().or(self.order);
        let fallback = Locale {
            decimal: self
                .decimal
                .or(known.settings.decimal)
                .or(self.has_semicolons.then_some(DecimalMark::Comma)),
            order: self.order_by_window().or(outside).or(known.settings.order),
        };
        self.facts.locale = self.evidence.decide(known.flags, fallback).map_err(|open| {
            Error::failed(format!(
                "`{}` is \"{}\", which reads two ways, and nothing in the file decides",
                open.header, open.cell
            ))
            .hint(format!("say how this file writes it with `{}`", open.flag))
        })?;
        let order = self.facts.locale.order;
        self.facts.period = self.surroundings.period(order.or(outside));
        self.facts.generated = self.surroundings.generated(order.or(outside));
        let mut days: Vec<NaiveDate> = self
            .days
            .iter()
            .filter_map(|d| date::parse(d, self.day_order.or(order)))
            .map(Moment::day)
            .collect();
        days.sort_unstable();
        if let (Some(first), Some(last)) = (days.first(), days.last()) {
            self.facts.days = Some((*first, *last));
            if self.starts {
                self.facts.grain = self.grain_of(&days);
            }
        }
        Ok(self.facts)
    }

    /// The one order in which every day of the rows lies inside the reporting period.
    fn order_by_window(&self) -> Option<Order> {
        let (from, to) = self.surroundings.period(self.surroundings.order().or(self.order))?;
        let fits = |order: Order| {
            self.days
                .iter()
                .all(|d| date::parse(d, Some(order)).map(Moment::day).is_some_and(|d| from <= d && d <= to))
        };
        if self.days.is_empty() {
            return None;
        }
        match (fits(Order::DayFirst), fits(Order::MonthFirst)) {
            (true, false) => Some(Order::DayFirst),
            (false, true) => Some(Order::MonthFirst),
            _ => None,
        }
    }

    /// Rows all dated with the window's first day stand for the window, with firsts of months for months.
    fn grain_of(&self, days: &[NaiveDate]) -> Grain {
        let Some((from, to)) = self.facts.period else { return Grain::Day };
        if from == to {
            return Grain::Day;
        }
        if days.iter().all(|d| *d == from) {
            return Grain::Window;
        }
        let is_long = (to - from).num_days() > 31;
        if is_long && days.iter().all(|d| *d == from || d.day() == 1) { Grain::Month } else { Grain::Day }
    }
}

fn grain_named(name: &str) -> Grain {
    match name {
        n if n.starts_with("week") => Grain::Week,
        n if n.starts_with("month") => Grain::Month,
        n if n.starts_with("quarter") => Grain::Quarter,
        n if n.starts_with("year") => Grain::Year,
        n if n.starts_with("summary") => Grain::Window,
        _ => Grain::Day,
    }
}

/// Where rows of an ad report say their first and last day; other tables' ranges are no reporting period.
fn range_positions(binding: &Binding) -> Vec<usize> {
    if binding.format.spec.target != "ads" || binding.column("day").is_some() {
        return Vec::new();
    }
    let columns = ["day_from", "day_to", "week", "month", "quarter", "year"];
    let bound = columns.iter().filter_map(|c| binding.column(c)).flat_map(|c| c.positions.clone());
    bound.chain(binding.positions(&binding.format.spec.file.period_columns)).collect()
}

//! Rows of ad reports: the campaign path, the period and the numbers.

use std::cell::Cell;

use chrono::{Datelike, Days, Months, NaiveDate};
use xxhash_rust::xxh3::xxh3_64;

use super::cells::Cells;
use super::mapper::Given;
use super::outside::Period;
use super::survey::{Facts, Grain};
use crate::error::{Error, Result};
use crate::format::bind::{AD_NUMBERS, AD_PATH, Binding};
use crate::format::value::{self, Value};

/// One row of an ad report as it is folded. Days are days since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdRow<'r> {
    pub account: &'r str,
    pub platform: &'r str,
    /// campaign, ad group, ad: id and name each; then the item.
    pub campaign_id: &'r str,
    pub campaign: &'r str,
    pub campaign_type: &'r str,
    pub ad_group_id: &'r str,
    pub ad_group: &'r str,
    pub ad_id: &'r str,
    pub ad: &'r str,
    pub item: &'r str,
    pub start: i32,
    pub end: i32,
    pub currency: &'r str,
    /// In the order of [`AD_NUMBERS`].
    pub numbers: [Option<i64>; 5],
}

/// What all rows of one ad report share.
#[derive(Debug, Clone)]
pub struct AdMapper {
    pub level: String,
    pub is_partial: bool,
    pub breakdown: String,
    account: String,
    currency: String,
    has_money: bool,
    /// Positions in the bound columns.
    text: [Option<usize>; 11],
    numbers: [Option<usize>; 5],
    day: Option<usize>,
    spans: Vec<(Grain, usize)>,
    range: Option<(usize, usize)>,
    period_columns: Option<(usize, usize)>,
    id_position: Option<usize>,
    /// The day of the row before, as its cell writes it, and its period: rows of one day often follow one another.
    before: Cell<Option<WrittenDay>>,
}

/// A day as `YYYY-MM-DD`, and the first and last day of the period that it stands for.
type WrittenDay = ([u8; 10], (i32, i32));

const TEXT: [&str; 11] = [
    "account",
    "platform",
    "campaign_id",
    "campaign",
    "campaign_type",
    "ad_group_id",
    "ad_group",
    "ad_id",
    "ad",
    "item",
    "currency",
];

impl AdMapper {
    pub fn new(binding: &Binding, facts: &Facts, given: &Given) -> Result<AdMapper> {
        let bound = |column: &str| binding.columns.iter().position(|c| c.target == column);
        let constant =
            |column: &str| facts.constants.get(column).or_else(|| binding.constants.get(column)).cloned();
        let level = AD_PATH
            .iter()
            .rev()
            .find(|p| bound(p).is_some() || bound(&format!("{p}_id")).is_some())
            .copied()
            .unwrap_or("account");
        let has_money = bound(AD_NUMBERS[0]).is_some();
        // What the file itself says comes first: a flag is for amounts that carry no currency.
        let currency = constant("currency").or_else(|| given.currency.clone());
        let currency =
            currency.or_else(|| given.fallback_currency.clone().filter(|_| bound("currency").is_none()));
        if has_money && currency.is_none() && bound("currency").is_none() {
            return Err(Error::failed("no currency is given anywhere in the file")
                .hint("say which with `--currency CODE`, or set `currency` in funnelite.toml"));
        }
        let ads = &binding.format.spec.ads;
        let spans = [
            (Grain::Week, "week"),
            (Grain::Month, "month"),
            (Grain::Quarter, "quarter"),
            (Grain::Year, "year"),
        ];
        let period_columns = binding.positions(&binding.format.spec.file.period_columns);
        let mapper = AdMapper {
            level: level.to_owned(),
            is_partial: ads.is_partial
                || !binding.partial_positions.is_empty()
                || ads.partial.iter().any(|p| p == level),
            breakdown: binding.breakdown.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(","),
            account: given.account.clone().or_else(|| constant("account")).unwrap_or_default(),
            currency: currency.unwrap_or_default().to_uppercase(),
            has_money,
            text: TEXT.map(|c| if c == "account" && given.account.is_some() { None } else { bound(c) }),
            numbers: AD_NUMBERS.map(bound),
            day: bound("day"),
            spans: spans.into_iter().filter_map(|(grain, column)| Some((grain, bound(column)?))).collect(),
            range: bound("day_from").zip(bound("day_to")),
            period_columns: match period_columns.as_slice() {
                [from, to, ..] => Some((*from, *to)),
                _ => None,
            },
            id_position: ads
                .identity
                .then(|| binding.column(&format!("{level}_id")))
                .flatten()
                .map(|c| c.positions[0]),
            before: Cell::new(None),
        };
        let is_dated = mapper.day.is_some()
            || !mapper.spans.is_empty()
            || mapper.range.is_some()
            || mapper.period_columns.is_some();
        if !is_dated && facts.period.is_none() && facts.rows > 0 {
            return Err(Error::failed(
                "neither the rows nor the lines above them say which days this is about",
            )
            .hint("download it again with a date range or a Day column"));
        }
        Ok(mapper)
    }

    /// The row, nothing for a subtotal, or why it cannot be read.
    pub fn row<'r>(
        &'r self,
        binding: &'r Binding,
        facts: &Facts,
        values: &'r [Value],
        cells: &Cells,
    ) -> Result<std::result::Result<Option<AdRow<'r>>, String>> {
        let text = |i: usize| match self.text[i].map(|c| &values[c]) {
            Some(Value::Text(t)) => t.as_ref(),
            _ => "",
        };
        let day_is_empty = self.day.is_some_and(|d| matches!(&values[d], Value::Text(t) if t.is_empty()));
        if day_is_empty && facts.fills_day {
            return Ok(Ok(None));
        }
        let written = self.day.and_then(|d| match &values[d] {
            Value::Text(text) => <[u8; 10]>::try_from(text.as_bytes()).ok(),
            _ => None,
        });
        let (start, end) = match self.before.get() {
            Some((before, period)) if Some(before) == written => period,
            _ => match self.period(facts, values, cells) {
                Ok((first, last)) => {
                    let period = (day_number(first), day_number(last));
                    self.before.set(written.map(|written| (written, period)));
                    period
                }
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let own = |given: &'r str, fallback: &'r str| if given.is_empty() { fallback } else { given };
        let currency = own(text(10), &self.currency);
        if self.has_money && currency.is_empty() {
            return Ok(Err("names no currency".to_owned()));
        }
        Ok(Ok(Some(AdRow {
            account: own(text(0), &self.account),
            platform: own(text(1), binding.constants.get("platform").map_or("", String::as_str)),
            campaign_id: text(2),
            campaign: text(3),
            campaign_type: text(4),
            ad_group_id: text(5),
            ad_group: text(6),
            ad_id: text(7),
            ad: text(8),
            item: text(9),
            start,
            end,
            currency,
            numbers: self.numbers.map(|n| match n.map(|n| &values[n]) {
                Some(Value::Integer(n)) => Some(*n),
                _ => None,
            }),
        })))
    }

    /// Identical rows that carry the id of their level are one row: a hash to know them by.
    pub fn identity(&self, cells: &Cells) -> Option<u64> {
        cells.get(self.id_position?).filter(|c| !c.trim().is_empty())?;
        // hashed as one: cells are short, and to go on with a hash takes longer than to begin one
        let mut row = Vec::with_capacity(512);
        for cell in cells.iter() {
            row.extend_from_slice(cell.as_bytes());
            // no byte of a text
            row.push(0xff);
        }
        Some(xxh3_64(&row))
    }

    /// The days a row stands for: its day, the span its column begins, its own range, or the file's window.
    fn period(&self, facts: &Facts, values: &[Value], cells: &Cells) -> std::result::Result<Period, String> {
        let day_in = |i: usize| match &values[i] {
            Value::Text(t) => crate::format::date::parse_iso_day(t.get(..10)?),
            _ => None,
        };
        let window = || facts.period.ok_or_else(|| "carries no day, and the file gives no period".to_owned());
        if let Some(day) = self.day.and_then(day_in) {
            return if facts.grain == Grain::Window {
                window()
            } else {
                Ok(cut(span(facts.grain, day), facts.period))
            };
        }
        for (grain, column) in &self.spans {
            if let Some(day) = day_in(*column) {
                return Ok(cut(span(*grain, day), facts.period));
            }
        }
        if let Some(range) = self.range.and_then(|(from, to)| day_in(from).zip(day_in(to))) {
            return ordered(range);
        }
        if let Some((from, to)) = self.period_columns {
            let day = |p: usize| {
                let cell = value::trim(cells.get(p)?);
                crate::format::date::parse(cell, facts.locale.order).map(crate::format::date::Moment::day)
            };
            if let Some(range) = day(from).zip(day(to)) {
                return ordered(range);
            }
        }
        window()
    }
}

fn ordered((from, to): Period) -> std::result::Result<Period, String> {
    if from <= to { Ok((from, to)) } else { Err(format!("begins on {from} and ends before that, on {to}")) }
}

/// The whole span that a day begins.
fn span(grain: Grain, day: NaiveDate) -> Period {
    let months = |n: u32| day.checked_add_months(Months::new(n)).and_then(|d| d.pred_opt());
    let first = |d: NaiveDate| d.with_day(1).unwrap_or(d);
    let last = match grain {
        Grain::Day | Grain::Window => return (day, day),
        Grain::Week => day.checked_add_days(Days::new(6)),
        Grain::Month => {
            return (
                first(day),
                first(day).checked_add_months(Months::new(1)).and_then(|d| d.pred_opt()).unwrap_or(day),
            );
        }
        Grain::Quarter => months(3),
        Grain::Year => months(12),
    };
    (day, last.unwrap_or(day))
}

fn cut((from, to): Period, window: Option<Period>) -> Period {
    match window {
        Some((first, last)) if from <= last && to >= first => (from.max(first), to.min(last)),
        _ => (from, to),
    }
}

/// Days since 1970-01-01.
pub fn day_number(day: NaiveDate) -> i32 {
    day.num_days_from_ce() - 719_163
}

/// The day with that number.
pub fn day_of(number: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(number + 719_163)
}

//! Decides once per file how its numbers and dates are written.

use super::date::{self, Order};
use super::value::{self, Kind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    Dot,
    Comma,
}

/// How a file writes numbers and dates; `None` where nothing in it needed deciding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Locale {
    pub decimal: Option<DecimalMark>,
    pub order: Option<Order>,
}

impl Locale {
    /// Every cell reads the same in both: where nothing decides, the mark is a dot.
    pub fn reads_like(&self, other: &Locale) -> bool {
        let is_comma = |locale: &Locale| locale.decimal == Some(DecimalMark::Comma);
        is_comma(self) == is_comma(other) && self.order == other.order
    }
}

/// What the cells of a file have shown so far.
#[derive(Debug, Default, Clone)]
pub struct Evidence {
    dots: u32,
    commas: u32,
    ambiguous_number: Option<(String, String)>,
    plain_numbers: u32,
    day_first: u32,
    month_first: u32,
    ambiguous_date: Option<(String, String)>,
    plain_dates: u32,
}

impl Evidence {
    /// Takes one cell of a number or date column into account.
    pub fn see(&mut self, header: &str, cell: &str, kind: Kind) {
        let cell = value::trim(cell);
        if value::is_placeholder(cell) {
            return;
        }
        if kind.is_date() {
            self.see_date(header, cell);
        } else if kind.is_number() && cell.bytes().all(|b| b.is_ascii_digit()) {
            self.plain_numbers += 1;
        } else if kind.is_number() {
            self.see_number(header, cell, kind == Kind::Whole);
        }
    }

    fn see_date(&mut self, header: &str, cell: &str) {
        let begins_with_year =
            cell.as_bytes().first_chunk().is_some_and(|b: &[u8; 4]| b.iter().all(u8::is_ascii_digit));
        if begins_with_year {
            self.plain_dates += 1;
            return;
        }
        match date::order_shown(cell) {
            Some(Order::DayFirst) => self.day_first += 1,
            Some(Order::MonthFirst) => self.month_first += 1,
            None if date::is_ambiguous(cell) => {
                self.ambiguous_date.get_or_insert_with(|| (header.to_owned(), cell.to_owned()));
            }
            None => self.plain_dates += 1,
        }
    }

    fn see_number(&mut self, header: &str, cell: &str, whole: bool) {
        match shown_mark(cell, whole) {
            Shown::Mark(DecimalMark::Dot) => self.dots += 1,
            Shown::Mark(DecimalMark::Comma) => self.commas += 1,
            Shown::Either => {
                self.ambiguous_number.get_or_insert_with(|| (header.to_owned(), cell.to_owned()));
            }
            Shown::Neither => self.plain_numbers += 1,
        }
    }

    /// True when further cells would not change the answer of a consistent file.
    pub fn is_settled(&self, has_dates: bool, has_numbers: bool) -> bool {
        let dates = !has_dates
            || self.day_first + self.month_first > 0
            || (self.plain_dates > 200 && self.ambiguous_date.is_none());
        let numbers = !has_numbers || self.dots + self.commas > 0;
        dates && numbers
    }

    /// True while something reads two ways and nothing decides it.
    pub fn is_open(&self) -> bool {
        (self.ambiguous_number.is_some() && self.dots + self.commas == 0)
            || (self.ambiguous_date.is_some() && self.day_first + self.month_first == 0)
    }

    /// The decision, or the column and cell that leave it open and the flag that would close it.
    pub fn decide(&self, known: Locale, fallback: Locale) -> Result<Locale, Undecided> {
        let decimal = match (self.dots, self.commas) {
            _ if known.decimal.is_some() => known.decimal,
            (0, 0) if self.ambiguous_number.is_none() => fallback.decimal,
            (0, 0) if fallback.decimal.is_some() => fallback.decimal,
            (0, 0) => {
                let (header, cell) = self.ambiguous_number.clone().expect("checked above");
                return Err(Undecided { header, cell, flag: "--decimal comma|dot" });
            }
            (dots, commas) => Some(if commas > dots { DecimalMark::Comma } else { DecimalMark::Dot }),
        };
        let order = match (self.day_first, self.month_first) {
            _ if known.order.is_some() => known.order,
            (0, 0) => match (&self.ambiguous_date, fallback.order) {
                (None, fallback) => fallback,
                (Some(_), Some(order)) => Some(order),
                (Some((header, cell)), None) => {
                    return Err(Undecided {
                        header: header.clone(),
                        cell: cell.clone(),
                        flag: "--dates dmy|mdy",
                    });
                }
            },
            (d, m) => Some(if m > d { Order::MonthFirst } else { Order::DayFirst }),
        };
        Ok(Locale { decimal, order })
    }
}

/// A cell that reads two ways, and the flag that would decide.
#[derive(Debug, Clone)]
pub struct Undecided {
    pub header: String,
    pub cell: String,
    pub flag: &'static str,
}

enum Shown {
    Mark(DecimalMark),
    /// `1,234`: thousands or decimals.
    Either,
    Neither,
}

/// What one number says about the decimal mark. In a whole-number column a mark before three digits is a thousands mark.
fn shown_mark(cell: &str, whole: bool) -> Shown {
    use DecimalMark::{Comma, Dot};
    let (last_dot, last_comma) = (cell.rfind('.'), cell.rfind(','));
    let digits_after = |at: usize| cell[at + 1..].chars().take_while(char::is_ascii_digit).count();
    match (last_dot, last_comma) {
        (None, None) => Shown::Neither,
        (Some(dot), Some(comma)) => Shown::Mark(if dot > comma { Dot } else { Comma }),
        (Some(at), None) | (None, Some(at)) => {
            let (mark, other) = if last_dot.is_some() { (Dot, Comma) } else { (Comma, Dot) };
            let count = cell.matches(if mark == Dot { '.' } else { ',' }).count();
            let leading = cell[..at].chars().filter(char::is_ascii_digit).count();
            let leading_zero = cell[..at].trim_start_matches(|c: char| !c.is_ascii_digit()).starts_with('0');
            match digits_after(at) {
                3 if count > 1 => Shown::Mark(other),
                3 if leading_zero || leading > 3 => Shown::Mark(mark),
                3 if whole => Shown::Mark(other),
                3 => Shown::Either,
                _ => Shown::Mark(mark),
            }
        }
    }
}

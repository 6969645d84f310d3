//! Dates and periods as people write them: `2026-10`, `2026-Q4`, `last-month`, `last-90-days`, `2026-01..2026-03`.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use crate::error::{Error, Result};

/// The length of a calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Grain {
    pub fn name(self) -> &'static str {
        match self {
            Grain::Day => "day",
            Grain::Week => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Year => "year",
        }
    }

    /// Reads `week` or `weeks`; `None` for any other word.
    pub fn from_name(name: &str) -> Option<Grain> {
        match name.strip_suffix('s').unwrap_or(name) {
            "day" => Some(Grain::Day),
            "week" => Some(Grain::Week),
            "month" => Some(Grain::Month),
            "quarter" => Some(Grain::Quarter),
            "year" => Some(Grain::Year),
            _ => None,
        }
    }
}

/// Days from `from` to `to`, both included. `grain` is set where they are exactly one calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub grain: Option<Grain>,
}

/// What a relative or fiscal word depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    pub today: NaiveDate,
    pub week_start: Weekday,
    /// 1–12; a fiscal year is named by the year it ends in.
    pub fiscal_year_start: u32,
}

pub const EXAMPLES: &str = "write a date or a period like 2026-10-05, 2026-10, 2026-Q4, 2026-W41, 2026, last-month, \
                            this-quarter, last-90-days, ytd or 2026-01..2026-03";

impl Calendar {
    /// January-based years and weeks from Monday.
    pub fn plain(today: NaiveDate) -> Calendar {
        Calendar { today, week_start: Weekday::Mon, fiscal_year_start: 1 }
    }

    /// Reads a date or period; relative words are counted from `today`. A usage error names examples.
    pub fn parse(&self, text: &str) -> Result<Period> {
        let word = text.trim().to_lowercase().replace([' ', '_'], "-");
        let period = match word.split_once("..") {
            Some((from, to)) => self.parse_range(from.trim_matches('-'), to.trim_matches('-')),
            None => self.parse_word(&word),
        };
        match period {
            Some(p) if p.from <= p.to => Ok(p),
            Some(p) => Err(Error::usage(format!("`{text}` ends before it begins ({} to {})", p.from, p.to))),
            None => Err(Error::usage(format!("`{text}` is not a date or period")).hint(EXAMPLES)),
        }
    }

    /// The calendar period of this length that holds `day`.
    pub fn around(&self, grain: Grain, day: NaiveDate) -> Option<Period> {
        let from = match grain {
            Grain::Day => day,
            Grain::Week => day.week(self.week_start).checked_first_day()?,
            Grain::Month => day.with_day(1)?,
            Grain::Quarter => self.months_into_year(day).and_then(|m| first_of_month(day, m % 3))?,
            Grain::Year => self.months_into_year(day).and_then(|m| first_of_month(day, m))?,
        };
        self.starting(grain, from)
    }

    /// The period `count` periods after (or, negative, before) the one that starts on `from`.
    pub fn shift(&self, grain: Grain, from: NaiveDate, count: i32) -> Option<Period> {
        let steps = count.unsigned_abs();
        let start = match grain {
            Grain::Day | Grain::Week => {
                let days = Days::new(u64::from(steps) * if grain == Grain::Week { 7 } else { 1 });
                if count < 0 { from.checked_sub_days(days) } else { from.checked_add_days(days) }
            }
            Grain::Month | Grain::Quarter | Grain::Year => {
                let months = Months::new(steps.checked_mul(months_in(grain))?);
                if count < 0 { from.checked_sub_months(months) } else { from.checked_add_months(months) }
            }
        }?;
        self.starting(grain, start)
    }

    fn starting(&self, grain: Grain, from: NaiveDate) -> Option<Period> {
        let after = match grain {
            Grain::Day => from.checked_add_days(Days::new(1)),
            Grain::Week => from.checked_add_days(Days::new(7)),
            _ => from.checked_add_months(Months::new(months_in(grain))),
        };
        Some(Period { from, to: after?.pred_opt()?, grain: Some(grain) })
    }

    /// How many months of its fiscal year lie before the month of `day`.
    fn months_into_year(&self, day: NaiveDate) -> Option<u32> {
        (day.month() + 12).checked_sub(self.fiscal_year_start).map(|m| m % 12)
    }

    fn parse_range(&self, from: &str, to: &str) -> Option<Period> {
        let from = self.parse_word(from)?;
        let to = if to.is_empty() { self.today } else { self.parse_word(to)?.to };
        Some(Period { from: from.from, to, grain: from.grain.filter(|_| from.to == to) })
    }

    fn parse_word(&self, word: &str) -> Option<Period> {
        self.parse_absolute(word).or_else(|| self.parse_relative(word))
    }

    fn parse_absolute(&self, word: &str) -> Option<Period> {
        let word = word.strip_prefix("fy").unwrap_or(word);
        let parts: Vec<&str> = word.split('-').collect();
        let year: i32 = parts.first().filter(|y| y.len() == 4).and_then(|y| digits(y))? as i32;
        match parts[1..] {
            [] => self.fiscal_period(Grain::Year, year, 0),
            [part] if part.starts_with('q') => match digits(&part[1..])? {
                n @ 1..=4 => self.fiscal_period(Grain::Quarter, year, 3 * (n - 1)),
                _ => None,
            },
            [part] if part.starts_with('w') => {
                let thursday = NaiveDate::from_isoywd_opt(year, digits(&part[1..])?, Weekday::Thu)?;
                self.around(Grain::Week, thursday)
            }
            [month] => self.starting(Grain::Month, NaiveDate::from_ymd_opt(year, digits(month)?, 1)?),
            [month, day] => {
                self.starting(Grain::Day, NaiveDate::from_ymd_opt(year, digits(month)?, digits(day)?)?)
            }
            _ => None,
        }
    }

    fn fiscal_period(&self, grain: Grain, year: i32, months: u32) -> Option<Period> {
        let begins_in = if self.fiscal_year_start == 1 { year } else { year - 1 };
        let start = NaiveDate::from_ymd_opt(begins_in, self.fiscal_year_start, 1)?;
        self.starting(grain, start.checked_add_months(Months::new(months))?)
    }

    fn parse_relative(&self, word: &str) -> Option<Period> {
        let to_date = |grain| {
            let from = self.around(grain, self.today)?.from;
            Some(Period { from, to: self.today, grain: None })
        };
        match word {
            "today" => return self.around(Grain::Day, self.today),
            "yesterday" => return self.shift(Grain::Day, self.today, -1),
            "tomorrow" => return self.shift(Grain::Day, self.today, 1),
            "ytd" | "year-to-date" => return to_date(Grain::Year),
            "qtd" | "quarter-to-date" => return to_date(Grain::Quarter),
            "mtd" | "month-to-date" => return to_date(Grain::Month),
            "wtd" | "week-to-date" => return to_date(Grain::Week),
            _ => {}
        }
        let (which, rest) = word.split_once('-')?;
        let one = |count| {
            let grain = Grain::from_name(rest).filter(|_| !rest.ends_with('s'))?;
            self.shift(grain, self.around(grain, self.today)?.from, count)
        };
        match which {
            "this" | "current" => one(0),
            "next" => one(1),
            "last" | "previous" => match rest.split_once('-') {
                None => one(-1),
                Some((count, unit)) => self.last_periods(digits(count)?, Grain::from_name(unit)?),
            },
            _ => None,
        }
    }

    /// The `count` complete periods before the running one; days end yesterday.
    fn last_periods(&self, count: u32, grain: Grain) -> Option<Period> {
        let running = self.around(grain, self.today)?.from;
        let count = i32::try_from(count).ok().filter(|c| (1..=10_000).contains(c))?;
        let first = self.shift(grain, running, -count)?;
        Some(Period { from: first.from, to: running.pred_opt()?, grain: first.grain.filter(|_| count == 1) })
    }
}

fn months_in(grain: Grain) -> u32 {
    match grain {
        Grain::Quarter => 3,
        Grain::Year => 12,
        _ => 1,
    }
}

fn first_of_month(day: NaiveDate, months_before: u32) -> Option<NaiveDate> {
    day.with_day(1)?.checked_sub_months(Months::new(months_before))
}

fn digits(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn read(calendar: &Calendar, text: &str) -> String {
        match calendar.parse(text) {
            Ok(p) => format!("{}..{} {}", p.from, p.to, p.grain.map_or("-", Grain::name)),
            Err(e) => e.message,
        }
    }

    #[test]
    fn absolute_words() {
        let c = Calendar::plain(day("2026-11-24"));
        for (text, expected) in [
            ("2026-10-05", "2026-10-05..2026-10-05 day"),
            ("2026-10", "2026-10-01..2026-10-31 month"),
            ("2026-Q4", "2026-10-01..2026-12-31 quarter"),
            ("2026-w41", "2026-10-05..2026-10-11 week"),
            ("2026", "2026-01-01..2026-12-31 year"),
            ("FY2026", "2026-01-01..2026-12-31 year"),
            ("2024-02", "2024-02-01..2024-02-29 month"),
            ("2026-01..2026-03", "2026-01-01..2026-03-31 -"),
            ("2026-11..", "2026-11-01..2026-11-24 -"),
            ("2026-10..2026-10", "2026-10-01..2026-10-31 month"),
        ] {
            assert_eq!(read(&c, text), expected, "{text}");
        }
    }

    #[test]
    fn relative_words() {
        let c = Calendar::plain(day("2026-11-24"));
        for (text, expected) in [
            ("today", "2026-11-24..2026-11-24 day"),
            ("yesterday", "2026-11-23..2026-11-23 day"),
            ("last-week", "2026-11-16..2026-11-22 week"),
            ("this week", "2026-11-23..2026-11-29 week"),
            ("last-month", "2026-10-01..2026-10-31 month"),
            ("next_month", "2026-12-01..2026-12-31 month"),
            ("this-quarter", "2026-10-01..2026-12-31 quarter"),
            ("Last Quarter", "2026-07-01..2026-09-30 quarter"),
            ("last-year", "2025-01-01..2025-12-31 year"),
            ("last-90-days", "2026-08-26..2026-11-23 -"),
            ("last-1-month", "2026-10-01..2026-10-31 month"),
            ("last-12-months", "2025-11-01..2026-10-31 -"),
            ("ytd", "2026-01-01..2026-11-24 -"),
            ("mtd", "2026-11-01..2026-11-24 -"),
        ] {
            assert_eq!(read(&c, text), expected, "{text}");
        }
    }

    #[test]
    fn fiscal_years_are_named_by_the_year_they_end_in() {
        let c = Calendar { fiscal_year_start: 4, ..Calendar::plain(day("2026-02-10")) };
        assert_eq!(read(&c, "2026"), "2025-04-01..2026-03-31 year");
        assert_eq!(read(&c, "2026-Q1"), "2025-04-01..2025-06-30 quarter");
        assert_eq!(read(&c, "2026-q4"), "2026-01-01..2026-03-31 quarter");
        assert_eq!(read(&c, "this-quarter"), "2026-01-01..2026-03-31 quarter");
        assert_eq!(read(&c, "this-year"), "2025-04-01..2026-03-31 year");
        assert_eq!(read(&c, "ytd"), "2025-04-01..2026-02-10 -");
        assert_eq!(read(&c, "2026-02"), "2026-02-01..2026-02-28 month");
    }

    #[test]
    fn weeks_may_begin_on_another_day() {
        let c = Calendar { week_start: Weekday::Sun, ..Calendar::plain(day("2026-11-24")) };
        assert_eq!(read(&c, "2026-W41"), "2026-10-04..2026-10-10 week");
        assert_eq!(read(&c, "this-week"), "2026-11-22..2026-11-28 week");
    }

    #[test]
    fn what_is_no_period_is_said_with_examples() {
        let c = Calendar::plain(day("2026-11-24"));
        for text in [
            "",
            "2026-13",
            "2026-W54",
            "2026-Q5",
            "last",
            "last-0-days",
            "last-99999999999-days",
            "26-10",
            "é",
            "q1",
            "..",
        ] {
            let error = c.parse(text).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert_eq!(error.message, format!("`{text}` is not a date or period"));
            assert!(error.hint.unwrap().contains("2026-10-05"));
        }
        assert_eq!(
            c.parse("2026-03..2026-01").unwrap_err().message,
            "`2026-03..2026-01` ends before it begins (2026-03-01 to 2026-01-31)"
        );
    }
}

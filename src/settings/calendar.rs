//! The workspace calendar: local days, weeks, months, and fiscal quarters and years, as whole day numbers.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::moment;
use crate::trail::Moment;

/// A kind of period that KPIs are kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grain {
    Week,
    Month,
    Quarter,
    Year,
}

impl Grain {
    pub const ALL: [Grain; 4] = [Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];

    pub fn name(self) -> &'static str {
        match self {
            Grain::Week => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Year => "year",
        }
    }

    pub fn parse(name: &str) -> Option<Grain> {
        Grain::ALL.into_iter().find(|g| g.name() == name)
    }
}

/// The first day of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeekStart {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// How moments become days and days become periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    pub timezone: Tz,
    pub week_start: WeekStart,
    /// The month (1–12) in which fiscal years begin.
    pub fiscal_year_start: u32,
}

/// A moment that was read.
#[derive(Debug, Clone, Copy)]
pub struct Instant {
    pub utc: NaiveDateTime,
    /// It is written in UTC, or in local time that is the same.
    pub is_as_said: bool,
    /// Its local day.
    pub day: i32,
}

impl Instant {
    /// `YYYY-MM-DDTHH:MM:SSZ`
    pub fn text(&self) -> String {
        moment::write_time(self.utc) + "Z"
    }
}

const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");

/// Days since 1970-01-01.
pub fn number_of(day: NaiveDate) -> i32 {
    day.to_epoch_days()
}

/// The date of a day number.
pub fn date_of(number: i32) -> NaiveDate {
    let days = Days::new(u64::from(number.unsigned_abs()));
    if number >= 0 { EPOCH.checked_add_days(days) } else { EPOCH.checked_sub_days(days) }.unwrap_or(EPOCH)
}

/// Reads `YYYY-MM-DD` at the start of a text as a day number.
pub fn parse_day(text: &str) -> Option<i32> {
    moment::parse_day(text.as_bytes().get(..10)?).map(number_of)
}

impl Calendar {
    /// The local day `YYYY-MM-DD` of a moment: `…Z` is UTC, otherwise local time, ten characters a date.
    pub fn local_date(&self, moment: &str) -> Option<String> {
        let moment = moment.trim();
        let day = moment.get(..10).filter(|d| parse_day(d).is_some())?;
        if self.timezone == Tz::UTC || !moment.ends_with('Z') {
            return Some(day.to_owned());
        }
        let time = parse_time(moment.trim_end_matches('Z'))?;
        Some(Utc.from_utc_datetime(&time).with_timezone(&self.timezone).format("%Y-%m-%d").to_string())
    }

    /// The same as a day number.
    pub fn local_day(&self, moment: &str) -> Option<i32> {
        let moment = moment.trim();
        let day = parse_day(moment)?;
        if self.timezone == Tz::UTC || !moment.ends_with('Z') {
            return Some(day);
        }
        let time = parse_time(moment.trim_end_matches('Z'))?;
        Some(number_of(Utc.from_utc_datetime(&time).with_timezone(&self.timezone).date_naive()))
    }

    /// The same of a moment that was read before.
    pub fn day_of(&self, moment: Moment) -> i32 {
        match moment.instant() {
            Some(instant) if self.timezone != Tz::UTC => {
                number_of(instant.with_timezone(&self.timezone).date_naive())
            }
            _ => moment.day(),
        }
    }

    /// The moment as UTC text `YYYY-MM-DDTHH:MM:SSZ`, so that texts sort as time does. A date is its local midnight.
    pub fn utc_moment(&self, moment: &str) -> Option<String> {
        self.instant(moment).map(|instant| instant.text())
    }

    /// The moment in UTC and its local day.
    pub fn instant(&self, moment: &str) -> Option<Instant> {
        let moment = moment.trim();
        let said = parse_time(moment.trim_end_matches('Z'))?;
        let (utc, local) = match (self.timezone, moment.ends_with('Z')) {
            (Tz::UTC, _) => (said, said),
            (zone, true) => (said, Utc.from_utc_datetime(&said).with_timezone(&zone).naive_local()),
            (_, false) => (self.utc_of_local(said)?, said),
        };
        Some(Instant { utc, is_as_said: utc == said, day: number_of(local.date()) })
    }

    fn utc_of_local(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        let local = self.timezone.from_local_datetime(&time);
        // a time skipped by the clock's change is read as if the change had not happened
        local.earliest().map_or_else(
            || {
                let before = time - chrono::TimeDelta::hours(1);
                self.timezone
                    .from_local_datetime(&before)
                    .earliest()
                    .map(|t| t.naive_utc() + chrono::TimeDelta::hours(1))
            },
            |t| Some(t.naive_utc()),
        )
    }

    /// The first day of the period that holds a day.
    pub fn start(&self, grain: Grain, day: i32) -> i32 {
        let date = date_of(day);
        match grain {
            Grain::Week => {
                let weekday = date.weekday().num_days_from_monday() as i32;
                day - (weekday - self.week_start as i32).rem_euclid(7)
            }
            Grain::Month => number_of(date.with_day(1).expect("a first day")),
            Grain::Quarter => self.month_block(date, 3),
            Grain::Year => self.month_block(date, 12),
        }
    }

    /// The last day of the period that starts on a day.
    pub fn end(&self, grain: Grain, start: i32) -> i32 {
        let months = match grain {
            Grain::Week => return start + 6,
            Grain::Month => 1,
            Grain::Quarter => 3,
            Grain::Year => 12,
        };
        let next = date_of(start).checked_add_months(chrono::Months::new(months)).expect("a date in range");
        number_of(next) - 1
    }

    /// What people call a period: `2026-W41`, `2026-10`, `2026-Q4`, `2026`; fiscal years are named by the year they end in.
    pub fn label(&self, grain: Grain, start: i32) -> String {
        let date = date_of(start);
        match grain {
            Grain::Week => {
                let middle = date_of(start + 3).iso_week();
                format!("{}-W{:02}", middle.year(), middle.week())
            }
            Grain::Month => date.format("%Y-%m").to_string(),
            Grain::Quarter => {
                let year = self.fiscal_year(date);
                let quarter = (date.month() + 12 - self.fiscal_year_start) % 12 / 3 + 1;
                format!("{year}-Q{quarter}")
            }
            Grain::Year => self.fiscal_year(date).to_string(),
        }
    }

    /// Reads what people call a period: `2026-10`, `2026-Q4`, `2026-W41`, `2026`. Gives its grain and first day.
    pub fn parse_period(&self, text: &str) -> Option<(Grain, i32)> {
        let text = text.trim();
        let (year, rest) = text.split_once('-').unwrap_or((text, ""));
        let year: i32 = year.parse().ok().filter(|y| (1900..=2200).contains(y))?;
        // the first day of the fiscal year that ends in `year`
        let fiscal = || {
            let start = NaiveDate::from_ymd_opt(
                year - i32::from(self.fiscal_year_start > 1),
                self.fiscal_year_start,
                1,
            )?;
            Some(start)
        };
        if rest.is_empty() {
            return Some((Grain::Year, number_of(fiscal()?)));
        }
        if let Some(quarter) = rest.strip_prefix(['Q', 'q']) {
            let quarter: u32 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
            let start = fiscal()?.checked_add_months(chrono::Months::new((quarter - 1) * 3))?;
            return Some((Grain::Quarter, number_of(start)));
        }
        if let Some(week) = rest.strip_prefix(['W', 'w']) {
            let monday = NaiveDate::from_isoywd_opt(year, week.parse().ok()?, chrono::Weekday::Mon)?;
            return Some((Grain::Week, self.start(Grain::Week, number_of(monday) + 3)));
        }
        if rest.len() > 2 {
            let day = parse_day(text)?;
            return Some((Grain::Month, self.start(Grain::Month, day)));
        }
        NaiveDate::from_ymd_opt(year, rest.parse().ok()?, 1).map(|first| (Grain::Month, number_of(first)))
    }

    /// The year in which the fiscal year of a day ends.
    pub fn fiscal_year(&self, date: NaiveDate) -> i32 {
        date.year() + i32::from(self.fiscal_year_start > 1 && date.month() >= self.fiscal_year_start)
    }

    fn month_block(&self, date: NaiveDate, months: u32) -> i32 {
        let since = (date.month() + 12 - self.fiscal_year_start) % months;
        let first = date.with_day(1).expect("a first day");
        number_of(first.checked_sub_months(chrono::Months::new(since)).expect("a date in range"))
    }
}

/// Whether a text that begins with a date is `YYYY-MM-DDTHH:MM:SS`, as most are.
fn parse_time(text: &str) -> Option<NaiveDateTime> {
    if let Some(time) = moment::parse_time(text) {
        return Some(time);
    }
    parse_day(text)?;
    if text.len() == 10 {
        return NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    }
    let text = text.replacen(' ', "T", 1);
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(zone: &str, fiscal: u32) -> Calendar {
        Calendar { timezone: zone.parse().unwrap(), week_start: WeekStart::Monday, fiscal_year_start: fiscal }
    }

    fn day(text: &str) -> i32 {
        parse_day(text).unwrap()
    }

    #[test]
    fn moments_become_local_days() {
        let istanbul = calendar("Europe/Istanbul", 1);
        assert_eq!(istanbul.local_date("2026-02-28T22:30:00Z").as_deref(), Some("2026-03-01"));
        assert_eq!(istanbul.local_date("2026-02-28T22:30:00").as_deref(), Some("2026-02-28"));
        assert_eq!(istanbul.local_date("2026-02-28").as_deref(), Some("2026-02-28"));
        assert_eq!(istanbul.utc_moment("2026-03-01T01:30:00").as_deref(), Some("2026-02-28T22:30:00Z"));
        assert_eq!(istanbul.local_date("soon"), None);
        for moment in
            ["2026-02-28T22:30:00Z", "2026-02-28T22:30:00", "2026-02-28", "2026-02-28 09:15", "soon", ""]
        {
            let zones = [istanbul, calendar("UTC", 1)];
            assert!(
                zones
                    .iter()
                    .all(|c| c.local_day(moment) == c.local_date(moment).as_deref().and_then(parse_day))
            );
            if let Some(read) = Moment::parse(moment) {
                assert!(zones.iter().all(|c| Some(c.day_of(read)) == c.local_day(moment)), "{moment}");
            }
        }
        assert_eq!(istanbul.utc_moment("2026-02-28T22:30:00Z").as_deref(), Some("2026-02-28T22:30:00Z"));
        assert_eq!(istanbul.utc_moment("2026-02-28T25:30:00Z"), None);
    }

    #[test]
    fn periods_follow_the_fiscal_year() {
        let april = calendar("UTC", 4);
        let start = april.start(Grain::Quarter, day("2026-02-10"));
        assert_eq!(date_of(start).to_string(), "2026-01-01");
        assert_eq!(april.label(Grain::Quarter, start), "2026-Q4");
        let year = april.start(Grain::Year, day("2026-02-10"));
        assert_eq!(
            (date_of(year).to_string(), april.label(Grain::Year, year)),
            ("2025-04-01".into(), "2026".into())
        );
        assert_eq!(date_of(april.end(Grain::Year, year)).to_string(), "2026-03-31");
        for label in ["2026-Q4", "2026", "2026-02", "2026-W06"] {
            let (grain, start) = april.parse_period(label).unwrap();
            assert_eq!(april.label(grain, start), label);
        }
        let week = april.start(Grain::Week, day("2026-01-01"));
        assert_eq!(
            (date_of(week).to_string(), april.label(Grain::Week, week)),
            ("2025-12-29".into(), "2026-W01".into())
        );
    }
}

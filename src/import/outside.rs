//! What stands outside a table's rows: its period, its generation date, names in the preamble and in the file's name.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime};
use regex::bytes::{Captures, Match, Regex, RegexBuilder};

use crate::format::date::{self, Moment, Order};
use crate::format::pattern;
use crate::format::spec::{Captured, FileSpec};

/// A pattern over bytes, in which `LETTER` is one of ASCII or any character beyond: the classes that characters have take
/// ten times as long to compile, and every import needs these.
fn fixed(pattern: &str) -> Regex {
    let pattern = pattern.replace("LETTER", r"(?:[A-Za-z]|[\xc2-\xf4][\x80-\xbf]+)");
    RegexBuilder::new(&pattern).unicode(false).build().expect("a fixed pattern")
}

static MONTH_FIRST: LazyLock<Regex> = LazyLock::new(|| fixed(r"LETTER{3,}\.? \d{1,2}, \d{4}"));
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| fixed(r"\b\d{1,2}\.? (de )?LETTER{3,}\.? (de )?\d{4}"));
static NUMERIC: LazyLock<Regex> = LazyLock::new(|| fixed(r"\b\d{1,2}[/-]\d{1,2}[/-]\d{4}\b"));

/// How names of files write dates.
static DATES: [LazyLock<Regex>; 6] = [
    LazyLock::new(|| {
        fixed(
            r"(?P<y>20\d\d)[-._]?(?P<m>0[1-9]|1[0-2])[-._]?(?P<d>0[1-9]|[12]\d|3[01])(?:[T _-]+(?P<h>[01]\d|2[0-3])[-_:](?P<i>[0-5]\d)[-_:](?P<s>[0-5]\d)(?:\D|$))?",
        )
    }),
    LazyLock::new(|| {
        fixed(
            r"(?P<y>20\d\d)[-._]?(?P<m>0[1-9]|1[0-2])[-._]?(?P<d>0[1-9]|[12]\d|3[01])[T _-]+(?P<h>[01]\d|2[0-3])(?P<i>[0-5]\d)(?P<s>[0-5]\d)(?:\D|$)",
        )
    }),
    LazyLock::new(|| fixed(r"(?P<word>LETTER{3,9})[-_. ](?P<d>\d{1,2})[-_., ]{1,2}(?P<y>20\d\d)")),
    LazyLock::new(|| fixed(r"(?P<d>\d{1,2})[-_. ](?P<word>LETTER{3,9})[-_. ](?P<y>20\d\d)")),
    LazyLock::new(|| fixed(r"(?P<d>\d{2})[-._](?P<m>\d{2})[-._](?P<y>20\d\d)")),
    // month first, as the half of the day shows
    LazyLock::new(|| {
        fixed(
            r"\b(?P<m>\d{1,2})-(?P<d>\d{1,2})-(?P<y>20\d\d) (?P<h>\d{1,2})-(?P<i>[0-5]\d)-(?P<s>[0-5]\d) (?P<half>[AP]M)\b",
        )
    }),
];
/// Milliseconds since 1970.
static MILLISECONDS: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?:^|\D)(1[4-9]\d{11})(?:\D|$)"));

/// First and last day, inclusive.
pub type Period = (NaiveDate, NaiveDate);

/// The lines around a table and the name of its file, with what its format looks for there.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    pub spec: FileSpec,
    /// The lines directly above the table.
    pub own: Vec<String>,
    /// The file's lines before those.
    pub before: Vec<String>,
    /// The lines of the footer below the table.
    pub after: Vec<String>,
    /// `archive.zip/member.csv`, `folder/file.csv`.
    pub name: String,
}

impl Surroundings {
    /// The group of the first pattern that matches: in the table's own lines, else in those before, else below.
    fn capture(&self, patterns: &[String], group: &str) -> Option<String> {
        [&self.own, &self.before, &self.after]
            .iter()
            .find_map(|lines| capture_in(patterns, group, &lines.join("\n")))
    }

    fn named_day(&self, column: &str, order: Option<Order>) -> Option<NaiveDate> {
        let text = capture_in(self.spec.name.get(column)?.patterns(), "value", &self.name)?;
        date::parse(&text, order).map(Moment::day)
    }

    /// The reporting period that the lines above a table, or the file's name, give.
    pub fn period(&self, order: Option<Order>) -> Option<Period> {
        let day = |text: String| date::parse(&text, order).map(Moment::day);
        let from = self
            .capture(&self.spec.period, "from")
            .and_then(day)
            .or_else(|| self.named_day("day_from", order))?;
        let to =
            self.capture(&self.spec.period, "to").and_then(day).or_else(|| self.named_day("day_to", order));
        let to = to.unwrap_or(from);
        (from <= to).then_some((from, to))
    }

    /// When the file says it was generated.
    pub fn generated(&self, order: Option<Order>) -> Option<String> {
        let text = self.capture(&self.spec.as_of, "date")?;
        Some(match date::parse(&text, order)? {
            Moment::Day(day) => day.to_string(),
            Moment::Local(t) | Moment::Utc(t) => t.format("%Y-%m-%dT%H:%M:%S").to_string(),
        })
    }

    /// True if a footer may say what the lines above do not: the period, or when the file was generated.
    pub fn may_end_with_news(&self) -> bool {
        let (order, spec) = (self.order(), &self.spec);
        (!spec.period.is_empty() && self.period(order).is_none())
            || (!spec.as_of.is_empty() && self.generated(order).is_none())
    }

    /// Target columns whose text stands in the lines above the table or in the file's name.
    pub fn constants(&self) -> BTreeMap<String, String> {
        let from_name = self.spec.name.iter().map(|(column, captured)| {
            (column, captured, capture_in(captured.patterns(), "value", &self.name))
        });
        let from_lines = self
            .spec
            .set
            .iter()
            .map(|(column, captured)| (column, captured, self.capture(captured.patterns(), "value")));
        let translate = |(column, captured, text): (&String, &Captured, Option<String>)| {
            Some((column.clone(), captured.translate(&text?)))
        };
        // What the lines say comes first, but that they say nothing of note is no answer.
        from_name.chain(from_lines).filter_map(translate).filter(|(_, text)| !text.is_empty()).collect()
    }

    /// The rows' grain as the lines name it, lower case.
    pub fn grain(&self) -> Option<String> {
        let pattern = self.spec.grain.clone()?;
        self.capture(&[pattern], "value").map(|g| g.to_lowercase())
    }

    /// The order that dates above the table betray: `December 6, 2025` against `6 December 2025`, or a part over 12.
    pub fn order(&self) -> Option<Order> {
        self.own.iter().chain(&self.before).find_map(|line| {
            let line = line.as_bytes();
            if MONTH_FIRST.is_match(line) {
                return Some(Order::MonthFirst);
            }
            if DAY_FIRST.is_match(line) {
                return Some(Order::DayFirst);
            }
            NUMERIC.find_iter(line).find_map(|m| date::order_shown(text(m)?))
        })
    }
}

fn capture_in(patterns: &[String], group: &str, text: &str) -> Option<String> {
    thread_local! {
        /// Patterns as they were compiled: each is asked several times of every file, and to compile one takes longer
        /// than to read a small file.
        static COMPILED: RefCell<HashMap<String, Option<regex::Regex>>> = RefCell::default();
    }
    if text.is_empty() {
        return None;
    }
    COMPILED.with_borrow_mut(|compiled| {
        patterns.iter().find_map(|pattern| {
            if !compiled.contains_key(pattern) {
                compiled.insert(pattern.clone(), pattern::compile(&format!("(?m){pattern}")).ok());
            }
            let regex = compiled[pattern].as_ref()?;
            let captures = regex.captures_iter(text).find(|c| c.name(group).is_some())?;
            Some(captures.name(group)?.as_str().trim().to_owned())
        })
    })
}

/// The last date in a name, with its time where there is one.
pub fn date_in_name(name: &str) -> Option<String> {
    let mut best: Option<(usize, NaiveDateTime, bool)> = None;
    if !name.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    for regex in &DATES {
        // a date that stands further to the right has to have a digit there
        if best.is_some_and(|(end, ..)| !name.as_bytes()[end..].iter().any(u8::is_ascii_digit)) {
            break;
        }
        for captures in regex.captures_iter(name.as_bytes()) {
            let at = captures.get(0).map_or(0, |m| m.end());
            if let Some((moment, has_time)) = moment_of(&captures)
                && best.is_none_or(|(end, _, _)| at > end)
            {
                best = Some((at, moment, has_time));
            }
        }
    }
    if best.is_none()
        && let Some(found) = MILLISECONDS.captures(name.as_bytes())
    {
        let milliseconds = found.get(1).and_then(text)?.parse().ok();
        let moment = milliseconds.and_then(chrono::DateTime::from_timestamp_millis)?;
        best = Some((0, moment.naive_utc(), true));
    }
    best.map(|(_, moment, has_time)| {
        if has_time { moment.format("%Y-%m-%dT%H:%M:%S").to_string() } else { moment.date().to_string() }
    })
}

fn text(found: Match<'_>) -> Option<&str> {
    std::str::from_utf8(found.as_bytes()).ok()
}

fn moment_of(captures: &Captures) -> Option<(NaiveDateTime, bool)> {
    let group = |name: &str| captures.name(name).and_then(text);
    let number = |name: &str| group(name)?.parse::<u32>().ok();
    let month = match group("word") {
        Some(word) => date::month_of(&word.to_lowercase())?,
        None => number("m")?,
    };
    let year = i32::try_from(number("y")?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, month, number("d")?)
        .or_else(|| NaiveDate::from_ymd_opt(year, number("d")?, month))?;
    let hour = number("h").map(|h| match group("half") {
        Some(half) => h % 12 + if half == "PM" { 12 } else { 0 },
        None => h,
    });
    match (hour, number("i"), number("s")) {
        (Some(h), Some(i), Some(s)) => Some((day.and_hms_opt(h, i, s)?, true)),
        _ => Some((day.and_hms_opt(0, 0, 0)?, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::date_in_name;

    #[test]
    fn dates_in_names() {
        for (name, expected) in [
            ("hubspot-crm-exports-all-deals-2026-04-06-1.csv", Some("2026-04-06")),
            ("Acme-Campaigns-Jan-1-2026-Jul-11-2026.csv", Some("2026-07-11")),
            ("Adsız-Rapor-Oca-22-2026-Şub-18-2026.csv", Some("2026-02-18")),
            ("acme.example-organic-keywords_2026-01-22_12-33-55.csv", Some("2026-01-22T12:33:55")),
            ("View_Report2026060120260616.xlsx", Some("2026-06-16")),
            ("Time_series(2026.02.05-2026.02.10).csv", Some("2026-02-10")),
            ("report1775461476321.csv", Some("2026-04-06T07:44:36")),
            ("Analytics Channels 20220701-20220731.xlsx", Some("2022-07-31")),
            ("All Opportunities 3-4-2026 1-05-09 PM.xlsx", Some("2026-03-04T13:05:09")),
            ("All Opportunities 12-31-2026 10-00-00 AM.xlsx", Some("2026-12-31T10:00:00")),
            ("Campaign report (1).csv", None),
            ("account_512345678_campaign_performance_report.csv", None),
            ("week-05-2026-03-09", Some("2026-03-09")),
            ("Leads_2026_04_06.csv", Some("2026-04-06")),
        ] {
            assert_eq!(date_in_name(name).as_deref(), expected, "{name}");
        }
    }
}

//! Dates as people and platforms write them, in a dozen languages.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use crate::moment;

/// Which of the first two numbers of `03/04/2026` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    DayFirst,
    MonthFirst,
}

/// A calendar day, a wall-clock time without a zone, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Day(NaiveDate),
    Local(NaiveDateTime),
    Utc(NaiveDateTime),
}

impl Moment {
    pub fn day(self) -> NaiveDate {
        match self {
            Moment::Day(day) => day,
            Moment::Local(t) | Moment::Utc(t) => t.date(),
        }
    }
}

/// Month names and their common abbreviations by month; a word counts if it begins with one of them.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "oca", "janv", "yanvar", "يناير", "كانون الثاني", "sty", "led"],
    &["feb", "fev", "fév", "févr", "şub", "fevr", "peb", "فبراير", "شباط", "lut"],
    &["mar", "mär", "mrz", "mrt", "maa", "maart", "mars", "marzo", "março", "mac", "مارس", "آذار"],
    &["apr", "avr", "abr", "nis", "kwi", "أبريل", "ابريل", "نيسان"],
    &["may", "mai", "mag", "mei", "maj", "mayıs", "مايو", "أيار"],
    &["jun", "giu", "juin", "haz", "cze", "يونيو", "حزيران"],
    &["jul", "lug", "juil", "tem", "lip", "يوليو", "تموز"],
    &["aug", "ago", "aoû", "aou", "ağu", "agu", "agt", "sie", "أغسطس", "اغسطس", "آب"],
    &["sep", "set", "eyl", "wrz", "سبتمبر", "أيلول"],
    &["oct", "okt", "ott", "out", "eki", "paź", "أكتوبر", "اكتوبر", "تشرين الأول"],
    &["nov", "kas", "lis", "nop", "نوفمبر", "تشرين الثاني"],
    &["dec", "dez", "dic", "déc", "des", "ara", "gru", "ديسمبر", "كانون الأول"],
];

/// Exactly `YYYY-MM-DD`.
pub fn parse_iso_day(cell: &str) -> Option<NaiveDate> {
    moment::parse_day(cell.as_bytes())
}

/// Reads a date or a date with a time. `order` decides `03/04/2026`; without it such a date is `None`.
pub fn parse(cell: &str, order: Option<Order>) -> Option<Moment> {
    if let Some(time) = moment::parse_time(cell) {
        return Some(Moment::Local(time));
    }
    let digits = to_ascii_digits(cell);
    let cell = digits.trim();
    parse_iso(cell)
        .or_else(|| parse_compact(cell))
        .or_else(|| parse_numeric(cell, order))
        .or_else(|| parse_words(cell, order))
}

/// True for a numeric date that reads both ways.
pub fn is_ambiguous(cell: &str) -> bool {
    match numeric_parts(cell) {
        Some((a, b, _, separator, _)) => separator != '.' && a <= 12 && b <= 12 && a != b,
        None => false,
    }
}

/// What a numeric date says about the order of its file.
pub fn order_shown(cell: &str) -> Option<Order> {
    let (a, b, _, separator, _) = numeric_parts(cell)?;
    shown_by(a, b, separator)
}

/// The order of the first two numbers of a date; `known` decides where they read both ways and are not the same.
pub(super) fn order_of(a: u32, b: u32, separator: char, known: Option<Order>) -> Option<Order> {
    shown_by(a, b, separator).or(known).or((a == b).then_some(Order::DayFirst))
}

fn shown_by(a: u32, b: u32, separator: char) -> Option<Order> {
    match (a, b) {
        _ if separator == '.' => Some(Order::DayFirst),
        (13..=31, 1..=12) => Some(Order::DayFirst),
        (1..=12, 13..=31) => Some(Order::MonthFirst),
        _ => None,
    }
}

fn to_ascii_digits(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.is_ascii() {
        return cell.into();
    }
    let map = |c: char| match c {
        '٠'..='٩' => char::from_digit(c as u32 - '٠' as u32, 10).unwrap_or(c),
        '۰'..='۹' => char::from_digit(c as u32 - '۰' as u32, 10).unwrap_or(c),
        '\u{a0}' | '\u{202f}' => ' ',
        c => c,
    };
    cell.chars().filter(|c| !matches!(c, '\u{200e}' | '\u{200f}')).map(map).collect::<String>().into()
}

/// `2026-03-05`, `2026-03-05 09:46`, `2026-03-05T09:46:12.000+0000`, `2026/03/05`, `2026-03`.
fn parse_iso(cell: &str) -> Option<Moment> {
    let b = cell.as_bytes();
    if b.len() < 7 || !b[..4].iter().all(u8::is_ascii_digit) || !matches!(b[4], b'-' | b'/' | b'.') {
        return None;
    }
    let (date, rest) = split_date(cell)?;
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let number = |s: &str| s.parse::<u32>().ok();
    let day = match parts.as_slice() {
        [y, m] => NaiveDate::from_ymd_opt(y.parse().ok()?, number(m)?, 1)?,
        [y, m, d] => NaiveDate::from_ymd_opt(y.parse().ok()?, number(m)?, number(d)?)?,
        _ => return None,
    };
    with_time(day, rest)
}

fn split_date(cell: &str) -> Option<(&str, &str)> {
    let end = cell.find([' ', 'T', ',']).unwrap_or(cell.len());
    let rest = cell[end..].trim_start_matches([' ', 'T', ',']);
    Some((&cell[..end], rest))
}

/// A day with what follows it: nothing, a time, a time with a zone or an offset.
fn with_time(day: NaiveDate, rest: &str) -> Option<Moment> {
    let rest = rest.trim();
    if rest.is_empty() {
        return Some(Moment::Day(day));
    }
    if let Some(hour) = rest.strip_prefix('|') {
        return Some(Moment::Local(day.and_hms_opt(hour.trim().parse().ok()?, 0, 0)?));
    }
    if let Some(clock) =
        rest.strip_suffix('Z').or_else(|| rest.strip_suffix(" UTC")).or_else(|| rest.strip_suffix("(UTC)"))
    {
        return Some(Moment::Utc(day.and_time(parse_clock(clock)?)));
    }
    if let Some(at) = rest.rfind(['+', '-']).filter(|&i| i >= 4) {
        let (clock, offset) = rest.split_at(at);
        let text =
            format!("{day}T{}{}", parse_clock(clock)?.format("%H:%M:%S"), normal_offset(offset.trim())?);
        return DateTime::parse_from_rfc3339(&text).ok().map(|t| Moment::Utc(t.naive_utc()));
    }
    Some(Moment::Local(day.and_time(parse_clock(rest)?)))
}

fn normal_offset(offset: &str) -> Option<String> {
    let digits: String = offset[1..].chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        2 => Some(format!("{}{digits}:00", &offset[..1])),
        4 => Some(format!("{}{}:{}", &offset[..1], &digits[..2], &digits[2..])),
        _ => None,
    }
}

/// What marks the halves of the day, as `a.m.` and its like end up without spaces.
const HALVES: [(&str, bool); 6] =
    [("am", false), ("a.m.", false), ("ص", false), ("pm", true), ("p.m.", true), ("م", true)];

/// `9:46`, `09:46:12`, `09:46:12.123`, `9:46 AM`, `11:00 p. m.`, `10:05 م`, `09.46`, `à 9:46`, `um 9:46 Uhr`.
fn parse_clock(text: &str) -> Option<NaiveTime> {
    if let Some(plain) = moment::parse_clock(text.as_bytes()) {
        return Some(plain);
    }
    let mut text = text.trim().to_lowercase();
    if text.contains(". ") {
        text = text.replace(". ", ".");
    }
    let text = text.trim_end_matches("uhr").trim_end();
    let half = HALVES.iter().find_map(|(mark, is_pm)| Some((text.strip_suffix(mark)?, *is_pm)));
    let (clock, half) = half.map_or((text, None), |(clock, is_pm)| (clock.trim_end(), Some(is_pm)));
    let clock = clock.trim_start_matches(|c: char| c.is_alphabetic() || c == ' ');
    // `17.19` where there is no colon; behind a colon a dot begins the parts of a second
    let mut parts = clock.split(if clock.contains(':') { ':' } else { '.' });
    let mut hour: u32 = parts.next()?.trim().parse().ok()?;
    let minute: u32 = parts.next()?.trim().parse().ok()?;
    let second: u32 = parts.next().map_or(Some(0), |s| s.split('.').next()?.trim().parse().ok())?;
    if parts.next().is_some() {
        return None;
    }
    if let Some(is_pm) = half {
        hour = hour % 12 + if is_pm { 12 } else { 0 };
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// `20260305`, `2026030514` (an hour), and milliseconds since 1970.
fn parse_compact(cell: &str) -> Option<Moment> {
    if !cell.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let day = || NaiveDate::parse_from_str(cell.get(..8)?, "%Y%m%d").ok().filter(|d| d.year() > 1990);
    match cell.len() {
        8 => day().map(Moment::Day),
        10 => Some(Moment::Local(day()?.and_hms_opt(cell[8..].parse().ok()?, 0, 0)?)),
        12 | 13 => DateTime::from_timestamp_millis(cell.parse().ok()?).map(|t| Moment::Utc(t.naive_utc())),
        _ => None,
    }
}

type NumericParts<'a> = (u32, u32, i32, char, &'a str);

/// `a/b/yyyy rest` with `/`, `.` or `-` between, two- or four-digit years.
fn numeric_parts(cell: &str) -> Option<NumericParts<'_>> {
    let cell = cell.trim();
    let separator = cell.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let mut parts = cell.splitn(3, separator);
    let (a, b, rest) = (parts.next()?.trim(), parts.next()?.trim(), parts.next()?.trim_start());
    let year_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let year: i32 = match year_end {
        2 => 2000 + rest[..2].parse::<i32>().ok()?,
        4 => rest[..4].parse().ok()?,
        _ => return None,
    };
    if a.len() > 2 || b.len() > 2 {
        return None;
    }
    let time = rest[year_end..].trim_start_matches([',', ' ', 'T', '.']);
    Some((a.parse().ok()?, b.parse().ok()?, year, separator, time))
}

fn parse_numeric(cell: &str, order: Option<Order>) -> Option<Moment> {
    let (a, b, year, separator, time) = numeric_parts(cell)?;
    let order = order_of(a, b, separator, order)?;
    let (day, month) = if order == Order::DayFirst { (a, b) } else { (b, a) };
    with_time(NaiveDate::from_ymd_opt(year, month, day)?, time)
}

/// `Mar 5, 2026, 9:46 AM`, `5 Feb 2026`, `Mo., 1. Sept. 2026`, `16 de febrero de 2026 0:00`, `2026年3月5日`, `March 2026`.
fn parse_words(cell: &str, _order: Option<Order>) -> Option<Moment> {
    let spaced = cell.replace(['年', '月'], "-").replace('日', " ");
    if spaced != *cell {
        return parse_iso(spaced.trim());
    }
    let lower = cell.to_lowercase().replace("i\u{307}", "i");
    let (mut month, mut day, mut year) = (None, None, None);
    let mut time = String::new();
    let mut is_joined = false;
    let words = lower.split([' ', ',']).flat_map(|word| {
        // `05-Jan-2026`: a sign before digits alone is an offset
        let joins = |c: char| matches!(c, '-' | '/') && word.contains(char::is_alphabetic);
        is_joined |= word.contains(joins);
        word.split(joins)
    });
    for word in words.collect::<Vec<_>>().into_iter().filter(|w| !w.is_empty()) {
        let number = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        if word.contains(':') || (!time.is_empty() && matches!(word, "am" | "pm" | "a.m." | "p.m.")) {
            time.push_str(word);
            time.push(' ');
        } else if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
            match number.len() {
                4 => year = number.parse::<i32>().ok(),
                1 | 2 if day.is_none() => day = number.parse::<u32>().ok(),
                2 if is_joined => year = number.parse::<i32>().ok().map(|year| 2000 + year),
                _ => return None,
            }
        } else if month.is_none() {
            month = month_of(word);
        }
    }
    let date = NaiveDate::from_ymd_opt(year?, month?, day.unwrap_or(1))?;
    with_time(date, time.trim())
}

/// The month a word names: `march`, `mrz`, `sept.`, `şub`.
pub fn month_of(word: &str) -> Option<u32> {
    let word = word.trim_matches(|c: char| !c.is_alphabetic());
    if word.chars().count() < 3 {
        return None;
    }
    // "mar" begins "march" and "mardi"; a weekday is not a month.
    const WEEKDAYS: [&str; 9] =
        ["mardi", "martes", "martedì", "marti", "mart.", "maandag", "sept-", "setiap", "lista"];
    if WEEKDAYS.contains(&word) {
        return None;
    }
    let matches = |names: &&[&str]| names.iter().any(|n| word.starts_with(n));
    let found = MONTHS.iter().position(matches);
    u32::try_from(found? + 1).ok()
}

/// `Jan-26`, `Ocak 2026`, `01/2026`: what people and spreadsheets make of `2026-01`, as year and month.
pub fn parse_month(text: &str) -> Option<(i32, u32)> {
    let digits = to_ascii_digits(text);
    let (word, year) = digits.trim().rsplit_once(['-', '.', ' ', '/'])?;
    if !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let is_whole = match year.len() {
        2 => false,
        4 => true,
        _ => return None,
    };
    let month = match word.parse::<u32>() {
        Ok(month) => Some(month).filter(|m| (1..=12).contains(m) && is_whole)?,
        Err(_) => month_of(&word.to_lowercase())?,
    };
    Some((if is_whole { 0 } else { 2000 } + year.parse::<i32>().ok()?, month))
}

/// A month, quarter, week or year as `2026-01`, `2026-Q1`, `2026-W05`, `2026`, whichever way people write it.
pub fn parse_period(text: &str) -> Option<String> {
    let digits = to_ascii_digits(text);
    let text = digits.trim().to_uppercase();
    let is_year = |part: &str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit());
    if is_year(&text) {
        return Some(text);
    }
    if let Some(day) = parse_iso(&text).map(Moment::day) {
        return Some(format!("{}-{:02}", day.year(), day.month()));
    }
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).filter(|p| !p.is_empty()).collect();
    if let [one, other] = parts[..]
        && let (Some(year), Some(part)) =
            ([one, other].into_iter().find(|p| is_year(p)), [one, other].into_iter().find(|p| !is_year(p)))
    {
        let number = |prefixes: &[&str]| {
            let digits = prefixes.iter().find_map(|prefix| part.strip_prefix(prefix))?;
            digits.parse::<u32>().ok()
        };
        if let Some(quarter) = number(&["Q", "T", "Ç", "QUARTER"]).filter(|q| (1..=4).contains(q)) {
            return Some(format!("{year}-Q{quarter}"));
        }
        if let Some(week) = number(&["W", "KW", "S", "H"]).filter(|w| (1..=53).contains(w)) {
            return Some(format!("{year}-W{week:02}"));
        }
    }
    parse_month(&text).map(|(year, month)| format!("{year}-{month:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: &str, order: Option<Order>) -> String {
        match parse(cell, order) {
            None => "-".to_owned(),
            Some(Moment::Day(d)) => d.to_string(),
            Some(Moment::Local(t)) => t.to_string(),
            Some(Moment::Utc(t)) => format!("{t} UTC"),
        }
    }

    #[test]
    fn dates_of_many_platforms_and_languages() {
        for (cell, expected) in [
            ("2026-03-05", "2026-03-05"),
            ("2026-01-12 09:14", "2026-01-12 09:14:00"),
            ("2024-01-22T16:14:25.000+0000", "2024-01-22 16:14:25 UTC"),
            ("2024-11-01T01:02:03.456789234Z", "2024-11-01 01:02:03 UTC"),
            ("2026-02-01T10:00:00+03:00", "2026-02-01 07:00:00 UTC"),
            ("20231010", "2023-10-10"),
            ("12/31/2025", "2025-12-31"),
            ("31/12/2025", "2025-12-31"),
            ("03.02.2026", "2026-02-03"),
            ("30.03.2026 17:11", "2026-03-30 17:11:00"),
            ("22/05/2025 17.19", "2025-05-22 17:19:00"),
            ("22/05/2025 05:19 م", "2025-05-22 17:19:00"),
            ("22/05/2025 05:19 ص", "2025-05-22 05:19:00"),
            ("22/05/2025 05:19:00 p. m.", "2025-05-22 17:19:00"),
            ("22/05/2025 à 17:19", "2025-05-22 17:19:00"),
            ("22.05.2025 um 17:19 Uhr", "2025-05-22 17:19:00"),
            ("22/05/2025 soon", "-"),
            ("22/05/2025 17.19.30", "2025-05-22 17:19:30"),
            ("2026-03-02 09:14:31 PM", "2026-03-02 21:14:31"),
            ("2026-03-02 09:14:31.123450+00:00", "2026-03-02 09:14:31 UTC"),
            ("03/04/2026", "-"),
            ("27/2/2026", "2026-02-27"),
            ("March 5, 2026, 9:46 AM", "2026-03-05 09:46:00"),
            ("December 6, 2025, 12:00 AM", "2025-12-06 00:00:00"),
            ("Thu, 5 Feb 2026", "2026-02-05"),
            ("2. März 2026", "2026-03-02"),
            ("8. Mrz 2026", "2026-03-08"),
            ("1 sept. 2026", "2026-09-01"),
            ("Mo., 1. Sept. 2026", "2026-09-01"),
            ("23 september 2026 00:00", "2026-09-23 00:00:00"),
            ("16 de febrero de 2026 0:00", "2026-02-16 00:00:00"),
            ("1 de janeiro de 2026", "2026-01-01"),
            ("Aug 12, 2019 06:58 am", "2019-08-12 06:58:00"),
            ("18 Şub 2026", "2026-02-18"),
            ("15/01/2024, 10:00", "2024-01-15 10:00:00"),
            ("05-Jan-2026 10:00", "2026-01-05 10:00:00"),
            ("5/Oca/2026", "2026-01-05"),
            ("05-Jan-26", "2026-01-05"),
            ("15/01/2026 09.46", "2026-01-15 09:46:00"),
            ("15/01/2026 1:05 p. m.", "2026-01-15 13:05:00"),
            ("15/01/2026 1:05 ص", "2026-01-15 01:05:00"),
            ("2026年3月5日", "2026-03-05"),
            ("2026-03", "2026-03-01"),
            ("٢٠٢٦-٠٣-٠٥", "2026-03-05"),
            ("31/02/2026", "-"),
            ("hello", "-"),
        ] {
            assert_eq!(text(cell, None), expected, "{cell}");
        }
        assert_eq!(text("03/04/2026", Some(Order::DayFirst)), "2026-04-03");
        assert_eq!(text("4/8/2025 17:19", Some(Order::MonthFirst)), "2025-04-08 17:19:00");
    }

    #[test]
    fn periods_as_people_and_spreadsheets_write_them() {
        for (cell, expected) in [
            ("2026", Some("2026")),
            ("2026-01", Some("2026-01")),
            ("2026-01-01", Some("2026-01")),
            ("2026-01-01 00:00:00", Some("2026-01")),
            ("Jan-26", Some("2026-01")),
            ("01/2026", Some("2026-01")),
            ("Ocak 2026", Some("2026-01")),
            ("2026-q1", Some("2026-Q1")),
            ("Q1 2026", Some("2026-Q1")),
            ("2026-W5", Some("2026-W05")),
            ("KW05/2026", Some("2026-W05")),
            ("13/2026", None),
            ("2026-Q5", None),
            ("soon", None),
        ] {
            assert_eq!(parse_period(cell).as_deref(), expected, "{cell}");
        }
    }
}

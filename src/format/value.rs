//! A cell's text into the value its target column holds: text, whole numbers, micros, dates and moments.

use std::borrow::Cow;

use chrono::TimeZone;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::currency::{self, Amount};
use super::date::{self, Moment, Order};
use super::locale::{DecimalMark, Locale};
use super::numeric_date;
use crate::moment::{parse_day, parse_time, write_day, write_time};

/// What a record table takes: nothing, an integer, or text. No floating point enters a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value<'a> {
    Null,
    Integer(i64),
    Text(Cow<'a, str>),
}

impl Value<'_> {
    /// The same value with a text of its own.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Integer(n) => Value::Integer(n),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// The same value without a text of its own.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Null => Value::Null,
            Value::Integer(n) => Value::Integer(*n),
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
        }
    }
}

/// How a cell is read; it follows from the target column's name and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Id,
    Currency,
    /// Integer micros of the major unit.
    Money,
    /// A decimal number × 1,000,000; a percent is a fraction of one.
    Millionths,
    Whole,
    Seconds,
    Bool,
    /// A calendar day, `YYYY-MM-DD`.
    Day,
    /// A day or a day with a time, local or UTC.
    Moment,
    /// A month, quarter, week or year.
    Period,
}

impl Kind {
    /// The kind that a target column's name and SQL type ask for.
    pub fn of(column: &str, is_integer: bool) -> Kind {
        let ends = |suffix: &str| column.ends_with(suffix);
        match column {
            "currency" | "base" => Kind::Currency,
            "period" => Kind::Period,
            "day" | "day_from" | "day_to" | "month" | "week" | "period_start" | "period_end" => Kind::Day,
            _ if ends("_micros") => Kind::Money,
            _ if ends("_millionths") => Kind::Millionths,
            _ if ends("_seconds") => Kind::Seconds,
            _ if ends("_at") => Kind::Moment,
            _ if ends("_on") => Kind::Day,
            _ if column.starts_with("is_") || column.starts_with("has_") || column == "attended" => {
                Kind::Bool
            }
            _ if is_integer => Kind::Whole,
            _ if ends("_id") || ends("_ids") => Kind::Id,
            _ => Kind::Text,
        }
    }

    /// What a person would have to write, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::Id => "an id",
            Kind::Currency => "a currency code like EUR",
            Kind::Money => "an amount like 1234.50",
            Kind::Millionths => "a number like 12.5",
            Kind::Whole => "a whole number",
            Kind::Seconds => "a number of seconds",
            Kind::Bool => "yes or no",
            Kind::Day => "a date",
            Kind::Moment => "a date",
            Kind::Period => "a period like 2026-01, 2026-Q1, 2026-W05 or 2026",
        }
    }

    pub fn is_number(self) -> bool {
        matches!(self, Kind::Money | Kind::Millionths | Kind::Whole | Kind::Seconds)
    }

    pub fn is_date(self) -> bool {
        matches!(self, Kind::Day | Kind::Moment)
    }
}

/// Options of one column that change how its cells are read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub utc: bool,
    /// The zone that the header names: `Conversation started at (Europe/Berlin)`.
    pub zone: Option<chrono_tz::Tz>,
    pub midnight_is_date: bool,
    pub unit: Unit,
    pub widen_ids: bool,
    /// The platform writes this column so in every language.
    pub order: Option<Order>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unit {
    #[default]
    Major,
    /// Money in cents.
    Minor,
    /// Percent points without a sign.
    Percent,
    Milliseconds,
    Minutes,
    Hours,
}

/// True for the marks that platforms write where there is nothing.
pub fn is_placeholder(cell: &str) -> bool {
    // most cells begin with something else
    let may_be = cell.bytes().next().is_none_or(|b| matches!(b, b'-' | 0xe2 | b'n' | b'N' | b'#'));
    may_be && matches!(cell, "" | "-" | "--" | "–" | "—" | "n/a" | "N/A" | "#DIV/0!" | "#N/A")
}

/// Reads a cell; `Err` is what was expected instead.
pub fn read<'a>(cell: &'a str, kind: Kind, reading: &Reading, locale: &Locale) -> Result<Value<'a>, String> {
    let cell = trim(cell);
    if is_placeholder(cell) {
        let is_text =
            matches!(kind, Kind::Text | Kind::Id | Kind::Currency | Kind::Moment | Kind::Day | Kind::Period);
        return Ok(if is_text { Value::Text(Cow::Borrowed("")) } else { Value::Null });
    }
    let wrong = || expected(cell, kind, locale);
    match kind {
        Kind::Text => Ok(Value::Text(Cow::Borrowed(cell))),
        Kind::Id => read_id(cell, reading.widen_ids).map(Value::Text),
        Kind::Currency if cell == "000" => Ok(Value::Text(Cow::Borrowed(""))),
        Kind::Currency if cell.len() == 3 && cell.bytes().all(|b| b.is_ascii_uppercase()) => {
            Ok(Value::Text(Cow::Borrowed(cell)))
        }
        Kind::Currency => currency::read(cell).map(|c| Value::Text(Cow::Owned(c))).ok_or_else(wrong),
        Kind::Money => {
            let scale = if reading.unit == Unit::Minor { 10_000 } else { 1_000_000 };
            read_scaled(cell, scale, locale).map(Value::Integer).ok_or_else(wrong)
        }
        Kind::Millionths => read_millionths(cell, reading.unit, locale).ok_or_else(wrong),
        Kind::Whole => read_whole(cell, locale).ok_or_else(wrong),
        Kind::Seconds => read_seconds(cell, reading.unit, locale).map(Value::Integer).ok_or_else(wrong),
        Kind::Bool => read_bool(cell).map(|b| Value::Integer(b.into())).ok_or_else(wrong),
        Kind::Day | Kind::Moment => read_moment(cell, kind, reading, locale).ok_or_else(wrong),
        Kind::Period => {
            date::parse_period(cell).map(|period| Value::Text(Cow::Owned(period))).ok_or_else(wrong)
        }
    }
}

fn expected(cell: &str, kind: Kind, locale: &Locale) -> String {
    if kind.is_date() && date::is_ambiguous(cell) && locale.order.is_none() {
        return "expected a date whose day and month can be told apart".to_owned();
    }
    format!("expected {}", kind.expected())
}

/// White space of every kind at both ends, and direction marks.
pub fn trim(cell: &str) -> &str {
    // nearly every cell begins and ends with a plain character
    let is_plain = |b: &u8| (0x21..0x7f).contains(b);
    match cell.as_bytes() {
        [] => return cell,
        [one] if is_plain(one) => return cell,
        [first, .., last] if is_plain(first) && is_plain(last) => return cell,
        _ => {}
    }
    cell.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{a0}')
    })
}

/// In lower case; borrowed where it is so already.
pub fn lower(cell: &str) -> Cow<'_, str> {
    let is_lower = cell.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(cell) } else { Cow::Owned(cell.to_lowercase()) }
}

/// An id is text. Where a spreadsheet turned it into `1.05E+11`, its digits are gone.
fn read_id(cell: &str, widen: bool) -> Result<Cow<'_, str>, String> {
    if is_scientific(cell) {
        return Err("expected an id; a spreadsheet has rounded it and its digits are gone".to_owned());
    }
    let cell = cell.strip_prefix('[').and_then(|c| c.strip_suffix(']')).unwrap_or(cell);
    if widen && cell.len() == 15 && cell.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(Cow::Owned(widen_salesforce_id(cell)));
    }
    Ok(Cow::Borrowed(cell))
}

/// `1.05284E+11`, `5,21E+10`: what spreadsheets make of long numbers.
pub fn is_scientific(cell: &str) -> bool {
    // of nearly all ids this says it
    if !cell.as_bytes().contains(&b'+') {
        return false;
    }
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix('+') else { return false };
    !exponent.is_empty()
        && exponent.bytes().all(|b| b.is_ascii_digit())
        && mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
}

/// The 18-character form: each group of five gives a letter whose bits say which of its letters are capitals.
/// <https://developer.salesforce.com/docs> ("case-insensitive 18-character id")
fn widen_salesforce_id(id: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut out = id.to_owned();
    for group in id.as_bytes().chunks(5) {
        let index =
            group.iter().enumerate().fold(0, |bits, (i, b)| bits | usize::from(b.is_ascii_uppercase()) << i);
        out.push(char::from(LETTERS[index]));
    }
    out
}

fn read_bool(cell: &str) -> Option<bool> {
    match lower(cell).as_ref() {
        "true" | "yes" | "y" | "1" | "on" | "x" | "ja" | "oui" | "sí" | "si" | "sim" | "evet" | "ya"
        | "نعم" | "wahr" | "vrai" => Some(true),
        "false" | "no" | "n" | "0" | "off" | "nein" | "non" | "não" | "hayır" | "tidak" | "لا" | "falsch"
        | "faux" => Some(false),
        _ => None,
    }
}

fn read_whole<'a>(cell: &str, locale: &Locale) -> Option<Value<'a>> {
    let mark = if locale.decimal == Some(DecimalMark::Comma) { b'.' } else { b',' };
    if let Some(n) = read_digits(cell.as_bytes(), mark).or_else(|| cell.parse().ok()) {
        return Some(Value::Integer(n));
    }
    let number = read_decimal(cell, locale)?;
    number.fract().is_zero().then(|| number.to_i64().map(Value::Integer)).flatten()
}

fn read_millionths<'a>(cell: &str, unit: Unit, locale: &Locale) -> Option<Value<'a>> {
    if let Some(rest) = cell.strip_suffix('%').or_else(|| cell.strip_prefix('%')) {
        // `< 10%` is a bound, not a number.
        if rest.starts_with(['<', '>']) {
            return Some(Value::Null);
        }
        return read_scaled(trim(rest), 10_000, locale).map(Value::Integer);
    }
    let scale = if unit == Unit::Percent { 10_000 } else { 1_000_000 };
    read_scaled(cell, scale, locale).map(Value::Integer)
}

/// Seconds from a number in `unit`, or from `hh:mm:ss` / `mm:ss`.
fn read_seconds(cell: &str, unit: Unit, locale: &Locale) -> Option<i64> {
    if cell.contains(':') {
        let parts: Option<Vec<i64>> = cell.split(':').map(|p| p.trim().parse().ok()).collect();
        return parts.filter(|p| p.len() <= 3).map(|p| p.iter().fold(0, |sum, part| sum * 60 + part));
    }
    let number = read_decimal(cell, locale)?;
    let seconds = match unit {
        Unit::Milliseconds => number / Decimal::from(1000),
        Unit::Minutes => number * Decimal::from(60),
        Unit::Hours => number * Decimal::from(3600),
        _ => number,
    };
    seconds.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven).to_i64()
}

/// A number × `scale`, a power of ten, half to even; `None` where the cell is no number.
pub fn read_scaled(cell: &str, scale: i64, locale: &Locale) -> Option<i64> {
    let (mark, group) = if locale.decimal == Some(DecimalMark::Comma) { (b',', b'.') } else { (b'.', b',') };
    if let Some(plain) = read_plain(cell.as_bytes(), scale, mark, group) {
        return Some(plain);
    }
    let scaled = read_decimal(cell, locale)?.checked_mul(Decimal::from(scale))?;
    scaled.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven).to_i64()
}

/// Digits, perhaps in groups of three with a mark between, and nothing else: what reports write for counts.
fn read_digits(cell: &[u8], mark: u8) -> Option<i64> {
    if cell.len() > 18 {
        return None;
    }
    let (mut number, mut in_group, mut is_grouped) = (0, 0, false);
    for &b in cell {
        if b.is_ascii_digit() {
            number = number * 10 + i64::from(b - b'0');
            in_group += 1;
        } else if b == mark && (in_group == 3 || !is_grouped && (1..3).contains(&in_group)) {
            (in_group, is_grouped) = (0, true);
        } else {
            return None;
        }
    }
    (in_group == 3 || !is_grouped && in_group > 0).then_some(number)
}

/// The fast path for what most exports write: digits, perhaps in groups of three, and behind a decimal mark no more than
/// the scale, a power of ten, makes whole.
fn read_plain(cell: &[u8], scale: i64, mark: u8, group: u8) -> Option<i64> {
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    if digits.len() > 14 || !digits.first()?.is_ascii_digit() {
        return None;
    }
    let mut number: i64 = 0;
    let (mut in_group, mut decimals): (Option<u32>, Option<u32>) = (None, None);
    for &b in digits {
        if b.is_ascii_digit() {
            number = number * 10 + i64::from(b - b'0');
            in_group = in_group.map(|digits| digits + 1);
            decimals = decimals.map(|digits| digits + 1);
        } else if (b == mark || b == group) && decimals.is_none() && matches!(in_group, None | Some(3)) {
            (in_group, decimals) = if b == mark { (None, Some(0)) } else { (Some(0), None) };
        } else {
            return None;
        }
    }
    if !matches!(in_group, None | Some(3)) {
        return None;
    }
    let missing = scale.ilog10().checked_sub(decimals.unwrap_or(0))?;
    let scaled = number.checked_mul(10_i64.pow(missing))?;
    Some(if digits.len() < cell.len() { -scaled } else { scaled })
}

/// Signs, currency marks, thousands marks and decimal mark of the file's locale, then an exact decimal.
pub fn read_decimal(cell: &str, locale: &Locale) -> Option<Decimal> {
    let amount = Amount::split(cell)?;
    let mark = match locale.decimal.unwrap_or(DecimalMark::Dot) {
        DecimalMark::Dot => '.',
        DecimalMark::Comma => ',',
    };
    let factor = Decimal::from(match amount.suffix {
        "k" | "K" => 1000,
        "m" | "M" | "Mio" => 1_000_000,
        "" | "%" => 1,
        suffix if currency::is_beside(suffix) => 1,
        _ => return None,
    });
    if !matches!(amount.prefix, "" | "%") && !currency::is_beside(amount.prefix) {
        return None;
    }
    let mut plain = String::with_capacity(amount.number.len());
    let mut seen_mark = false;
    let mut digits_after_thousands: Option<u32> = None;
    for c in amount.number.chars() {
        if let Some(digit) = ascii_digit(c) {
            plain.push(digit);
            digits_after_thousands = digits_after_thousands.map(|d| d + 1);
        } else if (c == mark || c == '٫') && !seen_mark {
            close_group(digits_after_thousands.take())?;
            seen_mark = true;
            plain.push('.');
        } else if is_thousands(c) && !seen_mark {
            close_group(digits_after_thousands.take())?;
            digits_after_thousands = Some(0);
        } else {
            return None;
        }
    }
    close_group(digits_after_thousands)?;
    let value =
        Decimal::from_str_exact(&plain).or_else(|_| plain.parse::<Decimal>()).ok()?.checked_mul(factor)?;
    Some(if amount.is_negative { -value } else { value })
}

/// A thousands mark must be followed by three digits (two in the Indian grouping).
fn close_group(digits: Option<u32>) -> Option<()> {
    matches!(digits, None | Some(2 | 3)).then_some(())
}

fn is_thousands(c: char) -> bool {
    matches!(c, ',' | '.' | ' ' | '\'' | '’' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '٬')
}

fn ascii_digit(c: char) -> Option<char> {
    let digit = match c {
        '0'..='9' => return Some(c),
        '٠'..='٩' => c as u32 - '٠' as u32,
        '۰'..='۹' => c as u32 - '۰' as u32,
        _ => return None,
    };
    char::from_digit(digit, 10)
}

fn read_moment<'a>(cell: &'a str, kind: Kind, reading: &Reading, locale: &Locale) -> Option<Value<'a>> {
    // what many exports write already has the form that is kept
    if parse_day(cell.as_bytes()).is_some() {
        return Some(Value::Text(Cow::Borrowed(cell)));
    }
    let order = reading.order.or(locale.order);
    // a time in another zone has to be computed
    if reading.zone.is_none() {
        if parse_time(cell).is_some() {
            return Some(spell(&cell[..10], Some(&cell[11..]), kind, reading));
        }
        if let Some(spelled) = numeric_date::read(cell, order) {
            let (day, clock) = spelled.parts();
            return Some(spell(day, clock, kind, reading));
        }
    }
    read_any_moment(cell, kind, reading, order)
}

/// A day and a clock, `HH:MM` or `HH:MM:SS`, in the form that is kept.
fn spell(day: &str, clock: Option<&str>, kind: Kind, reading: &Reading) -> Value<'static> {
    let is_day =
        |clock: &str| kind == Kind::Day || (reading.midnight_is_date && "00:00:00".starts_with(clock));
    let Some(clock) = clock.filter(|clock| !is_day(clock)) else {
        return Value::Text(Cow::Owned(day.to_owned()));
    };
    let mut text = String::with_capacity("0000-00-00T00:00:00Z".len());
    text.push_str(day);
    text.push('T');
    text.push_str(clock);
    text.push_str(if clock.len() == 5 { ":00" } else { "" });
    text.push_str(if reading.utc { "Z" } else { "" });
    Value::Text(Cow::Owned(text))
}

fn read_any_moment(
    cell: &str,
    kind: Kind,
    reading: &Reading,
    order: Option<Order>,
) -> Option<Value<'static>> {
    let moment = date::parse(cell, order)?;
    let moment = match (moment, reading.zone) {
        (Moment::Local(t), Some(zone)) => {
            zone.from_local_datetime(&t).earliest().map_or(moment, |at| Moment::Utc(at.naive_utc()))
        }
        _ => moment,
    };
    let text = match (kind, moment) {
        (_, Moment::Day(day)) => write_day(day),
        (Kind::Day, Moment::Local(t)) => write_day(t.date()),
        (Kind::Day, Moment::Utc(t)) => write_day(t.date()),
        (_, Moment::Local(t)) if reading.midnight_is_date && t.time() == chrono::NaiveTime::MIN => {
            write_day(t.date())
        }
        (_, Moment::Local(t)) => write_time(t) + if reading.utc { "Z" } else { "" },
        (_, Moment::Utc(t)) => write_time(t) + "Z",
    };
    Some(Value::Text(Cow::Owned(text)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn plain_numbers_are_read_as_exact_decimals_are(cell in "-?([0-9]{1,8}|[0-9]{1,3}([.,][0-9]{3}){1,3})([.,][0-9]{0,8})?|[-0-9.,]{1,9}") {
            for (scale, decimal, mark, group) in [
                (1_000_000, DecimalMark::Dot, b'.', b','),
                (1_000_000, DecimalMark::Comma, b',', b'.'),
                (10_000, DecimalMark::Dot, b'.', b','),
            ] {
                let locale = Locale { decimal: Some(decimal), order: None };
                // a mark that nothing follows is passed over
                let exact = read_decimal(cell.trim_end_matches(char::from(mark)), &locale);
                let exact = exact.map(|number| number * Decimal::from(scale));
                if let Some(plain) = read_plain(cell.as_bytes(), scale, mark, group) {
                    prop_assert_eq!(exact, Some(Decimal::from(plain)));
                }
            }
        }
    }

    #[test]
    fn most_numbers_are_plain() {
        for (cell, hundredths) in
            [("0", 0), ("7", 700), ("-1234", -123_400), ("1,234.5", 123_450), ("1,234,567.89", 123_456_789)]
        {
            assert_eq!(read_plain(cell.as_bytes(), 100, b'.', b','), Some(hundredths), "{cell}");
        }
        for cell in ["", "-", ".5", "1.234", "1,23", "12,34,567", "1,234,", "5 %"] {
            assert_eq!(read_plain(cell.as_bytes(), 100, b'.', b','), None, "{cell}");
        }
    }
}

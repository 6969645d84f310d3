//! Days and times in their plain ISO form, read and written digit by digit, because nearly every row has some.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// Two digits at a place.
fn two(bytes: &[u8], at: usize) -> Option<u32> {
    let (tens, ones) = (bytes[at].wrapping_sub(b'0'), bytes[at + 1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens * 10 + ones))
}

/// Exactly `YYYY-MM-DD`.
pub fn parse_day(text: &[u8]) -> Option<NaiveDate> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let year = 100 * two(text, 0)? + two(text, 2)?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, two(text, 5)?, two(text, 8)?)
}

/// Exactly `HH:MM` or `HH:MM:SS`.
pub fn parse_clock(text: &[u8]) -> Option<NaiveTime> {
    if !matches!(text.len(), 5 | 8) || text[2] != b':' {
        return None;
    }
    let second = match text.len() {
        5 => 0,
        _ if text[5] == b':' => two(text, 6)?,
        _ => return None,
    };
    NaiveTime::from_hms_opt(two(text, 0)?, two(text, 3)?, second)
}

/// Exactly `YYYY-MM-DD`, `T` or a space, `HH:MM` or `HH:MM:SS`.
pub fn parse_time(text: &str) -> Option<NaiveDateTime> {
    let (day, clock) = text.as_bytes().split_at_checked(11)?;
    if !matches!(day[10], b'T' | b' ') {
        return None;
    }
    Some(parse_day(&day[..10])?.and_time(parse_clock(clock)?))
}

/// `YYYY-MM-DD`.
pub fn write_day(day: NaiveDate) -> String {
    let Some(year) = written_year(day.year()) else { return day.to_string() };
    let mut digits = *b"0000-00-00";
    put_day(&mut digits, year, day);
    written(&digits)
}

/// `YYYY-MM-DDTHH:MM:SS`.
pub fn write_time(time: NaiveDateTime) -> String {
    let Some(year) = written_year(time.year()) else { return time.format("%Y-%m-%dT%H:%M:%S").to_string() };
    let mut digits = *b"0000-00-00T00:00:00";
    put_day(&mut digits, year, time.date());
    put_two(&mut digits, 11, time.hour());
    put_two(&mut digits, 14, time.minute());
    put_two(&mut digits, 17, time.second());
    written(&digits)
}

fn written(digits: &[u8]) -> String {
    // a `Z` often follows
    let mut text = String::with_capacity(digits.len() + 1);
    text.push_str(str::from_utf8(digits).expect("digits and their separators"));
    text
}

/// A year of four digits.
fn written_year(year: i32) -> Option<u32> {
    u32::try_from(year).ok().filter(|year| *year < 10_000)
}

fn put_day(digits: &mut [u8], year: u32, day: NaiveDate) {
    put_two(digits, 0, year / 100);
    put_two(digits, 2, year % 100);
    put_two(digits, 5, day.month());
    put_two(digits, 8, day.day());
}

fn put_two(digits: &mut [u8], at: usize, number: u32) {
    digits[at] = b'0' + (number / 10 % 10) as u8;
    digits[at + 1] = b'0' + (number % 10) as u8;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in
            ["0001-01-01T00:00:00", "1999-12-31T23:59:59", "2024-02-29T09:05:00", "9999-12-31T10:20:30"]
        {
            assert_eq!(write_time(parse_time(text).unwrap()), text);
            assert_eq!(write_day(parse_day(&text.as_bytes()[..10]).unwrap()), text[..10]);
        }
        assert_eq!(parse_time("2024-02-29 09:05"), parse_time("2024-02-29T09:05:00"));
    }

    #[test]
    fn only_the_plain_form_is_read() {
        for text in [
            "2024-02-30T09:05",
            "2024-02-28T24:00",
            "2024-02-28T09:60",
            "2024-02-28T9:05",
            "2024/02/28 09:05",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}

//! Days and times in their plain ISO form, read and written digit by digit, because nearly every row has some.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

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

/// Exactly `YYYY-MM-DD`, `T` or a space, `HH:MM` or `HH:MM:SS`.
pub fn parse_time(text: &str) -> Option<NaiveDateTime> {
    let bytes = text.as_bytes();
    if !matches!(bytes.len(), 16 | 19) || !matches!(bytes[10], b'T' | b' ') || bytes[13] != b':' {
        return None;
    }
    let second = match bytes.len() {
        16 => 0,
        _ if bytes[16] == b':' => two(bytes, 17)?,
        _ => return None,
    };
    parse_day(&bytes[..10])?.and_hms_opt(two(bytes, 11)?, two(bytes, 14)?, second)
}

/// `YYYY-MM-DDTHH:MM:SS`.
pub fn write_time(time: NaiveDateTime) -> String {
    let Some(year) = u32::try_from(time.year()).ok().filter(|year| *year < 10_000) else {
        return time.format("%Y-%m-%dT%H:%M:%S").to_string();
    };
    let mut text = String::with_capacity(20);
    let mut push = |number: u32, before: Option<char>| {
        text.extend(before);
        text.extend([number / 10 % 10, number % 10].map(|digit| char::from(b'0' + digit as u8)));
    };
    push(year / 100, None);
    push(year % 100, None);
    push(time.month(), Some('-'));
    push(time.day(), Some('-'));
    push(time.hour(), Some('T'));
    push(time.minute(), Some(':'));
    push(time.second(), Some(':'));
    text
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

//! Dates in numbers, as nearly every export writes them, read digit by digit and spelled out as they are kept. Other dates
//! are left to [`super::date`], which reads these as well, at many times the cost.

use super::date::{self, Order};

/// A day, perhaps with a time: `YYYY-MM-DDTHH:MM:SS`.
#[derive(Debug, PartialEq, Eq)]
pub struct Spelled {
    text: [u8; TIME],
    has_time: bool,
}

const DAY: usize = 10;
const TIME: usize = 19;

impl Spelled {
    /// The day, and the clock where it has a time.
    pub fn parts(&self) -> (&str, Option<&str>) {
        let length = if self.has_time { TIME } else { DAY };
        let text = str::from_utf8(&self.text[..length]).expect("digits and their separators");
        (&text[..DAY], text.get(DAY + 1..))
    }
}

/// `2026-03-05`, `05.03.2026`, `3/5/26`, alone or followed by `09:46` or `09:46:12`. `order` decides `03/04/2026`.
pub fn read(cell: &str, order: Option<Order>) -> Option<Spelled> {
    let (first, rest) = number(cell.as_bytes());
    let (&separator, rest) = rest.split_first()?;
    let (second, rest) = number(rest);
    let (&again, rest) = rest.split_first()?;
    let (third, rest) = number(rest);
    if !matches!(separator, b'-' | b'/' | b'.') || again != separator || !matches!(second.digits, 1 | 2) {
        return None;
    }
    let (year, month, day) = match (first.digits, third.digits) {
        (4, 1 | 2) => (first.value, second.value, third.value),
        (1 | 2, 2 | 4) => {
            let year = if third.digits == 2 { 2000 + third.value } else { third.value };
            match date::order_of(first.value, second.value, separator.into(), order)? {
                Order::DayFirst => (year, second.value, first.value),
                Order::MonthFirst => (year, first.value, second.value),
            }
        }
        _ => return None,
    };
    if day == 0 || day > days_of(year, month) {
        return None;
    }
    let mut text = *b"0000-00-00T00:00:00";
    put(&mut text, 0, year / 100);
    put(&mut text, 2, year % 100);
    put(&mut text, 5, month);
    put(&mut text, 8, day);
    let has_time = !rest.is_empty();
    if has_time {
        let (b' ' | b'T', clock) = rest.split_first()? else { return None };
        if !is_clock(clock) {
            return None;
        }
        text[DAY + 1..=DAY + clock.len()].copy_from_slice(clock);
    }
    Some(Spelled { text, has_time })
}

struct Number {
    value: u32,
    digits: usize,
}

/// The number that a text begins with, and what follows; of more than four digits only that there are more.
fn number(text: &[u8]) -> (Number, &[u8]) {
    let (mut value, mut digits) = (0, 0);
    for byte in text.iter().take(5) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = 10 * value + u32::from(digit);
        digits += 1;
    }
    (Number { value, digits }, &text[digits..])
}

/// None of a month that there is not.
fn days_of(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Exactly `HH:MM` or `HH:MM:SS`.
fn is_clock(text: &[u8]) -> bool {
    let is_part = |[tens, ones]: [u8; 2], most: u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        tens < 10 && ones < 10 && 10 * tens + ones <= most
    };
    match *text {
        [h, hh, b':', m, mm] => is_part([h, hh], 23) && is_part([m, mm], 59),
        [h, hh, b':', m, mm, b':', s, ss] => {
            is_part([h, hh], 23) && is_part([m, mm], 59) && is_part([s, ss], 59)
        }
        _ => false,
    }
}

fn put(text: &mut [u8; TIME], at: usize, number: u32) {
    text[at] = b'0' + (number / 10) as u8;
    text[at + 1] = b'0' + (number % 10) as u8;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::date::Moment;
    use crate::moment::{write_day, write_time};

    fn number() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => (0..33_u32).prop_map(|n| format!("{n:02}")),
            2 => (0..33_u32).prop_map(|n| n.to_string()),
            8 => (1990..2031_u32).prop_map(|n| n.to_string()),
            1 => "[0-9]{1,5}",
        ]
    }

    fn cell() -> impl Strategy<Value = String> {
        let clock = prop_oneof![
            3 => Just(String::new()),
            3 => (0..25, 0..61).prop_map(|(h, m)| format!(" {h:02}:{m:02}")),
            2 => (0..25, 0..61, 0..61).prop_map(|(h, m, s)| format!("T{h:02}:{m:02}:{s:02}")),
            1 => " [0-9:. APM+Z-]{0,9}",
        ];
        let separator = || prop_oneof![3 => Just("-"), 3 => Just("."), 3 => Just("/"), 1 => Just(" ")];
        (number(), separator(), number(), proptest::option::weighted(0.1, separator()), number(), clock)
            .prop_map(|(a, first, b, second, c, clock)| {
                format!("{a}{first}{b}{}{c}{clock}", second.unwrap_or(first))
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn dates_in_numbers_are_read_as_all_dates_are(cell in cell(), order in 0..3_usize) {
            let order = [None, Some(Order::DayFirst), Some(Order::MonthFirst)][order];
            if let Some(spelled) = read(&cell, order) {
                let expected = match date::parse(&cell, order).unwrap() {
                    Moment::Day(day) => (write_day(day), None),
                    Moment::Local(time) => (write_day(time.date()), Some(write_time(time)[DAY + 1..].to_owned())),
                    Moment::Utc(_) => unreachable!("no zone was written"),
                };
                let (day, clock) = spelled.parts();
                prop_assert_eq!((day.to_owned(), clock.map(str::to_owned)), expected);
            }
        }
    }

    #[test]
    fn what_most_exports_write_is_read() {
        for (cell, day, clock) in [
            ("2026-03-05", "2026-03-05", None),
            ("2026/3/5 09:46", "2026-03-05", Some("09:46:00")),
            ("2026-03-05T09:46:12", "2026-03-05", Some("09:46:12")),
            ("05.03.2026 23:59", "2026-03-05", Some("23:59:00")),
            ("5.3.26", "2026-03-05", None),
            ("3/5/2026", "2026-03-05", None),
            ("13/5/2026 00:00:00", "2026-05-13", Some("00:00:00")),
        ] {
            assert_eq!(read(cell, Some(Order::MonthFirst)).expect(cell).parts(), (day, clock), "{cell}");
        }
        for cell in [
            "",
            "5",
            "2026-03",
            "31.02.2026",
            "05.03.2026 24:00",
            "5/3-2026",
            "2026-03-05T09:46Z",
            "1.234.567",
        ] {
            assert_eq!(read(cell, None), None, "{cell}");
        }
    }
}

//! What exports said of the stages that one record was in, packed into one value of its row: a record has a handful of
//! these facts, and as rows of their own they would outweigh the record.

use chrono::{DateTime, Timelike, Utc};

use crate::moment;
use crate::settings::calendar::{date_of, number_of};
use crate::varint::{pull, push};

/// When something happened, as precisely as it was said. The order is that of the written forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Since 1970-01-01, in UTC or in local time.
    seconds: i64,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Day,
    Local,
    Utc,
}

impl Moment {
    /// Reads `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS` or that with a `Z`; anything else is none.
    pub fn parse(text: &str) -> Option<Moment> {
        if text.len() == 10 {
            let day = number_of(moment::parse_day(text.as_bytes())?);
            return Some(Moment { seconds: i64::from(day) * 86_400, form: Form::Day });
        }
        let (time, form) = text.strip_suffix('Z').map_or((text, Form::Local), |time| (time, Form::Utc));
        let time = moment::parse_time(time)?;
        let day = i64::from(number_of(time.date()));
        Some(Moment { seconds: day * 86_400 + i64::from(time.num_seconds_from_midnight()), form })
    }

    /// As it was read.
    pub fn text(self) -> String {
        match (self.form, DateTime::from_timestamp(self.seconds, 0)) {
            (Form::Local, Some(time)) => moment::write_time(time.naive_utc()),
            (Form::Utc, Some(time)) => moment::write_time(time.naive_utc()) + "Z",
            _ => moment::write_day(date_of(self.seconds.div_euclid(86_400) as i32)),
        }
    }

    /// The day as it was said.
    pub fn day(self) -> i32 {
        self.seconds.div_euclid(86_400) as i32
    }

    /// The instant, where it is known whatever the time zone is.
    pub fn instant(self) -> Option<DateTime<Utc>> {
        if self.form == Form::Utc { DateTime::from_timestamp(self.seconds, 0) } else { None }
    }
}

/// A fact about a stage, which is a row of `said_stages`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// An export gives the date on which the record entered the stage.
    Entered { stage: i64, at: Moment },
    /// A tracked column showed it: on the as-of day of the first export that did; `after` is that of the last one that
    /// showed something else, none at first sight.
    Shown { stage: i64, on: i32, after: Option<i32> },
}

/// The facts of one record.
#[derive(Debug, Default)]
pub struct Trail {
    facts: Vec<Fact>,
}

impl Trail {
    /// Takes the place of what was there.
    pub fn read(&mut self, packed: &[u8]) {
        self.facts.clear();
        self.facts.extend(facts(packed));
    }

    pub fn clear(&mut self) {
        self.facts.clear();
    }

    /// Of one stage the earliest date that any export ever gave stands.
    pub fn enter(&mut self, entered: i64, moment: Moment) {
        let known = self.facts.iter_mut().find_map(|fact| match fact {
            Fact::Entered { stage, at } if *stage == entered => Some(at),
            _ => None,
        });
        match known {
            Some(at) => *at = moment.min(*at),
            None => self.facts.push(Fact::Entered { stage: entered, at: moment }),
        }
    }

    /// A value that was shown before stands as it was first seen.
    pub fn show(&mut self, shown: i64, on: i32, after: Option<i32>) {
        let is_known = |fact: &Fact| matches!(fact, Fact::Shown { stage, .. } if *stage == shown);
        if !self.facts.iter().any(is_known) {
            self.facts.push(Fact::Shown { stage: shown, on, after });
        }
    }

    /// Appends the facts in their packed form, in an order of their own: each begins with its stage and its kind, then come days
    /// or seconds, all as numbers of as many bytes as they need.
    pub fn pack(&mut self, into: &mut Vec<u8>) {
        self.facts.sort_unstable();
        for fact in &self.facts {
            match *fact {
                Fact::Entered { stage, at } => {
                    let (kind, number) = match at.form {
                        Form::Day => (DAY, at.seconds / 86_400),
                        Form::Local => (LOCAL, at.seconds),
                        Form::Utc => (INSTANT, at.seconds),
                    };
                    push(into, stage << 2 | kind);
                    push(into, number);
                }
                Fact::Shown { stage, on, after } => {
                    push(into, stage << 2 | SHOWN);
                    push(into, on.into());
                    push(into, after.map_or(0, |after| i64::from(on - after) + 1));
                }
            }
        }
    }
}

const DAY: i64 = 0;
const LOCAL: i64 = 1;
const INSTANT: i64 = 2;
const SHOWN: i64 = 3;

/// The facts in their packed form; what breaks off in the middle ends it.
pub fn facts(packed: &[u8]) -> impl Iterator<Item = Fact> {
    let mut rest = packed;
    std::iter::from_fn(move || {
        let head = pull(&mut rest)?;
        let (stage, number) = (head >> 2, pull(&mut rest)?);
        let entered = |seconds, form| Fact::Entered { stage, at: Moment { seconds, form } };
        Some(match head & 3 {
            DAY => entered(number * 86_400, Form::Day),
            LOCAL => entered(number, Form::Local),
            INSTANT => entered(number, Form::Utc),
            _ => {
                let on = number as i32;
                let since = pull(&mut rest)?;
                Fact::Shown { stage, on, after: (since != 0).then(|| on - (since - 1) as i32) }
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap_or_else(|| panic!("`{text}` is not read"))
    }

    #[test]
    fn moments_are_written_as_they_were_read_and_sort_as_texts() {
        let texts = [
            "1969-12-31",
            "1969-12-31T23:59:59Z",
            "2026-02-28",
            "2026-02-28T00:00:00",
            "2026-02-28T00:00:00Z",
            "2026-02-28T23:59:59",
        ];
        for text in texts {
            assert_eq!(moment(text).text(), text);
        }
        assert!(texts.map(moment).is_sorted());
        assert_eq!(["", "soon", "2026-02-30"].map(Moment::parse), [None; 3]);
    }

    #[test]
    fn what_is_packed_is_read() {
        let mut trail = Trail::default();
        trail.show(900, 20_500, Some(20_493));
        trail.show(900, 20_600, None);
        trail.show(3, 20_486, None);
        trail.enter(12, moment("2026-03-01T10:00:00Z"));
        trail.enter(12, moment("2026-02-28"));
        trail.enter(13, moment("1969-12-31T23:59:59"));
        let mut packed = Vec::new();
        trail.pack(&mut packed);
        let expected = vec![
            Fact::Entered { stage: 12, at: moment("2026-02-28") },
            Fact::Entered { stage: 13, at: moment("1969-12-31T23:59:59") },
            Fact::Shown { stage: 3, on: 20_486, after: None },
            Fact::Shown { stage: 900, on: 20_500, after: Some(20_493) },
        ];
        assert_eq!(facts(&packed).collect::<Vec<_>>(), expected);
        let mut again = Trail::default();
        again.read(&packed);
        let mut repacked = Vec::new();
        again.pack(&mut repacked);
        assert_eq!(repacked, packed);
        assert!(facts(&packed[..packed.len() - 1]).count() < 4, "a broken value ends early");
    }
}

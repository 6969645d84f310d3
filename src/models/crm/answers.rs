//! Answers that are remembered, because most records ask the same.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use xxhash_rust::xxh3::xxh3_128;

use super::cells::Said;
use crate::hash::ByNumber;

/// Beyond, all are forgotten.
const REMEMBERED: usize = 100_000;

/// Texts of one question.
const MOST_TEXTS: usize = 10;

/// What tells a question from others: its kind, what it is about, and the numbers of its texts, two by two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Question([u64; 3 + MOST_TEXTS / 2]);

impl Hash for Question {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|number| state.write_u64(*number));
    }
}

pub(super) struct Answers<A> {
    known: HashMap<Question, A, ByNumber>,
    /// Numbers of texts that have none in `texts`, by a hash of the text.
    own: HashMap<u128, u32, ByNumber>,
    asked: Question,
}

impl<A> Default for Answers<A> {
    fn default() -> Self {
        Answers { known: HashMap::default(), own: HashMap::default(), asked: Question::default() }
    }
}

impl<A: Copy> Answers<A> {
    /// What was answered to the same question, which is of a kind, about something by its numbers, and holds texts.
    pub fn to(&mut self, kind: u8, about: [i64; 2], said: &[Said]) -> Option<A> {
        debug_assert!(said.len() <= MOST_TEXTS);
        let mut asked = [0; _];
        (asked[0], asked[1], asked[2]) = (kind.into(), about[0].cast_unsigned(), about[1].cast_unsigned());
        for (at, said) in said.iter().enumerate() {
            let number = match said {
                Said { number: 0, text } if !text.is_empty() => self.number(text),
                Said { number, .. } => *number,
            };
            asked[3 + at / 2] |= u64::from(number) << (at % 2 * 32);
        }
        self.asked = Question(asked);
        self.known.get(&self.asked).copied()
    }

    /// The answer to what was asked last.
    pub fn remember(&mut self, answer: A) -> A {
        if self.known.len() >= REMEMBERED || self.own.len() >= REMEMBERED {
            self.known.clear();
            self.own.clear();
        } else {
            self.known.insert(self.asked, answer);
        }
        answer
    }

    /// Above those of `texts`.
    fn number(&mut self, text: &str) -> u32 {
        let next = u32::MAX - self.own.len() as u32;
        *self.own.entry(xxh3_128(text.as_bytes())).or_insert(next)
    }
}

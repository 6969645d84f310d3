//! Answers that are remembered, because most records ask the same.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_128;

use super::cells::Said;
use crate::hash::ByNumber;

/// Beyond, all are forgotten.
const REMEMBERED: usize = 100_000;

pub(super) struct Answers<A> {
    /// By a hash of what was asked.
    known: HashMap<u128, A, ByNumber>,
    scratch: Vec<u8>,
    asked: u128,
}

impl<A> Default for Answers<A> {
    fn default() -> Self {
        Answers { known: HashMap::default(), scratch: Vec::new(), asked: 0 }
    }
}

impl<A: Copy> Answers<A> {
    /// What was answered to the same question, which is of a kind, about something by its numbers, and holds texts.
    pub fn to(&mut self, kind: u8, about: [i64; 2], said: &[Said]) -> Option<A> {
        self.scratch.clear();
        self.scratch.push(kind);
        about.iter().for_each(|number| self.scratch.extend_from_slice(&number.to_le_bytes()));
        for said in said {
            match (said.number, said.text) {
                (0, "") => self.scratch.push(0),
                (0, text) => {
                    self.scratch.push(1);
                    self.scratch.extend_from_slice(&text.len().to_le_bytes());
                    self.scratch.extend_from_slice(text.as_bytes());
                }
                (number, _) => {
                    self.scratch.push(2);
                    self.scratch.extend_from_slice(&number.to_le_bytes());
                }
            }
        }
        self.asked = xxh3_128(&self.scratch);
        self.known.get(&self.asked).copied()
    }

    /// The answer to what was asked last.
    pub fn remember(&mut self, answer: A) -> A {
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(self.asked, answer);
        answer
    }
}

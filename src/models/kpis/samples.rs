//! The records that medians and distinct counts are taken of, each with its day, scope and number.

use std::cell::{OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::types::ValueRef;

use super::super::scopes::Scope;
use super::Shared;
use crate::catalog;
use crate::error::{Error, Result};
use crate::hash::ByNumber;

/// Wide enough for any day (0001 to 9999).
const ALL_DAYS: (i32, i32) = (-719_162, 2_932_896);

/// The number of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Number {
    Integer(i64),
    /// The bits of a real number.
    Real(u64),
}

impl Number {
    fn read(value: ValueRef) -> Option<Number> {
        match value {
            ValueRef::Integer(n) => Some(Number::Integer(n)),
            ValueRef::Real(x) => Some(Number::Real(x.to_bits())),
            _ => None,
        }
    }

    /// By how large they are.
    fn order(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => a.cmp(b),
            _ => self.real().total_cmp(&other.real()).then(self.cmp(other)),
        }
    }

    fn real(self) -> f64 {
        match self {
            Number::Integer(n) => n as f64,
            Number::Real(bits) => f64::from_bits(bits),
        }
    }
}

/// The records of one cell, the smallest number first.
#[derive(Debug, Default)]
pub(super) struct Records {
    numbers: Vec<Number>,
    /// Found once, because several KPIs ask.
    distinct: OnceCell<i64>,
}

impl Records {
    /// Adds one that is as large as the last, or larger.
    pub fn add(&mut self, number: Number) {
        self.numbers.push(number);
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// How many different numbers there are.
    pub fn distinct(&self) -> i64 {
        *self.distinct.get_or_init(|| self.numbers.chunk_by(|a, b| a == b).count() as i64)
    }

    /// The middle number; of an even number of records the mean of the middle two. There is one at least.
    pub fn median(&self) -> f64 {
        let half = self.numbers.len() / 2;
        let middle = self.numbers[half].real();
        if self.numbers.len().is_multiple_of(2) {
            return (self.numbers[half - 1].real() + middle) / 2.0;
        }
        middle
    }
}

/// The records' days, scopes with totals, and numbers; the smallest first, so that no cell has to put them in order.
pub(super) type Days = Vec<(i32, Rc<[Scope]>, Number)>;

/// Samples that were read as a whole, for the next grain to read again.
#[derive(Debug, Default)]
pub(super) struct Samples(RefCell<HashMap<String, Rc<Days>>>);

impl Samples {
    /// A sample's records; where only some days are asked for, perhaps no others.
    pub fn days(&self, shared: &Shared, name: &str, between: Option<(i32, i32)>) -> Result<Rc<Days>> {
        if let Some(days) = self.0.borrow().get(name) {
            return Ok(Rc::clone(days));
        }
        let days = Rc::new(read(shared, name, between.unwrap_or(ALL_DAYS))?);
        if between.is_none() {
            self.0.borrow_mut().insert(name.to_owned(), Rc::clone(&days));
        }
        Ok(days)
    }
}

fn read(shared: &Shared, name: &str, (first, last): (i32, i32)) -> Result<Days> {
    let sample = catalog::sql("samples").into_iter().find(|t| t.name == name);
    let sample = sample.ok_or_else(|| Error::failed(format!("the sample `{name}` does not exist")))?;
    let body = sample.body.trim().trim_end_matches(';');
    let mut statement = shared.conn.prepare_cached(&format!(
        "select day, channel, value from (\n{body}\n) where day between ?1 and ?2"
    ))?;
    let mut days = Days::new();
    let mut scopes: HashMap<Option<i64>, Rc<[Scope]>, ByNumber> = HashMap::default();
    let mut rows = statement.query([first, last])?;
    while let Some(row) = rows.next()? {
        let Some(number) = Number::read(row.get_ref(2)?) else { continue };
        let channel = row.get(1)?;
        let scopes = match scopes.get(&channel) {
            Some(scopes) => Rc::clone(scopes),
            None => {
                let new = shared.scopes.with_totals(shared.scopes.of_channel(channel)?);
                Rc::clone(scopes.entry(channel).or_insert(new))
            }
        };
        days.push((row.get(0)?, scopes, number));
    }
    days.sort_unstable_by(|(.., a), (.., b)| a.order(b));
    Ok(days)
}

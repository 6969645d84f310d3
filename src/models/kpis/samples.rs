//! The records that medians and distinct counts are taken of, each with its day, scope and number.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::super::measures::{self, Number};
use super::super::scopes::Scope;
use super::Shared;
use super::cells::ByScope;
use crate::error::Result;
use crate::hash::Latest;

/// The numbers of a sample, each once and the smallest first.
#[derive(Debug)]
struct Numbers {
    /// Whole numbers, or the bits of real ones, turned so that they sort as those do.
    keys: Vec<i64>,
    are_real: bool,
}

/// The bits of a real number as a whole one that sorts as it does; and back.
fn turned(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

impl Numbers {
    fn get(&self, rank: u32) -> f64 {
        let key = self.keys[rank as usize];
        if self.are_real { f64::from_bits(turned(key).cast_unsigned()) } else { key as f64 }
    }
}

/// A record: the place of its day among those of the sample, its scope, and the place of its number.
#[derive(Debug)]
struct Record {
    day: u32,
    scope: Scope,
    rank: u32,
}

/// The records of a sample, the smallest number first, so that no cell has to put its own in order.
#[derive(Debug)]
pub(super) struct Records {
    numbers: Numbers,
    days: Vec<i32>,
    records: Vec<Record>,
}

/// What is asked of the records of a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summary {
    /// The middle number; of an even number of records the mean of the middle two.
    pub median: f64,
    /// How many different numbers there are.
    pub distinct: i64,
}

impl Summary {
    /// Of the ranks of a cell's numbers, in order.
    fn of(ranks: &[u32], numbers: &Numbers) -> Option<Summary> {
        let half = ranks.len() / 2;
        let middle = numbers.get(*ranks.get(half)?);
        let is_even = ranks.len().is_multiple_of(2);
        let median = if is_even { (numbers.get(ranks[half - 1]) + middle) / 2.0 } else { middle };
        let distinct = 1 + ranks.windows(2).filter(|pair| pair[0] != pair[1]).count() as i64;
        Some(Summary { median, distinct })
    }
}

impl Records {
    /// The cells of each period, by its first day, which `start` tells; of some days, where no others are to count.
    pub fn sum_up(
        &self,
        shared: &Shared,
        days: Option<(i32, i32)>,
        start: impl Fn(i32) -> i32,
    ) -> BTreeMap<i32, ByScope<Summary>> {
        let mut periods: Latest<i32, ()> = Latest::default();
        // every period's scopes lie side by side, and behind them a place for what a scope has fewer totals than two
        let totals = shared.scopes.all_with_totals();
        let width = totals.len() + 1;
        let counts = |day: &i32| days.is_none_or(|(first, last)| (first..=last).contains(day));
        let begins = self.days.iter().map(|day| counts(day).then(|| width * periods.place(start(*day))));
        let begins: Vec<Option<usize>> = begins.collect();
        let cells_of =
            |scopes: &Rc<[Scope]>| std::array::from_fn(|at| scopes.get(at).map_or(width - 1, |s| s.place()));
        let cells_of: Vec<[usize; 3]> = totals.iter().map(cells_of).collect();
        // calls `see` with the place of each cell that a record is in, and its rank
        let each = |see: &mut dyn FnMut(usize, u32)| {
            for record in &self.records {
                if let Some(begin) = begins[record.day as usize] {
                    for cell in &cells_of[record.scope.place()] {
                        see(begin + cell, record.rank);
                    }
                }
            }
        };
        // the numbers of each cell lie side by side; they are counted first
        let mut ends = vec![0; periods.values.len() * width + 1];
        each(&mut |cell, _| ends[cell + 1] += 1);
        let mut all = 0;
        for end in &mut ends {
            all += *end;
            *end = all;
        }
        let mut ranks = vec![0; all];
        let mut next = ends.clone();
        each(&mut |cell, rank| {
            ranks[next[cell]] = rank;
            next[cell] += 1;
        });
        let cells = |period: usize| {
            let ends = ends[period * width..].windows(2).zip((0..).map(Scope)).take(totals.len());
            let summary = |ends: &[usize]| Summary::of(&ranks[ends[0]..ends[1]], &self.numbers);
            ends.filter_map(|(ends, scope)| Some((scope, summary(ends)?))).collect()
        };
        periods.values.iter().enumerate().map(|(at, (period, ()))| (*period, cells(at))).collect()
    }
}

/// Samples that were read as a whole, for the next grain to read again.
#[derive(Debug, Default)]
pub(super) struct Samples(RefCell<HashMap<String, Rc<Records>>>);

impl Samples {
    /// A sample's records; where only some days are asked for, perhaps no others.
    pub fn records(&self, shared: &Shared, name: &str, between: Option<(i32, i32)>) -> Result<Rc<Records>> {
        if let Some(records) = self.0.borrow().get(name) {
            return Ok(Rc::clone(records));
        }
        let records = Rc::new(read(shared, name, between)?);
        if between.is_none() {
            self.0.borrow_mut().insert(name.to_owned(), Rc::clone(&records));
        }
        Ok(records)
    }
}

fn read(shared: &Shared, name: &str, between: Option<(i32, i32)>) -> Result<Records> {
    let (mut whole, mut real) = (Vec::new(), Vec::new());
    let mut days = Latest::<i32, ()>::default();
    if let Some(measure) = shared.counted.0.get(name) {
        measures::each_sampled(shared.conn, *measure, between, |record| {
            let day = days.place(record.day) as u32;
            match record.number {
                Number::Whole(number) => whole.push((number, day, record.scope)),
                Number::Real(bits) => real.push((turned(bits), day, record.scope)),
            }
        })?;
    }
    let are_real = !real.is_empty();
    if are_real {
        let turn = |number: i64| turned((number as f64).to_bits().cast_signed());
        real.extend(whole.into_iter().map(|(number, day, scope)| (turn(number), day, scope)));
        whole = real;
    }
    whole.sort_unstable_by_key(|(key, ..)| *key);
    let mut keys: Vec<i64> = Vec::new();
    let mut records = Vec::with_capacity(whole.len());
    for (key, day, scope) in whole {
        if keys.last() != Some(&key) {
            keys.push(key);
        }
        records.push(Record { day, scope, rank: keys.len() as u32 - 1 });
    }
    let days = days.values.into_iter().map(|(day, ())| day).collect();
    Ok(Records { numbers: Numbers { keys, are_real }, days, records })
}

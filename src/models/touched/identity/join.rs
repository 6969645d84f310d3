//! Which records are one person.

use std::collections::{HashMap, HashSet};

use super::super::joined::NONE;
use super::record::Record;
use crate::hash::ByNumber;

/// A key, and the place of a record that has it.
pub(super) type Keyed = (i64, usize);

/// Whether a record counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Counts,
    /// Merged into a record that its system then deleted: it speaks of its person only if another record still counts.
    Leans,
    Gone,
}

/// Every record in their order, and its person: the smallest record id among those joined, or none.
pub(super) fn join(records: &[Record], mut keys: Vec<Keyed>) -> Vec<(i64, i64)> {
    let standing = find_standing(records);
    let is_alive = |at: usize| standing[at] != Standing::Gone;
    // few records refer to others, and only what somebody refers to has to be known
    let references = records.iter().flat_map(Record::references);
    let wanted: HashSet<i64, ByNumber> = references.copied().collect();
    keys.retain(|(_, at)| is_alive(*at));
    if !wanted.is_empty() {
        for (at, record) in records.iter().enumerate().filter(|(at, _)| is_alive(*at)) {
            let own = [Some(record.own), record.own_foreign].into_iter().flatten();
            keys.extend(own.filter(|key| wanted.contains(key)).map(|key| (key, at)));
        }
        keys.sort_unstable();
    }
    let mut parent: Vec<usize> = (0..records.len()).collect();
    for pair in keys.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (a, b) = (root(&mut parent, pair[0].1), root(&mut parent, pair[1].1));
        parent[a.max(b)] = a.min(b);
    }
    let mut carries = vec![false; records.len()];
    for at in (0..records.len()).filter(|at| standing[*at] == Standing::Counts) {
        carries[root(&mut parent, at)] = true;
    }
    // records come by id, and the root of those joined is the first of them
    let person = |(at, record): (usize, &Record)| {
        let root = root(&mut parent, at);
        (record.id, if is_alive(at) && carries[root] { records[root].id } else { NONE })
    };
    records.iter().enumerate().map(person).collect()
}

/// A deleted record leaves; a merged one lives on in its survivor.
fn find_standing(records: &[Record]) -> Vec<Standing> {
    let mut survivors: HashMap<i64, i64> = HashMap::new();
    for (record, links) in records.iter().filter_map(|r| Some((r, r.links.as_ref()?))) {
        survivors.extend(links.survivor.map(|s| (record.own, s)));
        survivors.extend(links.absorbed.iter().filter(|a| **a != record.own).map(|a| (*a, record.own)));
    }
    if survivors.is_empty() {
        let stands = |r: &Record| if r.gone { Standing::Gone } else { Standing::Counts };
        return records.iter().map(stands).collect();
    }
    let involved: HashSet<i64> = survivors.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let gone: HashMap<i64, bool> =
        records.iter().filter(|r| involved.contains(&r.own)).map(|r| (r.own, r.gone)).collect();
    let stands = |record: &Record| {
        let mut last = record.own;
        let mut steps = 0;
        while let (Some(next), true) = (survivors.get(&last), steps < 100) {
            last = *next;
            steps += 1;
        }
        // merged into a record that no export has shown: it still stands for the person
        let is_gone =
            if last == record.own { record.gone } else { gone.get(&last).copied().unwrap_or(false) };
        match (is_gone, last == record.own) {
            (false, _) => Standing::Counts,
            (true, false) => Standing::Leans,
            (true, true) => Standing::Gone,
        }
    };
    records.iter().map(stands).collect()
}

fn root(parent: &mut [usize], at: usize) -> usize {
    let mut at = at;
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// What joins records, by key.
pub(super) fn keys_of(records: &[Record]) -> Vec<Keyed> {
    let keys = records.iter().enumerate().flat_map(|(at, r)| r.keys().map(move |key| (key, at)));
    let mut keys: Vec<Keyed> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

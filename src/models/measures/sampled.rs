//! The records that medians and distinct counts are taken of, as the database keeps them: those of a sample in a month
//! packed into one row, like the sums beside them.

use rusqlite::{Connection, OptionalExtension};

use super::kept::month_of;
use crate::db::batch::{Batch, Bound};
use crate::error::Result;
use crate::models::scopes::Scope;
use crate::varint::{pull, push};

/// The number of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::models) enum Number {
    Whole(i64),
    /// The bits of a real number.
    Real(i64),
}

/// A record of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::models) struct Sampled {
    pub day: i32,
    pub scope: Scope,
    pub number: Number,
}

/// How many more of a record there are, by the number of its measure.
pub(super) type Change = (i64, Sampled, i64);

/// The row of a measure and month.
fn row_id(measure: i64, month: i32) -> i64 {
    measure << 32 | i64::from(month)
}

/// Adds records to the kept ones, and takes those away of which there are fewer.
pub(super) fn change(conn: &Connection, changes: Vec<Change>) -> Result<()> {
    let with_row = |change: Change| (row_id(change.0, month_of(change.1.day)), change.1, change.2);
    let mut changes: Vec<(i64, Sampled, i64)> = changes.into_iter().map(with_row).collect();
    changes.sort_unstable();
    let mut find = conn.prepare_cached("select records from measure_records where id = ?1")?;
    let mut drop = conn.prepare_cached("delete from measure_records where id = ?1")?;
    let mut write = Batch::replacing(conn, "measure_records (id, records)", 0, 2, false);
    for changes in changes.chunk_by(|a, b| a.0 == b.0) {
        let id = changes[0].0;
        let found = find.query_row([id], |row| Ok(unpack(row.get_ref(0)?.as_blob()?))).optional()?;
        let records = changed(&found.unwrap_or_default(), changes);
        if records.is_empty() {
            drop.execute([id])?;
        } else {
            write.push([Bound::Integer(id), Bound::Blob(&pack(&records))])?;
        }
    }
    write.flush()
}

/// Records with their changes; both are in order.
fn changed(records: &[Sampled], changes: &[(i64, Sampled, i64)]) -> Vec<Sampled> {
    let times = |count: i64| usize::try_from(count).unwrap_or(0);
    let repeated = |sign: i64| {
        changes.iter().flat_map(move |(_, record, count)| std::iter::repeat_n(*record, times(sign * count)))
    };
    let (mut gone, mut new) = (repeated(-1).peekable(), repeated(1).peekable());
    let mut all = Vec::with_capacity(records.len() + changes.len());
    for record in records {
        while let Some(new) = new.next_if(|new| new < record) {
            all.push(new);
        }
        if gone.next_if_eq(record).is_none() {
            all.push(*record);
        }
    }
    all.extend(new);
    all
}

/// Calls `see` with the records of a measure, of all days or of some.
pub(in crate::models) fn each(
    conn: &Connection,
    measure: i64,
    days: Option<(i32, i32)>,
    mut see: impl FnMut(Sampled),
) -> Result<()> {
    let (first, last) = days.unwrap_or((i32::MIN, i32::MAX));
    let (from, to) = days.map_or((0, i32::MAX), |(first, last)| (month_of(first), month_of(last)));
    let mut rows = conn.prepare_cached("select records from measure_records where id between ?1 and ?2")?;
    let mut rows = rows.query([row_id(measure, from), row_id(measure, to)])?;
    while let Some(row) = rows.next()? {
        let records = unpack(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
        records.into_iter().filter(|r| (first..=last).contains(&r.day)).for_each(&mut see);
    }
    Ok(())
}

/// Three numbers for each: the days since the one before, the scope twice and one more where the number is a real one,
/// and the number.
fn pack(records: &[Sampled]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(8 * records.len());
    let mut before = 0;
    for Sampled { day, scope, number } in records {
        let (is_real, number) = match number {
            Number::Whole(number) => (0, *number),
            Number::Real(bits) => (1, *bits),
        };
        for number in [i64::from(day - before), i64::from(scope.0) << 1 | is_real, number] {
            push(&mut packed, number);
        }
        before = *day;
    }
    packed
}

fn unpack(mut packed: &[u8]) -> Vec<Sampled> {
    let mut records = Vec::with_capacity(packed.len() / 3);
    let mut before = 0;
    let mut next = || {
        before += pull(&mut packed)? as i32;
        let scope = pull(&mut packed)?;
        let number = pull(&mut packed)?;
        let number = if scope & 1 == 0 { Number::Whole(number) } else { Number::Real(number) };
        Some(Sampled { day: before, scope: Scope((scope >> 1) as u32), number })
    };
    while let Some(record) = next() {
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_read() {
        let real = |x: f64| Number::Real(x.to_bits().cast_signed());
        let of = |day, scope, number| Sampled { day, scope: Scope(scope), number };
        let records = [
            of(-30, 1, Number::Whole(i64::MIN)),
            of(-30, 1, real(-0.5)),
            of(20_000, 300, Number::Whole(7)),
            of(20_000, 300, Number::Whole(7)),
        ];
        assert_eq!(unpack(&pack(&records)), records);
    }

    #[test]
    fn as_many_go_as_are_taken_away() {
        let of = |day| Sampled { day, scope: Scope(1), number: Number::Whole(5) };
        let changes = [(0, of(1), -2), (0, of(2), 2), (0, of(4), -1)];
        let left = changed(&[1, 1, 1, 3].map(of), &changes);
        assert_eq!(left, [1, 2, 2, 3].map(of));
    }
}

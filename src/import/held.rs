//! The records that each file holds: by what a change is dated, and what an export no longer shows is found.

use roaring::RoaringBitmap;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};
use crate::settings::calendar::parse_day;

/// The records of one group that the file being folded holds, and those of the files before it.
pub(super) struct Held<'c> {
    conn: &'c Connection,
    file: i64,
    pub group: String,
    records: RoaringBitmap,
    /// The latest first.
    before: Option<Vec<Earlier>>,
}

/// A file that was folded before.
struct Earlier {
    id: i64,
    /// Its as-of day.
    day: i32,
    /// Read when they are first asked.
    records: Option<RoaringBitmap>,
}

impl<'c> Held<'c> {
    /// With the records that other tables of the file have shown.
    pub fn open(conn: &'c Connection, file: i64, group: &str) -> Result<Held<'c>> {
        let records = read(conn, file, group)?.unwrap_or_default();
        Ok(Held { conn, file, group: group.to_owned(), records, before: None })
    }

    pub fn add(&mut self, record: i64) -> Result<()> {
        self.records.insert(number(record)?);
        Ok(())
    }

    pub fn has(&self, record: i64) -> bool {
        number(record).is_ok_and(|record| self.records.contains(record))
    }

    /// The as-of day of the last file before this one that holds a record.
    pub fn last_shown(&mut self, record: i64) -> Result<Option<i32>> {
        let record = number(record)?;
        let mut found = None;
        self.find_before(|earlier, records| {
            found = records.contains(record).then_some(earlier);
            found.is_some()
        })?;
        Ok(found)
    }

    /// Looks at the files before, the latest first, until one is `wanted` by its as-of day and its records.
    fn find_before(&mut self, mut wanted: impl FnMut(i32, &RoaringBitmap) -> bool) -> Result<()> {
        if self.before.is_none() {
            self.before = Some(self.files_before()?);
        }
        for earlier in self.before.iter_mut().flatten() {
            let records = match &mut earlier.records {
                Some(records) => records,
                unread => unread.insert(read(self.conn, earlier.id, &self.group)?.unwrap_or_default()),
            };
            if wanted(earlier.day, records) {
                break;
            }
        }
        Ok(())
    }

    fn files_before(&self) -> Result<Vec<Earlier>> {
        let mut files = self.conn.prepare_cached(
            "select f.id, substr(f.as_of, 1, 10) from import_groups as g join import_files as f on f.id = g.file
             where g.fold_group = ?1 and f.id <> ?2 and g.records is not null order by f.sort_key desc",
        )?;
        let files = files.query_map(params![self.group, self.file], |row| {
            let day = parse_day(&row.get::<_, String>(1)?).unwrap_or_default();
            Ok(Earlier { id: row.get(0)?, day, records: None })
        })?;
        Ok(files.collect::<rusqlite::Result<_>>()?)
    }

    /// Keeps what the file holds, and how much of the one before it does not.
    pub fn store(&mut self) -> Result<()> {
        if self.records.is_empty() {
            return Ok(());
        }
        let mut records = std::mem::take(&mut self.records);
        let mut gone = 0;
        self.find_before(|_, before| {
            gone = before.difference_len(&records);
            true
        })?;
        records.optimize();
        let mut bytes = Vec::with_capacity(records.serialized_size());
        records.serialize_into(&mut bytes)?;
        self.records = records;
        self.conn
            .prepare_cached(
                "update import_groups set records = ?3, gone = ?4 where file = ?1 and fold_group = ?2",
            )?
            .execute(params![self.file, self.group, bytes, i64::try_from(gone).unwrap_or(i64::MAX)])?;
        Ok(())
    }
}

/// Forgets which files hold the records of a group.
pub(super) fn clear(conn: &Connection, group: &str) -> Result<()> {
    conn.execute("update import_groups set records = null, gone = 0 where fold_group = ?1", [group])?;
    Ok(())
}

fn number(record: i64) -> Result<u32> {
    u32::try_from(record)
        .map_err(|e| Error::failed(format!("there is no room for record {record}")).because(e))
}

fn read(conn: &Connection, file: i64, group: &str) -> Result<Option<RoaringBitmap>> {
    let bytes: Option<Option<Vec<u8>>> = conn
        .prepare_cached("select records from import_groups where file = ?1 and fold_group = ?2")?
        .query_row(params![file, group], |row| row.get(0))
        .optional()?;
    Ok(bytes.flatten().map(|bytes| RoaringBitmap::deserialize_from(&bytes[..])).transpose()?)
}

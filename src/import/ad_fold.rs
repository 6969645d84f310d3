//! The fold of ad statistics: a later file's slice replaces an earlier one's, rows of one file with one key are summed.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use xxhash_rust::xxh3::xxh3_64;

use super::ad_row::{AdMapper, AdRow};

use super::fold::{self, Changes, FoldedFile, TouchedPath};
use crate::db::batch::{Batch, Bound};
use crate::error::Result;
use crate::hash::{ByNumber, Latest};
use crate::models::ads::news::{self, Teller};

/// Bytes of rows held back: they are written day by day, because keys in random order cost several times as much, and
/// the more of a day comes at once, the less is moved to make room for it.
const HELD: usize = 48 << 20;

/// So many rows of a day are worth a statement of their own.
const RUN: usize = 32;

/// Ids of paths between two that a file names, up to which the stored rows between are passed over sooner than looked
/// past.
const GAP: i64 = 16;

type Numbers = [Option<i64>; 5];

/// One row that begins on a day. Paths are numbered by [`AdFold::paths`], currencies by [`AdFold::reports`].
#[derive(Debug, Clone, Copy)]
struct Row {
    path: usize,
    days: i32,
    report: usize,
    numbers: Numbers,
}

/// Rows of one day in the order they came, each in as few bytes as its numbers take: a file has them by the million.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    /// The path of the row last added; the next one is often the path after it.
    last: i64,
}

impl Held {
    fn push(&mut self, row: &Row) {
        let numbers = row.numbers.iter().enumerate();
        let present = numbers.fold(0, |bits, (i, n)| bits | i64::from(n.is_some()) << i);
        let head = [row.path as i64 - self.last, row.days.into(), row.report as i64, present];
        let mut packed = [0; 100];
        let mut length = 0;
        for number in head.into_iter().chain(row.numbers.into_iter().flatten()) {
            length += pack(number, &mut packed[length..]);
        }
        self.bytes.extend_from_slice(&packed[..length]);
        self.last = row.path as i64;
    }

    fn rows(&self) -> impl Iterator<Item = Row> {
        let (mut bytes, mut last) = (self.bytes.as_slice(), 0);
        std::iter::from_fn(move || {
            last += unpack(&mut bytes)?;
            let (days, report, present) = (unpack(&mut bytes)?, unpack(&mut bytes)?, unpack(&mut bytes)?);
            let mut numbers = [None; 5];
            for (i, number) in numbers.iter_mut().enumerate() {
                if present >> i & 1 == 1 {
                    *number = Some(unpack(&mut bytes)?);
                }
            }
            Some(Row { path: last as usize, days: days as i32, report: report as usize, numbers })
        })
    }
}

/// Writes a number at the start of `bytes`, seven bits in each; the highest bit says that more follow. Small numbers of
/// either sign take few. Returns how many.
fn pack(number: i64, bytes: &mut [u8]) -> usize {
    let mut rest = ((number << 1) ^ (number >> 63)).cast_unsigned();
    let mut length = 0;
    while rest >= 0x80 {
        bytes[length] = rest as u8 | 0x80;
        rest >>= 7;
        length += 1;
    }
    bytes[length] = rest as u8;
    length + 1
}

/// Takes the number that `bytes` begin with; nothing at their end.
fn unpack(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for shift in (0..).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            break;
        }
    }
    Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

/// A path that the file names.
#[derive(Debug)]
struct Path {
    id: i64,
    /// First and last day of what changed.
    touched: Option<(i32, i32)>,
    /// Days of the longest period that changed, and the report that last said something.
    longest: i32,
    report: usize,
}

/// A row that the database holds.
struct Stored {
    path: i64,
    days: i32,
    report: i64,
    numbers: Numbers,
}

pub struct AdFold<'c> {
    conn: &'c Connection,
    file: FoldedFile,
    mapper: AdMapper,
    /// Paths by a hash of their texts: most rows repeat a path that the file has named before.
    places: HashMap<u64, usize, ByNumber>,
    by_id: HashMap<i64, usize, ByNumber>,
    paths: Vec<Path>,
    /// Rows by the day on which they begin.
    days: Latest<i32, Held>,
    /// Bytes that the rows of all days hold.
    held: usize,
    sources: HashMap<String, i64>,
    /// The currencies that the file names, with the report of each.
    reports: Vec<(String, i64)>,
    /// Currencies of the reports that stored rows are of.
    currencies: HashMap<i64, String, ByNumber>,
    /// Rows that are there already, rows that are not, and many of one day that are not.
    known_rows: Batch<'c>,
    new_rows: Batch<'c>,
    new_runs: Batch<'c>,
    scratch: Vec<u8>,
    window: Option<(i32, i32)>,
    /// Tells the models what new paths add up to, where the report is one that may be shown as it is.
    news: Option<Teller<'c>>,
    pub changes: Changes,
}

impl<'c> AdFold<'c> {
    pub fn new(conn: &'c Connection, file: FoldedFile, mapper: AdMapper) -> Result<AdFold<'c>> {
        const INTO: &str = "ad_rows (period_start, days, report, path, spend_micros, impressions, clicks,
            conversions_millionths, leads_millionths)";
        let is_whole = !mapper.is_partial
            && mapper.breakdown.is_empty()
            && matches!(mapper.level.as_str(), "account" | "campaign" | "ad_group");
        Ok(AdFold {
            conn,
            file,
            mapper,
            places: HashMap::default(),
            by_id: HashMap::default(),
            paths: Vec::new(),
            days: Latest::default(),
            held: 0,
            sources: HashMap::new(),
            reports: Vec::new(),
            currencies: HashMap::default(),
            // its key is found once; an update finds it, takes it away and finds where to put it
            known_rows: Batch::replacing(conn, INTO, 0, 9, false),
            new_rows: Batch::new(conn, INTO, 9, ""),
            new_runs: Batch::with_common(conn, INTO, 3, 6, ""),
            scratch: Vec::new(),
            window: None,
            news: if is_whole { Teller::open(conn)? } else { None },
            changes: Changes::default(),
        })
    }

    pub fn put(&mut self, row: &AdRow) -> Result<()> {
        let path = self.place(row)?;
        let report = self.report(row.currency)?;
        self.window =
            Some(self.window.map_or((row.start, row.end), |(a, b)| (a.min(row.start), b.max(row.end))));
        let held = self.days.at(row.start);
        let before = held.bytes.capacity();
        held.push(&Row { path, days: row.end - row.start + 1, report, numbers: row.numbers });
        self.held += held.bytes.capacity() - before;
        if self.held >= HELD { self.flush() } else { Ok(()) }
    }

    /// Writes what is held; then, where the file shows the whole account, removes what it no longer shows.
    pub fn finish(&mut self, is_whole: bool) -> Result<()> {
        self.flush()?;
        if is_whole {
            self.remove_vanished()?;
        }
        let changed = self.paths.iter().filter_map(|path| {
            let (first, last) = path.touched?;
            Some(TouchedPath {
                path: path.id,
                first,
                last,
                longest: path.longest,
                report: Some(self.reports[path.report].1),
            })
        });
        touch(self.conn, changed.collect())?;
        self.news.take().map_or(Ok(()), Teller::finish)
    }

    /// The number of a currency, which has a report of the file from then on.
    fn report(&mut self, code: &str) -> Result<usize> {
        if let Some(known) = self.reports.iter().position(|(c, _)| c == code) {
            return Ok(known);
        }
        self.conn
            .prepare_cached("insert or ignore into ad_reports (file, currency) values (?1, ?2)")?
            .execute(params![self.file.id, code])?;
        let id = self
            .conn
            .prepare_cached("select id from ad_reports where file = ?1 and currency = ?2")?
            .query_row(params![self.file.id, code], |r| r.get(0))?;
        self.reports.push((code.to_owned(), id));
        Ok(self.reports.len() - 1)
    }

    fn place(&mut self, row: &AdRow) -> Result<usize> {
        self.scratch.clear();
        let AdRow { account, platform, campaign_id, campaign, campaign_type, .. } = row;
        let AdRow { ad_group_id, ad_group, ad_id, ad, item, .. } = row;
        let texts =
            [account, platform, campaign_id, campaign, campaign_type, ad_group_id, ad_group, ad_id, ad, item];
        for text in texts {
            if !text.is_empty() {
                self.scratch.extend_from_slice(text.as_bytes());
            }
            // no byte of a text
            self.scratch.push(0xff);
        }
        let hash = xxh3_64(&self.scratch);
        if let Some(place) = self.places.get(&hash) {
            return Ok(*place);
        }
        let (id, is_new) = self.find_path(row)?;
        // the rows of one path may differ in its type
        let place = *self.by_id.entry(id).or_insert(self.paths.len());
        if place == self.paths.len() {
            if let Some(news) = self.news.as_mut().filter(|_| is_new) {
                let platform = if row.platform.is_empty() { &self.file.system } else { row.platform };
                let name = if row.campaign.is_empty() { row.campaign_id } else { row.campaign };
                news.begin(place, id, [platform, row.campaign_type, name])?;
            }
            self.paths.push(Path { id, touched: None, longest: 1, report: 0 });
        }
        self.places.insert(hash, place);
        Ok(place)
    }

    fn source(&mut self, account: &str) -> Result<i64> {
        if let Some(source) = self.sources.get(account) {
            return Ok(*source);
        }
        let source = fold::source_id(self.conn, &self.file.system, account)?;
        self.sources.insert(account.to_owned(), source);
        Ok(source)
    }

    /// The id of the path's row, and whether it was made just now; its type is the one last shown.
    fn find_path(&mut self, row: &AdRow) -> Result<(i64, bool)> {
        let source = self.source(row.account)?;
        let hash = path_hash(source, &self.mapper, row);
        let found: Option<(i64, String)> = self
            .conn
            .prepare_cached("select id, campaign_type from ad_paths where path_hash = ?1")?
            .query_row([hash], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        if let Some((path, campaign_type)) = found {
            if !row.campaign_type.is_empty() && campaign_type != row.campaign_type {
                self.conn
                    .prepare_cached("update ad_paths set campaign_type = ?2 where id = ?1")?
                    .execute(params![path, row.campaign_type])?;
            }
            return Ok((path, false));
        }
        let m = &self.mapper;
        let path = self
            .conn
            .prepare_cached(
                "insert into ad_paths (path_hash, source, level, is_partial, breakdown, campaign_id, campaign, campaign_type,
                    ad_group_id, ad_group, ad_id, ad, item, platform)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .insert(params![
                hash,
                source,
                m.level,
                m.is_partial,
                m.breakdown,
                row.campaign_id,
                row.campaign,
                row.campaign_type,
                row.ad_group_id,
                row.ad_group,
                row.ad_id,
                row.ad,
                row.item,
                row.platform
            ])?;
        Ok((path, true))
    }

    fn flush(&mut self) -> Result<()> {
        let mut days = std::mem::take(&mut self.days).values;
        days.sort_unstable_by_key(|(day, _)| *day);
        let mut rows: Vec<Row> = Vec::new();
        for (day, held) in days {
            rows.clear();
            rows.extend(held.rows());
            drop(held);
            let key = |row: &Row| (self.paths[row.path].id, row.days);
            if !rows.is_sorted_by(|a, b| key(a) < key(b)) {
                rows.sort_by_key(key);
                rows.dedup_by(|next, first| {
                    let is_same = key(next) == key(first);
                    if is_same {
                        first.numbers = sum(&first.numbers, &next.numbers);
                    }
                    is_same
                });
            }
            self.write_day(day, &rows)?;
        }
        self.held = 0;
        self.known_rows.flush()?;
        self.new_rows.flush()?;
        self.new_runs.flush()
    }

    /// Writes rows of one day, in order, against what is stored of it.
    fn write_day(&mut self, day: i32, rows: &[Row]) -> Result<()> {
        let stored = self.stored(day, rows)?;
        let is_alike = |a: &Row, b: &Row| (a.days, a.report) == (b.days, b.report);
        let is_run = stored.is_empty() && rows.len() >= RUN && rows.iter().all(|row| is_alike(row, &rows[0]));
        if is_run {
            self.new_runs.begin([day.into(), rows[0].days.into(), self.reports[rows[0].report].1])?;
        }
        let mut stored = stored.into_iter().peekable();
        for row in rows {
            let id = self.paths[row.path].id;
            while stored.next_if(|s| (s.path, s.days) < (id, row.days)).is_some() {}
            let changed = if let Some(old) = stored.next_if(|s| (s.path, s.days) == (id, row.days)) {
                self.write_over(day, row, &old)?
            } else {
                if is_run {
                    self.new_runs.push(values(id, &row.numbers))?;
                } else {
                    let common = [i64::from(day), row.days.into(), self.reports[row.report].1];
                    self.new_rows
                        .push(common.map(Bound::from).into_iter().chain(values(id, &row.numbers)))?;
                }
                if let Some(news) = &mut self.news {
                    news.row(row.path, self.reports[row.report].1, (day, row.days), row.numbers);
                }
                true
            };
            let path = &mut self.paths[row.path];
            path.report = row.report;
            if changed {
                self.changes.changed += 1;
                let (first, last) = (day, day + row.days - 1);
                path.touched = Some(path.touched.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
                path.longest = path.longest.max(row.days);
            } else {
                self.changes.unchanged += 1;
            }
        }
        Ok(())
    }

    /// Writes a row in place of the one that is stored; true where it says something else.
    fn write_over(&mut self, day: i32, row: &Row, old: &Stored) -> Result<bool> {
        if let Some(news) = &mut self.news {
            news.forget(row.path);
        }
        let is_own = self.reports.iter().any(|(_, id)| *id == old.report);
        let (code, report) = &self.reports[row.report];
        let (numbers, changed) = if is_own {
            (sum(&old.numbers, &row.numbers), true)
        } else {
            let is_same = old.numbers == row.numbers && self.currencies[&old.report] == *code;
            (row.numbers, !is_same)
        };
        let common = [i64::from(day), row.days.into(), *report];
        self.known_rows.push(common.map(Bound::from).into_iter().chain(values(old.path, &numbers)))?;
        Ok(changed)
    }

    /// What is stored of these paths on the day, in order.
    fn stored(&mut self, day: i32, rows: &[Row]) -> Result<Vec<Stored>> {
        let mut find = self.conn.prepare_cached(
            "select path, days, report, spend_micros, impressions, clicks, conversions_millionths, leads_millionths
             from ad_rows where period_start = ?1 and path between ?2 and ?3",
        )?;
        let ids = |row: &Row| self.paths[row.path].id;
        let mut found = Vec::new();
        for near in rows.chunk_by(|a, b| ids(b) - ids(a) <= GAP) {
            let stored = find.query_map(params![day, ids(&near[0]), ids(&near[near.len() - 1])], |r| {
                Ok(Stored {
                    path: r.get(0)?,
                    days: r.get(1)?,
                    report: r.get(2)?,
                    numbers: [r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?, r.get(7)?],
                })
            })?;
            for row in stored {
                found.push(row?);
            }
        }
        for row in &found {
            if !self.currencies.contains_key(&row.report) {
                let mut of = self.conn.prepare_cached("select currency from ad_reports where id = ?1")?;
                let currency = of.query_row([row.report], |r| r.get(0)).optional()?;
                self.currencies.insert(row.report, currency.unwrap_or_default());
            }
        }
        Ok(found)
    }

    /// What these accounts, this level and this window no longer show is gone.
    fn remove_vanished(&mut self) -> Result<()> {
        let Some((start, end)) = self.window else { return Ok(()) };
        let mut touched = Vec::new();
        for source in self.sources.values().copied().collect::<Vec<i64>>() {
            let mut find = self.conn.prepare_cached(
                "select r.path, r.period_start, r.days from ad_rows as r cross join ad_paths as p on p.id = r.path
                 where p.source = ?1 and p.level = ?2 and p.breakdown = ?3 and p.is_partial = ?4
                    and r.period_start between ?5 and ?6 and r.period_start + r.days - 1 <= ?6
                    and r.report not in (select id from ad_reports where file = ?7)",
            )?;
            let m = &self.mapper;
            let gone: Vec<(i64, i32, i32)> = find
                .query_map(
                    params![source, m.level, m.breakdown, m.is_partial, start, end, self.file.id],
                    |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
                )?
                .collect::<rusqlite::Result<_>>()?;
            for (path, start, days) in gone {
                self.conn
                    .prepare_cached(
                        "delete from ad_rows where period_start = ?2 and path = ?1 and days = ?3",
                    )?
                    .execute(params![path, start, days])?;
                touched.push(TouchedPath {
                    path,
                    first: start,
                    last: start + days - 1,
                    longest: 1,
                    report: None,
                });
            }
        }
        touch(self.conn, touched)
    }
}

/// Tells the models of paths and the days of them that changed.
fn touch(conn: &Connection, mut paths: Vec<TouchedPath>) -> Result<()> {
    paths.sort_by_key(|touched| touched.path);
    news::take_back(conn, paths.iter().map(|touched| touched.path))?;
    fold::touch_days(conn, &paths)?;
    fold::touch_all(conn, "ad_paths", &mut paths.into_iter().map(|touched| touched.path).collect())
}

/// The columns of a row behind its day, its length and its report.
fn values(path: i64, numbers: &Numbers) -> [Bound<'static>; 6] {
    let [spend, impressions, clicks, conversions, leads] = numbers.map(Bound::from);
    [path.into(), spend, impressions, clicks, conversions, leads]
}

fn sum(a: &Numbers, b: &Numbers) -> Numbers {
    std::array::from_fn(|i| match (a[i], b[i]) {
        (Some(x), Some(y)) => Some(x + y),
        (x, y) => x.or(y),
    })
}

/// Equal paths of one kind of report hash alike. Each spelling is a path of its own, so that a name that a campaign once
/// had still leads to its id; the models join spellings.
fn path_hash(source: i64, mapper: &AdMapper, row: &AdRow) -> i64 {
    let mut bytes = source.to_le_bytes().to_vec();
    bytes.push(u8::from(mapper.is_partial));
    let campaign = [mapper.level.as_str(), &mapper.breakdown, row.platform, row.campaign_id, row.campaign];
    for text in campaign.into_iter().chain([row.ad_group_id, row.ad_group, row.ad_id, row.ad, row.item]) {
        bytes.extend_from_slice(&text.len().to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    i64::from_le_bytes(xxh3_64(&bytes).to_le_bytes())
}

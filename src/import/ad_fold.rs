//! The fold of ad statistics: a later file's slice replaces an earlier one's, rows of one file with one key are summed.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use xxhash_rust::xxh3::xxh3_64;

use super::ad_row::{AdMapper, AdRow};

use super::fold::{self, Changes, FoldedFile};
use crate::db::batch::{Batch, Bound};
use crate::error::Result;
use crate::hash::ByNumber;

/// Rows are sorted by key in batches: keys in random order cost several times as much to write.
const BATCH: usize = 500_000;

type Numbers = [Option<i64>; 5];

/// A row that waits to be written, as small as can be: sorting moves it.
#[derive(Debug)]
struct Held {
    path: i64,
    start: i32,
    end: i32,
    currency: u16,
    numbers: [i64; 5],
}

/// Stands for a number that the row does not give; no platform counts so far.
const NOTHING: i64 = i64::MIN;

impl Held {
    fn key(&self) -> (i64, i32, i32) {
        (self.path, self.start, self.end)
    }

    fn numbers(&self) -> Numbers {
        self.numbers.map(|n| (n != NOTHING).then_some(n))
    }
}

/// A row that the database holds.
struct Stored {
    start: i32,
    end: i32,
    file: i64,
    currency: String,
    numbers: Numbers,
}

pub struct AdFold<'c> {
    conn: &'c Connection,
    file: FoldedFile,
    mapper: AdMapper,
    /// Path ids by a hash of the row's path: most rows repeat a path that the file has named before.
    paths: HashMap<u64, i64, ByNumber>,
    /// Paths of which no row is stored yet.
    new_paths: std::collections::HashSet<i64>,
    sources: HashMap<String, i64>,
    currencies: Vec<String>,
    held: Vec<Held>,
    /// Rows that may be there already, and rows that are not.
    rows: Batch<'c>,
    new_rows: Batch<'c>,
    scratch: Vec<u8>,
    /// First and last day of what changed, by path.
    touched: HashMap<i64, (i32, i32)>,
    window: Option<(i32, i32)>,
    pub changes: Changes,
}

impl<'c> AdFold<'c> {
    pub fn new(conn: &'c Connection, file: FoldedFile, mapper: AdMapper) -> AdFold<'c> {
        const INTO: &str =
            "ad_rows (path, period_start, period_end, file, currency, spend_micros, impressions,
            clicks, conversions_millionths, leads_millionths)";
        const REPLACE: &str = "on conflict do update set file = excluded.file, currency = excluded.currency,
            spend_micros = excluded.spend_micros, impressions = excluded.impressions, clicks = excluded.clicks,
            conversions_millionths = excluded.conversions_millionths, leads_millionths = excluded.leads_millionths";
        AdFold {
            conn,
            file,
            mapper,
            paths: HashMap::default(),
            new_paths: std::collections::HashSet::new(),
            sources: HashMap::new(),
            currencies: Vec::new(),
            held: Vec::new(),
            rows: Batch::new(conn, INTO, 10, REPLACE),
            new_rows: Batch::new(conn, INTO, 10, ""),
            scratch: Vec::new(),
            touched: HashMap::new(),
            window: None,
            changes: Changes::default(),
        }
    }

    pub fn put(&mut self, row: &AdRow) -> Result<()> {
        let path = self.path(row)?;
        let currency = self.currency(row.currency);
        self.window =
            Some(self.window.map_or((row.start, row.end), |(a, b)| (a.min(row.start), b.max(row.end))));
        let numbers = row.numbers.map(|n| n.unwrap_or(NOTHING));
        self.held.push(Held { path, start: row.start, end: row.end, currency, numbers });
        if self.held.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Writes what is held; then, where the file shows the whole account, removes what it no longer shows.
    pub fn finish(&mut self, is_whole: bool) -> Result<()> {
        self.flush()?;
        if is_whole {
            self.remove_vanished()?;
        }
        for (path, days) in &self.touched {
            fold::touch(self.conn, "ad_paths", *path)?;
            fold::touch_days(self.conn, *path, *days)?;
        }
        Ok(())
    }

    fn touch(&mut self, path: i64, start: i32, end: i32) {
        let days = self.touched.entry(path).or_insert((start, end));
        *days = (days.0.min(start), days.1.max(end));
    }

    fn currency(&mut self, code: &str) -> u16 {
        let known = self.currencies.iter().position(|c| c == code);
        let place = known.unwrap_or_else(|| {
            self.currencies.push(code.to_owned());
            self.currencies.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    fn path(&mut self, row: &AdRow) -> Result<i64> {
        self.scratch.clear();
        let AdRow { account, platform, campaign_id, campaign, campaign_type, .. } = row;
        let AdRow { ad_group_id, ad_group, ad_id, ad, item, .. } = row;
        let texts =
            [account, platform, campaign_id, campaign, campaign_type, ad_group_id, ad_group, ad_id, ad, item];
        for text in texts {
            self.scratch.extend_from_slice(text.as_bytes());
            // no byte of a text
            self.scratch.push(0xff);
        }
        let hash = xxh3_64(&self.scratch);
        if let Some(path) = self.paths.get(&hash) {
            return Ok(*path);
        }
        let path = self.find_path(row)?;
        self.paths.insert(hash, path);
        Ok(path)
    }

    fn source(&mut self, account: &str) -> Result<i64> {
        if let Some(source) = self.sources.get(account) {
            return Ok(*source);
        }
        let source = fold::source_id(self.conn, &self.file.system, account)?;
        self.sources.insert(account.to_owned(), source);
        Ok(source)
    }

    /// The path's row, made where it is new; its type is the one last shown.
    fn find_path(&mut self, row: &AdRow) -> Result<i64> {
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
            return Ok(path);
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
        self.new_paths.insert(path);
        Ok(path)
    }

    fn flush(&mut self) -> Result<()> {
        let mut held = std::mem::take(&mut self.held);
        held.sort_unstable_by_key(Held::key);
        held.dedup_by(|next, first| {
            let is_same = next.key() == first.key();
            if is_same {
                first.numbers = sum(&first.numbers(), &next.numbers()).map(|n| n.unwrap_or(NOTHING));
            }
            is_same
        });
        for rows in held.chunk_by(|a, b| a.path == b.path) {
            self.write_path(rows)?;
        }
        self.rows.flush()?;
        self.new_rows.flush()
    }

    /// Writes rows of one path, in order, against what is stored of it.
    fn write_path(&mut self, rows: &[Held]) -> Result<()> {
        let stored = if self.new_paths.remove(&rows[0].path) { Vec::new() } else { self.stored(rows)? };
        let is_new = stored.is_empty();
        let mut stored = stored.into_iter().peekable();
        for row in rows {
            while stored.next_if(|s| (s.start, s.end) < (row.start, row.end)).is_some() {}
            let old = stored.next_if(|s| (s.start, s.end) == (row.start, row.end));
            let currency = &self.currencies[usize::from(row.currency)];
            let (mut numbers, mut changed) = (row.numbers(), true);
            match old {
                Some(old) if old.file == self.file.id => numbers = sum(&old.numbers, &numbers),
                Some(old) => changed = old.numbers != numbers || old.currency != *currency,
                None => {}
            }
            let [spend, impressions, clicks, conversions, leads] = numbers;
            let batch = if is_new { &mut self.new_rows } else { &mut self.rows };
            batch.push([
                row.path.into(),
                i64::from(row.start).into(),
                i64::from(row.end).into(),
                self.file.id.into(),
                Bound::Text(currency),
                spend.into(),
                impressions.into(),
                clicks.into(),
                conversions.into(),
                leads.into(),
            ])?;
            if changed {
                self.changes.changed += 1;
                self.touch(row.path, row.start, row.end);
            } else {
                self.changes.unchanged += 1;
            }
        }
        Ok(())
    }

    /// What is stored of the path between the first and last start of these rows, in order.
    fn stored(&self, rows: &[Held]) -> Result<Vec<Stored>> {
        let mut find = self.conn.prepare_cached(
            "select period_start, period_end, file, currency, spend_micros, impressions, clicks, conversions_millionths,
                leads_millionths
             from ad_rows where path = ?1 and period_start between ?2 and ?3 order by period_start, period_end",
        )?;
        let (first, last) = (rows[0].start, rows[rows.len() - 1].start);
        let found = find.query_map(params![rows[0].path, first, last], |r| {
            Ok(Stored {
                start: r.get(0)?,
                end: r.get(1)?,
                file: r.get(2)?,
                currency: r.get(3)?,
                numbers: [r.get(4)?, r.get(5)?, r.get(6)?, r.get(7)?, r.get(8)?],
            })
        })?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    /// What these accounts, this level and this window no longer show is gone.
    fn remove_vanished(&mut self) -> Result<()> {
        let Some((start, end)) = self.window else { return Ok(()) };
        for source in self.sources.values().copied().collect::<Vec<i64>>() {
            let mut find = self.conn.prepare_cached(
                "select r.path, r.period_start, r.period_end from ad_paths as p join ad_rows as r on r.path = p.id
                 where p.source = ?1 and p.level = ?2 and p.breakdown = ?3 and p.is_partial = ?4
                    and r.period_start >= ?5 and r.period_end <= ?6 and r.file <> ?7",
            )?;
            let m = &self.mapper;
            let gone: Vec<(i64, i32, i32)> = find
                .query_map(
                    params![source, m.level, m.breakdown, m.is_partial, start, end, self.file.id],
                    |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
                )?
                .collect::<rusqlite::Result<_>>()?;
            for (path, start, end) in gone {
                self.conn
                    .prepare_cached(
                        "delete from ad_rows where path = ?1 and period_start = ?2 and period_end = ?3",
                    )?
                    .execute(params![path, start, end])?;
                self.touch(path, start, end);
            }
        }
        Ok(())
    }
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
    for text in [mapper.level.as_str(), &mapper.breakdown, row.platform, row.campaign_id, row.campaign] {
        fold::append_text(&mut bytes, text);
    }
    for text in [row.ad_group_id, row.ad_group, row.ad_id, row.ad, row.item] {
        fold::append_text(&mut bytes, text);
    }
    i64::from_le_bytes(xxh3_64(&bytes).to_le_bytes())
}

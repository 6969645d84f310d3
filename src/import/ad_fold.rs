//! The fold of ad statistics: a later file's slice replaces an earlier one's, rows of one file with one key are summed.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::{Connection, OptionalExtension, params};

use super::ad_row::{AdMapper, AdRow};
use super::fold::{self, Changes, FoldedFile};
use crate::error::Result;

/// Rows are sorted by key in batches: keys in random order cost several times as much to write.
const BATCH: usize = 200_000;

type Numbers = [Option<i64>; 5];

#[derive(Debug)]
struct Held {
    path: i64,
    start: i32,
    end: i32,
    currency: u16,
    numbers: Numbers,
}

pub struct AdFold<'c> {
    conn: &'c Connection,
    file: FoldedFile,
    mapper: AdMapper,
    /// Path ids by a hash of the row's path: most rows repeat a path that the file has named before.
    paths: HashMap<u64, i64>,
    sources: HashMap<String, i64>,
    currencies: Vec<String>,
    held: Vec<Held>,
    /// First and last day of what changed, by path.
    touched: HashMap<i64, (i32, i32)>,
    window: Option<(i32, i32)>,
    pub changes: Changes,
}

impl<'c> AdFold<'c> {
    pub fn new(conn: &'c Connection, file: FoldedFile, mapper: AdMapper) -> AdFold<'c> {
        AdFold {
            conn,
            file,
            mapper,
            paths: HashMap::new(),
            sources: HashMap::new(),
            currencies: Vec::new(),
            held: Vec::new(),
            touched: HashMap::new(),
            window: None,
            changes: Changes::default(),
        }
    }

    pub fn put(&mut self, row: &AdRow) -> Result<()> {
        let path = self.path(row)?;
        let currency = self.currency(&row.currency);
        self.window =
            Some(self.window.map_or((row.start, row.end), |(a, b)| (a.min(row.start), b.max(row.end))));
        self.held.push(Held { path, start: row.start, end: row.end, currency, numbers: row.numbers });
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
        let mut hasher = DefaultHasher::new();
        (&row.account, &row.platform, &row.campaign_id, &row.campaign, &row.ad_group_id, &row.ad_group)
            .hash(&mut hasher);
        (&row.ad_id, &row.ad, &row.item, &row.campaign_type).hash(&mut hasher);
        let hash = hasher.finish();
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
        let source = self.source(&row.account)?;
        let hash = path_hash(source, &self.mapper, row);
        let mut statement = self.conn.prepare_cached(
            "insert into ad_paths (path_hash, source, level, is_partial, breakdown, campaign_id, campaign, campaign_type,
                ad_group_id, ad_group, ad_id, ad, item, platform)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             on conflict (path_hash) do update set
                campaign_type = case excluded.campaign_type when '' then campaign_type else excluded.campaign_type end
             returning id",
        )?;
        let m = &self.mapper;
        Ok(statement.query_row(
            params![
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
            ],
            |row| row.get(0),
        )?)
    }

    fn flush(&mut self) -> Result<()> {
        let mut held = std::mem::take(&mut self.held);
        held.sort_by_key(|h| (h.path, h.start, h.end));
        let mut rows = held.into_iter().peekable();
        while let Some(mut row) = rows.next() {
            while let Some(same) =
                rows.next_if(|n| (n.path, n.start, n.end) == (row.path, row.start, row.end))
            {
                row.numbers = sum(&row.numbers, &same.numbers);
            }
            self.write(&row)?;
        }
        Ok(())
    }

    fn write(&mut self, row: &Held) -> Result<()> {
        let currency = self.currencies[usize::from(row.currency)].clone();
        let mut find = self.conn.prepare_cached(
            "select file, currency, spend_micros, impressions, clicks, conversions_millionths, leads_millionths
             from ad_rows where path = ?1 and period_start = ?2 and period_end = ?3",
        )?;
        let found: Option<(i64, String, Numbers)> = find
            .query_row(params![row.path, row.start, row.end], |r| {
                Ok((r.get(0)?, r.get(1)?, [r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?]))
            })
            .optional()?;
        drop(find);
        let mut numbers = row.numbers;
        let mut changed = true;
        if let Some((file, old_currency, old)) = &found {
            if *file == self.file.id {
                numbers = sum(old, &numbers);
            } else {
                changed = *old != numbers || *old_currency != currency;
            }
        }
        let [spend, impressions, clicks, conversions, leads] = numbers;
        self.conn
            .prepare_cached(
                "insert or replace into ad_rows (path, period_start, period_end, file, currency, spend_micros, impressions, clicks,
                    conversions_millionths, leads_millionths)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                row.path, row.start, row.end, self.file.id, currency, spend, impressions, clicks, conversions, leads
            ])?;
        if changed {
            self.changes.changed += 1;
            self.touch(row.path, row.start, row.end);
        } else {
            self.changes.unchanged += 1;
        }
        Ok(())
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
    let key = |id: &str, name: &str| format!("{id}\u{1e}{name}");
    let parts = [
        source.to_string(),
        mapper.level.clone(),
        mapper.is_partial.to_string(),
        mapper.breakdown.clone(),
        row.platform.clone(),
        key(&row.campaign_id, &row.campaign),
        key(&row.ad_group_id, &row.ad_group),
        key(&row.ad_id, &row.ad),
        row.item.clone(),
    ];
    let digest = blake3::hash(parts.join("\u{1f}").as_bytes());
    i64::from_le_bytes(digest.as_bytes()[..8].try_into().expect("eight bytes"))
}

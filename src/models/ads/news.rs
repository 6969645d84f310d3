//! What the rows of new paths add up to, told while they are written: after the first import of a large report its rows
//! need not be read again for the roll-ups.
//!
//! It is news only while nothing but these rows is known of the paths. Whoever writes other rows of them takes it back,
//! and where a channel is not told as a whole its days are added up from the rows.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::load::Files;
use super::resolve::Values;
use super::rollup::{Channel, ChannelDays, Month, Number, Sums, UnitDays, month_of};
use crate::db::batch::{Batch, Bound};
use crate::error::Result;
use crate::hash::ByNumber;

/// Months of paths held; a report of more has few days in each, and gains nothing.
const MONTHS: usize = 200_000;

/// Makes the temporary tables by which the fold tells the models.
pub(crate) fn make_tables(conn: &Connection) -> Result<()> {
    const SUMS: &str = "rows integer, spend integer, incomplete integer, impressions integer, clicks integer,
        conversions integer, leads integer";
    conn.execute_batch(&format!(
        "create temp table if not exists new_ad_channels (id integer primary key, platform text, said text, paths integer);
         create temp table if not exists new_ad_days (channel integer, day integer, {SUMS});
         create temp table if not exists new_ad_paths (path integer primary key, channel integer, report integer,
             first_day integer, last_day integer);
         create temp table if not exists new_ad_months (path integer, month integer, {SUMS}, first_day integer, last_day integer);"
    ))?;
    Ok(())
}

/// Takes back what is told of paths, because other rows of them are written.
pub(crate) fn take_back(conn: &Connection, paths: impl Iterator<Item = i64>) -> Result<()> {
    let mut delete = conn.prepare_cached("delete from temp.new_ad_paths where path = ?1")?;
    for path in paths {
        delete.execute([path])?;
    }
    Ok(())
}

/// A report, and the first and last day of the rows that it has of a path.
type Told = (i64, i32, i32);

/// Adds up the rows of new paths.
pub(crate) struct Teller<'c> {
    conn: &'c Connection,
    /// Channels by platform, type and name of a campaign, and the number of each.
    channels: HashMap<[String; 3], i64>,
    told: Vec<(Channel, i64)>,
    /// By the fold's number of a path; nothing where the path is not new, or other rows of it were written.
    paths: Vec<Option<NewPath>>,
    /// Months that the paths have.
    months: usize,
    days: UnitDays,
    /// First and last day of the month of the day last told.
    month: (i32, i32),
}

/// A path that the file is the first to name.
struct NewPath {
    id: i64,
    channel: i64,
    /// Once rows of it were told.
    told: Option<Told>,
    /// By the first day of each, in the order they came.
    months: Vec<(i32, Month)>,
}

impl<'c> Teller<'c> {
    /// Nothing where there are days of ads already: these are added up by days then.
    pub fn open(conn: &'c Connection) -> Result<Option<Teller<'c>>> {
        let is_first: bool =
            conn.query_row("select not exists (select 1 from ad_channel_days)", [], |r| r.get(0))?;
        Ok(is_first.then(|| Teller {
            conn,
            channels: HashMap::new(),
            told: Vec::new(),
            paths: Vec::new(),
            months: 0,
            days: UnitDays::default(),
            month: (0, -1),
        }))
    }

    /// A new path, by its number and its id, with what its channel follows from.
    pub fn begin(&mut self, number: usize, id: i64, campaign: [&str; 3]) -> Result<()> {
        let campaign = campaign.map(str::to_owned);
        let channel = match self.channels.get(&campaign) {
            Some(channel) => *channel,
            None => {
                let said: String = self
                    .conn
                    .prepare_cached(
                        "select coalesce(channel_of(json_object('platform', ?1, 'campaign_type', ?2, 'campaign', ?3)),
                             'Unknown|Unknown')",
                    )?
                    .query_row(params![campaign[0], campaign[1], campaign[2]], |r| r.get(0))?;
                let (group, name) = said.split_once('|').unwrap_or(("", &said));
                let channel = (campaign[0].clone(), group.to_owned(), name.to_owned());
                let place = self.told.iter().position(|(c, _)| *c == channel).unwrap_or_else(|| {
                    self.told.push((channel, 0));
                    self.told.len() - 1
                }) as i64;
                self.channels.insert(campaign, place);
                place
            }
        };
        self.paths.resize_with(number, || None);
        self.paths.push(Some(NewPath { id, channel, told: None, months: Vec::new() }));
        Ok(())
    }

    /// A row of a path, by its first day and its days: it is news where it is of a single day, and all of the path in one
    /// report.
    pub fn row(&mut self, number: usize, report: i64, (day, days): (i32, i32), values: Values) {
        let Some(of) = self.paths.get_mut(number) else { return };
        let Some(path) = of else { return };
        if days != 1 || path.told.is_some_and(|told| told.0 != report) || self.months > MONTHS {
            *of = None;
            return;
        }
        if path.told.is_none() {
            self.told[path.channel as usize].1 += 1;
        }
        let (_, first, last) = path.told.get_or_insert((report, day, day));
        (*first, *last) = ((*first).min(day), (*last).max(day));
        if day < self.month.0 || self.month.1 < day {
            self.month = month_of(day);
        }
        let month = self.month.0;
        if path.months.last().is_none_or(|(last, _)| *last != month) {
            self.months += 1;
            path.months.push((month, Month::default()));
        }
        let (_, month) = path.months.last_mut().expect("just seen to");
        let number = Number { campaign: path.channel, day, reported: values[0], values };
        let sums = number.sums();
        month.add(&sums, number.active());
        self.days.add_sums(path.channel, day, &sums);
    }

    /// Other rows of the path are written.
    pub fn forget(&mut self, number: usize) {
        if let Some(path) = self.paths.get_mut(number) {
            *path = None;
        }
    }

    /// Tells the models.
    pub fn finish(self) -> Result<()> {
        let conn = self.conn;
        let mut ids = Vec::new();
        for ((platform, group, channel), paths) in &self.told {
            conn.execute(
                "insert into temp.new_ad_channels (platform, said, paths) values (?1, ?2, ?3)",
                params![platform, format!("{group}|{channel}"), paths],
            )?;
            ids.push(conn.last_insert_rowid());
        }
        let mut paths =
            Batch::new(conn, "temp.new_ad_paths (path, channel, report, first_day, last_day)", 5, "");
        for path in self.paths.iter().flatten() {
            if let Some((report, first, last)) = path.told {
                let channel = ids[path.channel as usize];
                paths.push([path.id, channel, report, i64::from(first), i64::from(last)].map(Bound::from))?;
            }
        }
        paths.flush()?;
        let sums = |s: &Sums| s.map(Bound::from);
        let mut days = Batch::new(
            conn,
            "temp.new_ad_days (channel, day, rows, spend, incomplete, impressions, clicks, conversions, leads)",
            9,
            "",
        );
        for (channel, day, s) in self.days.iter() {
            days.push([ids[channel as usize].into(), i64::from(day).into()].into_iter().chain(sums(s)))?;
        }
        days.flush()?;
        let mut months = Batch::new(
            conn,
            "temp.new_ad_months (path, month, rows, spend, incomplete, impressions, clicks, conversions, leads,
                first_day, last_day)",
            11,
            "",
        );
        for path in self.paths.iter().flatten() {
            for (month, m) in &path.months {
                let active = [m.active.map(|a| a.0), m.active.map(|a| a.1)].map(Bound::from);
                months
                    .push([path.id.into(), (*month).into()].into_iter().chain(sums(&m.sums)).chain(active))?;
            }
        }
        months.flush()
    }
}

/// What is told of a path.
pub(super) struct PathNews<'n> {
    pub channel: i64,
    pub file: i64,
    pub first: i32,
    pub last: i32,
    /// By the first day of each month.
    pub months: &'n [(i32, Month)],
}

/// What the models were told.
#[derive(Default)]
pub(super) struct News {
    /// By path: its channel, and what was told of it.
    paths: HashMap<i64, (i64, Told), ByNumber>,
    months: HashMap<i64, Vec<(i32, Month)>, ByNumber>,
    /// By number: the channel, how many paths were told of it, and how many of these are shown as they were told.
    channels: HashMap<i64, (Channel, i64, i64)>,
}

impl News {
    /// Reads what was told, where it serves: the days of ads are added up for the first time.
    pub fn read(conn: &Connection, is_first: bool) -> Result<News> {
        let mut news = News::default();
        if !is_first || !super::has_temporary(conn, "new_ad_paths")? {
            return Ok(news);
        }
        let mut statement =
            conn.prepare("select path, channel, report, first_day, last_day from temp.new_ad_paths")?;
        let paths =
            statement.query_map([], |r| Ok((r.get(0)?, (r.get(1)?, (r.get(2)?, r.get(3)?, r.get(4)?)))))?;
        news.paths = paths.collect::<rusqlite::Result<_>>()?;
        let mut statement = conn.prepare("select id, platform, said, paths from temp.new_ad_channels")?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            let said: String = r.get(2)?;
            let (group, channel) = said.split_once('|').unwrap_or(("", &said));
            news.channels
                .insert(r.get(0)?, ((r.get(1)?, group.to_owned(), channel.to_owned()), r.get(3)?, 0));
        }
        let mut statement = conn.prepare(
            "select path, month, rows, spend, incomplete, impressions, clicks, conversions, leads, first_day, last_day
             from temp.new_ad_months",
        )?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            let mut sums = [0; 7];
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = r.get(2 + i)?;
            }
            let (first, last): (Option<i32>, Option<i32>) = (r.get(9)?, r.get(10)?);
            let month = Month { sums, active: first.zip(last) };
            news.months.entry(r.get(0)?).or_default().push((r.get(1)?, month));
        }
        Ok(news)
    }

    /// All of a path's rows as they were told, where they are in this currency.
    pub fn of(&self, path: i64, files: &Files, currency: &str) -> Option<PathNews<'_>> {
        let (channel, (report, first, last)) = *self.paths.get(&path)?;
        let (file, code) = files.report(report);
        let months = self.months.get(&path).map_or(&[][..], Vec::as_slice);
        (code == currency).then_some(PathNews { channel, file, first, last, months })
    }

    /// A path is shown as it was told, in this channel; false where it was told in another.
    pub fn claim(&mut self, told: i64, channel: &Channel) -> bool {
        let Some((said, _, claimed)) = self.channels.get_mut(&told) else { return false };
        *claimed += i64::from(said == channel);
        said == channel
    }

    /// Adds the days of the channels that are shown as they were told; the others' have to be added up again.
    pub fn settle(&self, conn: &Connection, days: &mut ChannelDays) -> Result<()> {
        if self.channels.is_empty() {
            return Ok(());
        }
        let mut statement = conn.prepare_cached(
            "select day, rows, spend, incomplete, impressions, clicks, conversions, leads from temp.new_ad_days
             where channel = ?1",
        )?;
        for (id, (channel, paths, claimed)) in self.channels.iter().filter(|(_, c)| c.2 > 0) {
            if paths != claimed {
                days.sum_again(channel, super::ALL_DAYS);
                continue;
            }
            let mut rows = statement.query([id])?;
            while let Some(r) = rows.next()? {
                let mut sums = [0; 7];
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = r.get(1 + i)?;
                }
                days.add(channel, r.get(0)?, &sums);
            }
        }
        Ok(())
    }
}

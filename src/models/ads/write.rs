//! Writes the settled days of a unit, and what its campaigns are called.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params, params_from_iter, types::Value};

use super::ALL_DAYS;
use super::campaigns::Unit;
use super::load::{self, Files, Places, Rows, Stored};
use super::news::News;
use super::resolve::Day;
use super::rollup::{Channel, ChannelDays, Months, Number, UnitDays, UnitSums};
use crate::error::Result;
use crate::models::currency::Rates;

/// Rows per insert statement.
const BATCH: usize = 40;
const COLUMNS: usize = 8;

pub(super) struct Writer<'c> {
    conn: &'c Connection,
    rates: &'c Rates,
    channel_days: ChannelDays,
    news: News,
    /// First and last day number written.
    span: Option<(i32, i32)>,
}

impl<'c> Writer<'c> {
    pub fn new(conn: &'c Connection, rates: &'c Rates) -> Result<Self> {
        let channel_days = ChannelDays::open(conn)?;
        let news = News::read(conn, channel_days.is_first)?;
        Ok(Writer { conn, rates, channel_days, news, span: None })
    }

    /// Whether the rows of a new path need not be read to be shown as they are.
    pub fn is_told(&self, path: i64, files: &Files) -> bool {
        let currency = self.rates.reporting.as_deref();
        currency.is_some_and(|currency| self.news.of(path, files, currency).is_some())
    }

    /// Shows the rows of a unit as they are, where no two of them tell of one place and day; false where they might.
    pub fn show_plain(
        &mut self,
        unit: &Unit,
        places: &Places,
        stored: &Stored,
        files: &Files,
    ) -> Result<bool> {
        let Some(currency) = self.rates.reporting.as_deref() else { return Ok(false) };
        let mut sums = UnitSums::default();
        let Some(plain) = load::plain(unit, places, stored, files, currency, &self.news, &mut sums)? else {
            return Ok(false);
        };
        let UnitSums { months, days, span, told } = sums;
        let before = channels(self.conn, unit)?;
        let mut note = self.conn.prepare_cached(
            "update ad_campaign_paths set latest_file = ?2, longest = 1, place = ?3 where path = ?1",
        )?;
        let names = group_names(&plain.labels);
        for (path, campaign, group, latest) in &plain.paths {
            let place = place_id(self.conn, &names, *campaign, group, currency)?;
            note.execute(params![path, latest, place])?;
        }
        if !unit.is_plain && !unit.is_new {
            self.delete_days(unit)?;
        }
        name_campaigns(self.conn, unit)?;
        let after = channels(self.conn, unit)?;
        self.channel_days.replace(unit, &before, &after, days)?;
        for (campaign, channel) in told {
            if !self.news.claim(channel, &after[&campaign]) {
                self.channel_days.sum_again(&after[&campaign], ALL_DAYS);
            }
        }
        self.see(span);
        months.replace(self.conn, unit)?;
        Ok(true)
    }

    fn see(&mut self, span: Option<(i32, i32)>) {
        if let Some((first, last)) = span {
            let (start, end) = self.span.unwrap_or((first, last));
            self.span = Some((start.min(first), end.max(last)));
        }
    }

    fn delete_days(&self, unit: &Unit) -> Result<()> {
        self.conn
            .prepare_cached(
                "delete from ad_days where day between ?2 and ?3 and place in (
                     select l.id from ad_campaigns as c join ad_places as l on l.campaign = c.id where c.unit = ?1)",
            )?
            .execute(params![unit.id, unit.first, unit.last])?;
        Ok(())
    }

    /// Replaces the days of a unit's window.
    pub fn replace_days(&mut self, unit: &Unit, rows: &Rows, days: &[Day]) -> Result<()> {
        let before = channels(self.conn, unit)?;
        note_paths(self.conn, unit, rows)?;
        name_campaigns(self.conn, unit)?;
        let after = channels(self.conn, unit)?;
        if !unit.is_new {
            self.delete_days(unit)?;
        }
        let (months, sums) = self.insert_days(rows, days)?;
        self.channel_days.replace(unit, &before, &after, sums)?;
        months.replace(self.conn, unit)
    }

    fn insert_days(&mut self, rows: &Rows, days: &[Day]) -> Result<(Months, UnitDays)> {
        let places = place_ids(self.conn, rows, days)?;
        let (mut months, mut sums) = (Months::default(), UnitDays::default());
        for chunk in days.chunks(BATCH) {
            let mut cells: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS);
            for Day { place, currency, day, values } in chunk {
                let code = &rows.currencies[*currency as usize];
                let reported = values[0].and_then(|m| self.rates.to_reporting(m, code, *day));
                cells.push(Value::Integer(places[&(*place, *currency)]));
                cells.push(Value::Integer(i64::from(*day)));
                cells.push(reported.map_or(Value::Null, Value::Integer));
                cells.extend(values.iter().map(|v| v.map_or(Value::Null, Value::Integer)));
                let campaign = rows.places[*place as usize].0;
                let number = Number { campaign, day: *day, reported, values: *values };
                sums.add(&number);
                months.add(&number);
                self.see(Some((*day, *day)));
            }
            self.conn.prepare_cached(&insert_of(chunk.len()))?.execute(params_from_iter(cells))?;
        }
        Ok((months, sums))
    }

    /// Writes the sums and drops campaigns that no export names any more.
    pub fn finish(mut self, before_sums: impl FnOnce() -> Result<()>) -> Result<()> {
        self.news.settle(self.conn, &mut self.channel_days)?;
        if let Some((first, last)) = self.span {
            self.conn.execute(
                "with recursive days (day) as (select ?1 union all select day + 1 from days where day < ?2)
                 insert or ignore into calendar_days (day_number, day)
                 select day, date(day * 86400, 'unixepoch') from days",
                [first, last],
            )?;
        }
        self.channel_days.write(self.conn, before_sums)?;
        self.conn.execute_batch(
            "delete from ad_places where campaign in (select id from temp.touched_campaign)
                 and not exists (select 1 from ad_days as d where d.place = ad_places.id)
                 and not exists (select 1 from ad_campaign_paths as m where m.place = ad_places.id);
             delete from ad_campaigns where id in (select id from temp.touched_campaign)
                 and not exists (select 1 from ad_campaign_paths as m where m.campaign = ad_campaigns.id);",
        )?;
        Ok(())
    }
}

fn insert_of(rows: usize) -> String {
    let row = format!("({})", ["?"; COLUMNS].join(", "));
    format!(
        "insert into ad_days (place, day, spend_reporting_micros, spend_micros, impressions, clicks,
             conversions_millionths, leads_millionths) values {}",
        vec![row; rows].join(", ")
    )
}

/// The latest name of each ad group.
fn group_names(labels: &[(i64, String, u32, String)]) -> HashMap<(i64, &str), (u32, &str)> {
    let mut names: HashMap<(i64, &str), (u32, &str)> = HashMap::new();
    for (campaign, group, rank, name) in labels.iter().filter(|l| !l.1.is_empty() && !l.3.is_empty()) {
        let best = names.entry((*campaign, group)).or_insert((0, ""));
        *best = (*best).max((*rank, name));
    }
    names
}

/// The id of a place, made where it is new; an ad group gets its latest name.
fn place_id(
    conn: &Connection,
    names: &HashMap<(i64, &str), (u32, &str)>,
    campaign: i64,
    group: &str,
    currency: &str,
) -> Result<i64> {
    let name = names.get(&(campaign, group)).map_or("", |(_, name)| name);
    // most are there, and are called what they were
    let mut find = conn.prepare_cached(
        "select id from ad_places where campaign = ?1 and group_key = ?2 and currency = ?3 and ad_group = ?4",
    )?;
    let place = params![campaign, group, currency, name];
    if let Some(id) = find.query_row(place, |r| r.get(0)).optional()? {
        return Ok(id);
    }
    let mut put = conn.prepare_cached(
        "insert into ad_places (campaign, group_key, currency, ad_group) values (?1, ?2, ?3, ?4)
         on conflict do update set ad_group = excluded.ad_group returning id",
    )?;
    Ok(put.query_row(place, |r| r.get(0))?)
}

/// The ids of the places that have days.
fn place_ids(conn: &Connection, rows: &Rows, days: &[Day]) -> Result<HashMap<(u32, u16), i64>> {
    let names = group_names(&rows.labels);
    let mut ids = HashMap::new();
    for day in days {
        if let std::collections::hash_map::Entry::Vacant(slot) = ids.entry((day.place, day.currency)) {
            let (campaign, group) = &rows.places[day.place as usize];
            let currency = &rows.currencies[day.currency as usize];
            slot.insert(place_id(conn, &names, *campaign, group, currency)?);
        }
    }
    Ok(ids)
}

fn note_paths(conn: &Connection, unit: &Unit, rows: &Rows) -> Result<()> {
    let whole = unit.first <= ALL_DAYS.0;
    let mut note = conn.prepare_cached(
        "update ad_campaign_paths set latest_file = ?2, longest = iif(?4, ?3, max(longest, ?3)), place = null
         where path = ?1",
    )?;
    for (path, file, days) in &rows.notes {
        note.execute(params![path, file, days, whole])?;
    }
    Ok(())
}

/// Gives a unit's campaigns the latest name and type that any export showed, and the channel that follows.
fn name_campaigns(conn: &Connection, unit: &Unit) -> Result<()> {
    let latest = |column: &str| {
        format!(
            "(select p.{column} from ad_campaign_paths as m join ad_paths as p on p.id = m.path
              left join import_files as f on f.id = m.latest_file
              where m.campaign = ad_campaigns.id and p.{column} <> ''
              order by f.sort_key desc, f.id desc, p.{column} limit 1)"
        )
    };
    let names = format!(
        "update ad_campaigns set campaign = coalesce({}, campaign_id), campaign_type = coalesce({}, '')
         where unit = ?1",
        latest("campaign"),
        latest("campaign_type")
    );
    conn.prepare_cached(&names)?.execute([unit.id])?;
    conn.prepare_cached(
        "update ad_campaigns set channel_group = substr(said, 1, instr(said, '|') - 1),
             channel = substr(said, instr(said, '|') + 1)
         from (select id as of, coalesce(channel_of(json_object('platform', platform, 'campaign_type',
                   campaign_type, 'campaign', campaign)), 'Unknown|Unknown') as said
               from ad_campaigns where unit = ?1)
         where id = of",
    )?
    .execute([unit.id])?;
    Ok(())
}

/// The channel of each campaign of a unit, as it stands.
fn channels(conn: &Connection, unit: &Unit) -> Result<HashMap<i64, Channel>> {
    let mut statement =
        conn.prepare_cached("select id, platform, channel_group, channel from ad_campaigns where unit = ?1")?;
    let found = statement.query_map([unit.id], |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?, r.get(3)?))))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

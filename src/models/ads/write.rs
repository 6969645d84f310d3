//! Writes the settled days of a unit, and what its campaigns are called.

use std::collections::HashMap;

use rusqlite::{Connection, params, params_from_iter, types::Value};

use super::ALL_DAYS;
use super::campaigns::Unit;
use super::load::Rows;
use super::resolve::Day;
use super::rollup::{Channel, ChannelDays, Months, Number};
use crate::error::Result;
use crate::models::currency::Rates;

/// Rows per insert statement.
const BATCH: usize = 40;
const COLUMNS: usize = 8;

pub(super) struct Writer<'c> {
    conn: &'c Connection,
    rates: &'c Rates,
    channel_days: ChannelDays,
    /// First and last day number written.
    span: Option<(i32, i32)>,
}

impl<'c> Writer<'c> {
    pub fn new(conn: &'c Connection, rates: &'c Rates) -> Self {
        Writer { conn, rates, channel_days: ChannelDays::default(), span: None }
    }

    /// Replaces the days of a unit's window.
    pub fn replace_days(&mut self, unit: &Unit, rows: &Rows, days: &[Day]) -> Result<()> {
        let before = channels(self.conn, unit)?;
        note_paths(self.conn, unit, rows)?;
        name_campaigns(self.conn, unit)?;
        let after = channels(self.conn, unit)?;
        self.take_back(unit, &before, &after)?;
        self.conn
            .prepare_cached(
                "delete from ad_days where day between ?2 and ?3 and place in (
                     select l.id from ad_campaigns as c join ad_places as l on l.campaign = c.id where c.unit = ?1)",
            )?
            .execute(params![unit.id, unit.first, unit.last])?;
        let months = self.insert_days(rows, days, &after)?;
        months.replace(self.conn, unit)
    }

    fn insert_days(&mut self, rows: &Rows, days: &[Day], channels: &HashMap<i64, Channel>) -> Result<Months> {
        let places = place_ids(self.conn, rows, days)?;
        let mut months = Months::default();
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
                self.channel_days.add(&channels[&campaign], &number, 1);
                months.add(&number);
                let (first, last) = self.span.unwrap_or((*day, *day));
                self.span = Some((first.min(*day), last.max(*day)));
            }
            self.conn.prepare_cached(&insert_of(chunk.len()))?.execute(params_from_iter(cells))?;
        }
        Ok(months)
    }

    /// Takes the days that are replaced out of the sums; where a campaign's channel changed, all its days move.
    fn take_back(
        &mut self,
        unit: &Unit,
        before: &HashMap<i64, Channel>,
        after: &HashMap<i64, Channel>,
    ) -> Result<()> {
        let mut statement = self.conn.prepare_cached(
            "select l.campaign, d.day, d.spend_reporting_micros, d.spend_micros, d.impressions, d.clicks,
                 d.conversions_millionths, d.leads_millionths
             from ad_campaigns as c join ad_places as l on l.campaign = c.id join ad_days as d on d.place = l.id
             where c.unit = ?1 and d.day between ?2 and ?3",
        )?;
        let moved = before.iter().any(|(campaign, channel)| after.get(campaign) != Some(channel));
        let (first, last) = if moved { ALL_DAYS } else { (unit.first, unit.last) };
        let mut found = statement.query(params![unit.id, first, last])?;
        while let Some(r) = found.next()? {
            let values = [r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?, r.get(7)?];
            let number = Number { campaign: r.get(0)?, day: r.get(1)?, reported: r.get(2)?, values };
            self.channel_days.add(&before[&number.campaign], &number, -1);
            if number.day < unit.first || number.day > unit.last {
                self.channel_days.add(&after[&number.campaign], &number, 1);
            }
        }
        Ok(())
    }

    /// Writes the sums and drops campaigns that no export names any more.
    pub fn finish(self) -> Result<()> {
        if let Some((first, last)) = self.span {
            self.conn.execute(
                "with recursive days (day) as (select ?1 union all select day + 1 from days where day < ?2)
                 insert or ignore into calendar_days (day_number, day)
                 select day, date(day * 86400, 'unixepoch') from days",
                [first, last],
            )?;
        }
        self.channel_days.write(self.conn)?;
        self.conn.execute_batch(
            "delete from ad_places where campaign in (select id from temp.touched_campaign)
                 and not exists (select 1 from ad_days as d where d.place = ad_places.id);
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

/// The ids of the places that have days, made where they are new; ad groups get their latest name.
fn place_ids(conn: &Connection, rows: &Rows, days: &[Day]) -> Result<HashMap<(u32, u16), i64>> {
    let mut names: HashMap<(i64, &str), (u32, &str)> = HashMap::new();
    for (campaign, group, rank, name) in rows.labels.iter().filter(|l| !l.1.is_empty() && !l.3.is_empty()) {
        let best = names.entry((*campaign, group)).or_insert((0, ""));
        *best = (*best).max((*rank, name));
    }
    let mut put = conn.prepare_cached(
        "insert into ad_places (campaign, group_key, currency, ad_group) values (?1, ?2, ?3, ?4)
         on conflict do update set ad_group = excluded.ad_group returning id",
    )?;
    let mut ids = HashMap::new();
    for day in days {
        if let std::collections::hash_map::Entry::Vacant(slot) = ids.entry((day.place, day.currency)) {
            let (campaign, group) = &rows.places[day.place as usize];
            let name = names.get(&(*campaign, group.as_str())).map_or("", |(_, name)| name);
            let currency = &rows.currencies[day.currency as usize];
            slot.insert(put.query_row(params![campaign, group, currency, name], |r| r.get(0))?);
        }
    }
    Ok(ids)
}

fn note_paths(conn: &Connection, unit: &Unit, rows: &Rows) -> Result<()> {
    let whole = unit.first <= ALL_DAYS.0;
    let mut note = conn.prepare_cached(
        "update ad_campaign_paths set latest_file = ?2, longest = iif(?4, ?3, max(longest, ?3)) where path = ?1",
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

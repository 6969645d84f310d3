//! Writes the settled days of a unit, and what its campaigns are called.

use std::collections::HashMap;

use rusqlite::{Connection, params, params_from_iter, types::Value};

use super::ALL_DAYS;
use super::campaigns::Unit;
use super::load::Rows;
use super::resolve::Day;
use crate::models::currency::Rates;
use crate::error::Result;

/// Rows per insert statement.
const BATCH: usize = 40;
const COLUMNS: usize = 8;

pub(super) struct Writer<'c> {
    conn: &'c Connection,
    rates: &'c Rates,
    /// First and last day number written.
    span: Option<(i32, i32)>,
}

impl<'c> Writer<'c> {
    pub fn new(conn: &'c Connection, rates: &'c Rates) -> Self {
        Writer { conn, rates, span: None }
    }

    /// Replaces the days of a unit's window.
    pub fn replace_days(&mut self, unit: &Unit, rows: &Rows, days: &[Day]) -> Result<()> {
        self.conn
            .prepare_cached(
                "delete from ad_days where day between ?2 and ?3 and place in (
                     select l.id from ad_campaigns as c join ad_places as l on l.campaign = c.id where c.unit = ?1)",
            )?
            .execute(params![unit.id, unit.first, unit.last])?;
        let places = place_ids(self.conn, rows, days)?;
        for chunk in days.chunks(BATCH) {
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS);
            for day in chunk {
                let currency = &rows.currencies[day.currency as usize];
                let reported = day.values[0].and_then(|m| self.rates.to_reporting(m, currency, day.day));
                values.push(Value::Integer(places[&(day.place, day.currency)]));
                values.push(Value::Integer(i64::from(day.day)));
                values.push(reported.map_or(Value::Null, Value::Integer));
                values.extend(day.values.iter().map(|v| v.map_or(Value::Null, Value::Integer)));
                let (first, last) = self.span.unwrap_or((day.day, day.day));
                self.span = Some((first.min(day.day), last.max(day.day)));
            }
            self.conn.prepare_cached(&insert_of(chunk.len()))?.execute(params_from_iter(values))?;
        }
        note_paths(self.conn, unit, rows)
    }

    /// Names the touched campaigns and drops what is left empty.
    pub fn finish(self) -> Result<()> {
        if let Some((first, last)) = self.span {
            self.conn.execute(
                "with recursive days (day) as (select ?1 union all select day + 1 from days where day < ?2)
                 insert or ignore into calendar_days (day_number, day)
                 select day, date(day * 86400, 'unixepoch') from days",
                [first, last],
            )?;
        }
        tidy(self.conn)
    }
}

fn insert_of(rows: usize) -> String {
    let row = format!("({})", vec!["?"; COLUMNS].join(", "));
    format!(
        "insert into ad_days (place, day, spend_reporting_micros, spend_micros, impressions, clicks,
             conversions_millionths, leads_millionths) values {}",
        vec![row; rows].join(", ")
    )
}

/// The ids of the places that have days, made where they are new; ad groups get their latest name.
fn place_ids(conn: &Connection, rows: &Rows, days: &[Day]) -> Result<HashMap<(u32, u16), i64>> {
    let mut names: HashMap<(i64, &str), (u32, &str)> = HashMap::new();
    for (campaign, group, rank, name) in rows.labels.iter().filter(|l| !l.3.is_empty()) {
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

/// Campaigns that no path names any more go; the others get their latest name, type and channel.
fn tidy(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "delete from ad_days where place in (
             select l.id from temp.touched_campaign as t join ad_places as l on l.campaign = t.id
             where not exists (select 1 from ad_campaign_paths as m where m.campaign = t.id));
         delete from ad_places where campaign in (select id from temp.touched_campaign)
             and not exists (select 1 from ad_days as d where d.place = ad_places.id);
         delete from ad_campaigns where id in (select id from temp.touched_campaign)
             and not exists (select 1 from ad_campaign_paths as m where m.campaign = ad_campaigns.id);
         update ad_campaigns set
             campaign = coalesce((
                 select p.campaign from ad_campaign_paths as m join ad_paths as p on p.id = m.path
                 left join import_files as f on f.id = m.latest_file
                 where m.campaign = ad_campaigns.id and p.campaign <> ''
                 order by f.sort_key desc, f.id desc, p.campaign limit 1), campaign_id),
             campaign_type = coalesce((
                 select p.campaign_type from ad_campaign_paths as m join ad_paths as p on p.id = m.path
                 left join import_files as f on f.id = m.latest_file
                 where m.campaign = ad_campaigns.id and p.campaign_type <> ''
                 order by f.sort_key desc, f.id desc, p.campaign_type limit 1), '')
         where id in (select id from temp.touched_campaign);
         update ad_campaigns set channel_group = '', channel = channel_of(json_object(
                 'platform', platform, 'campaign_type', campaign_type, 'campaign', campaign))
             where id in (select id from temp.touched_campaign);
         update ad_campaigns set
             channel_group = iif(instr(channel, '|') > 0, substr(channel, 1, instr(channel, '|') - 1), 'Unknown'),
             channel = coalesce(nullif(substr(channel, instr(channel, '|') + 1), ''), 'Unknown')
         where id in (select id from temp.touched_campaign);",
    )?;
    Ok(())
}

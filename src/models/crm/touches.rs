//! Dated contacts of people with the company. A record's creation is none of these rows: the view adds it where nothing
//! precedes it.

use std::collections::HashMap;

use rusqlite::Connection;

use super::super::plan::without_restriction;
use super::names::{Channel, Names};
use crate::catalog;
use crate::db::batch::Batch;
use crate::error::{Error, Result};
use crate::settings::calendar::Calendar;

/// How a touch is known: a row of `touch_ways`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    FirstForm,
    RecentForm,
    LatestSource,
    /// Another export's; kind, evidence and table by number.
    Given(i64),
}

/// Kind, evidence and table of what records themselves tell, by the numbers 1, 2, 3.
const OWN_WAYS: [(&str, &str, &str); 3] = [
    ("form", "first form", "crm_people"),
    ("form", "recent form", "crm_people"),
    ("visit", "latest source", "crm_people"),
];

impl Way {
    fn number(self) -> i64 {
        match self {
            Way::FirstForm => 1,
            Way::RecentForm => 2,
            Way::LatestSource => 3,
            Way::Given(number) => number,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Touch {
    /// UTC
    pub at: String,
    pub day: i32,
    pub channel: Channel,
    pub campaign: Option<String>,
    /// It says no channel of its own; the person's stands in.
    pub is_inherited: bool,
    way: Way,
    /// The row it comes from; none for a record of the person.
    origin: Option<i64>,
}

impl Touch {
    /// A touch that a record tells of, where its moment is one.
    pub fn of_record(calendar: &Calendar, moment: &str, channel: Channel, way: Way) -> Option<Touch> {
        Touch::at(calendar, moment, channel, way)
    }

    fn at(calendar: &Calendar, moment: &str, channel: Channel, way: Way) -> Option<Touch> {
        if moment.is_empty() {
            return None;
        }
        let instant = calendar.instant(moment)?;
        Some(Touch {
            at: instant.text(),
            day: instant.day,
            channel,
            campaign: None,
            is_inherited: false,
            way,
            origin: None,
        })
    }
}

/// Touches from other exports, by person.
#[derive(Debug, Default)]
pub(super) struct Given(HashMap<i64, Vec<Touch>>);

impl Given {
    /// Reads those of the touched people, or all.
    pub fn load(conn: &Connection, calendar: &Calendar, names: &mut Names, everything: bool) -> Result<Self> {
        let tables = ["crm_campaign_members", "touches_given", "meetings_given", "requests_given"];
        let mut any = false;
        for table in tables {
            any |= super::has_rows(conn, table)?;
        }
        let mut given = Given::default();
        if !any {
            return Ok(given);
        }
        let mut ways = Ways::load(conn)?;
        let body = catalog::sql("crm").iter().find(|t| t.name == "touches").map_or("", |t| t.body);
        let body = if everything { without_restriction(body) } else { body.to_owned() };
        let broken = |e| Error::failed("the touches of people could not be found").because(e);
        let mut statement = conn.prepare_cached(&body).map_err(broken)?;
        let mut rows = statement.query([]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            let place = row.get_ref(2)?.as_str_or_null().ok().flatten().and_then(|p| p.split_once('|'));
            let channel = match place {
                Some((group, name)) => names.channel(group, name)?,
                None => continue,
            };
            let word = |at: usize| row.get_ref(at).ok().and_then(|v| v.as_str().ok()).unwrap_or("");
            let way = Way::Given(ways.number(conn, (word(4), word(5), word(6)))?);
            let Some(mut touch) = Touch::at(calendar, word(1), channel, way) else { continue };
            touch.campaign = row.get(3)?;
            touch.origin = row.get(7)?;
            given.0.entry(row.get(0)?).or_default().push(touch);
        }
        Ok(given)
    }

    pub fn take(&mut self, person: i64) -> Vec<Touch> {
        if self.0.is_empty() { Vec::new() } else { self.0.remove(&person).unwrap_or_default() }
    }
}

/// The rows of `touch_ways`.
struct Ways(HashMap<(String, String, String), i64>);

impl Ways {
    fn load(conn: &Connection) -> Result<Self> {
        let mut ways = conn.prepare_cached("select kind, evidence, origin, id from touch_ways")?;
        let rows = ways.query_map([], |r| Ok(((r.get(0)?, r.get(1)?, r.get(2)?), r.get(3)?)))?;
        Ok(Ways(rows.collect::<rusqlite::Result<_>>()?))
    }

    fn number(&mut self, conn: &Connection, (kind, evidence, origin): (&str, &str, &str)) -> Result<i64> {
        let key = (kind.to_owned(), evidence.to_owned(), origin.to_owned());
        if let Some(number) = self.0.get(&key) {
            return Ok(*number);
        }
        conn.prepare_cached("insert into touch_ways (kind, evidence, origin) values (?1, ?2, ?3)")?
            .execute([kind, evidence, origin])?;
        self.0.insert(key, conn.last_insert_rowid());
        Ok(conn.last_insert_rowid())
    }
}

/// Makes sure of the ways that records themselves have.
pub(super) fn enter_own_ways(conn: &Connection) -> Result<()> {
    let mut insert = conn.prepare_cached(
        "insert or ignore into touch_ways (id, kind, evidence, origin) values (?1, ?2, ?3, ?4)",
    )?;
    for (number, (kind, evidence, origin)) in (1_i64..).zip(OWN_WAYS) {
        insert.execute((number, kind, evidence, origin))?;
    }
    Ok(())
}

/// Rows on their way into `person_touches`.
pub(super) struct Touches<'c>(Batch<'c>);

impl<'c> Touches<'c> {
    pub fn new(conn: &'c Connection) -> Self {
        const INTO: &str = "person_touches (person, n, touched_at, touched_day, channel, campaign, is_inherited, way, origin_id)";
        Touches(Batch::new(conn, INTO, 9, ""))
    }

    pub fn write(&mut self, person: i64, touches: &[Touch]) -> Result<()> {
        for (n, touch) in (1_i64..).zip(touches) {
            self.0.push([
                person.into(),
                n.into(),
                touch.at.as_str().into(),
                touch.day.into(),
                touch.channel.id.into(),
                touch.campaign.as_deref().into(),
                touch.is_inherited.into(),
                touch.way.number().into(),
                touch.origin.into(),
            ])?;
        }
        Ok(())
    }

    /// Writes what is held back.
    pub fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

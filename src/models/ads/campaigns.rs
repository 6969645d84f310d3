//! Which campaign each path of an account belongs to, and which campaigns and days an import touches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, params};

use super::identity::{Names, Units};
use super::{ALL_DAYS, has_temporary, load};
use crate::error::Result;

/// Campaigns that are settled together: nearly always one; several where a name without id may be any of them.
#[derive(Debug)]
pub(super) struct Unit {
    pub id: i64,
    pub source: i64,
    pub platform: String,
    /// Rows of the account that name no campaign: they count only on days on which no campaign is known.
    pub is_remainder: bool,
    /// Nothing of it was settled before.
    pub is_new: bool,
    /// Its rows are shown as they are.
    pub is_plain: bool,
    /// The days that are settled again, in whole months.
    pub first: i32,
    pub last: i32,
    /// Those among them that may show something else than before.
    pub changed: (i32, i32),
}

/// Brings campaigns and their paths up to date for the accounts touched, and fills `touched_campaign`.
pub(super) fn settle(conn: &Connection) -> Result<()> {
    let sources: Vec<i64> = column(
        conn,
        "select p.source from temp.touched_ad_path as t join ad_paths as p on p.id = t.path
         union
         select c.source from temp.touched_ad_path as t
         join ad_campaign_paths as m on m.path = t.path join ad_campaigns as c on c.id = m.campaign",
    )?;
    remove_empty_paths(conn)?;
    for source in sources {
        settle_source(conn, source)?;
    }
    conn.execute(
        "insert into temp.touched_campaign
         select m.campaign, min(t.first_day), max(t.last_day)
         from temp.touched_ad_path as t join ad_campaign_paths as m on m.path = t.path
         where true group by m.campaign
         on conflict do update set first_day = min(first_day, excluded.first_day),
             last_day = max(last_day, excluded.last_day)",
        [],
    )?;
    measure_periods(conn)?;
    while widen(conn)? {}
    Ok(())
}

/// Removes the paths of which no row is left: all of which rows were taken away are asked, from their latest day on.
fn remove_empty_paths(conn: &Connection) -> Result<()> {
    if !has_temporary(conn, "touched_ad_days")? {
        return Ok(());
    }
    let paths: Vec<i64> = column(conn, "select path from temp.touched_ad_days where report is null")?;
    if paths.is_empty() {
        return Ok(());
    }
    let days = load::starts(conn, ALL_DAYS)?;
    let mut find = conn.prepare("select 1 from ad_rows where period_start = ?1 and path = ?2")?;
    let mut remove = conn.prepare("delete from ad_paths where id = ?1")?;
    for path in paths {
        let mut is_empty = true;
        for day in days.iter().rev() {
            if find.exists([i64::from(*day), path])? {
                is_empty = false;
                break;
            }
        }
        if is_empty {
            remove.execute([path])?;
        }
    }
    Ok(())
}

fn column<T: rusqlite::types::FromSql>(conn: &Connection, sql: &str) -> Result<Vec<T>> {
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

struct Spelling {
    path: i64,
    platform: String,
    id: String,
    name: String,
}

/// Recomputes the campaigns of one account; whatever changes its campaign is touched as a whole.
fn settle_source(conn: &Connection, source: i64) -> Result<()> {
    let spellings = spellings(conn, source)?;
    let mut names: BTreeMap<&str, Names> = BTreeMap::new();
    for s in &spellings {
        names.entry(&s.platform).or_default().see(&s.id, &s.name);
    }
    let mut units: BTreeMap<&str, Units> = BTreeMap::new();
    for s in spellings.iter().filter(|s| names[s.platform.as_str()].is_ambiguous(&s.id, &s.name)) {
        units.entry(&s.platform).or_default().join(&names[s.platform.as_str()].related(&s.name));
    }
    let mut known = Campaigns::load(conn, source)?;
    let mut was: HashMap<i64, i64> = paths_before(conn, source)?;
    let mut put = conn.prepare(
        "insert into ad_campaign_paths (path, campaign) values (?1, ?2)
         on conflict (path) do update set campaign = excluded.campaign",
    )?;
    let none = Units::default();
    let mut seen = BTreeSet::new();
    for s in &spellings {
        let key = names[s.platform.as_str()].key(&s.id, &s.name);
        let unit = units.get(s.platform.as_str()).unwrap_or(&none).find(&key);
        let campaign = known.id(conn, source, &s.platform, &key)?;
        if seen.insert(campaign) {
            let unit = if unit == key { campaign } else { known.id(conn, source, &s.platform, &unit)? };
            known.set_unit(conn, campaign, unit)?;
        }
        match was.remove(&s.path) {
            Some(before) if before == campaign => continue,
            Some(before) => touch_whole(conn, &[before, campaign])?,
            None => {}
        }
        put.execute(params![s.path, campaign])?;
    }
    for (path, before) in was {
        touch_whole(conn, &[before])?;
        conn.execute("delete from ad_campaign_paths where path = ?1", [path])?;
    }
    Ok(())
}

fn spellings(conn: &Connection, source: i64) -> Result<Vec<Spelling>> {
    let mut statement = conn.prepare(
        "select p.id, iif(p.platform = '', s.system, p.platform), p.campaign_id, p.campaign
         from ad_paths as p join sources as s on s.id = p.source
         where p.source = ?1 order by p.id",
    )?;
    let rows = statement.query_map([source], |r| {
        Ok(Spelling { path: r.get(0)?, platform: r.get(1)?, id: r.get(2)?, name: r.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn paths_before(conn: &Connection, source: i64) -> Result<HashMap<i64, i64>> {
    let mut statement = conn.prepare(
        "select m.path, m.campaign from ad_campaign_paths as m
         join ad_campaigns as c on c.id = m.campaign where c.source = ?1",
    )?;
    let rows = statement.query_map([source], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn touch_whole(conn: &Connection, campaigns: &[i64]) -> Result<()> {
    let mut statement =
        conn.prepare_cached("insert or replace into temp.touched_campaign values (?1, ?2, ?3)")?;
    for campaign in campaigns {
        statement.execute(params![campaign, ALL_DAYS.0, ALL_DAYS.1])?;
    }
    Ok(())
}

/// The campaigns of one account: (platform, key) → (id, unit).
struct Campaigns {
    ids: HashMap<(String, String), i64>,
    units: HashMap<i64, i64>,
}

impl Campaigns {
    fn load(conn: &Connection, source: i64) -> Result<Self> {
        let mut known = Campaigns { ids: HashMap::new(), units: HashMap::new() };
        let mut statement =
            conn.prepare("select id, platform, campaign_key, unit from ad_campaigns where source = ?1")?;
        let mut rows = statement.query([source])?;
        while let Some(row) = rows.next()? {
            known.ids.insert((row.get(1)?, row.get(2)?), row.get(0)?);
            known.units.insert(row.get(0)?, row.get(3)?);
        }
        Ok(known)
    }

    fn id(&mut self, conn: &Connection, source: i64, platform: &str, key: &str) -> Result<i64> {
        let at = (platform.to_string(), key.to_string());
        if let Some(id) = self.ids.get(&at) {
            return Ok(*id);
        }
        let id = conn.query_row(
            "insert into ad_campaigns (source, platform, account, campaign_key, campaign_id)
             select ?1, ?2, account, ?3, iif(?3 like 'id:%', substr(?3, 4), '') from sources where id = ?1
             returning id",
            params![source, platform, key],
            |r| r.get(0),
        )?;
        self.ids.insert(at, id);
        Ok(id)
    }

    fn set_unit(&mut self, conn: &Connection, campaign: i64, unit: i64) -> Result<()> {
        let before = self.units.insert(campaign, unit);
        if before == Some(unit) {
            return Ok(());
        }
        conn.prepare_cached("update ad_campaigns set unit = ?2 where id = ?1")?.execute([campaign, unit])?;
        match before {
            Some(before) => touch_whole(conn, &[campaign, before, unit]),
            None if unit != campaign => touch_whole(conn, &[campaign, unit]),
            None => Ok(()),
        }
    }
}

/// Keeps the longest period of each path, so that the rows around a window are found without reading all.
fn measure_periods(conn: &Connection) -> Result<()> {
    conn.execute(
        "update ad_campaign_paths set longest = max(ad_campaign_paths.longest, t.longest)
         from temp.touched_ad_path as t
         where t.path = ad_campaign_paths.path and t.longest > ad_campaign_paths.longest
             and t.first_day > ?1 and ad_campaign_paths.latest_file is not null",
        [ALL_DAYS.0],
    )?;
    Ok(())
}

/// Widens the windows: to all campaigns of a unit, to whole periods of rows that reach into them, to whole months, and
/// from an account's campaigns to what the account has without a campaign. True while something grew.
fn widen(conn: &Connection) -> Result<bool> {
    const GROW: &str = "on conflict do update set first_day = min(first_day, excluded.first_day),
            last_day = max(last_day, excluded.last_day)
        where excluded.first_day < first_day or excluded.last_day > last_day";
    let units = conn.execute(
        &format!(
            "insert into temp.touched_campaign
             select other.id, min(t.first_day), max(t.last_day)
             from temp.touched_campaign as t join ad_campaigns as c on c.id = t.id
             join ad_campaigns as other on other.unit = c.unit
             where true group by other.id {GROW}"
        ),
        [],
    )?;
    let remainders = conn.execute(
        &format!(
            "insert into temp.touched_campaign
             select rest.id, min(t.first_day), max(t.last_day)
             from temp.touched_campaign as t join ad_campaigns as c on c.id = t.id
             join ad_campaigns as rest
                 on rest.source = c.source and rest.platform = c.platform and rest.campaign_key = 'name:'
             where true group by rest.id {GROW}"
        ),
        [],
    )?;
    let periods = conn.execute(
        &format!(
            "insert into temp.touched_campaign
             select t.id, min(r.period_start), max(r.period_start + r.days - 1)
             from (
                 select min(t.first_day - m.longest + 1) as first_day, max(t.last_day) as last_day
                 from temp.touched_campaign as t
                 join ad_campaign_paths as m on m.campaign = t.id and m.longest > 1
                 where t.first_day > ?1
             ) as around
             cross join ad_rows as r on r.period_start between around.first_day and around.last_day
             cross join ad_campaign_paths as m on m.path = r.path and m.longest > 1
             cross join temp.touched_campaign as t
                 on t.id = m.campaign and t.first_day > ?1 and r.period_start <= t.last_day
                 and r.period_start + r.days > t.first_day
             where true group by t.id {GROW}"
        ),
        [ALL_DAYS.0],
    )?;
    let months = conn.execute(
        "update temp.touched_campaign
         set first_day = unixepoch(first_day * 86400, 'unixepoch', 'start of month') / 86400,
             last_day = unixepoch(last_day * 86400, 'unixepoch', 'start of month', '+1 month') / 86400 - 1
         where first_day > ?1 and (
             strftime('%d', first_day * 86400, 'unixepoch') <> '01'
             or strftime('%d', (last_day + 1) * 86400, 'unixepoch') <> '01')",
        [ALL_DAYS.0],
    )?;
    Ok(units + remainders + periods + months > 0)
}

/// The touched units, those without a campaign last.
pub(super) fn touched_units(conn: &Connection) -> Result<Vec<Unit>> {
    let mut statement = conn.prepare(
        "select c.unit, c.source, c.platform, max(c.campaign_key = 'name:') as is_remainder,
             min(t.first_day), max(t.last_day),
             exists (select 1 from ad_campaigns as u join ad_campaign_paths as m on m.campaign = u.id
                 where u.unit = c.unit and m.place is not null),
             (select max(m.latest_file is not null) from ad_campaigns as u
                 join ad_campaign_paths as m on m.campaign = u.id where u.unit = c.unit),
             (select min(p.first_day) from ad_campaigns as u
                 join ad_campaign_paths as m on m.campaign = u.id
                 join temp.touched_ad_path as p on p.path = m.path where u.unit = c.unit),
             (select max(p.last_day) from ad_campaigns as u
                 join ad_campaign_paths as m on m.campaign = u.id
                 join temp.touched_ad_path as p on p.path = m.path where u.unit = c.unit)
         from temp.touched_campaign as t join ad_campaigns as c on c.id = t.id
         group by c.unit order by is_remainder, c.unit",
    )?;
    let rows = statement.query_map([], |r| {
        let (first, last): (i32, i32) = (r.get(4)?, r.get(5)?);
        let is_plain = r.get(6)?;
        let own: (Option<i32>, Option<i32>) = (r.get(8)?, r.get(9)?);
        // a plain unit has no rows of longer periods, whose other days would change with one
        let changed = own.0.zip(own.1).filter(|_| is_plain && first > ALL_DAYS.0);
        Ok(Unit {
            id: r.get(0)?,
            source: r.get(1)?,
            platform: r.get(2)?,
            is_remainder: r.get(3)?,
            is_plain,
            is_new: first > ALL_DAYS.0 && r.get::<_, Option<bool>>(7)? == Some(false),
            first,
            last,
            changed: changed.unwrap_or((first, last)),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

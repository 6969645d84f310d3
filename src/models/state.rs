//! The small facts a refresh keeps in `meta`: inputs last used, data date, maturity of cohorts.

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params};

use super::currency::{self, Reporting};
use super::{kpis, measures};
use crate::error::Result;
use crate::settings::Settings;
use crate::settings::calendar::{Grain, date_of, parse_day};

pub(super) fn get(conn: &Connection, key: &str) -> Result<Option<String>> {
    Ok(conn.query_row("select value from meta where key = ?1", [key], |row| row.get(0)).optional()?)
}

pub(super) fn set(conn: &Connection, key: &str, value: &str) -> Result<()> {
    conn.prepare_cached(
        "insert into meta (key, value) values (?1, ?2) on conflict (key) do update set value = excluded.value",
    )?
    .execute([key, value])?;
    Ok(())
}

/// Whether nothing was ever imported or typed: every record has a source.
pub(super) fn is_blank(conn: &Connection) -> Result<bool> {
    Ok(conn.query_row("select not exists (select 1 from sources)", [], |row| row.get(0))?)
}

const OWN_MEASURE: &str = "own_measure:";

/// The names that the workspace's own measures counted last.
pub(super) fn own_measures(conn: &Connection) -> Result<Vec<String>> {
    let mut names =
        conn.prepare_cached("select substr(key, 13) from meta where key like 'own\\_measure:%' escape '\\'")?;
    let found = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

pub(super) fn forget_own_measures(conn: &Connection) -> Result<()> {
    for name in own_measures(conn)? {
        conn.execute("delete from meta where key = ?1", [format!("{OWN_MEASURE}{name}")])?;
    }
    Ok(())
}

pub(super) fn remember_own_measure(conn: &Connection, name: &str, text: &str) -> Result<()> {
    set(conn, &format!("{OWN_MEASURE}{name}"), text)
}

/// The text that counts a measure of the workspace's own.
pub fn own_measure_text(conn: &Connection, name: &str) -> Result<Option<String>> {
    get(conn, &format!("{OWN_MEASURE}{name}"))
}

/// What has to happen before a refresh, by the currency that all numbers are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inputs {
    Same,
    /// The first money: nothing that was derived before holds any.
    First,
    Changed,
}

pub(super) fn inputs(conn: &Connection, settings: &Settings) -> Result<Inputs> {
    let now = currency::reporting(conn, settings.currency().as_deref())?;
    let before = get(conn, "model_inputs")?;
    let is_first = before.as_deref() == Some(format!("{:?}", Reporting::NoMoney).as_str());
    Ok(match before {
        Some(before) if before == format!("{now:?}") => Inputs::Same,
        _ if is_first => Inputs::First,
        _ => Inputs::Changed,
    })
}

/// The sources whose records make requests of their own: activities can answer them, and no export of requests does.
fn answering(conn: &Connection) -> Result<String> {
    Ok(conn.query_row(
        "select iif(exists (select 1 from requests_given), '', coalesce(group_concat(id, ','), '')) from
            (select id from sources as s where exists (select 1 from crm_activities as a where a.source = s.id) order by id)",
        [],
        |row| row.get(0),
    )?)
}

pub(super) fn answering_changed(conn: &Connection) -> Result<bool> {
    Ok(get(conn, "answering")?.unwrap_or_default() != answering(conn)?)
}

pub(super) fn remember_inputs(conn: &Connection, settings: &Settings) -> Result<()> {
    set(conn, "answering", &answering(conn)?)?;
    let reporting = currency::reporting(conn, settings.currency().as_deref())?;
    set(conn, "model_inputs", &format!("{reporting:?}"))?;
    set(conn, "reporting_currency", &reporting.currency().unwrap_or_default())
}

/// The data date before and after this refresh, as day numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DataDates {
    pub before: Option<i32>,
    pub now: i32,
}

/// Moves the data date to the newest as-of, and the periods and the age of maturity with it.
pub(super) fn update_dates(conn: &Connection, settings: &Settings) -> Result<DataDates> {
    let before = get(conn, "data_date")?.as_deref().and_then(parse_day);
    let now = data_date(conn)?;
    set(conn, "data_date", &date_of(now).to_string())?;
    write_periods(conn, settings, now)?;
    let days = mature_after(conn, now)?;
    conn.execute("delete from workspace_dates", [])?;
    conn.execute(
        "insert into workspace_dates (data_date, data_day, mature_after_days) values (?1, ?2, ?3)",
        params![date_of(now).to_string(), now, days],
    )?;
    Ok(DataDates { before, now })
}

/// The newest as-of of CRM, ad, web, e-mail and billing files that a flag, their content (its period
/// too) or their name dates.
fn data_date(conn: &Connection) -> Result<i32> {
    const FED: &str = "select max(substr(f.as_of, 1, 10)) from import_files as f
        join import_groups as g on g.file = f.id
        where f.as_of_evidence <> 'modified' and g.fold_group not like '%/sheet%'";
    const DATED: &str =
        "select max(substr(as_of, 1, 10)) from import_files where as_of_evidence <> 'modified'";
    const ANY: &str = "select max(substr(as_of, 1, 10)) from import_files";
    for text in [FED, DATED, ANY] {
        let day: Option<String> = conn.query_row(text, [], |row| row.get(0))?;
        if let Some(day) = day.as_deref().and_then(parse_day) {
            return Ok(day);
        }
    }
    Ok(measures::last_day(conn)?.unwrap_or(0))
}

/// Gives models `data_date()`: the day up to which what runs on is counted.
pub(super) fn register_data_date(conn: &Connection) -> Result<()> {
    let day = date_of(data_date(conn)?).to_string();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    Ok(conn.create_scalar_function("data_date", 0, flags, move |_| Ok(day.clone()))?)
}

fn write_periods(conn: &Connection, settings: &Settings, now: i32) -> Result<()> {
    conn.execute("delete from calendar_periods", [])?;
    let Some((first, _)) = measures::days(conn)? else { return Ok(()) };
    let first = settings.calendar.start(Grain::Year, first);
    let mut insert =
        conn.prepare_cached("insert into calendar_periods values (?1, ?2, ?3, ?4, ?2, ?5, ?6, ?7, ?8)")?;
    let calendar = &settings.calendar;
    for grain in Grain::ALL {
        let mut start = calendar.start(grain, first);
        while start <= now {
            let end = calendar.end(grain, start);
            insert.execute(params![
                grain.name(),
                date_of(start).to_string(),
                start,
                calendar.label(grain, start),
                date_of(end).to_string(),
                end,
                end < now,
                kpis::place_of(grain, start),
            ])?;
            start = end + 1;
        }
    }
    Ok(())
}

/// The median days from contact to won over the last twelve months; 180 until known.
fn mature_after(conn: &Connection, now: i32) -> Result<f64> {
    let mut days: Vec<i32> = conn
        .prepare(
            "select won_day - coalesce(contact_day, created_day) from persons
             where won_day > ?1 and won_day <= ?2 and coalesce(contact_day, created_day) is not null",
        )?
        .query_map([now - 365, now], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    days.sort_unstable();
    Ok(match days.len() {
        0 => 180.0,
        n if n % 2 == 1 => f64::from(days[n / 2]),
        n => f64::from(days[n / 2 - 1] + days[n / 2]) / 2.0,
    })
}

/// Reads the periods and channels of targets as they were written.
pub(super) fn write_targets(conn: &Connection, settings: &Settings) -> Result<()> {
    conn.execute("delete from target_periods", [])?;
    let mut given = conn.prepare_cached(
        "select kpi, trim(period), trim(channel), value_millionths, note from targets_given order by source, id",
    )?;
    let mut insert =
        conn.prepare_cached("insert or replace into target_periods values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    let mut rows = given.query([])?;
    while let Some(row) = rows.next()? {
        let (kpi, written, channel): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some((grain, start)) = settings.calendar.parse_period(&written) else { continue };
        let (group, channel) = scope_of(settings, &channel);
        let value = row.get::<_, Option<i64>>(3)?.map(|v| v as f64 / 1e6);
        let period = date_of(start).to_string();
        let note: Option<String> = row.get(4)?;
        insert.execute(params![kpi.trim(), grain.name(), period, group, channel, written, value, note])?;
    }
    Ok(())
}

/// A channel, a group, or everything.
fn scope_of(settings: &Settings, name: &str) -> (String, String) {
    if name.is_empty() || name.eq_ignore_ascii_case("all") {
        return ("All".to_owned(), "All".to_owned());
    }
    if let Some(channel) = settings.channels.named(name) {
        let group = settings.channels.group_of(&channel).to_owned();
        // "Outbound" and "Partner" are a channel and a group; both have the same rows
        return (group, channel);
    }
    let group = settings.channels.all().map(|(_, c)| c.group.as_str()).find(|g| g.eq_ignore_ascii_case(name));
    match group {
        Some(group) => (group.to_owned(), "All".to_owned()),
        None => ("Unknown".to_owned(), name.to_owned()),
    }
}

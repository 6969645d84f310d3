//! What counts as an inbound request, and how much business time passes before it is answered.

use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::error::{Error, Result};
use crate::settings::{BusinessHours, Settings};

/// Working days and hours of the workspace, local time.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Hours {
    /// By number of days from Monday.
    days: [bool; 7],
    from: NaiveTime,
    to: NaiveTime,
}

/// Makes `business_seconds(from, to)`, `is_inbound_form(form)` and `is_inbound_source(source)` callable.
pub(crate) fn register(conn: &Connection, settings: &Settings) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    let hours = Hours::read(settings.written.business_hours.as_ref())?;
    let zone = settings.calendar.timezone;
    conn.create_scalar_function("business_seconds", 2, flags, move |ctx| {
        let moment = |i: usize| -> rusqlite::Result<Option<NaiveDateTime>> {
            Ok(ctx.get::<Option<String>>(i)?.and_then(|text| local_time(&text, zone)))
        };
        Ok(moment(0)?.zip(moment(1)?).map(|(from, to)| hours.seconds_between(from, to)))
    })?;
    let inbound = settings.written.inbound.clone();
    conn.create_scalar_function("is_inbound_source", 1, flags, move |ctx| {
        Ok(inbound.asks_by_source(ctx.get::<Option<String>>(0)?.as_deref().unwrap_or("")))
    })?;
    let inbound = settings.written.inbound.clone();
    conn.create_scalar_function("is_inbound_form", 1, flags, move |ctx| {
        Ok(inbound.asks_by_form(ctx.get::<Option<String>>(0)?.as_deref().unwrap_or("")))
    })?;
    Ok(())
}

/// The local time of a moment that has a time: `…Z` is UTC, otherwise local.
fn local_time(text: &str, zone: Tz) -> Option<NaiveDateTime> {
    let text = text.trim().replacen(' ', "T", 1);
    let bare = text.trim_end_matches('Z');
    let time = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok())?;
    if !text.ends_with('Z') {
        return Some(time);
    }
    Some(DateTime::<Utc>::from_naive_utc_and_offset(time, Utc).with_timezone(&zone).naive_local())
}

impl Hours {
    fn read(written: Option<&BusinessHours>) -> Result<Hours> {
        let (days, from, to) = written.map_or(("mon-fri", "09:00", "18:00"), |h| (&h.days, &h.from, &h.to));
        let time = |text: &str| {
            NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| {
                Error::failed(format!(
                    "`[business_hours]` in `funnelite.toml` has the time \"{text}\", expected one like 09:00"
                ))
            })
        };
        Ok(Hours { days: read_days(days)?, from: time(from)?, to: time(to)? })
    }

    fn seconds_between(&self, from: NaiveDateTime, to: NaiveDateTime) -> i64 {
        let mut seconds = 0;
        let mut day = from.date();
        // a response years later is no matter of business hours; ten years bound the walk
        let last = to.date().min(day + TimeDelta::days(3660));
        while day <= last {
            if self.days[day.weekday().num_days_from_monday() as usize] {
                let opens = day.and_time(self.from).max(from);
                let closes = day.and_time(self.to).min(to);
                seconds += (closes - opens).num_seconds().max(0);
            }
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
        seconds
    }
}

/// `mon-fri`, `mon,wed,fri`, `sun-thu`.
fn read_days(text: &str) -> Result<[bool; 7]> {
    let day = |word: &str| {
        word.trim().parse::<Weekday>().map(|d| d.num_days_from_monday() as usize).map_err(|_| {
            Error::failed(format!(
                "`days` under `[business_hours]` in `funnelite.toml` has \"{}\", expected days like mon-fri",
                word.trim()
            ))
        })
    };
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut at, last) = (day(first)?, day(last)?);
        days[at] = true;
        while at != last {
            at = (at + 1) % 7;
            days[at] = true;
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        local_time(text, Tz::UTC).unwrap()
    }

    fn hours(days: &str, from: &str, to: &str) -> Hours {
        let written = BusinessHours { days: days.into(), from: from.into(), to: to.into() };
        Hours::read(Some(&written)).unwrap()
    }

    #[test]
    fn nights_and_weekends_do_not_count() {
        let week = hours("mon-fri", "09:00", "18:00");
        // Friday 17:30 to Monday 09:10
        assert_eq!(week.seconds_between(at("2026-10-02T17:30:00"), at("2026-10-05T09:10:00")), 40 * 60);
        assert_eq!(week.seconds_between(at("2026-10-03T10:00:00"), at("2026-10-04T10:00:00")), 0);
        assert_eq!(week.seconds_between(at("2026-10-05T10:00:00"), at("2026-10-05T10:02:30")), 150);
    }

    #[test]
    fn weeks_may_begin_on_sunday() {
        let week = hours("sun-thu", "08:00", "16:00");
        assert_eq!(week.days, [true, true, true, true, false, false, true]);
    }

    #[test]
    fn moments_in_utc_become_local() {
        let istanbul: Tz = "Europe/Istanbul".parse().unwrap();
        let local = local_time("2026-10-05T06:30:00Z", istanbul).unwrap();
        assert_eq!(local, NaiveDate::from_ymd_opt(2026, 10, 5).unwrap().and_hms_opt(9, 30, 0).unwrap());
    }
}

//! The SQL functions that models may call: local dates, folded names, stages, channels, segments.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{Datelike, NaiveDate};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Result as SqlResult};

use super::keys;
use crate::error::Result;
use crate::settings::calendar::{Grain, date_of, parse_day};
use crate::settings::channels::{KEYS, Keys, UNKNOWN};
use crate::settings::segments::Profile;
use crate::settings::{Settings, fold};

const FLAGS: FunctionFlags = FunctionFlags::SQLITE_UTF8
    .union(FunctionFlags::SQLITE_DETERMINISTIC)
    .union(FunctionFlags::SQLITE_DIRECTONLY);

/// Answers of the rules that are remembered, because most records say the same few words.
const MOST_ANSWERS: usize = 100_000;

type Answer = SqlResult<Option<String>>;

/// Registers them all on a connection; registering again replaces the settings they use.
pub(super) fn register(conn: &Connection, settings: &Settings) -> Result<()> {
    let settings = Arc::new(settings.clone());
    register_dates(conn, &settings)?;
    register_names(conn)?;
    register_keys(conn)?;
    register_rules(conn, &settings)?;
    register_settings(conn, &settings)
}

fn text<'a>(ctx: &'a Context<'_>, at: usize) -> Option<&'a str> {
    match ctx.get_raw(at) {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

/// A day given as a number or as text.
fn day(ctx: &Context<'_>, at: usize) -> Option<i32> {
    match ctx.get_raw(at) {
        ValueRef::Integer(n) => i32::try_from(n).ok(),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().and_then(parse_day),
        _ => None,
    }
}

fn register_dates(conn: &Connection, settings: &Arc<Settings>) -> Result<()> {
    let calendar = settings.calendar;
    conn.create_scalar_function("local_date", 1, FLAGS, move |ctx| -> Answer {
        Ok(text(ctx, 0).and_then(|m| calendar.local_date(m)))
    })?;
    conn.create_scalar_function("local_day", 1, FLAGS, move |ctx| -> SqlResult<Option<i32>> {
        Ok(text(ctx, 0).and_then(|m| calendar.local_day(m)))
    })?;
    conn.create_scalar_function("utc_moment", 1, FLAGS, move |ctx| -> Answer {
        Ok(text(ctx, 0).and_then(|m| calendar.utc_moment(m)))
    })?;
    conn.create_scalar_function("day_number", 1, FLAGS, |ctx| -> SqlResult<Option<i32>> { Ok(day(ctx, 0)) })?;
    conn.create_scalar_function("date_of", 1, FLAGS, |ctx| -> Answer {
        Ok(day(ctx, 0).map(|d| date_of(d).to_string()))
    })?;
    // 202610; 0 where no day is known
    conn.create_scalar_function("month_number", 1, FLAGS, |ctx| -> SqlResult<i32> {
        let month = |d: NaiveDate| 100 * d.year() + d.month() as i32;
        Ok(day(ctx, 0).map_or(0, |d| month(date_of(d))))
    })?;
    conn.create_scalar_function("period_start", 2, FLAGS, move |ctx| -> Answer {
        let start = text(ctx, 0).and_then(Grain::parse).zip(day(ctx, 1)).map(|(g, d)| calendar.start(g, d));
        Ok(start.map(|d| date_of(d).to_string()))
    })?;
    conn.create_scalar_function("period_end", 2, FLAGS, move |ctx| -> Answer {
        let grain = text(ctx, 0).and_then(Grain::parse);
        let end = grain.zip(day(ctx, 1)).map(|(g, d)| calendar.end(g, calendar.start(g, d)));
        Ok(end.map(|d| date_of(d).to_string()))
    })?;
    conn.create_scalar_function("spread", 3, FLAGS, |ctx| -> SqlResult<Option<i64>> {
        let number = |at| match ctx.get_raw(at) {
            ValueRef::Integer(n) => Some(n),
            _ => None,
        };
        Ok(number(0).zip(number(1)).zip(number(2)).and_then(|((total, n), i)| spread(total, n, i)))
    })?;
    Ok(())
}

/// The part of a total that day `i` (from 1) of `n` gets, so that the parts add up exactly.
fn spread(total: i64, n: i64, i: i64) -> Option<i64> {
    if n <= 0 {
        return None;
    }
    let upto = |i: i64| i * total.div_euclid(n) + (i * total.rem_euclid(n)).div_euclid(n);
    Some(upto(i) - upto(i - 1))
}

fn register_names(conn: &Connection) -> Result<()> {
    conn.create_scalar_function("norm_email", 1, FLAGS, |ctx| -> Answer {
        Ok(text(ctx, 0).and_then(norm_email).map(Cow::into_owned))
    })?;
    conn.create_scalar_function("norm_name", 1, FLAGS, |ctx| -> Answer {
        Ok(text(ctx, 0).map(fold).filter(|t| !t.is_empty()))
    })?;
    conn.create_scalar_function("norm_domain", 1, FLAGS, |ctx| -> Answer {
        Ok(text(ctx, 0).and_then(norm_domain))
    })?;
    conn.create_scalar_function("id_list", 1, FLAGS, |ctx| -> Answer {
        let ids = text(ctx, 0).map(|list| split_ids(list).collect::<Vec<_>>());
        Ok(ids.map(|ids| serde_json::to_string(&ids).expect("texts are JSON")))
    })?;
    Ok(())
}

/// As SQL's `lower(trim(…))`: ASCII alone.
pub(super) fn lower_ascii(text: &str) -> String {
    text.trim_matches(' ').to_ascii_lowercase()
}

/// The hashes by which models find records, without keeping their texts a second time.
fn register_keys(conn: &Connection) -> Result<()> {
    conn.create_scalar_function("mail_key", 1, FLAGS, |ctx| -> SqlResult<Option<i64>> {
        Ok(text(ctx, 0).and_then(norm_email).map(|email| keys::mail_key(&email)))
    })?;
    conn.create_scalar_function("mail_keys", 2, FLAGS, |ctx| -> SqlResult<String> {
        let mails = keys::mails(text(ctx, 0).unwrap_or(""), text(ctx, 1).unwrap_or(""));
        let keys: Vec<i64> = mails.map(|email| keys::mail_key(&email)).collect();
        Ok(serde_json::to_string(&keys).expect("numbers are JSON"))
    })?;
    conn.create_scalar_function("has_mail", 3, FLAGS, |ctx| -> SqlResult<bool> {
        let wanted = text(ctx, 2).and_then(norm_email);
        let mut mails = keys::mails(text(ctx, 0).unwrap_or(""), text(ctx, 1).unwrap_or(""));
        Ok(wanted.is_some_and(|wanted| mails.any(|m| m == wanted)))
    })?;
    type Key = fn(i64, &str) -> i64;
    let named: [(&str, Key); 3] = [
        ("person_key", keys::person_key),
        ("deal_key", keys::deal_key),
        ("reference_key", keys::reference_key),
    ];
    for (name, key) in named {
        conn.create_scalar_function(name, 2, FLAGS, move |ctx| -> SqlResult<Option<i64>> {
            Ok(ctx.get::<Option<i64>>(0)?.zip(text(ctx, 1)).map(|(source, id)| key(source, id)))
        })?;
    }
    conn.create_scalar_function("text_key", 1, FLAGS, |ctx| -> SqlResult<Option<i64>> {
        Ok(text(ctx, 0).map(keys::text_key))
    })?;
    Ok(())
}

/// Trimmed and lower case, nothing cleverer; nothing where it is no address.
pub(super) fn norm_email(email: &str) -> Option<Cow<'_, str>> {
    let email = email.trim();
    // most are written so
    let is_lower = email.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    email
        .contains('@')
        .then(|| if is_lower { Cow::Borrowed(email) } else { Cow::Owned(email.to_lowercase()) })
}

/// The ids of a list separated by `;`.
pub(super) fn split_ids(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', ',', ' ', '\n']).map(str::trim).filter(|id| !id.is_empty())
}

/// The bare domain of a website, a link or an address.
pub(super) fn norm_domain(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let after_scheme = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let host = after_scheme.split(['/', '?', '#']).next().unwrap_or("");
    let host = host.rsplit_once('@').map_or(host, |(_, domain)| domain);
    let host = host.split(':').next().unwrap_or("").trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    (host.contains('.') && !host.contains(' ')).then(|| host.to_owned())
}

fn register_rules(conn: &Connection, settings: &Arc<Settings>) -> Result<()> {
    let rules = Arc::clone(settings);
    let known: Mutex<(String, HashMap<String, Option<&'static str>>)> = Mutex::default();
    conn.create_scalar_function("stage_of", 4, FLAGS, move |ctx| -> SqlResult<Option<&'static str>> {
        let value = |at| text(ctx, at).unwrap_or("");
        let mut known = known.lock().expect("no panic while it is held");
        let (asked, answers) = &mut *known;
        asked.clear();
        for at in 0..4 {
            asked.push_str(value(at));
            asked.push('\u{1f}');
        }
        if let Some(answer) = answers.get(asked.as_str()) {
            return Ok(*answer);
        }
        let answer = rules.stages.stage_of(value(0), value(1), value(2), value(3));
        if answers.len() > MOST_ANSWERS {
            answers.clear();
        }
        answers.insert(asked.clone(), answer);
        Ok(answer)
    })?;
    let rules = Arc::clone(settings);
    let seen: Mutex<HashMap<String, String>> = Mutex::default();
    conn.create_scalar_function("channel_of", 1, FLAGS, move |ctx| -> Answer {
        let Some(json) = text(ctx, 0) else { return Ok(None) };
        let mut seen = seen.lock().expect("no panic while it is held");
        if let Some(known) = seen.get(json) {
            return Ok(Some(known.clone()));
        }
        let answer = channel_of(&rules, json);
        if seen.len() > MOST_ANSWERS {
            seen.clear();
        }
        seen.insert(json.to_owned(), answer.clone());
        Ok(Some(answer))
    })?;
    let rules = Arc::clone(settings);
    conn.create_scalar_function("channel_named", 1, FLAGS, move |ctx| -> Answer {
        Ok(text(ctx, 0).and_then(|name| rules.channels.named(name)))
    })?;
    let rules = Arc::clone(settings);
    conn.create_scalar_function("platform_of_site", 1, FLAGS, move |ctx| -> Answer {
        Ok(text(ctx, 0).and_then(|site| rules.channels.platform_of_site(site)).map(str::to_owned))
    })?;
    let rules = Arc::clone(settings);
    conn.create_scalar_function("channel_group_of", 1, FLAGS, move |ctx| -> Answer {
        Ok(text(ctx, 0).map(|name| rules.channels.group_of(name).to_owned()))
    })?;
    let rules = Arc::clone(settings);
    conn.create_scalar_function("segments_of", 6, FLAGS, move |ctx| -> Answer {
        let profile = Profile {
            industry: text(ctx, 0).unwrap_or(""),
            employees: ctx.get::<Option<i64>>(1)?,
            country: text(ctx, 2).unwrap_or(""),
            job_title: text(ctx, 3).unwrap_or(""),
            company_type: text(ctx, 4).unwrap_or(""),
            domain: text(ctx, 5).unwrap_or(""),
        };
        Ok(segments_of(&rules, &profile))
    })?;
    Ok(())
}

/// The names of the segments that hold, as `;one;other;`; nothing where none is described.
pub(super) fn segments_of(settings: &Settings, profile: &Profile) -> Option<String> {
    let segments = &settings.written.segment;
    let held: Vec<&str> = segments.iter().filter(|s| s.holds(profile)).map(|s| s.name.as_str()).collect();
    (!segments.is_empty()).then(|| format!(";{};", held.join(";")))
}

/// `Group|Channel` of the keys in a JSON object; a value may be a list. `Unknown|Unknown` where no rule holds.
fn channel_of(settings: &Settings, json: &str) -> String {
    let mut keys = Keys::default();
    if let Ok(serde_json::Value::Object(map)) = serde_json::from_str(json) {
        for (name, value) in &map {
            debug_assert!(KEYS.contains(&name.as_str()), "{name} is no channel key");
            match value {
                serde_json::Value::String(one) => keys.add(name, one),
                serde_json::Value::Array(many) => {
                    many.iter().filter_map(|v| v.as_str()).for_each(|v| keys.add(name, v));
                }
                _ => {}
            }
        }
    }
    let channel = settings.channels.channel_of(&keys).unwrap_or(UNKNOWN);
    format!("{}|{channel}", settings.channels.group_of(channel))
}

fn register_settings(conn: &Connection, settings: &Arc<Settings>) -> Result<()> {
    let rules = Arc::clone(settings);
    conn.create_scalar_function("gross_margin", 0, FLAGS, move |_| -> SqlResult<f64> { Ok(rules.margin()) })?;
    let rules = Arc::clone(settings);
    conn.create_scalar_function("setting", 1, FLAGS, move |ctx| -> SqlResult<ToSqlOutput<'static>> {
        Ok(ToSqlOutput::Owned(setting(&rules, text(ctx, 0).unwrap_or(""))))
    })?;
    let rules = Arc::clone(settings);
    conn.create_scalar_function("is_new_business", 2, FLAGS, move |ctx| -> SqlResult<bool> {
        Ok(rules.written.deals.is_new_business(text(ctx, 0).unwrap_or(""), text(ctx, 1).unwrap_or("")))
    })?;
    let rules = Arc::clone(settings);
    conn.create_scalar_function("is_excluded", 1, FLAGS, move |ctx| -> SqlResult<bool> {
        let value = text(ctx, 0).unwrap_or("");
        Ok(if value.contains('@') {
            rules.is_excluded(value)
        } else {
            rules.is_excluded_domain(&value.to_lowercase())
        })
    })?;
    Ok(())
}

fn setting(settings: &Settings, name: &str) -> Value {
    use crate::settings::{AmountKind, WonDate};
    let written = &settings.written;
    match name {
        "deals.amount" => Value::Text(
            match written.deals.amount {
                AmountKind::OneOff => "one-off",
                AmountKind::Arr => "arr",
                AmountKind::Mrr => "mrr",
            }
            .to_owned(),
        ),
        "deals.won_date" => {
            Value::Text(if written.deals.won_date == WonDate::Stage { "stage" } else { "close" }.to_owned())
        }
        "deals.system" => {
            written.deals.system.as_ref().map_or(Value::Null, |s| Value::Text(s.trim().to_lowercase()))
        }
        "stages.qualifying" => Value::Integer(i64::from(settings.stages.qualifying)),
        "segments.icp" => Value::Integer(i64::from(written.segment.iter().any(|s| s.name == "icp"))),
        "inbound.target_minutes" => written.inbound.target_minutes.map_or(Value::Null, Value::Real),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_adds_up() {
        for total in [0, 1, 7, 100, -5] {
            assert_eq!((1..=7).map(|i| spread(total, 7, i).unwrap()).sum::<i64>(), total);
        }
    }

    #[test]
    fn domains_are_bare() {
        assert_eq!(norm_domain("https://www.Known.example/a?b").as_deref(), Some("known.example"));
        assert_eq!(norm_domain("ann@known.example").as_deref(), Some("known.example"));
        assert_eq!(norm_domain("Known Ltd"), None);
    }
}

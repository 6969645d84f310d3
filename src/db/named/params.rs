//! From the flags as typed to the values bound: dates and periods resolved, choices and channels checked, defaults put in.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::range::Range;
use super::{NamedQuery, Param, ParamKind};
use crate::error::{Error, Result, nearest};
use crate::period::{Calendar, Grain, Period};
use crate::settings::Settings;

/// What relative words count from: the clock for what a person types, the data for defaults.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub clock: Calendar,
    /// The last day of the last complete period; none in an empty database.
    pub complete_to: Option<NaiveDate>,
    /// The last day of the running periods.
    pub known_to: Option<NaiveDate>,
}

impl Moment {
    /// Reads the workspace's calendar as it was last applied from the `periods` view.
    pub fn read(conn: &Connection, today: NaiveDate) -> Result<Moment> {
        let day = |sql: &str| -> rusqlite::Result<Option<NaiveDate>> {
            let text: Option<String> = conn.query_row(sql, [], |row| row.get(0))?;
            Ok(text.and_then(|t| t.parse().ok()))
        };
        let week = day("select max(starts) from periods where grain = 'week'")?;
        let year = day("select max(starts) from periods where grain = 'year'")?;
        let plain = Calendar::plain(today);
        let clock = Calendar {
            week_start: week.map_or(plain.week_start, |d| d.weekday()),
            fiscal_year_start: year.map_or(plain.fiscal_year_start, |d| d.month()),
            ..plain
        };
        Ok(Moment {
            clock,
            complete_to: day("select max(ends) from periods where is_complete = 1")?,
            known_to: day("select max(ends) from periods")?,
        })
    }

    /// The last complete period of the data.
    pub fn last_complete(&self, grain: Grain) -> Period {
        let calendar = self.defaults(None);
        let running = calendar.around(grain, calendar.today).expect("today is far from the end of time");
        calendar.shift(grain, running.from, -1).expect("today is far from the beginning of time")
    }

    /// The calendar whose `last-month` is the last complete month of the data, or of what ends on `to`.
    pub(super) fn defaults(&self, to: Option<NaiveDate>) -> Calendar {
        let last = to.or(self.complete_to).and_then(|d| d.succ_opt());
        Calendar { today: last.unwrap_or(self.clock.today), ..self.clock }
    }
}

/// The values of a query's parameters, by the names its SQL uses.
///
/// A wrong flag, choice, number, period or channel is a usage error that names what is nearest.
pub fn bind(
    query: &NamedQuery,
    given: &[(String, String)],
    moment: &Moment,
    conn: &Connection,
) -> Result<Vec<(String, Value)>> {
    check_names(query, given)?;
    let typed = |name: &str| given.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let mut values = Vec::new();
    let range = Range::resolve(query, &typed, moment)?;
    range.bind(query, &mut values);
    for param in query.params.iter().filter(|p| !is_range(p.kind)) {
        let text = typed(&param.name).or(param.default.as_deref());
        let value = match (text, param.kind) {
            (None, _) => Value::Null,
            (Some(text), ParamKind::Channel) => bind_channel(query, text, typed("by"), conn, &mut values)?,
            (Some(text), ParamKind::Kpi) => Value::Text(find_kpi(conn, text)?),
            (Some(text), ParamKind::Segment) => Value::Text(find_segment(conn, text)?),
            (Some(text), _) => read_value(param, text)?,
        };
        if !values.iter().any(|(name, _)| *name == param.name) {
            values.push((param.name.clone(), value));
        }
    }
    Ok(values)
}

fn is_range(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::From | ParamKind::To | ParamKind::Period | ParamKind::Grain)
}

fn check_names(query: &NamedQuery, given: &[(String, String)]) -> Result<()> {
    let flags = query.flags();
    for (name, _) in given {
        if flags.iter().any(|f| f.name == *name) {
            continue;
        }
        let error = Error::usage(format!("`{}` takes no `--{name}`", query.name));
        let known: Vec<String> = flags.iter().map(|f| format!("--{}", f.name)).collect();
        return Err(match nearest(name, flags.iter().map(|f| f.name.as_str())) {
            Some(near) => error.hint(format!("did you mean `--{near}`?")),
            None => error.hint(format!("it takes {}", known.join(", "))),
        });
    }
    Ok(())
}

fn read_value(param: &Param, text: &str) -> Result<Value> {
    if !param.choices.is_empty() {
        return read_choice(param, text).map(Value::Text);
    }
    match param.kind {
        ParamKind::Number => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(whole), _) => Ok(Value::Integer(whole)),
            (_, Ok(real)) if real.is_finite() => Ok(Value::Real(real)),
            _ => Err(Error::usage(format!("`--{}` is `{text}`, expected a number", param.name))),
        },
        ParamKind::Pattern => {
            let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            Ok(Value::Text(escaped.replace('*', "%")))
        }
        _ => Ok(Value::Text(text.to_owned())),
    }
}

pub(super) fn read_choice(param: &Param, text: &str) -> Result<String> {
    let wanted = text.trim().to_lowercase();
    if let Some(choice) = param.choices.iter().find(|c| c.to_lowercase() == wanted) {
        return Ok(choice.clone());
    }
    let error = Error::usage(format!("`--{}` cannot be `{text}`", param.name));
    let hint = match nearest(&wanted, param.choices.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? It takes {}", param.choices.join(", ")),
        None => format!("it takes {}", param.choices.join(", ")),
    };
    Err(error.hint(hint))
}

/// Finds the channel or group in the data, whatever its case, and lets `--by` follow from which of both it is.
fn bind_channel(
    query: &NamedQuery,
    text: &str,
    by: Option<&str>,
    conn: &Connection,
    values: &mut Vec<(String, Value)>,
) -> Result<Value> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(Value::Null);
    }
    let (name, level) = find_channel(conn, text)?;
    let by_param = query.param("by").filter(|p| by.is_none() && p.choices.iter().any(|c| c == level));
    if let Some(param) = by_param {
        values.push((param.name.clone(), Value::Text(level.to_owned())));
    }
    Ok(Value::Text(name))
}

/// The spelling of a channel or channel group that has numbers, and which of both it is; a group wins.
pub fn find_channel(conn: &Connection, text: &str) -> Result<(String, &'static str)> {
    let mut statement = conn.prepare(
        "select 'channel_group' as level, channel_group as name from kpi_yearly where channel_group <> 'All'
         union select 'channel', channel from kpi_yearly where channel <> 'All' order by 1 desc, 2",
    )?;
    let known: Vec<(String, String)> =
        statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let wanted = text.trim().to_lowercase();
    if let Some((level, name)) = known.iter().find(|(_, name)| name.to_lowercase() == wanted) {
        return Ok((name.clone(), if level == "channel" { "channel" } else { "channel_group" }));
    }
    let error = Error::usage(format!("there is no channel `{text}`"));
    let names: BTreeSet<&str> = known.iter().map(|(_, name)| name.as_str()).collect();
    Err(match nearest(text, names.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => error.hint("no channel has numbers yet"),
        None => error.hint(format!("it has {}", names.into_iter().collect::<Vec<_>>().join(", "))),
    })
}

/// A KPI of the catalogue; any name where there is no catalogue yet.
fn find_kpi(conn: &Connection, text: &str) -> Result<String> {
    let mut statement = conn.prepare("select kpi from kpis")?;
    let known: Vec<String> = statement.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
    let wanted = text.trim().to_lowercase().replace('-', "_");
    if known.is_empty() || known.contains(&wanted) {
        return Ok(wanted);
    }
    let error = Error::usage(format!("there is no KPI `{text}`"));
    Err(match nearest(&wanted, known.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`funnelite kpi` lists them"),
    })
}

/// A segment of the settings as they were last applied; any name where there are none yet.
fn find_segment(conn: &Connection, text: &str) -> Result<String> {
    let applied = conn
        .query_row("select value from meta where key = 'settings_text'", [], |row| row.get::<_, String>(0))
        .optional()
        .unwrap_or(None);
    let Some(applied) = applied else { return Ok(text.to_owned()) };
    let settings = Settings::parse(&applied)?;
    let names = || settings.written.segment.iter().map(|segment| segment.name.as_str());
    if let Some(name) = names().find(|name| name.to_lowercase() == text.trim().to_lowercase()) {
        return Ok(name.to_owned());
    }
    let error = Error::usage(format!("there is no segment `{text}`"));
    Err(match nearest(text, names()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("a `[[segment]]` of funnelite.toml says who belongs to it"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Origin;
    use super::*;

    const SERIES: &str = "-- Series\n-- :from  first day, default last-12-{grain}s\n-- :to  last day, default last-{grain}\n\
        -- :grain  length, default month, one of week|month|quarter|year\n-- :channel  a channel, optional\n\
        -- :by  rows, default total, one of total|channel_group|channel\n-- :campaign  which, optional\n\
        -- :limit  how many, default 20\n";
    const CARD: &str = "-- Card\n-- :period  which, default last-{grain}\n-- :grain  length, default month, one of month|quarter\n";

    fn bound(header: &str, given: &[(&str, &str)]) -> String {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "create table kpi_yearly (channel_group text, channel text);
             insert into kpi_yearly values ('All', 'All'), ('Inbound', 'All'), ('Inbound', 'Paid search');",
        )
        .unwrap();
        let query = NamedQuery::read("x", header, Origin::BuiltIn);
        let given: Vec<(String, String)> =
            given.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
        let day = |text: &str| text.parse().unwrap();
        let moment = Moment {
            clock: Calendar::plain(day("2026-11-24")),
            complete_to: Some(day("2026-10-11")),
            known_to: Some(day("2026-10-31")),
        };
        match bind(&query, &given, &moment, &conn) {
            Ok(values) => values.iter().map(show).collect::<Vec<_>>().join(" "),
            Err(e) => format!("{} | {}", e.message, e.hint.unwrap_or_default()),
        }
    }

    fn show((name, value): &(String, Value)) -> String {
        match value {
            Value::Text(t) => format!("{name}={t}"),
            Value::Integer(i) => format!("{name}={i}"),
            _ => format!("{name}=null"),
        }
    }

    #[test]
    fn defaults_follow_the_data_and_typed_words_the_clock() {
        let rest = "channel=null by=total campaign=null limit=20";
        assert_eq!(bound(SERIES, &[]), format!("from=2025-10-01 to=2026-09-30 grain=month {rest}"));
        assert_eq!(
            bound(SERIES, &[("period", "last-month")]),
            format!("from=2026-10-01 to=2026-10-31 grain=month {rest}")
        );
        assert_eq!(
            bound(SERIES, &[("to", "2025-12")]),
            format!("from=2025-01-01 to=2025-12-31 grain=month {rest}")
        );
        assert_eq!(
            bound(SERIES, &[("from", "2026-08-15")]),
            format!("from=2026-08-01 to=2026-10-31 grain=month {rest}")
        );
        assert_eq!(
            bound(SERIES, &[("period", "2026-W41")]),
            format!("from=2026-10-05 to=2026-10-11 grain=week {rest}")
        );
    }

    #[test]
    fn one_period_takes_the_grain_it_is_written_in() {
        assert_eq!(bound(CARD, &[]), "period_ends=2026-09-30 period=2026-09-01 grain=month");
        assert_eq!(
            bound(CARD, &[("period", "2026-Q3")]),
            "period_ends=2026-09-30 period=2026-07-01 grain=quarter"
        );
        assert_eq!(
            bound(CARD, &[("period", "2026-08"), ("grain", "quarter")]),
            "period_ends=2026-09-30 period=2026-07-01 grain=quarter"
        );
        assert!(
            bound(CARD, &[("period", "last-90-days")]).starts_with("`last-90-days` is more than one month")
        );
    }

    #[test]
    fn channels_are_found_whatever_their_case() {
        let found = bound(SERIES, &[("channel", "paid SEARCH")]);
        assert!(found.contains("by=channel channel=Paid search"), "{found}");
        let group = bound(SERIES, &[("channel", "inbound"), ("campaign", "de_*")]);
        assert!(group.contains("by=channel_group channel=Inbound campaign=de\\_%"), "{group}");
    }

    #[test]
    fn wrong_words_name_the_nearest() {
        let messages = [
            bound(SERIES, &[("chanel", "x")]),
            bound(SERIES, &[("by", "chanel")]),
            bound(SERIES, &[("channel", "Payed search")]),
            bound(SERIES, &[("limit", "many")]),
            bound(SERIES, &[("period", "2026-10"), ("to", "2026-12")]),
            bound(SERIES, &[("from", "2027-01")]),
        ];
        assert_eq!(
            messages,
            [
                "`x` takes no `--chanel` | did you mean `--channel`?",
                "`--by` cannot be `chanel` | did you mean `channel`? It takes total, channel_group, channel",
                "there is no channel `Payed search` | did you mean `Paid search`?",
                "`--limit` is `many`, expected a number | ",
                "`--period` already says where it begins and ends | give either `--period`, or `--from` and `--to`",
                "nothing lies between 2027-01-01 and 2026-10-31 | `--from` must not be after `--to`, or after the \
                 last day of the data",
            ]
        );
    }
}

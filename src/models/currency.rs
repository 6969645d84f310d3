//! Money in the reporting currency: exchange-rate files first, then a CRM's own table; the last rate before the day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::json;

use super::fed::Fed;
use super::state;
use crate::error::Result;

/// A rate without a day holds from the beginning.
const ALWAYS: i32 = i32::MIN;

/// A decimal number as written: `digits / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rate {
    digits: i128,
    scale: u32,
}

const ONE: Rate = Rate { digits: 1, scale: 0 };

impl Rate {
    /// `None` for anything but a positive decimal of at most 18 digits.
    fn parse(text: &str) -> Option<Rate> {
        let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let fraction = fraction.trim_end_matches('0');
        let digits = format!("{whole}{fraction}");
        if digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits: i128 = digits.parse().ok()?;
        (digits > 0).then_some(Rate { digits, scale: fraction.len() as u32 })
    }
}

/// Rates of one table: units of each currency for one unit of `base`.
#[derive(Debug, Default)]
struct Table {
    base: String,
    rates: BTreeMap<String, BTreeMap<i32, Rate>>,
}

impl Table {
    fn rate(&self, currency: &str, day: i32) -> Option<Rate> {
        if currency == self.base {
            return Some(ONE);
        }
        self.rates.get(currency)?.range(..=day).next_back().map(|(_, rate)| *rate)
    }
}

/// What is needed to convert money: the reporting currency and the tables, best first.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    pub reporting: Option<String>,
    tables: Vec<Table>,
}

impl Rates {
    /// The tables, and the reporting currency that was registered on this connection.
    pub fn in_force(conn: &Connection) -> Result<Rates> {
        let reporting = conn.query_row("select reporting_currency()", [], |r| r.get(0))?;
        Rates::load(conn, reporting)
    }

    fn load(conn: &Connection, reporting: Option<String>) -> Result<Rates> {
        let mut tables: BTreeMap<(bool, i64, String), Table> = BTreeMap::new();
        let mut statement = conn.prepare(
            "select source, base, currency, day, coalesce(nullif(rate, ''), rate_millionths / 1000000.0 || ''),
                 coalesce(is_base, 0)
             from currency_rates order by id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (base, currency, day): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let own = base.is_empty();
            let table = tables.entry((own, row.get(0)?, base.clone())).or_default();
            if !own {
                table.base = base;
            } else if row.get(5)? {
                table.base = currency.clone();
            }
            let rate = row.get::<_, Option<String>>(4)?.as_deref().and_then(Rate::parse);
            let day = if day.is_empty() { Some(ALWAYS) } else { number_of(&day) };
            if let (Some(rate), Some(day)) = (rate, day) {
                table.rates.entry(currency).or_default().insert(day, rate);
            }
        }
        Ok(Rates { reporting, tables: tables.into_values().collect() })
    }

    /// An amount in the reporting currency, rounded half to even at the micro; `None` where no rate is known.
    pub fn to_reporting(&self, micros: i64, currency: &str, day: i32) -> Option<i64> {
        let reporting = self.reporting.as_deref()?;
        if currency == reporting || micros == 0 {
            return Some(micros);
        }
        self.tables.iter().find_map(|table| {
            let (from, to) = (table.rate(currency, day)?, table.rate(reporting, day)?);
            convert(micros, from, to)
        })
    }
}

/// `micros × to ÷ from`, rounded half to even.
fn convert(micros: i64, from: Rate, to: Rate) -> Option<i64> {
    let shared = from.scale.min(to.scale);
    let above =
        i128::from(micros).checked_mul(to.digits)?.checked_mul(10_i128.checked_pow(from.scale - shared)?)?;
    let below = from.digits.checked_mul(10_i128.checked_pow(to.scale - shared)?)?;
    let (whole, rest) = (above.div_euclid(below), above.rem_euclid(below));
    let up = match (rest.checked_mul(2)?).cmp(&below) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    i64::try_from(whole + i128::from(up)).ok()
}

/// The day number (days since 1970-01-01) of a date or of the date of a moment.
fn number_of(day: &str) -> Option<i32> {
    let date = NaiveDate::parse_from_str(day.get(..10)?, "%Y-%m-%d").ok()?;
    Some(date.to_epoch_days())
}

/// Where money is beside deals, as (table, condition).
const MONEY: [(&str, &str); 5] = [
    ("costs", "amount_micros <> 0"),
    ("mrr_months", "mrr_micros <> 0"),
    ("subscriptions", "amount_micros <> 0"),
    ("invoices", "amount_micros <> 0 and subscription_id <> '' and period_start < period_end"),
    ("ad_places", "currency <> ''"),
];

/// Whether a deal has money, as a condition.
fn of_deal(fed: &Fed) -> String {
    let [amount, mrr, arr, tcv, is_deleted] =
        ["amount_micros", "mrr_micros", "arr_micros", "tcv_micros", "is_deleted"].map(|c| fed.or_null(c));
    format!("coalesce({amount}, {mrr}, {arr}, {tcv}) <> 0 and coalesce({is_deleted}, 0) = 0")
}

/// Where the currencies are remembered that deals have money in, each with one of these deals.
const OF_DEALS: &str = "deal_currencies";

fn of_deals(conn: &Connection) -> Result<Option<BTreeMap<String, i64>>> {
    Ok(state::get(conn, OF_DEALS)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Brings the currencies of deals up to date: by those that were touched, or by all, where this is wanted or the deal
/// that stood for a currency has it no more. A setting makes them needless until it changes, and then all are asked.
pub(super) fn note_deals(conn: &Connection, setting: Option<&str>, everything: bool) -> Result<()> {
    if setting.is_some() {
        return Ok(());
    }
    let of_deal = of_deal(&Fed::load(conn, "crm_deals")?);
    let mut has = conn.prepare_cached(&format!(
        "select exists (select 1 from crm_deals as d where d.id = ?1 and coalesce(d.currency, '') = ?2 and {of_deal})"
    ))?;
    let mut stands = |(currency, deal): (&String, &i64)| has.query_row((deal, currency), |row| row.get(0));
    let kept = match of_deals(conn)?.filter(|_| !everything) {
        Some(kept)
            if kept.iter().map(&mut stands).collect::<rusqlite::Result<Vec<bool>>>()?.contains(&false) =>
        {
            None
        }
        kept => kept,
    };
    let deals = match kept {
        None => &["crm_deals as d where true"][..],
        Some(_) => &[
            "temp.touched_rows as t cross join crm_deals as d on d.id = t.record where t.target = 'crm_deals'",
            "temp.touched_ranges as t cross join crm_deals as d on d.id between t.first and t.last
             where t.target = 'crm_deals'",
        ],
    };
    let mut known = kept.unwrap_or_default();
    for deals in deals {
        let find = |known: &BTreeMap<String, i64>| {
            let others = vec!["?"; known.len()].join(", ");
            let mut next = conn.prepare(&format!(
                "select coalesce(d.currency, ''), d.id from {deals}
                    and coalesce(d.currency, '') not in ({others}) and {of_deal}
                 limit 1"
            ))?;
            let row = next.query_row(params_from_iter(known.keys()), |row| Ok((row.get(0)?, row.get(1)?)));
            row.optional()
        };
        while let Some((currency, deal)) = find(&known)? {
            known.insert(currency, deal);
        }
    }
    state::set(conn, OF_DEALS, &json!(known).to_string())
}

/// What money there is, as far as it decides the reporting currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reporting {
    /// Nothing has an amount yet.
    NoMoney,
    /// Several currencies and no setting.
    Undecided,
    /// The setting, else the one currency of all money.
    Known(String),
}

impl Reporting {
    pub fn currency(self) -> Option<String> {
        match self {
            Reporting::Known(currency) => Some(currency),
            _ => None,
        }
    }
}

pub(crate) fn reporting(conn: &Connection, setting: Option<&str>) -> Result<Reporting> {
    if let Some(setting) = setting {
        return Ok(Reporting::Known(setting.to_uppercase()));
    }
    let mut present: BTreeSet<String> = of_deals(conn)?.unwrap_or_default().into_keys().collect();
    for (table, condition) in MONEY {
        let select = format!("select distinct coalesce(currency, '') from {table} where {condition}");
        present.extend(texts(conn, &select)?);
    }
    let settled: bool = conn.query_row("select exists (select 1 from ad_places)", [], |r| r.get(0))?;
    // before ads are settled for the first time, all of them are asked; later only those a file touched
    let touched = has_temporary(conn, "touched_ad_days")?
        && conn.query_row("select exists (select 1 from temp.touched_ad_days)", [], |r| r.get(0))?;
    let reports = match (touched, settled) {
        (true, _) => "select report from temp.touched_ad_days",
        (false, false) => "select report from ad_rows",
        (false, true) => "select null",
    };
    let ads = texts(conn, &format!("select distinct currency from ad_reports where id in ({reports})"))?;
    present.extend(ads.into_iter().filter(|c| !c.is_empty()));
    if present.is_empty() {
        return Ok(Reporting::NoMoney);
    }
    present.remove("");
    let only = present.pop_first().filter(|_| present.is_empty());
    Ok(only.map_or(Reporting::Undecided, Reporting::Known))
}

fn texts(conn: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(sql)?;
    let found = statement.query_map([], |r| r.get::<_, Option<String>>(0))?;
    let all = found.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(all.into_iter().flatten().collect())
}

fn has_temporary(conn: &Connection, table: &str) -> Result<bool> {
    let found =
        conn.query_row("select 1 from temp.sqlite_schema where name = ?1", [table], |_| Ok(())).optional()?;
    Ok(found.is_some())
}

/// Makes `to_reporting(micros, currency, day)` and `reporting_currency()` callable; a day is a date or a day number.
pub(crate) fn register(conn: &Connection, setting: Option<&str>) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    let rates = Arc::new(Rates::load(conn, reporting(conn, setting)?.currency())?);
    let used = rates.clone();
    conn.create_scalar_function("to_reporting", 3, flags, move |ctx| Ok(call(ctx, &used)))?;
    conn.create_scalar_function("reporting_currency", 0, flags, move |_| Ok(rates.reporting.clone()))?;
    Ok(())
}

fn call(ctx: &Context<'_>, rates: &Rates) -> Option<i64> {
    let day = match ctx.get_raw(2) {
        ValueRef::Integer(day) => i32::try_from(day).ok()?,
        ValueRef::Text(text) => number_of(std::str::from_utf8(text).ok()?)?,
        _ => return None,
    };
    let micros = ctx.get_raw(0).as_i64_or_null().ok()??;
    let currency = ctx.get_raw(1).as_str_or_null().ok()??;
    rates.to_reporting(micros, currency, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Currency, day number and rate as written.
    type Given<'a> = (&'a str, i32, &'a str);

    fn rates(reporting: &str, tables: Vec<(&str, &[Given])>) -> Rates {
        let tables = tables.into_iter().map(|(base, rows)| {
            let mut table = Table { base: base.to_string(), ..Table::default() };
            for (currency, day, rate) in rows {
                let rate = Rate::parse(rate).expect("a rate");
                table.rates.entry(currency.to_string()).or_default().insert(*day, rate);
            }
            table
        });
        Rates { reporting: Some(reporting.to_string()), tables: tables.collect() }
    }

    #[test]
    fn the_last_rate_before_the_day_counts_and_crosses_go_through_the_base() {
        let r = rates("USD", vec![("EUR", &[("USD", 10, "1.25"), ("TRY", 10, "50"), ("USD", 20, "1.5")])]);
        assert_eq!(r.to_reporting(1_000_000, "EUR", 12), Some(1_250_000));
        assert_eq!(r.to_reporting(1_000_000, "EUR", 25), Some(1_500_000));
        assert_eq!(r.to_reporting(100_000_000, "TRY", 19), Some(2_500_000));
        assert_eq!(r.to_reporting(1_000_000, "EUR", 9), None, "no rate yet");
        assert_eq!(r.to_reporting(1_000_000, "GBP", 25), None, "no such currency");
        assert_eq!(r.to_reporting(7, "USD", 0), Some(7), "the reporting currency needs no rate");
    }

    #[test]
    fn halves_round_to_even_at_the_micro() {
        let r = rates("EUR", vec![("EUR", &[("XXX", ALWAYS, "2")])]);
        let converted: Vec<_> = [1, 2, 3, 5, -1, -3].map(|m| r.to_reporting(m, "XXX", 0)).into();
        assert_eq!(converted, [0, 1, 2, 2, 0, -2].map(Some));
    }

    #[test]
    fn a_rate_file_beats_the_table_of_a_crm() {
        let r = rates("EUR", vec![("EUR", &[("USD", 5, "2")]), ("USD", &[("EUR", ALWAYS, "0.25")])]);
        assert_eq!(r.to_reporting(8, "USD", 5), Some(4));
        assert_eq!(r.to_reporting(8, "USD", 4), Some(2), "the file has no rate before its first day");
    }

    #[test]
    fn large_amounts_stay_exact() {
        let r = rates("EUR", vec![("EUR", &[("IDR", 0, "17932.123456")])]);
        assert_eq!(r.to_reporting(9_000_000_000_000_000_000, "IDR", 0), Some(501_892_596_383_427));
    }
}

//! Sums that follow the settled days: by day and channel, and by campaign and month.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, params};

use super::campaigns::Unit;
use super::resolve::Values;
use crate::error::Result;

/// Rows, spend in the reporting currency, rows whose spend has no rate, impressions, clicks, conversions, leads.
const SUMS: usize = 7;

type Sums = [i64; SUMS];

/// What one settled day adds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    pub campaign: i64,
    pub day: i32,
    pub reported: Option<i64>,
    pub values: Values,
}

impl Number {
    fn sums(&self) -> Sums {
        let [spend, impressions, clicks, conversions, leads] = self.values;
        let missing = i64::from(spend.is_some_and(|s| s != 0) && self.reported.is_none());
        let or_zero = |v: Option<i64>| v.unwrap_or(0);
        [
            1,
            or_zero(self.reported),
            missing,
            or_zero(impressions),
            or_zero(clicks),
            or_zero(conversions),
            or_zero(leads),
        ]
    }

    fn is_active(&self) -> bool {
        self.values.iter().any(|v| v.is_some_and(|v| v != 0))
    }
}

/// Platform, channel group and channel.
pub(super) type Channel = (String, String, String);

/// Changes to `ad_channel_days`, gathered over all units and written once.
#[derive(Debug, Default)]
pub(super) struct ChannelDays {
    changes: HashMap<Channel, HashMap<i32, Sums>>,
}

impl ChannelDays {
    pub fn add(&mut self, channel: &Channel, number: &Number, sign: i64) {
        if !self.changes.contains_key(channel) {
            self.changes.insert(channel.clone(), HashMap::new());
        }
        let days = self.changes.get_mut(channel).expect("just made");
        let day = days.entry(number.day).or_insert([0; SUMS]);
        for (sum, value) in day.iter_mut().zip(number.sums()) {
            *sum += sign * value;
        }
    }

    pub fn write(self, conn: &Connection) -> Result<()> {
        let mut put = conn.prepare(
            "insert into ad_channel_days (platform, channel_group, channel, day, rows, spend_reporting_micros,
                 incomplete, impressions, clicks, conversions_millionths, leads_millionths)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             on conflict do update set rows = rows + excluded.rows,
                 spend_reporting_micros = spend_reporting_micros + excluded.spend_reporting_micros,
                 incomplete = incomplete + excluded.incomplete,
                 impressions = impressions + excluded.impressions,
                 clicks = clicks + excluded.clicks,
                 conversions_millionths = conversions_millionths + excluded.conversions_millionths,
                 leads_millionths = leads_millionths + excluded.leads_millionths",
        )?;
        for ((platform, group, channel), days) in self.changes {
            for (day, s) in days.into_iter().filter(|(_, sums)| *sums != [0; SUMS]) {
                put.execute(params![
                    platform, group, channel, day, s[0], s[1], s[2], s[3], s[4], s[5], s[6]
                ])?;
            }
        }
        conn.execute("delete from ad_channel_days where rows = 0", [])?;
        Ok(())
    }
}

/// The months of one unit's window; windows begin and end with months.
#[derive(Debug, Default)]
pub(super) struct Months {
    months: BTreeMap<(i64, i32, u32), Month>,
}

#[derive(Debug)]
struct Month {
    sums: Sums,
    active: Option<(i32, i32)>,
}

impl Months {
    pub fn add(&mut self, number: &Number) {
        let date = date_of(number.day);
        let key = (number.campaign, date.year(), date.month());
        let month = self.months.entry(key).or_insert(Month { sums: [0; SUMS], active: None });
        for (sum, value) in month.sums.iter_mut().zip(number.sums()) {
            *sum += value;
        }
        if number.is_active() {
            let (first, last) = month.active.unwrap_or((number.day, number.day));
            month.active = Some((first.min(number.day), last.max(number.day)));
        }
    }

    pub fn replace(self, conn: &Connection, unit: &Unit) -> Result<()> {
        conn.prepare_cached(
            "delete from ad_campaign_months where campaign in (select id from ad_campaigns where unit = ?1)
                 and day_number between ?2 and ?3",
        )?
        .execute(params![unit.id, unit.first, unit.last])?;
        let mut put = conn.prepare_cached(
            "insert into ad_campaign_months (campaign, day_number, month, first_day, last_day,
                 spend_reporting_micros, incomplete, impressions, clicks, conversions_millionths, leads_millionths)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        for ((campaign, year, month), m) in self.months {
            let start = NaiveDate::from_ymd_opt(year, month, 1).expect("the first of a month");
            let [first, last] =
                [m.active.map(|a| a.0), m.active.map(|a| a.1)].map(|d| d.map(|d| date_of(d).to_string()));
            let s = m.sums;
            let number = start.to_epoch_days();
            put.execute(params![
                campaign,
                number,
                start.to_string(),
                first,
                last,
                s[1],
                s[2],
                s[3],
                s[4],
                s[5],
                s[6]
            ])?;
        }
        Ok(())
    }
}

fn date_of(day: i32) -> NaiveDate {
    NaiveDate::from_epoch_days(day).unwrap_or_default()
}

//! Sums that follow the settled days: by day and channel, and by campaign and month.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, params};

use super::ALL_DAYS;
use super::campaigns::Unit;
use super::news::PathNews;
use super::resolve::Values;
use crate::error::Result;
use crate::hash::Latest;

/// Rows, spend in the reporting currency, rows whose spend has no rate, impressions, clicks, conversions, leads.
const SUMS: usize = 7;

pub(super) type Sums = [i64; SUMS];

/// What one settled day adds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    pub campaign: i64,
    pub day: i32,
    pub reported: Option<i64>,
    pub values: Values,
}

impl Number {
    pub fn sums(&self) -> Sums {
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

    /// The first and last day on which anything happened: its own, if anything did.
    pub fn active(&self) -> Option<(i32, i32)> {
        self.values.iter().any(|v| v.is_some_and(|v| v != 0)).then_some((self.day, self.day))
    }
}

/// Platform, channel group and channel.
pub(super) type Channel = (String, String, String);

/// The sums of one unit by campaign and day. Rows come path by path and day by day: the campaign and the day wanted are
/// nearly always those of the row before, or near it.
#[derive(Debug, Default)]
pub(super) struct UnitDays {
    campaigns: Latest<i64, DaySums>,
}

/// Sums by day, in the order of days.
#[derive(Debug, Default)]
struct DaySums {
    days: Vec<(i32, Sums)>,
    /// Place of the day last added to.
    last: usize,
}

impl DaySums {
    fn at(&mut self, day: i32) -> &mut Sums {
        let is_there = |place: usize| self.days.get(place).is_some_and(|(d, _)| *d == day);
        self.last = match self.last {
            last if is_there(last) => last,
            last if is_there(last + 1) => last + 1,
            _ => self.days.binary_search_by_key(&day, |(d, _)| *d).unwrap_or_else(|place| {
                self.days.insert(place, (day, [0; SUMS]));
                place
            }),
        };
        &mut self.days[self.last].1
    }
}

impl UnitDays {
    pub fn iter(&self) -> impl Iterator<Item = (i64, i32, &Sums)> {
        let campaigns = self.campaigns.values.iter();
        campaigns.flat_map(|(campaign, sums)| sums.days.iter().map(|(day, sums)| (*campaign, *day, sums)))
    }

    pub fn add(&mut self, number: &Number) {
        self.add_sums(number.campaign, number.day, &number.sums());
    }

    pub fn add_sums(&mut self, campaign: i64, day: i32, sums: &Sums) {
        let day = self.campaigns.at(campaign).at(day);
        day.iter_mut().zip(sums).for_each(|(sum, value)| *sum += value);
    }
}

/// What the rows of one unit add up to.
#[derive(Debug, Default)]
pub(super) struct UnitSums {
    pub months: Months,
    pub days: UnitDays,
    /// First and last day.
    pub span: Option<(i32, i32)>,
    /// Campaigns whose days are told in the sums of a channel.
    pub told: Vec<(i64, i64)>,
}

impl UnitSums {
    pub fn add(&mut self, number: &Number) {
        self.months.add(number);
        self.days.add(number);
        self.see(number.day, number.day);
    }

    pub fn add_told(&mut self, campaign: i64, path: &PathNews) {
        for (first, month) in path.months {
            self.months.add_month(campaign, *first, month);
        }
        self.see(path.first, path.last);
        self.told.push((campaign, path.channel));
    }

    fn see(&mut self, first: i32, last: i32) {
        let (start, end) = self.span.unwrap_or((first, last));
        self.span = Some((start.min(first), end.max(last)));
    }
}

/// `ad_channel_days`: added up where there are none yet, else summed again for the days that changed.
#[derive(Debug, Default)]
pub(super) struct ChannelDays {
    pub is_first: bool,
    sums: HashMap<Channel, BTreeMap<i32, Sums>>,
    /// First and last day to be summed again.
    stale: HashMap<Channel, (i32, i32)>,
}

impl ChannelDays {
    pub fn open(conn: &Connection) -> Result<Self> {
        let is_first =
            !conn.query_row("select exists (select 1 from ad_channel_days)", [], |r| r.get::<_, bool>(0))?;
        Ok(ChannelDays { is_first, ..ChannelDays::default() })
    }

    /// Notes that a unit's window holds these sums now, under the channels that its campaigns had and have.
    pub fn replace(
        &mut self,
        unit: &Unit,
        before: &HashMap<i64, Channel>,
        after: &HashMap<i64, Channel>,
        sums: UnitDays,
    ) -> Result<()> {
        if self.is_first {
            for (campaign, sums) in sums.campaigns.values {
                for (day, sums) in &sums.days {
                    self.add(&after[&campaign], *day, sums);
                }
            }
            return Ok(());
        }
        let moved = before.iter().any(|(campaign, channel)| after.get(campaign) != Some(channel));
        let seen = sums.campaigns.values.iter().flat_map(|(_, sums)| [sums.days.first(), sums.days.last()]);
        let seen = seen.flatten().map(|(day, _)| *day);
        let window = match (unit.is_new, moved) {
            // a new unit changes no days but its own
            (true, _) => seen.clone().min().zip(seen.max()),
            (false, true) => Some(ALL_DAYS),
            (false, false) => Some(unit.changed),
        };
        let Some((first, last)) = window else { return Ok(()) };
        let had = before.values().filter(|_| !unit.is_new);
        for channel in after.values().chain(had) {
            self.sum_again(channel, (first, last));
        }
        Ok(())
    }

    pub fn add(&mut self, channel: &Channel, day: i32, sums: &Sums) {
        if !self.sums.contains_key(channel) {
            self.sums.insert(channel.clone(), BTreeMap::new());
        }
        let days = self.sums.get_mut(channel).expect("just seen to");
        let kept = days.entry(day).or_insert([0; SUMS]);
        kept.iter_mut().zip(sums).for_each(|(sum, value)| *sum += value);
    }

    pub fn sum_again(&mut self, channel: &Channel, (first, last): (i32, i32)) {
        let stale = self.stale.entry(channel.clone()).or_insert((first, last));
        *stale = (stale.0.min(first), stale.1.max(last));
    }

    /// Writes the sums. `before` is called before they change; the days are listed in `touched_ad_day`.
    pub fn write(self, conn: &Connection, before: impl FnOnce() -> Result<()>) -> Result<()> {
        const COLUMNS: &str = "platform, channel, day, rows, spend_reporting_micros, incomplete, impressions,
            clicks, conversions_millionths, leads_millionths";
        let mut channel_id = conn.prepare(
            "insert into channels (channel_group, channel) values (?1, ?2)
             on conflict do update set channel = excluded.channel returning id",
        )?;
        self.list_days(conn)?;
        before()?;
        let mut put = conn.prepare(&format!(
            "insert into ad_channel_days ({COLUMNS}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        ))?;
        for ((platform, group, channel), days) in &self.sums {
            let id: i64 = channel_id.query_row([group, channel], |r| r.get(0))?;
            for (day, s) in days {
                put.execute(params![platform, id, day, s[0], s[1], s[2], s[3], s[4], s[5], s[6]])?;
            }
        }
        let mut delete = conn.prepare(
            "delete from ad_channel_days where platform = ?1 and channel = ?2 and day between ?3 and ?4",
        )?;
        // each half is added up by day before they meet: rows lie by day
        const ADDED: &str = "coalesce(sum(impressions), 0) as impressions, coalesce(sum(clicks), 0) as clicks,
            coalesce(sum(conversions_millionths), 0) as conversions, coalesce(sum(leads_millionths), 0) as leads";
        let sums_of_days = format!(
            "insert into ad_channel_days ({COLUMNS})
             select ?1, ?2, day, sum(rows), sum(spend), sum(incomplete), sum(impressions), sum(clicks),
                 sum(conversions), sum(leads)
             from (
                 select d.day, count(*) as rows, coalesce(sum(d.spend_reporting_micros), 0) as spend,
                     sum(coalesce(d.spend_micros, 0) <> 0 and d.spend_reporting_micros is null) as incomplete, {ADDED}
                 from ad_campaigns as c
                 cross join ad_places as l on l.campaign = c.id
                 cross join ad_days as d on d.place = l.id
                 where c.platform = ?1 and c.channel_group = ?3 and c.channel = ?4 and d.day between ?5 and ?6
                 group by d.day
                 union all
                 select period_start, count(*), coalesce(sum(spend_micros), 0), 0, {ADDED}
                 from ad_rows
                 where period_start between ?5 and ?6 and path in (
                     select m.path from ad_campaigns as c join ad_campaign_paths as m on m.campaign = c.id
                     where c.platform = ?1 and c.channel_group = ?3 and c.channel = ?4 and m.place is not null
                 )
                 group by period_start
             )
             group by day"
        );
        let mut sum = conn.prepare(&sums_of_days)?;
        for ((platform, group, channel), (first, last)) in &self.stale {
            let id: i64 = channel_id.query_row([group, channel], |r| r.get(0))?;
            delete.execute(params![platform, id, first, last])?;
            sum.execute(params![platform, id, group, channel, first, last])?;
        }
        self.list_days(conn)
    }

    /// Lists the days that there are, of any channel, among those that change.
    fn list_days(&self, conn: &Connection) -> Result<()> {
        let stale = self.stale.values().copied().chain((!self.sums.is_empty()).then_some(ALL_DAYS));
        if let Some((first, last)) = stale.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) {
            conn.prepare_cached(
                "insert or ignore into temp.touched_ad_day
                 select day from ad_channel_days where day between ?1 and ?2",
            )?
            .execute([first, last])?;
        }
        Ok(())
    }
}

/// The months of one unit's window; windows begin and end with months.
#[derive(Debug, Default)]
pub(super) struct Months {
    months: Latest<(i64, i32), Month>,
    /// First and last day of the month asked for last.
    last: Option<(i32, i32)>,
}

#[derive(Debug, Default)]
pub(super) struct Month {
    pub sums: Sums,
    /// First and last day on which anything happened.
    pub active: Option<(i32, i32)>,
}

impl Month {
    pub fn add(&mut self, sums: &Sums, active: Option<(i32, i32)>) {
        self.sums.iter_mut().zip(sums).for_each(|(sum, value)| *sum += value);
        self.active = match (self.active, active) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }
}

impl Months {
    pub fn add(&mut self, number: &Number) {
        let key = (number.campaign, self.month_of(number.day));
        self.months.at(key).add(&number.sums(), number.active());
    }

    /// Adds what is known of a month as a whole, by its first day.
    pub fn add_month(&mut self, campaign: i64, month: i32, of: &Month) {
        self.months.at((campaign, month)).add(&of.sums, of.active);
    }

    /// The first day of a day's month.
    fn month_of(&mut self, day: i32) -> i32 {
        match self.last {
            Some((first, last)) if first <= day && day <= last => first,
            _ => {
                let month = month_of(day);
                self.last = Some(month);
                month.0
            }
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
        let mut months = self.months.values;
        months.sort_unstable_by_key(|(key, _)| *key);
        for ((campaign, number), m) in months {
            let [first, last] =
                [m.active.map(|a| a.0), m.active.map(|a| a.1)].map(|d| d.map(|d| date_of(d).to_string()));
            let s = m.sums;
            put.execute(params![
                campaign,
                number,
                date_of(number).to_string(),
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

/// First and last day of a day's month.
pub(super) fn month_of(day: i32) -> (i32, i32) {
    let date = date_of(day);
    let first = day - date.day0() as i32;
    (first, first + i32::from(date.num_days_in_month()) - 1)
}

fn date_of(day: i32) -> NaiveDate {
    NaiveDate::from_epoch_days(day).unwrap_or_default()
}

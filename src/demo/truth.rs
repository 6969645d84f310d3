//! What the public views must show after the last export, computed from the simulation and not from the files.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};

use super::company::{AdDay, Company, Deal, Outcome, Person, Platform};
use super::exports::{Week, list_weeks, mrr_months, report_ad_day};
use super::words::{SOURCES, Source};

/// A row of `people`. `entered` holds the own first entries into lead, mql, sql, opportunity and won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonTruth {
    pub person_id: String,
    pub email: Option<String>,
    pub company: Option<String>,
    pub created_on: NaiveDate,
    pub channel: &'static str,
    pub channel_group: &'static str,
    pub entered: [Option<NaiveDate>; 5],
    pub furthest_stage: &'static str,
}

impl PersonTruth {
    /// Effective dates of contact, lead, mql, sql, opportunity and won: a skipped stage takes the earliest
    /// date of the later ones.
    pub fn effective(&self) -> [Option<NaiveDate>; 6] {
        let mut dates = [None; 6];
        dates[0] = Some(self.created_on);
        let mut later: Option<NaiveDate> = None;
        for stage in (0..5).rev() {
            let own = self.entered[stage];
            dates[stage + 1] = own.or(later);
            later = [later, dates[stage + 1]].into_iter().flatten().min();
        }
        dates
    }
}

/// A row of `deals`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealTruth {
    pub deal_id: String,
    pub name: String,
    pub company: Option<String>,
    pub status: &'static str,
    pub is_new_business: bool,
    pub amount_cents: Option<i64>,
    pub currency: &'static str,
    pub created_on: NaiveDate,
    pub closed_on: Option<NaiveDate>,
    pub first_touch_on: NaiveDate,
    /// For won deals.
    pub sales_cycle_days: Option<i64>,
    pub is_new_customer: Option<bool>,
    pub channel: &'static str,
    pub channel_group: &'static str,
}

/// Sums of one campaign on one day: money in micros, conversions in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AdTruth {
    pub spend_micros: i64,
    pub impressions: i64,
    pub clicks: i64,
    pub conversions_millionths: i64,
    pub leads: i64,
}

/// Day, platform and latest campaign name.
pub type AdKey = (NaiveDate, &'static str, String);

const STAGE_NAMES: [&str; 6] = ["contact", "lead", "mql", "sql", "opportunity", "won"];

/// The moment of the last export.
fn horizon(company: &Company) -> NaiveDateTime {
    last_week(company).cutoff()
}

fn last_week(company: &Company) -> Week {
    *list_weeks(&company.shape).last().expect("at least one export")
}

/// The moment of the last export that still shows this person, if any does.
fn last_seen(company: &Company, person: &Person) -> Option<NaiveDateTime> {
    let cutoffs = list_weeks(&company.shape).into_iter().map(|week| week.cutoff());
    cutoffs.filter(|c| person.created_at < *c && person.vanishes_at.is_none_or(|gone| *c <= gone)).max()
}

/// Every row of `people`, by id.
pub fn people(company: &Company) -> BTreeMap<String, PersonTruth> {
    let mut rows = BTreeMap::new();
    for (index, person) in company.people.iter().enumerate() {
        let Some(seen) = last_seen(company, person) else { continue };
        let row = person_row(company, index, seen);
        rows.insert(row.person_id.clone(), row);
        if let Some(second) = &person.duplicate
            && second.created_at < horizon(company)
            && horizon(company) <= second.merged_at
        {
            let row = PersonTruth {
                person_id: format!("hubspot:{}", second.record_id),
                email: Some(second.email.clone()),
                company: None,
                created_on: second.created_at.date(),
                channel: SOURCES[second.source].channel,
                channel_group: SOURCES[second.source].group,
                entered: [None; 5],
                furthest_stage: "contact",
            };
            rows.insert(row.person_id.clone(), row);
        }
    }
    rows
}

fn person_row(company: &Company, index: usize, seen: NaiveDateTime) -> PersonTruth {
    let person = &company.people[index];
    let mut entered = person.entered.map(|at| at.filter(|at| *at < seen).map(|at| at.date()));
    for deal in company.deals.iter().filter(|d| d.people.contains(&index)) {
        if !deal.renewal && deal.created_at < horizon(company) {
            entered[3] = [entered[3], Some(deal.created_at.date())].into_iter().flatten().min();
        }
        if deal.outcome == Outcome::Won && deal.closes_at < horizon(company) {
            entered[4] = [entered[4], Some(deal.closes_at.date())].into_iter().flatten().min();
        }
    }
    let furthest = (0..5).rev().find(|&s| entered[s].is_some()).map_or(0, |s| s + 1);
    let source: &Source = &SOURCES[person.source];
    PersonTruth {
        person_id: format!("hubspot:{}", person.record_id),
        email: person.email.clone(),
        company: person.account.map(|a| company.accounts[a].name.clone()),
        created_on: person.created_at.date(),
        channel: source.channel,
        channel_group: source.group,
        entered,
        furthest_stage: STAGE_NAMES[furthest],
    }
}

/// Every row of `deals`, by id.
pub fn deals(company: &Company) -> BTreeMap<String, DealTruth> {
    let horizon = horizon(company);
    let visible: Vec<&Deal> = company.deals.iter().filter(|d| d.created_at < horizon).collect();
    let firsts = first_won(&visible, horizon);
    visible.iter().map(|deal| (deal.record_id.to_string(), deal_row(company, deal, &firsts))).collect()
}

/// The record ids of the first deal won of each customer.
fn first_won(deals: &[&Deal], horizon: NaiveDateTime) -> BTreeSet<u64> {
    let mut firsts: BTreeMap<(Option<usize>, usize), (NaiveDate, NaiveDateTime, u64)> = BTreeMap::new();
    for deal in deals.iter().filter(|d| d.outcome == Outcome::Won && d.closes_at < horizon) {
        let customer = (deal.account, if deal.account.is_some() { 0 } else { deal.people[0] });
        let this = (deal.closes_at.date(), deal.created_at, deal.record_id);
        firsts.entry(customer).and_modify(|first| *first = this.min(*first)).or_insert(this);
    }
    firsts.values().map(|first| first.2).collect()
}

fn deal_row(company: &Company, deal: &Deal, firsts: &BTreeSet<u64>) -> DealTruth {
    let closed = deal.closes_at < horizon(company);
    let won = closed && deal.outcome == Outcome::Won;
    let mut people: Vec<&Person> = deal.people.iter().map(|&i| &company.people[i]).collect();
    people.sort_by_key(|p| p.created_at);
    let known = people.iter().map(|p| &SOURCES[p.source]).find(|s| s.channel != "Unknown");
    let first_touch_on = people[0].created_at.date();
    DealTruth {
        deal_id: deal.record_id.to_string(),
        name: deal.name.clone(),
        company: deal.account.map(|a| company.accounts[a].name.clone()),
        status: match (closed, won) {
            (false, _) => "open",
            (true, true) => "won",
            (true, false) => "lost",
        },
        is_new_business: !deal.renewal,
        amount_cents: deal.amount_cents,
        currency: deal.currency,
        created_on: deal.created_at.date(),
        closed_on: closed.then(|| deal.closes_at.date()),
        first_touch_on,
        sales_cycle_days: won.then(|| (deal.closes_at.date() - first_touch_on).num_days()),
        is_new_customer: won.then(|| firsts.contains(&deal.record_id)),
        channel: known.map_or("Unknown", |s| s.channel),
        channel_group: known.map_or("Unknown", |s| s.group),
    }
}

/// An ad group's day as the last export that covers it reports it.
fn last_reported(company: &Company, row: &AdDay) -> Option<AdDay> {
    let mut weeks = list_weeks(&company.shape).into_iter();
    let last = weeks.rfind(|week| week.ads_from <= row.day && row.day < week.day)?;
    Some(report_ad_day(&company.shape, row, last.day))
}

/// The rows of `ad_performance`, summed to day and campaign.
pub fn ad_performance(company: &Company) -> BTreeMap<AdKey, AdTruth> {
    let mut rows: BTreeMap<AdKey, AdTruth> = BTreeMap::new();
    for row in company.ad_days.iter().filter_map(|row| last_reported(company, row)) {
        let campaign = &company.campaigns[row.campaign];
        let name = match &campaign.renamed {
            Some((since, name)) if *since <= last_week(company).day => name.clone(),
            _ => campaign.name.clone(),
        };
        let platform = match campaign.platform {
            Platform::Google => "google_ads",
            Platform::Linkedin => "linkedin_ads",
            Platform::Meta => "meta_ads",
        };
        let sum = rows.entry((row.day, platform, name)).or_default();
        sum.spend_micros += row.cents * 10_000;
        sum.impressions += row.impressions;
        sum.clicks += row.clicks;
        sum.conversions_millionths += row.conversions_hundredths * 10_000;
        sum.leads += row.leads;
    }
    rows
}

/// The rows of `spend`, summed to day and channel, in micros.
pub fn spend(company: &Company) -> BTreeMap<(NaiveDate, &'static str), i64> {
    let mut days: BTreeMap<(NaiveDate, &'static str), i64> = BTreeMap::new();
    for row in company.ad_days.iter().filter_map(|row| last_reported(company, row)) {
        *days.entry((row.day, company.campaigns[row.campaign].channel)).or_default() += row.cents * 10_000;
    }
    for cost in company.costs.iter().filter(|c| c.to < last_week(company).day) {
        let channel = if cost.channel.is_empty() { "Unknown" } else { cost.channel };
        let count = (cost.to - cost.from).num_days() + 1;
        for i in 0..count {
            let day = cost.from + Days::new(i as u64);
            *days.entry((day, channel)).or_default() += spread(cost.cents * 10_000, count, i + 1);
        }
    }
    days
}

/// The share of day `i` (1…n) of a total spread over n days.
fn spread(total: i64, n: i64, i: i64) -> i64 {
    let upto = |i: i64| i * (total / n) + (i * (total % n)) / n;
    upto(i) - upto(i - 1)
}

/// The counts of contact, lead, mql, sql, opportunity and won by first day of month and channel.
pub type Funnel = BTreeMap<(NaiveDate, &'static str), [i64; 6]>;

fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

/// The rows of `funnel_monthly`: entries into each stage.
pub fn funnel_monthly(company: &Company) -> Funnel {
    let mut funnel = Funnel::new();
    for person in people(company).values() {
        for (stage, day) in person.effective().into_iter().enumerate() {
            if let Some(day) = day {
                funnel.entry((month_of(day), person.channel)).or_default()[stage] += 1;
            }
        }
    }
    funnel
}

/// The rows of `funnel_cohorts`: people created in the month who ever reached each stage.
pub fn funnel_cohorts(company: &Company) -> Funnel {
    let mut funnel = Funnel::new();
    for person in people(company).values() {
        let counts = funnel.entry((month_of(person.created_on), person.channel)).or_default();
        for (stage, day) in person.effective().into_iter().enumerate() {
            counts[stage] += i64::from(day.is_some());
        }
    }
    funnel
}

/// MRR in cents by first day of month and customer id, where there is any, as far as the last export shows it.
pub fn mrr(company: &Company) -> BTreeMap<(NaiveDate, String), i64> {
    let shown = mrr_months(&company.shape, last_week(company).day);
    let mut rows = BTreeMap::new();
    for subscriber in &company.subscribers {
        for (month, cents) in subscriber.months.iter().filter(|(m, c)| shown.contains(m) && *c > 0) {
            rows.insert((*month, subscriber.customer_id.clone()), *cents);
        }
    }
    rows
}

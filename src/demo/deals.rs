//! Simulates deals, the subscriptions that follow from them, meetings and requests.

use chrono::{Datelike, Duration, Months, NaiveDate, NaiveDateTime};

use super::company::{Account, Deal, Meeting, Outcome, Person, Request, Shape, Subscriber};
use super::random::Random;
use super::words::{LOST_REASONS, PRODUCTS, SOURCES};

/// A deal for everybody who became an opportunity, and the renewals of those who bought a year ago.
/// Sets the people's last stage.
pub(super) fn simulate_deals(
    seed: u64,
    shape: &Shape,
    accounts: &[Account],
    people: &mut [Person],
) -> Vec<Deal> {
    let mut random = Random::stream(seed, "deals");
    let mut deals: Vec<Deal> = Vec::new();
    for index in 0..people.len() {
        let Some(created_at) = people[index].entered[3] else { continue };
        let old = people[index].created_at.date() < shape.start;
        let mut deal = new_deal(&mut random, shape, &people[index], created_at, deals.len());
        deal.name = name_deal(&mut random, accounts, deal.account, deals.len());
        deal.people = vec![index];
        if let Some(colleague) = colleague(&mut random, people, index, created_at) {
            deal.people.push(colleague);
        }
        if old {
            deal.outcome = Outcome::Won;
        }
        if deal.outcome == Outcome::Won {
            people[index].entered[4] = Some(deal.closes_at);
        }
        deals.push(deal);
    }
    let renewals: Vec<Deal> = deals.iter().filter_map(|deal| renew(&mut random, deal)).collect();
    for mut deal in renewals {
        deal.record_id = record_id(deals.len());
        deals.push(deal);
    }
    deals
}

fn record_id(number: usize) -> u64 {
    52_100_011_039 + 7 * number as u64
}

fn new_deal(
    random: &mut Random,
    shape: &Shape,
    person: &Person,
    created_at: NaiveDateTime,
    number: usize,
) -> Deal {
    let quality = SOURCES[person.source].lead_chance;
    let won = random.chance(10 + quality * 34 / 100);
    let days = if won { random.between(16, 74) } else { random.between(8, 100) };
    let closes_at = created_at + Duration::minutes(days * 1440 + random.between(0, 300));
    let span = closes_at - created_at;
    let mrr_cents = random.between(18, 190) * 1000;
    Deal {
        record_id: record_id(number),
        name: String::new(),
        account: person.account,
        people: Vec::new(),
        renewal: false,
        currency: random.pick(&shape.currencies),
        amount_cents: random.chance(97).then_some(mrr_cents * 12),
        mrr_cents,
        created_at,
        stage_at: [0, 1, 2, 3].map(|i| created_at + Duration::minutes(span.num_minutes() * i / 5)),
        closes_at,
        outcome: if won { Outcome::Won } else { Outcome::Lost },
        lost_reason: random.pick(&LOST_REASONS),
        owner: person.owner,
    }
}

fn name_deal(random: &mut Random, accounts: &[Account], account: Option<usize>, number: usize) -> String {
    let company = account.map_or("Private", |index| accounts[index].name.as_str());
    format!("D{number:04} {company} – {}", random.pick(&PRODUCTS))
}

/// Somebody else of the same company whom the CRM already knew when the deal began; they are named on
/// the deal, and reach its stages with it.
fn colleague(
    random: &mut Random,
    people: &[Person],
    index: usize,
    created_at: NaiveDateTime,
) -> Option<usize> {
    let account = people[index].account?;
    let others: Vec<usize> = (0..people.len())
        .filter(|&i| i != index && people[i].account == Some(account))
        .filter(|&i| people[i].created_at < created_at && people[i].created_at != people[index].created_at)
        .filter(|&i| people[i].vanishes_at.is_none())
        .collect();
    (!others.is_empty() && random.chance(25)).then(|| random.pick(&others))
}

/// The renewal a year after a deal was won.
fn renew(random: &mut Random, deal: &Deal) -> Option<Deal> {
    if deal.outcome != Outcome::Won || deal.account.is_none() {
        return None;
    }
    let closes_at = deal.closes_at + Duration::days(365);
    let created_at = closes_at - Duration::days(30);
    let won = random.chance(88);
    let mrr_cents = deal.mrr_cents * random.between(95, 120) / 100 / 100 * 100;
    Some(Deal {
        name: format!("{} renewal", deal.name),
        people: vec![deal.people[0]],
        renewal: true,
        amount_cents: Some(mrr_cents * 12),
        mrr_cents,
        created_at,
        stage_at: [created_at; 4],
        closes_at,
        outcome: if won { Outcome::Won } else { Outcome::Lost },
        ..deal.clone()
    })
}

/// Monthly subscriptions of everybody who bought, changing from time to time.
pub(super) fn simulate_subscribers(
    seed: u64,
    shape: &Shape,
    accounts: &[Account],
    people: &[Person],
    deals: &[Deal],
) -> Vec<Subscriber> {
    let mut random = Random::stream(seed, "subscribers");
    let mut subscribers = Vec::new();
    for deal in deals.iter().filter(|d| !d.renewal && d.outcome == Outcome::Won) {
        let (Some(account), Some(email)) = (deal.account, people[deal.people[0]].email.clone()) else {
            continue;
        };
        let mut months = Vec::new();
        let mut month = first_of_month(deal.closes_at.date());
        let mut mrr = deal.mrr_cents;
        let mut gone_for = 0;
        while month < shape.end() {
            if gone_for > 0 {
                gone_for -= 1;
            }
            months.push((month, if gone_for > 0 { 0 } else { mrr }));
            month = month + Months::new(1);
            match random.below(100) {
                0..5 => mrr = mrr * 125 / 100,
                5..7 => mrr = mrr * 80 / 100,
                7..8 if gone_for == 0 => gone_for = 3,
                8..10 if gone_for == 0 => gone_for = 100,
                _ => {}
            }
        }
        subscribers.push(Subscriber {
            customer_id: format!("cus_{:04}Qx", subscribers.len()),
            name: accounts[account].name.clone(),
            email,
            months,
        });
    }
    subscribers
}

pub(super) fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

/// Sales meetings around the sales-qualified stage, and requests around the lead stage.
pub(super) fn simulate_conversations(seed: u64, people: &[Person]) -> (Vec<Meeting>, Vec<Request>) {
    let mut random = Random::stream(seed, "conversations");
    let (mut meetings, mut requests) = (Vec::new(), Vec::new());
    for (person, record) in people.iter().enumerate().filter(|(_, p)| p.email.is_some()) {
        if let Some(booked_at) = record.entered[2].filter(|_| random.chance(85)) {
            let starts_at = booked_at.date() + chrono::Days::new(random.between(1, 7) as u64);
            let starts_at = starts_at.and_hms_opt(9, 0, 0).expect("a time of day");
            meetings.push(Meeting {
                id: format!("M{:04}", meetings.len()),
                person,
                booked_at,
                starts_at: starts_at + Duration::minutes(30 * random.between(0, 16)),
                outcome: ["held", "no_show", "cancelled"][random.weighted([78u64, 12, 10].into_iter())],
            });
        }
        if let Some(requested_at) = record.entered[0].filter(|_| random.chance(24)) {
            let fast = random.chance(55);
            let wait = if fast { random.between(1, 3) } else { random.between(4, 400) };
            requests.push(Request {
                id: format!("R{:04}", requests.len()),
                person,
                requested_at,
                answered_at: random.chance(92).then(|| requested_at + Duration::minutes(wait)),
                outcome: ["qualified", "disqualified", "open", ""]
                    [random.weighted([52u64, 26, 14, 8].into_iter())],
            });
        }
    }
    (meetings, requests)
}

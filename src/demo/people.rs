//! Simulates companies and the people in them, from first contact towards a deal.

use chrono::{Days, Duration, NaiveDate, NaiveDateTime};

use super::company::{Account, Duplicate, Person, Shape};
use super::random::Random;
use super::words::{
    ANSWERS, COMPANY_NAMES, COUNTRIES, FIRST_NAMES, INDUSTRIES, LAST_NAMES, LEGAL_FORMS, OFFLINE, OWNERS,
    PAID_SEARCH, PAID_SOCIAL, SOURCES,
};

/// Names of the paid campaigns that people can come from, by source.
pub(super) struct CampaignNames {
    pub search: Vec<String>,
    pub social: Vec<String>,
}

/// Chance in per cent and longest wait in days of the steps lead → mql → sql → opportunity, and what
/// they are scaled by.
const STEPS: [(u64, i64); 3] = [(36, 14), (46, 12), (56, 10)];

pub(super) fn simulate_people(
    seed: u64,
    shape: &Shape,
    names: &CampaignNames,
) -> (Vec<Account>, Vec<Person>) {
    let mut random = Random::stream(seed, "people");
    let mut accounts = Vec::new();
    let mut people = Vec::new();
    for _ in 0..shape.customers {
        let day = shape.start - Days::new(random.between(250, 640) as u64);
        add_person(&mut random, shape, names, day, &mut accounts, &mut people);
        let number = people.len() - 1;
        make_customer(&mut people[number], number, &mut accounts, &mut random);
    }
    for week in 0..shape.weeks {
        let growth = 88 + 24 * week / shape.weeks.max(2);
        let count = shape.contacts_per_week * growth / 100 * random.between(88, 112) as u64 / 100;
        for _ in 0..count.max(1) {
            let weekday = random.weighted([18u64, 21, 20, 18, 15, 4, 4].into_iter()) as u64;
            let day = shape.start + Days::new(7 * week + weekday);
            add_person(&mut random, shape, names, day, &mut accounts, &mut people);
        }
    }
    (accounts, people)
}

fn add_person(
    random: &mut Random,
    shape: &Shape,
    names: &CampaignNames,
    day: NaiveDate,
    accounts: &mut Vec<Account>,
    people: &mut Vec<Person>,
) {
    let number = people.len() as u64;
    let created_at = at_work(random, day);
    let source = random.weighted(SOURCES.iter().map(|s| s.weight));
    let account = random.chance(93).then(|| choose_account(random, created_at, accounts));
    let email = random.chance(98).then(|| match account {
        Some(index) => format!("p{number:05}@{}", accounts[index].domain),
        None => format!("p{number:05}@mail.example"),
    });
    let campaign = match source {
        PAID_SEARCH => Some(names.search[random.below(names.search.len() as u64) as usize].clone()),
        PAID_SOCIAL => Some(names.social[random.below(names.social.len() as u64) as usize].clone()),
        _ => None,
    };
    let mut person = Person {
        record_id: 105_284_050_011 + 7 * number,
        first_name: random.pick(&FIRST_NAMES),
        last_name: random.pick(&LAST_NAMES),
        email,
        account,
        owner: random.pick(&OWNERS),
        created_at,
        source,
        latest_source: if random.chance(60) { source } else { random.below(OFFLINE as u64 - 3) as usize },
        campaign,
        answer: if random.chance(45) { random.pick(&ANSWERS) } else { "" },
        entered: [None; 5],
        unqualified: false,
        duplicate: None,
        vanishes_at: random
            .chance(shape.vanishing)
            .then(|| created_at + Duration::days(random.between(10, 60))),
    };
    advance(random, shape, &mut person);
    if person.entered[3].is_some() {
        person.vanishes_at = None; // a deal keeps pointing at them
    }
    person.duplicate = make_duplicate(random, shape, &person, number);
    people.push(person);
}

/// A company that is new, or one already known to the CRM.
fn choose_account(random: &mut Random, created_at: NaiveDateTime, accounts: &mut Vec<Account>) -> usize {
    let known: Vec<usize> = accounts
        .iter()
        .enumerate()
        .rev()
        .take(400)
        .filter(|(_, account)| account.created_at <= created_at)
        .map(|(index, _)| index)
        .collect();
    if !known.is_empty() && random.chance(58) {
        return random.pick(&known);
    }
    let number = accounts.len() as u64;
    let industry = random.weighted(INDUSTRIES.iter().map(|i| i.1));
    let country = random.weighted(COUNTRIES.iter().map(|c| c.1));
    accounts.push(Account {
        record_id: 31_870_000_007 + 14 * number,
        name: format!("{} {number:03} {}", random.pick(&COMPANY_NAMES), random.pick(&LEGAL_FORMS)),
        domain: format!("firm{number:04}.example"),
        industry: INDUSTRIES[industry].0,
        employees: [8, 22, 45, 120, 310, 900, 2400][random.below(7) as usize],
        country: COUNTRIES[country].0,
        created_at,
    });
    accounts.len() - 1
}

/// Moves a person through lead, mql, sql and opportunity; deals do the rest.
fn advance(random: &mut Random, shape: &Shape, person: &mut Person) {
    let quality = SOURCES[person.source].lead_chance;
    if !random.chance(quality) {
        return;
    }
    let mut at = person.created_at;
    if random.chance(60) {
        at += Duration::minutes(random.between(5, 3 * 1440));
    }
    let mut entered = [Some(at), None, None, None];
    for (step, (chance, longest)) in STEPS.into_iter().enumerate() {
        if !random.chance(chance * (40 + quality) / 100) {
            person.unqualified = step < 2 && random.chance(20);
            break;
        }
        at += Duration::minutes(random.between(30, longest * 1440));
        entered[step + 1] = Some(at);
    }
    for stage in 0..3 {
        let passed = entered[stage + 1].is_some();
        if !(passed && random.chance(shape.skipped)) {
            person.entered[stage] = entered[stage];
        }
    }
    person.entered[3] = entered[3];
}

fn make_duplicate(random: &mut Random, shape: &Shape, person: &Person, number: u64) -> Option<Duplicate> {
    if person.email.is_none() || person.vanishes_at.is_some() || !random.chance(shape.merged) {
        return None;
    }
    let created_at = person.created_at + Duration::minutes(random.between(1440, 6 * 1440));
    Some(Duplicate {
        record_id: 105_284_050_014 + 7 * number,
        email: format!("p{number:05}.second@mail.example"),
        created_at,
        merged_at: created_at + Duration::minutes(random.between(1440, 12 * 1440)),
        source: OFFLINE,
    })
}

/// Somebody who bought long before the first export.
fn make_customer(person: &mut Person, number: usize, accounts: &mut Vec<Account>, random: &mut Random) {
    if person.account.is_none() {
        person.account = Some(choose_account(random, person.created_at, accounts));
    }
    let domain = &accounts[person.account.expect("just set")].domain;
    person.email = Some(format!("p{number:05}@{domain}"));
    let days = [2, 9, 18, 26];
    for (stage, day) in days.into_iter().enumerate() {
        person.entered[stage] = Some(person.created_at + Duration::days(day));
    }
    person.unqualified = false;
    person.duplicate = None;
    person.vanishes_at = None;
}

/// A moment of that day between seven in the morning and nine in the evening.
pub(super) fn at_work(random: &mut Random, day: NaiveDate) -> NaiveDateTime {
    day.and_hms_opt(7, 0, 0).expect("a time of day") + Duration::minutes(random.between(0, 839))
}

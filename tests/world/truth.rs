//! The public views after the last week against what the simulation knows, cell by cell.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use funnelite::demo::company::Shape;
use funnelite::demo::truth::{self, DealTruth, Funnel, PersonTruth};
use rusqlite::Connection;

use super::{World, assert_same, keyed};

fn imported(seed: u64) -> (World, Connection) {
    let world = World::new(seed, &Shape { weeks: 7, contacts_per_week: 24, ..Shape::tiny() });
    let store = world.import("truth", [world.files.as_slice()]);
    (world, store.conn)
}

fn day(day: Option<NaiveDate>) -> String {
    day.map(|d| d.to_string()).unwrap_or_default()
}

fn micros(micros: i64) -> String {
    format!("{:.6}", micros as f64 / 1e6)
}

fn person_cells(person: &PersonTruth) -> Vec<String> {
    let mut cells = vec![
        person.email.clone().unwrap_or_default(),
        person.company.clone().unwrap_or_default(),
        person.created_on.to_string(),
        person.channel.to_owned(),
        person.channel_group.to_owned(),
        person.furthest_stage.to_owned(),
    ];
    cells.extend(person.entered.map(day));
    cells
}

fn deal_cells(deal: &DealTruth) -> Vec<String> {
    let cycle = deal.sales_cycle_days.filter(|_| deal.is_new_business);
    vec![
        deal.name.clone(),
        deal.company.clone().unwrap_or_default(),
        deal.status.to_owned(),
        i64::from(deal.is_new_business).to_string(),
        deal.amount_cents.map(|c| micros(c * 10_000)).unwrap_or_default(),
        deal.currency.to_owned(),
        deal.created_on.to_string(),
        day(deal.closed_on),
        deal.first_touch_on.to_string(),
        cycle.map(|days| days.to_string()).unwrap_or_default(),
        deal.is_new_customer.map(|new| i64::from(new).to_string()).unwrap_or_default(),
        deal.channel.to_owned(),
        deal.channel_group.to_owned(),
    ]
}

fn funnel_cells(funnel: Funnel) -> BTreeMap<String, Vec<String>> {
    funnel
        .into_iter()
        .filter(|(_, counts)| counts.iter().any(|n| *n > 0))
        .map(|((month, channel), counts)| {
            (format!("{month}|{channel}"), counts.map(|n| n.to_string()).to_vec())
        })
        .collect()
}

#[test]
fn people_and_deals_are_those_that_were() {
    for seed in [1, 2] {
        let (world, conn) = imported(seed);
        check_people_and_deals(&world, &conn);
    }
}

fn check_people_and_deals(world: &World, conn: &Connection) {
    let expected = truth::people(&world.company).into_iter().map(|(id, p)| (id, person_cells(&p))).collect();
    let found = keyed(
        conn,
        "select person_id, email, company, created_on, channel, channel_group, furthest_stage, lead_on,
            mql_on, sql_on, opportunity_on, won_on from people",
    );
    assert_same("people", &expected, &found);

    let expected = truth::deals(&world.company).into_iter().map(|(id, d)| (id, deal_cells(&d))).collect();
    let found = keyed(
        conn,
        "select deal_id, name, company, status, is_new_business, amount, currency, created_on, closed_on,
            first_touch_on, case when is_new_business then sales_cycle_days end, is_new_customer, channel,
            channel_group from deals",
    );
    assert_same("deals", &expected, &found);
}

#[test]
fn spend_and_ad_results_are_those_last_reported() {
    for seed in [3, 4] {
        let (world, conn) = imported(seed);
        check_money(&world, &conn);
    }
}

fn check_money(world: &World, conn: &Connection) {
    let expected =
        truth::ad_performance(&world.company).into_iter().map(|((day, platform, campaign), ad)| {
            let cells = vec![
                micros(ad.spend_micros),
                ad.impressions.to_string(),
                ad.clicks.to_string(),
                micros(ad.conversions_millionths),
                ad.leads.to_string(),
            ];
            (format!("{day}|{platform}|{campaign}"), cells)
        });
    let found = keyed(
        conn,
        "select day || '|' || platform || '|' || campaign, sum(spend), sum(impressions), sum(clicks),
            coalesce(sum(conversions), 0.0), cast(coalesce(sum(leads), 0) as integer)
        from ad_performance group by day, platform, campaign",
    );
    assert_same("ad_performance", &expected.collect(), &found);

    let expected = truth::spend(&world.company)
        .into_iter()
        .map(|((day, channel), sum)| (format!("{day}|{channel}"), vec![micros(sum)]));
    let found = keyed(
        conn,
        "select day || '|' || channel, 1.0 * sum(spend_reporting) from spend group by day, channel",
    );
    assert_same("spend", &expected.collect(), &found);
}

#[test]
fn funnels_count_every_person_once() {
    for seed in [5, 6] {
        let (world, conn) = imported(seed);
        check_funnels(&world, &conn);
    }
}

fn check_funnels(world: &World, conn: &Connection) {
    let counts = "contacts, leads, mqls, sqls, opportunities, won";
    let found = keyed(
        conn,
        &format!(
            "select month || '|' || channel, {counts} from funnel_monthly
            where contacts + leads + mqls + sqls + opportunities + won > 0"
        ),
    );
    assert_same("funnel_monthly", &funnel_cells(truth::funnel_monthly(&world.company)), &found);
    let found = keyed(conn, &format!("select cohort_month || '|' || channel, {counts} from funnel_cohorts"));
    assert_same("funnel_cohorts", &funnel_cells(truth::funnel_cohorts(&world.company)), &found);
}

#[test]
fn mrr_is_what_was_billed() {
    {
        let seed = 7;
        let (world, conn) = imported(seed);
        check_mrr(&world, &conn);
    }
}

fn check_mrr(world: &World, conn: &Connection) {
    let expected = truth::mrr(&world.company)
        .into_iter()
        .map(|((month, customer), cents)| (format!("{month}|{customer}"), vec![micros(cents * 10_000)]));
    let found =
        keyed(conn, "select month || '|' || customer_id, closing from mrr_movements where closing <> 0");
    assert_same("mrr_movements", &expected.collect(), &found);
}

//! Numbers known from elsewhere, through the fill-in sheets: a CRM vendor's own example, an attribution data set whose
//! credits are computed here by other means, a subscription data set whose movements are known.

use std::collections::BTreeMap;

use serde_json::Value;

use super::support::TestEnv;

fn ask(env: &TestEnv, args: &[&str]) -> Vec<Value> {
    let mut args = args.to_vec();
    args.extend(["--format", "json"]);
    serde_json::from_str(&env.run(&args).success()).unwrap()
}

fn near(found: &Value, wanted: f64) -> bool {
    found.as_f64().is_some_and(|x| (x - wanted).abs() < 1e-6 * wanted.abs().max(1.0))
}

fn kpi(env: &TestEnv, name: &str, period: &str) -> Value {
    let sql = format!(
        "select value from kpi_monthly where kpi = '{name}' and period = '{period}' and channel_group = 'All'"
    );
    ask(env, &["sql", &sql]).pop().map_or(Value::Null, |row| row["value"].clone())
}

#[test]
fn four_opportunities_of_a_vendors_example() {
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write(
        "deals-2026-03-31.csv",
        "deal_id,name,email,company,created_at,closed_at,status,amount,currency,type,probability\n\
         1,One,,Alpha,2026-02-01,2026-03-03,won,100,EUR,New business,100\n\
         2,Two,,Beta,2026-01-10,2026-03-11,won,100,EUR,New business,100\n\
         3,Three,,Gamma,2026-01-20,2026-03-20,lost,300,EUR,New business,0\n\
         4,Four,,Delta,2026-03-01,,open,1000,EUR,New business,50\n",
    );
    env.run(&["import", "deals-2026-03-31.csv"]).success();
    let wanted = [
        ("average_sales_cycle_days", 45.0),
        ("median_sales_cycle_days", 45.0),
        ("weighted_pipeline", 500.0),
        ("pipeline_open", 1000.0),
        ("win_rate", 2.0 / 3.0),
        ("win_rate_amount", 0.4),
        ("won_deals", 2.0),
        ("new_customers", 2.0),
        ("average_deal_size", 100.0),
        // one deal became an opportunity in March
        ("pipeline_velocity", 2.0 / 3.0 * 100.0 / 45.0),
    ];
    for (name, value) in wanted {
        let found = kpi(&env, name, "2026-03-01");
        assert!(near(&found, value), "{name}: {found}, expected {value}");
    }
    assert_eq!(kpi(&env, "cac", "2026-03-01"), Value::Null, "nothing says what was spent");
}

const CHANNELS: [&str; 5] = ["Facebook", "Instagram", "Online Display", "Online Video", "Search Ads"];

/// Users with the places of their touches among the channels, in order, and what they bought for.
fn journeys() -> Vec<(Vec<usize>, i64)> {
    let mut state = 7_u32;
    let mut roll = |sides: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % sides
    };
    let touches = |roll: &mut dyn FnMut(u32) -> u32| {
        let count = 1 + roll(6);
        (0..count).map(|_| roll(CHANNELS.len() as u32) as usize).collect::<Vec<_>>()
    };
    (0..60).map(|_| (touches(&mut roll), 10 + i64::from(roll(90)))).collect()
}

/// What share of a conversion each of so many touches gets, told a second time.
fn shares(model: &str, touches: usize) -> Vec<f64> {
    let n = touches as f64;
    let mut shares = vec![0.0; touches];
    match (model, touches) {
        ("first", _) => shares[0] = 1.0,
        ("last", _) => shares[touches - 1] = 1.0,
        ("linear", _) => shares.fill(1.0 / n),
        (_, 1) => shares[0] = 1.0,
        (_, 2) => shares.fill(0.5),
        _ => {
            shares.fill(0.2 / (n - 2.0));
            shares[0] = 0.4;
            shares[touches - 1] = 0.4;
        }
    }
    shares
}

fn attribution_workspace(env: &TestEnv, by_source: bool) {
    let rules = CHANNELS.map(|name| {
        format!("[[channel]]\nsource = \"{name}\"\nchannel = \"{name}\"\ngroup = \"Inbound\"\npaid = true\n")
    });
    env.write("funnelite.toml", format!("currency = \"EUR\"\n{}", rules.concat()));
    let mut touches = "email,touched_at,channel,source,medium,campaign,kind\n".to_owned();
    let mut contacts =
        "contact_id,email,company,created_at,source,lead_at,mql_at,sql_at,opportunity_at,won_at\n".to_owned();
    let mut deals =
        "deal_id,name,email,company,created_at,closed_at,status,amount,currency,type\n".to_owned();
    for (user, (path, amount)) in journeys().iter().enumerate() {
        let at = |step: usize| format!("2018-07-{:02} 10:{:02}:07", 2 + step * 3, user % 60);
        for (step, channel) in path.iter().enumerate() {
            let name = CHANNELS[*channel];
            let said = if by_source { format!(",{name},cpc") } else { format!("{name},,") };
            touches
                .push_str(&format!("user{user}@peer.example,{},{said},{name} July,impression\n", at(step)));
        }
        contacts.push_str(&format!("{user},user{user}@peer.example,,{},,,,,,\n", at(0)));
        // the last touch and the conversion share a second
        let won = at(path.len() - 1);
        deals.push_str(&format!("{user},,user{user}@peer.example,,{won},{won},won,{amount},EUR,\n"));
    }
    // one who bought without a touch that anybody knows
    deals.push_str("x,,nobody@peer.example,,2018-07-20,2018-07-21,won,17,EUR,\n");
    env.write("touches.csv", touches);
    env.write("contacts.csv", contacts);
    env.write("deals.csv", deals);
    let mut spend = "day_from,day_to,channel,campaign,category,amount,currency,note\n".to_owned();
    for (place, name) in CHANNELS.iter().enumerate() {
        spend
            .push_str(&format!("2018-07-01,2018-07-31,{name},{name} July,ads,{},EUR,\n", 1000 + 310 * place));
    }
    spend.push_str("2018-07-01,2018-07-31,Display,Banner,ads,55.5,EUR,\n");
    env.write("spend.csv", spend);
    let output = env.run(&[
        "import",
        "--as-of",
        "2018-08-05",
        "touches.csv",
        "contacts.csv",
        "deals.csv",
        "spend.csv",
    ]);
    output.success();
}

#[test]
fn credit_and_cost_per_conversion_are_those_computed_by_hand() {
    for by_source in [false, true] {
        let env = TestEnv::new();
        attribution_workspace(&env, by_source);
        for by in ["channel", "campaign"] {
            for model in ["first", "last", "linear", "u-shaped"] {
                check_attribution(&env, model, by);
            }
        }
    }
}

fn check_attribution(env: &TestEnv, model: &str, by: &str) {
    let mut wanted: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for (path, amount) in journeys() {
        for (share, channel) in shares(model, path.len()).into_iter().zip(&path) {
            let name = CHANNELS[*channel];
            let name = if by == "campaign" { format!("{name} July") } else { name.to_owned() };
            let sum = wanted.entry(name).or_default();
            *sum = (sum.0 + share, sum.1 + share * amount as f64);
        }
    }
    let rows = ask(env, &["query", "attribution", "--model", model, "--by", by, "--period", "2018-07"]);
    let row =
        |name: &str| rows.iter().find(|r| r["name"] == name).unwrap_or_else(|| panic!("{name}: {rows:?}"));
    for (place, channel) in CHANNELS.iter().enumerate() {
        let name = if by == "campaign" { format!("{channel} July") } else { (*channel).to_owned() };
        let (deals, revenue) = wanted.get(&name).copied().unwrap_or_default();
        let spend = 1000.0 + 310.0 * place as f64;
        let row = row(&name);
        assert!(near(&row["credited_deals"], deals), "{model} {row}: {deals} deals");
        assert!(
            (row["credited_revenue"].as_f64().unwrap() - revenue).abs() < 1e-4,
            "{model} {row}: {revenue}"
        );
        assert!(near(&row["spend"], spend), "{model} {row}: {spend}");
        assert!(near(&row["cost_per_deal"], spend / deals), "{model} {row}");
        assert!((row["roi"].as_f64().unwrap() - (revenue - spend) / spend).abs() < 1e-6, "{model} {row}");
    }
    assert!(near(&row("(no touch)")["credited_revenue"], 17.0), "{model}");
    let unmatched = row(if by == "campaign" { "Banner" } else { "Display" });
    assert!(near(&unmatched["spend"], 55.5) && unmatched["note"] == "spend without credit", "{unmatched}");
    let total: i64 =
        rows.iter().map(|r| (r["credited_revenue"].as_f64().unwrap() * 1e6).round() as i64).sum();
    let won: i64 = journeys().iter().map(|(_, amount)| amount).sum::<i64>() + 17;
    assert_eq!(total, won * 1_000_000, "{model} by {by}");
}

#[test]
fn a_lookback_leaves_older_touches_out() {
    let env = TestEnv::new();
    attribution_workspace(&env, false);
    let rows =
        ask(&env, &["query", "attribution", "--model", "first", "--lookback", "0", "--period", "2018-07"]);
    let last = ask(&env, &["query", "attribution", "--model", "last", "--period", "2018-07"]);
    let credit = |rows: &[Value]| {
        let pairs = rows.iter().map(|r| (r["name"].to_string(), r["credited_revenue"].to_string()));
        pairs.collect::<BTreeMap<_, _>>()
    };
    // of the day of closing only the last touch is left
    assert_eq!(credit(&rows), credit(&last));
}

#[test]
fn movements_of_subscriptions_are_exact() {
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write(
        "subscriptions-2026-02-10.csv",
        "subscription_id,customer_id,customer,email,start,end,interval,amount,currency\n\
         a1,A,Alpha,,2025-01-10,2025-03-10,month,100,EUR\n\
         a2,A,Alpha,,2025-03-10,,month,150,EUR\n\
         b1,B,Beta,,2025-01-15,2026-01-15,year,1200,EUR\n\
         b2,B,Beta,,2025-02-03,2025-06-15,month,40,EUR\n\
         c1,C,Gamma,,2025-02-01,2025-05-01,quarter,300,EUR\n\
         c2,C,Gamma,,2025-08-20,,month,80,EUR\n\
         d1,D,Delta,,2025-04-01,,one-off,999,EUR\n",
    );
    env.run(&["import", "subscriptions-2026-02-10.csv"]).success();
    // month, new, expansion, contraction, churn, reactivation, closing
    let wanted = [
        ("2025-01", 200., 0., 0., 0., 0., 200.),
        ("2025-02", 100., 40., 0., 0., 0., 340.),
        ("2025-03", 0., 50., 0., 0., 0., 390.),
        ("2025-04", 0., 0., 0., 0., 0., 390.),
        ("2025-05", 0., 0., 0., -100., 0., 290.),
        ("2025-06", 0., 0., -40., 0., 0., 250.),
        ("2025-07", 0., 0., 0., 0., 0., 250.),
        ("2025-08", 0., 0., 0., 0., 80., 330.),
        ("2025-12", 0., 0., 0., 0., 0., 330.),
        ("2026-01", 0., 0., 0., -100., 0., 230.),
        ("2026-02", 0., 0., 0., 0., 0., 230.),
    ];
    let rows = ask(&env, &["query", "mrr", "--from", "2025-01", "--to", "2026-02"]);
    assert_eq!(rows.len(), 14, "{rows:?}");
    for (month, new, expansion, contraction, churn, reactivation, closing) in wanted {
        let row = rows.iter().find(|r| r["month"] == month).unwrap_or_else(|| panic!("{month}: {rows:?}"));
        let parts = [
            ("new_mrr", new),
            ("expansion_mrr", expansion),
            ("contraction_mrr", contraction),
            ("churned_mrr", churn),
            ("reactivation_mrr", reactivation),
            ("closing_mrr", closing),
        ];
        for (name, value) in parts {
            assert!(near(&row[name], value), "{month} {name}: {}, expected {value}", row[name]);
            let id = if name == "closing_mrr" { "mrr" } else { name };
            let cell = kpi(&env, id, &format!("{month}-01"));
            assert!(near(&cell, value) || (cell.is_null() && value == 0.0), "{month} {id}: {cell}");
        }
    }
    // one of three customers left in May; the lifetime waits for six months that began with customers
    assert!(near(&kpi(&env, "customer_churn_rate", "2025-05-01"), 1.0 / 3.0));
    assert_eq!(kpi(&env, "customer_lifetime_months", "2025-06-01"), Value::Null);
    assert!(near(&kpi(&env, "customer_lifetime_months", "2025-07-01"), 1.0 / ((1.0 / 3.0) / 6.0)));
    assert!(near(&kpi(&env, "arpc", "2025-12-01"), 330.0 / 3.0));
}

#[test]
fn without_a_billing_source_deals_say_what_recurs() {
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write(
        "deals-2026-06-15.csv",
        "deal_id,name,email,company,created_at,closed_at,status,amount,currency,type,mrr\n\
         1,One,,Alpha,2026-01-02,2026-01-20,won,1200,EUR,New business,100\n\
         2,Two,,Beta,2026-01-05,2026-03-02,won,600,EUR,New business,50\n\
         3,More,,Alpha,2026-04-01,2026-05-07,won,360,EUR,Upsell,30\n\
         4,Again,,Alpha,2026-05-01,2026-06-01,won,1200,EUR,Renewal,100\n\
         5,Never,,Gamma,2026-02-01,2026-04-01,lost,900,EUR,New business,75\n",
    );
    env.run(&["import", "deals-2026-06-15.csv"]).success();
    for (month, value) in [("01", 100.0), ("02", 100.0), ("03", 150.0), ("05", 180.0), ("06", 180.0)] {
        let found = kpi(&env, "mrr", &format!("2026-{month}-01"));
        assert!(near(&found, value), "{month}: {found}, expected {value}");
    }
    assert!(near(&kpi(&env, "expansion_mrr", "2026-05-01"), 30.0));
    assert!(near(&kpi(&env, "arpc", "2026-05-01"), 90.0));
    env.write(
        "subscriptions-2026-06-15.csv",
        "subscription_id,customer_id,customer,email,start,end,interval,amount,currency\n\
         a1,A,Alpha,,2026-02-01,,month,70,EUR\n",
    );
    env.run(&["import", "subscriptions-2026-06-15.csv"]).success();
    assert_eq!(kpi(&env, "mrr", "2026-01-01"), Value::Null, "a billing source speaks for all");
    assert!(near(&kpi(&env, "mrr", "2026-05-01"), 70.0));
}

/// First touch, the touch that made the lead, the last before the opportunity, one more; and one after the close.
fn one_deal() -> TestEnv {
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write(
        "contacts-2026-04-05.csv",
        "contact_id,email,company,created_at,source,lead_at,mql_at,sql_at,opportunity_at,won_at\n\
         1,ada@one.example,One,2026-02-10 09:00,,2026-02-10,,,,\n",
    );
    env.write(
        "deals-2026-04-05.csv",
        "deal_id,name,email,company,created_at,closed_at,status,amount,currency,type\n\
         1,One,ada@one.example,One,2026-03-01,2026-03-31,won,1000.01,EUR,\n\
         2,Worthless,ada@one.example,One,2026-03-01,2026-03-31,won,,EUR,\n",
    );
    env.write(
        "touches-2026-04-05.csv",
        "email,touched_at,channel,source,medium,campaign,kind\n\
         ada@one.example,2026-01-01 09:00,Paid search,,,brand,visit\n\
         ada@one.example,2026-02-10 09:00,Email,,,,form\n\
         ada@one.example,2026-02-20 09:00,Webinar,,,,event\n\
         ada@one.example,2026-03-28 09:00,Direct,,,,visit\n\
         ada@one.example,2026-04-02 09:00,Event,,,,visit\n",
    );
    let files = ["contacts-2026-04-05.csv", "deals-2026-04-05.csv", "touches-2026-04-05.csv"];
    env.run(&["import", files[0], files[1], files[2]]).success();
    env
}

#[test]
fn key_touches_and_decay_get_their_parts() {
    let env = one_deal();
    let credit = |model: &str| {
        let rows = ask(&env, &["query", "attribution", "--model", model, "--period", "2026-03"]);
        let pairs = rows.iter().map(|r| (r["name"].as_str().unwrap().to_owned(), r.clone()));
        pairs.collect::<BTreeMap<_, _>>()
    };
    let w = credit("w-shaped");
    let parts = [("Paid search", 0.3), ("Email", 0.3), ("Webinar", 0.3), ("Direct", 0.1)];
    for (name, part) in parts {
        assert!((w[name]["credited_revenue"].as_f64().unwrap() - 1000.01 * part).abs() < 2e-6, "{w:?}");
        // the deal without an amount is a deal nevertheless
        assert!(near(&w[name]["credited_deals"], 2.0 * part), "{w:?}");
    }
    let decay = credit("time-decay");
    let weight = |days: f64| 0.5_f64.powf(days / 7.0);
    // 89 days count as 84
    let days = [("Paid search", 84.0), ("Email", 49.0), ("Webinar", 39.0), ("Direct", 3.0)];
    let sum: f64 = days.iter().map(|(_, d)| weight(*d)).sum();
    for (name, d) in days {
        let expected = 1000.01 * weight(d) / sum;
        let found = decay[name]["credited_revenue"].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-4 * 1000.0, "{name}: {found}, expected {expected}");
    }
    for model in ["first", "last", "linear", "u-shaped", "w-shaped", "time-decay"] {
        let rows = credit(model);
        let micros = rows.values().map(|r| (r["credited_revenue"].as_f64().unwrap() * 1e6).round() as i64);
        assert_eq!(micros.sum::<i64>(), 1_000_010_000, "{model}");
        assert!(!rows.contains_key("Event"), "a touch after the close");
    }
}

//! What stands beside a series: notes with the weeks around them, seasons, targets and their pace.

use serde_json::Value;

use super::support::TestEnv;

fn ask(env: &TestEnv, args: &[&str]) -> Vec<Value> {
    let mut args = args.to_vec();
    args.extend(["--format", "json"]);
    serde_json::from_str(&env.run(&args).success()).unwrap()
}

/// A contacts sheet with so many leads on each of these days.
fn leads(days: impl IntoIterator<Item = (String, usize)>) -> String {
    let mut sheet =
        "contact_id,email,company,created_at,source,lead_at,mql_at,sql_at,opportunity_at,won_at\n".to_owned();
    let mut number = 0;
    for (day, count) in days {
        for _ in 0..count {
            number += 1;
            sheet.push_str(&format!("{number},p{number}@lead.example,,{day},Referral,{day},,,,\n"));
        }
    }
    sheet
}

#[test]
fn a_note_shows_the_four_weeks_before_and_after() {
    let env = TestEnv::new();
    // Mondays: two leads a week, five in the week of the note, three after it
    let weeks = [
        ("2025-12-15", 2),
        ("2025-12-22", 2),
        ("2025-12-29", 2),
        ("2026-01-05", 2),
        ("2026-01-12", 5),
        ("2026-01-19", 3),
        ("2026-01-26", 3),
        ("2026-02-02", 3),
        ("2026-02-09", 3),
    ];
    env.write("contacts-2026-03-02.csv", leads(weeks.map(|(day, count)| (day.to_owned(), count))));
    env.write("notes.csv", "day,channel,text\n2026-01-14,,Trade show\n2026-02-12,Referral,Launch\n");
    env.run(&["import", "contacts-2026-03-02.csv", "notes.csv"]).success();
    let rows = ask(&env, &["query", "notes", "--kpi", "leads", "--from", "2026-01", "--to", "2026-02"]);
    let show = &rows[0];
    assert_eq!(show["text"], "Trade show");
    for (column, wanted) in [
        ("weeks_before_4", 2.0),
        ("weeks_before_1", 2.0),
        ("week_of", 5.0),
        ("weeks_after_1", 3.0),
        ("weeks_after_4", 3.0),
        ("before", 2.0),
        ("after", 3.0),
        ("change", 0.5),
    ] {
        assert_eq!(show[column].as_f64(), Some(wanted), "{column}: {show}");
    }
    assert_eq!(rows[1]["after"], Value::Null, "its four weeks are not over: {}", rows[1]);
    let series = ask(&env, &["query", "mql", "--from", "2026-01", "--to", "2026-02"]);
    assert_eq!(series[0]["notes"], "Trade show");
    assert_eq!(series[1]["notes"], "Launch");
}

fn months(count: usize) -> Vec<(String, usize)> {
    let month = |n: usize| (2023 + n / 12, 1 + n % 12);
    let days = (0..count)
        .map(month)
        .map(|(year, month)| (format!("{year}-{month:02}-10"), if month == 12 { 20 } else { 10 }));
    days.collect()
}

#[test]
fn seasons_need_two_years() {
    let env = TestEnv::new();
    env.write("contacts-2025-01-05.csv", leads(months(23)));
    env.run(&["import", "--as-of", "2024-12-05", "contacts-2025-01-05.csv"]).success();
    let refused = ask(&env, &["query", "seasonality", "--kpi", "leads"]);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["note"], "needs 24 complete months of leads, has 23");

    let env = TestEnv::new();
    env.write("contacts-2026-01-05.csv", leads(months(36)));
    env.run(&["import", "--as-of", "2026-01-05", "contacts-2026-01-05.csv"]).success();
    let index = ask(&env, &["query", "seasonality", "--kpi", "leads"]);
    assert_eq!(index.len(), 12);
    // the trend is 130 leads in twelve months
    let december = index.iter().find(|row| row["month_of_year"] == "12").unwrap();
    assert!((december["seasonal_index"].as_f64().unwrap() - 240.0 / 130.0).abs() < 1e-9, "{december}");
    let may = index.iter().find(|row| row["month_of_year"] == "05").unwrap();
    assert!((may["seasonal_index"].as_f64().unwrap() - 120.0 / 130.0).abs() < 1e-9, "{may}");
}

#[test]
fn targets_know_what_lower_means() {
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write(
        "spend-2026-02-14.csv",
        "day_from,day_to,channel,campaign,category,amount,currency,note\n2026-02-02,2026-02-02,Event,,fair,40,EUR,\n",
    );
    env.write("contacts-2026-02-14.csv", leads([("2026-02-03".to_owned(), 8)]));
    env.write(
        "targets.csv",
        "kpi,period,channel,value,note\nspend,2026-02,All,100,no more\nleads,2026-02,All,20,at least\n\
         leads,2026-02,Referral,0,none\nmqls,2026-02,All,5,\n",
    );
    env.run(&["import", "spend-2026-02-14.csv", "contacts-2026-02-14.csv", "targets.csv"]).success();
    let rows = ask(&env, &["query", "targets"]);
    let row = |kpi: &str, channel: &str| {
        rows.iter().find(|r| r["kpi"] == kpi && r["channel"] == channel).unwrap_or_else(|| panic!("{rows:?}"))
    };
    let spend = row("spend", "All");
    assert_eq!(spend["attainment"], 2.5);
    assert_eq!(spend["elapsed_share"], 0.5);
    assert_eq!(spend["attainment_of_elapsed"], 1.25, "half of the month may cost 50 and cost 40");
    let leads = row("leads", "All");
    assert_eq!((&leads["attainment"], &leads["attainment_of_elapsed"]), (&0.4.into(), &0.8.into()));
    assert_eq!(row("leads", "Referral")["attainment"], Value::Null, "a target of nothing has no attainment");
    assert_eq!(row("mqls", "All")["actual"], Value::Null);
    let card = ask(&env, &["query", "scorecard", "--period", "2026-02"]);
    let spend = card.iter().find(|r| r["kpi"] == "spend").unwrap();
    assert_eq!(spend["attainment_of_elapsed"], 1.25);
    let clicks = card.iter().find(|r| r["kpi"] == "cost_per_mql");
    assert!(clicks.is_none_or(|r| r["target"].is_null() && r["attainment"].is_null()));
}

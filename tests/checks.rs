//! Each data-quality check finds the case it is for, names it, and says what to do.

use super::support::TestEnv;

/// A workspace with one of every trouble.
fn troubled() -> TestEnv {
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write(
        "contacts-2026-03-02.csv",
        "contact_id,email,company,created_at,source,lead_at,mql_at,sql_at,opportunity_at,won_at,campaign\n\
         1,a@one.example,One,2026-01-03,Paid search,2026-01-13,2026-01-09,,,,\n\
         2,b@two.example,Two,2026-01-20,Karma Points,2026-02-01,,,,,\n\
         3,c@three.example,Three,2026-02-11,Paid search,2026-02-11,,,,,Brand-DE\n",
    );
    let mut crowd = "contact_id,email,company,created_at,source\n".to_owned();
    for person in 0..94 {
        // two a day, and forty on one day
        let day = if person < 54 { 1 + person / 2 } else { 28 };
        crowd.push_str(&format!("c{person},p{person}@crowd.example,,2026-02-{day:02},Referral\n"));
    }
    env.write("contacts-crowd-2026-03-02.csv", crowd);
    env.write(
        "deals-2026-03-02.csv",
        "deal_id,name,email,company,created_at,closed_at,status,amount,currency,type\n\
         1,One,a@one.example,,2026-01-10,2026-02-10,won,900,EUR,\n\
         2,Two,b@two.example,Two,2026-02-01,2026-02-20,won,0,EUR,\n\
         3,Three,,Three,2026-02-01,,open,500,USD,\n",
    );
    let ads =
        "day,platform,account,campaign_id,campaign,spend,currency,impressions,clicks,conversions,leads\n";
    let days = ["2026-01-01", "2026-01-02", "2026-01-05", "2026-03-01"];
    let rows = days.map(|day| format!("{day},Google,acc,1,Brand DE,10,EUR,100,5,0,0\n")).concat();
    env.write("ads-2026-03-02.csv", format!("{ads}{rows}"));
    // a report whose rows sum to 22.50
    env.write(
        "Ad report.csv",
        "Ad report\n2 March 2026 - 3 March 2026\n\
         Ad status,Final URL,Headline 1,Headline 2,Ad ID,Campaign,Ad group,Ad type,Currency code,Clicks,Impr.,Cost,Conversions\n\
         Enabled,https://shop.example/,Boxes,Order,7001,Boxes,Group 1,Responsive search ad,CAD,12,310,18.40,1.00\n\
         Enabled,https://shop.example/,Boxes,Order,7002,Boxes,Group 1,Responsive search ad,CAD,3,90,4.10,0.00\n\
         Total: Ads,,,,,,,,CAD,15,400,23.50,1.00\n\
         Total: Account,,,,,,,,CAD,15,400,23.50,1.00\n",
    );
    let mut wide = ads.replace("day,", "day_from,day_to,");
    wide.push_str("2026-01-06,2026-01-15,Google,acc,2,Generic,100,EUR,100,5,0,0\n");
    wide.push_str("2026-01-11,2026-01-20,Google,acc,2,Generic,100,EUR,100,5,0,0\n");
    env.write("ads-wide-2026-03-03.csv", wide);
    env.write(
        "spend-2026-03-02.csv",
        "day_from,day_to,channel,campaign,category,amount,currency,note\n2026-01-05,2026-01-05,,,tools,99,EUR,\n",
    );
    let head = "\"Record ID\",\"First Name\",\"Last Name\",\"Email\",\"Lifecycle Stage\",\"Create Date\"\n";
    let person = |id: usize, stage: &str| {
        format!("\"{id}\",\"A\",\"B\",\"h{id}@hs.example\",\"{stage}\",\"2026-01-12 09:14\"\n")
    };
    let people: Vec<String> =
        (0..10).map(|n| person(9000 + n, if n == 0 { "Weird Stage" } else { "Lead" })).collect();
    let weeks = ["2026-01-19", "2026-01-26", "2026-02-02"];
    for week in weeks {
        let name = format!("hubspot-crm-exports-all-contacts-{week}.csv");
        env.write(&name, format!("{head}{}", people.concat()).replace("\"B\"", &format!("\"{week}\"")));
    }
    // the next export lost six of ten and shows four others
    let others: String = (20..24).map(|n| person(9000 + n, "Lead")).collect();
    let last = format!("{head}{}{others}", people[..4].concat());
    env.write("hubspot-crm-exports-all-contacts-2026-02-09.csv", last);
    env.run(&["import", "."]).success();
    env
}

fn findings(env: &TestEnv) -> String {
    let output = env.run(&["check", "--format", "csv"]);
    assert_eq!(output.code, Some(3), "{output}");
    output.stdout
}

#[test]
fn each_check_finds_its_case() {
    let env = troubled();
    let found = findings(&env);
    for wanted in [
        "stage-order,sheet:1,lead 2026-01-13 after MQL 2026-01-09,1,",
        "unknown-stage-dates,lead,13 people",
        "unmapped-sources,\"sheet: source \"\"Karma Points\"\"\"",
        "unmapped-stages,hubspot:lifecycle:Weird Stage,1 records,1,",
        "spend-without-channel,tools,spend 99.0 from 2026-01-05 to 2026-01-05,1,",
        "results-without-spend,Paid search,\"leads but no spend in 1 months, the first 2026-02, the last 2026-02\",1,",
        "deals-without-amount,(no pipeline) / won,\"1 deals, such as 2 Two\",1,",
        "deals-without-company,sheet / (no pipeline),\"1 won deals, such as 1 One\",1,",
        "currencies-without-rate,USD,1 deals without a rate,1,",
        "currencies-without-rate,CAD,2 days of ads without a rate,2,",
        "missing-days,google_ads acc,nothing from 2026-01-03 to 2026-01-04,2,",
        "stale-sources,hubspot_contacts,\"newest export of 2026-02-09, 22 days behind; usually every 7 days\",4,",
        "sudden-disappearance,crm_people/hubspot/contact,6 of 10 rows of the export before are not in the last,6,",
        "twin-campaigns,",
        "totals-disagree,",
        "period-overlaps,sheet acc campaign,",
        "bulk-imports,2026-02-28,\"40 new contacts,",
        "opportunities-at-creation,deals,all 3 opportunities began when their deal was created,3,",
    ] {
        assert!(found.lines().any(|line| line.starts_with(wanted)), "no `{wanted}` in\n{found}");
    }
    for line in found.lines().skip(1) {
        let advice = line.rsplit(',').next().unwrap_or_default();
        assert!(advice.len() > 10, "no advice: {line}");
    }
}

#[test]
fn the_scorecard_says_what_its_numbers_rest_on() {
    let env = troubled();
    let said = env.run(&["query", "scorecard", "--period", "2026-02"]).stderr;
    assert!(said.contains("rests on data to 2026-03-03 in EUR"), "{said}");
    for part in
        ["1 deals without an amount", "3 opportunities counted from", "amounts without an exchange rate"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let kpi = env.run(&["kpi", "opportunities"]).success();
    assert!(kpi.contains("opportunities-at-creation"), "{kpi}");
}

#[test]
fn rules_written_for_what_is_missing_can_be_taken_as_they_are() {
    let env = troubled();
    let rules = env.run(&["check", "--fix-rules"]).success();
    let taken: String = rules
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .skip_while(|line| *line != "[[channel]]")
        .filter(|line| {
            !line.contains(" records of ") && !line.starts_with("spend ") && !line.contains(" and no spend")
        })
        .map(|line| format!("{line}\n"))
        .collect();
    env.write("funnelite.toml", format!("currency = \"EUR\"\n{}", taken.replace("Other", "Partner")));
    let found = findings(&env);
    for gone in ["unmapped-sources,", "unmapped-stages,", "twin-campaigns,"] {
        assert!(!found.contains(gone), "{gone}\n{taken}\n{found}");
    }
    env.write("funnelite.toml", "[stages]\nopportunity = [\"sheet:deal_stage:Qualified\"]\n");
    assert!(!findings(&env).contains("opportunities-at-creation"));
}

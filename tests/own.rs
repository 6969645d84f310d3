//! A workspace adds KPIs of its own: one entry in `kpis/*.toml`, over measures that there are or one in `measures/*.sql`.

use insta::assert_snapshot;

use super::support::TestEnv;

const CONTACTS: &str = "\
contact_id,email,company,created_at,source,lead_at,mql_at,sql_at,opportunity_at,won_at,country
1,ada@one.example,One,2026-01-03,Paid search,2026-01-03,2026-01-09,,,,DE
2,bo@two.example,Two,2026-01-20,Referral,2026-02-01,,,,,TR
3,cy@three.example,Three,2026-02-11,Referral,2026-02-11,2026-02-12,,,,DE
";

const DEALS: &str = "\
deal_id,name,email,company,created_at,closed_at,status,amount,currency,type
1,One,ada@one.example,One,2026-01-10,2026-02-10,won,900.50,EUR,
2,Two,bo@two.example,Two,2026-02-01,2026-02-20,won,99.50,EUR,
";

const KPIS: &str = r#"
[[kpi]]
id = "revenue_per_mql"
label = "Revenue per MQL"
unit = "money"
better = "higher"
kind = "ratio"
numerator = "new_business_revenue"
denominator = "mqls"
definition = "New-business revenue of the period for each MQL of the period."
formula = "new-business revenue / MQLs"
source = "CRM exports"

[[kpi]]
id = "german_leads"
label = "Leads from Germany"
unit = "count"
better = "higher"
kind = "flow"
numerator = "german_leads"
definition = "People in Germany who became leads in the period."
formula = "people by day of first becoming a lead, in Germany"
source = "CRM exports"
"#;

const MEASURE: &str = "\
-- Leads in Germany, by the day they became leads.
select
    'german_leads' as measure, entered_on as day, channel_group, channel, 1 as value, 0 as incomplete
from stage_entries
where stage = 'lead' and country = 'DE'
";

fn workspace() -> TestEnv {
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write("contacts-2026-03-02.csv", CONTACTS);
    env.write("deals-2026-03-02.csv", DEALS);
    env.run(&["import", "contacts-2026-03-02.csv", "deals-2026-03-02.csv"]).success();
    env
}

fn csv(env: &TestEnv, args: &[&str]) -> String {
    let mut args = args.to_vec();
    args.extend(["--format", "csv"]);
    env.run(&args).success()
}

#[test]
fn an_added_kpi_appears_everywhere() {
    let env = workspace();
    env.write("kpis/ours.toml", KPIS);
    env.write("measures/german_leads.sql", MEASURE);
    assert_snapshot!(csv(&env, &["sql", "select kpi, label, unit, formula from kpis where position >= (select max(position) - 1 from kpis) order by position"]), @r#"
        kpi,label,unit,formula
        revenue_per_mql,Revenue per MQL,money,new-business revenue / MQLs
        german_leads,Leads from Germany,count,"people by day of first becoming a lead, in Germany"
        "#);
    for (view, period) in [
        ("kpi_monthly", "2026-02-01"),
        ("kpi_quarterly", "2026-01-01"),
        ("kpi_yearly", "2026-01-01"),
        ("kpi_weekly", "2026-02-09"),
    ] {
        let sql = format!(
            "select count(*) as n from {view} where period = '{period}' and kpi in ('revenue_per_mql', 'german_leads')
                and channel_group = 'All' and value is not null"
        );
        assert_eq!(csv(&env, &["sql", &sql]), "n\n2\n", "{view}");
    }
    let cells = "select channel, value, numerator, denominator from kpi_monthly
        where period = '2026-02-01' and kpi = 'revenue_per_mql' order by channel";
    assert_snapshot!(csv(&env, &["sql", cells]), @r"
        channel,value,numerator,denominator
        All,500.0,1000.0,2.0
        All,500.0,1000.0,2.0
        Paid search,,900.5,0.0
        Referral,49.75,99.5,2.0
        ");
    let catalogue = env.run(&["kpi"]).success();
    assert!(catalogue.contains("Revenue per MQL") && catalogue.contains("german_leads"), "{catalogue}");
    let described = env.run(&["kpi", "german_leads", "--lang", "tr"]).success();
    assert!(described.contains("Leads from Germany"), "a name without a translation stays: {described}");
    assert!(described.contains("from stage_entries") && described.contains("version"), "{described}");
    let card = csv(&env, &["query", "scorecard", "--period", "2026-02"]);
    assert!(card.contains("revenue_per_mql") && card.contains("Leads from Germany"), "{card}");
    env.run(&["target", "add", "german_leads", "2026-02", "4"]).success();
    let targets = csv(&env, &["query", "targets"]);
    assert!(targets.contains("german_leads") && targets.contains("0.25"), "{targets}");
    let rows = csv(&env, &["kpi", "german_leads", "--rows", "--period", "2026-02"]);
    assert_snapshot!(rows, @r"
        part,measure,day,record,name,channel,value
        numerator,german_leads,2026-02-11,Inbound,,Referral,1.0
        ");
    let rows = csv(&env, &["kpi", "revenue_per_mql", "--rows", "--period", "2026-02"]);
    assert_snapshot!(rows, @r"
        part,measure,day,record,name,channel,value
        numerator,new_business_revenue,2026-02-10,sheet:1,One,Paid search,900.5
        numerator,new_business_revenue,2026-02-20,sheet:2,Two,Referral,99.5
        denominator,mqls,2026-02-01,sheet:2,bo@two.example,Referral,1
        denominator,mqls,2026-02-12,sheet:3,cy@three.example,Referral,1
        ");
}

#[test]
fn an_added_measure_follows_every_import() {
    let env = workspace();
    env.write("kpis/ours.toml", KPIS);
    env.write("measures/german_leads.sql", MEASURE);
    let leads =
        ["sql", "select period, value from kpi_monthly where kpi = 'german_leads' and channel_group = 'All'"];
    assert_snapshot!(csv(&env, &leads), @r"
        period,value
        2026-01-01,1.0
        2026-02-01,1.0
        ");
    let more = CONTACTS.replace("2026-02-11,2026-02-12,,,,DE", "2026-02-11,2026-02-12,,,,AT")
        + "4,di@four.example,Four,2026-02-28,Referral,2026-03-01,,,,,DE\n";
    env.write("contacts-2026-03-09.csv", more);
    env.run(&["import", "contacts-2026-03-09.csv"]).success();
    assert_snapshot!(csv(&env, &leads), @r"
        period,value
        2026-01-01,1.0
        2026-03-01,1.0
        ");
    std::fs::remove_file(env.path("kpis/ours.toml")).unwrap();
    std::fs::remove_file(env.path("measures/german_leads.sql")).unwrap();
    assert_eq!(csv(&env, &leads), "period,value\n");
}

#[test]
fn a_mistake_is_named() {
    let env = workspace();
    env.write("kpis/ours.toml", KPIS.replace("\"mqls\"", "\"mql\""));
    env.write("measures/german_leads.sql", MEASURE);
    assert_snapshot!(env.run(&["import", "deals-2026-03-02.csv"]), @r"
        --- stderr
        error: the KPI `revenue_per_mql` uses `mql`, which nothing counts

        hint: did you mean `mqls`?
        --- exit 1
        ");
    env.write("kpis/ours.toml", KPIS.replace("\"money\"", "\"euro\""));
    assert_snapshot!(env.run(&["import", "deals-2026-03-02.csv"]), @r#"
        --- stderr
        error: the KPI file `./kpis/ours.toml` could not be read
          caused by: the KPI `revenue_per_mql` has `unit = "euro"`, expected one of count, money, rate, days, months, minutes, ratio
        --- exit 1
        "#);
    env.write("kpis/ours.toml", KPIS);
    let twice = "union all select 'mqls', entered_on, channel_group, channel, 1, 0 from stage_entries\n";
    env.write("measures/german_leads.sql", format!("{MEASURE}{twice}"));
    assert_snapshot!(env.run(&["import", "deals-2026-03-02.csv"]), @r"
        --- stderr
        error: the measure `./measures/german_leads.sql` counts `mqls`, which is counted already
        --- exit 1
        ");
}

/// The files of one command are derived together; where that fails, it shows which of them is at fault.
#[test]
fn a_file_that_breaks_a_measure_is_refused_alone() {
    let env = workspace();
    let fragile = MEASURE.replace(" 1 as value", " iif(email like '%odd%', json('odd'), 1) as value");
    env.write("measures/german_leads.sql", fragile);
    let header = CONTACTS.lines().next().unwrap();
    env.write(
        "more/contacts-2026-03-09.csv",
        format!("{header}\n4,di@four.example,Four,2026-03-03,Referral,2026-03-03,,,,,DE\n"),
    );
    env.write(
        "more/contacts-2026-03-16.csv",
        format!("{header}\n5,ed@odd.example,Odd,2026-03-04,Referral,2026-03-04,,,,,DE\n"),
    );
    env.write(
        "more/contacts-2026-03-23.csv",
        format!("{header}\n6,flo@six.example,Six,2026-03-05,Referral,2026-03-05,,,,,DE\n"),
    );
    let imported = env.run(&["import", "more"]);
    assert_eq!(imported.code, Some(1));
    let told = imported.stderr.lines().skip_while(|line| !line.contains("failed")).take(3);
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r"
        contacts-2026-03-16.csv  failed, nothing of it loaded
          error: the measure `./measures/german_leads.sql` could not be counted
          caused by: malformed JSON
        ");
    assert_eq!(csv(&env, &["sql", "select count(*) as people from people"]), "people\n5\n");
}

/// ✓ says that what a KPI needs has come, so that its zero is a true one; ✗ says what has not.
#[test]
fn the_catalogue_says_what_each_kpi_lacks() {
    let env = TestEnv::new();
    let lacks = |kpi: &str| {
        let catalogue = csv(&env, &["kpi"]);
        let row = catalogue.lines().find(|line| line.split(',').nth(1) == Some(kpi)).unwrap().to_owned();
        let (mark, what) =
            (row.split(',').next().unwrap().to_owned(), row.rsplit(',').next().unwrap().to_owned());
        assert_eq!(mark == "✓", what.is_empty(), "{row}");
        what
    };
    env.write("mrr.csv", "customer_id,customer,email,currency,2026-01,2026-02\n1,Ada Ltd,,EUR,100,120\n");
    env.write(
        "deals.csv",
        "deal_id,name,email,company,created_at,closed_at,status\n1,One,ann@a.example,A,2026-01-05,2026-02-10,won\n",
    );
    env.run(&["import", "."]).success();
    assert_eq!(lacks("reactivation_mrr"), "");
    assert_eq!(lacks("lost_deals"), "");
    assert_eq!(lacks("won_revenue"), "deals export with amounts");
    assert_eq!(lacks("roi"), "ad platform exports or the spend sheet; deals export with amounts");
    assert_eq!(lacks("organic_clicks"), "Search Console export");
    env.write("spend.csv", "day_from,day_to,channel,amount,currency\n2026-02-01,2026-02-28,Event,50,EUR\n");
    env.run(&["import", "spend.csv"]).success();
    assert_eq!(lacks("roi"), "deals export with amounts");
}

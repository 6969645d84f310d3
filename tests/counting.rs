//! Several exports of the same thing count once, and reports whose population is not the total feed no KPI that adds up.

use std::io::Write;

use rusqlite::Connection;

use crate::support::TestEnv;

/// The first column of one row.
fn number(env: &TestEnv, sql: &str) -> i64 {
    let conn = Connection::open(env.path("funnel.db")).unwrap();
    conn.query_row(sql, [], |row| row.get::<_, Option<f64>>(0)).unwrap().unwrap_or(0.0).round() as i64
}

/// A KPI's total over all months.
fn total(env: &TestEnv, kpi: &str) -> i64 {
    number(
        env,
        &format!(
            "select sum(value) from kpi_monthly where kpi = '{kpi}' and channel_group = 'All' and channel = 'All'"
        ),
    )
}

#[track_caller]
fn import(env: &TestEnv) -> String {
    let output = env.run(&["import", "exports"]);
    assert_eq!(output.code, Some(0), "{output}");
    output.stderr
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const DATES: &str =
    "Date,Clicks,Impressions,CTR,Position\n2026-02-01,12,411,2.92%,9.37\n2026-02-02,9,380,2.37%,8.2\n";
const QUERIES: &str = "Top queries,Clicks,Impressions,CTR,Position\npricing,400,3100,12.9%,8.4\n";
const FILTERS: &str = "Filter,Value\nSearch type,Web\nDate,Last 3 months\n";

#[test]
fn search_clicks_come_from_the_table_by_date_once() {
    let env = TestEnv::new();
    let members = [("Chart.csv", DATES), ("Queries.csv", QUERIES), ("Filters.csv", FILTERS)];
    env.write("exports/acme.example-Performance-on-Search-2026-02-03.zip", zip(&members));
    // the same days once more, unpacked and longer, without a word of the property
    env.write("exports/unpacked/Chart.csv", format!("{DATES}2026-02-03,5,100,5%,7\n"));
    env.write("exports/unpacked/Filters.csv", FILTERS);
    // an address within the domain
    let narrower = DATES.replace(",12,411", ",10,400");
    let name = "exports/https___www.acme.example_-Performance-on-Search-2026-02-03.zip";
    env.write(name, zip(&[("Chart.csv", &narrower), ("Filters.csv", FILTERS)]));
    import(&env);
    assert_eq!(total(&env, "organic_clicks"), 12 + 9 + 5);
    assert_eq!(total(&env, "organic_impressions"), 411 + 380 + 100);
}

#[test]
fn a_filtered_search_report_is_not_the_site() {
    for filter in ["Page,+/blog/\n", "Query,-acme\n"] {
        let env = TestEnv::new();
        env.write("exports/Chart.csv", DATES);
        env.write("exports/Filters.csv", format!("{FILTERS}{filter}"));
        let said = import(&env);
        assert!(said.contains(&format!("only what the filter `{}` lets through", filter.trim())), "{said}");
        assert_eq!(total(&env, "organic_clicks"), 0);
    }
    let env = TestEnv::new();
    let name = "exports/acme.example-Performance-on-Search-Generative-AI-Features-2026-02-03.zip";
    env.write(name, zip(&[("Chart.csv", DATES), ("Filters.csv", FILTERS)]));
    import(&env);
    assert_eq!(total(&env, "organic_clicks"), 0);
}

fn ga4(range: &str, segment: &str, table: &str) -> String {
    let (from, to) = range.split_once('-').unwrap();
    format!(
        "# ---\n# Report\n# Account: Acme\n# Property: acme\n# ---\n#\n# {segment}\n# Start date: {from}\n# End date: {to}\n{table}"
    )
}

#[test]
fn sessions_of_several_reports_are_the_same_sessions() {
    let env = TestEnv::new();
    let report = |table: &str| ga4("20260201-20260228", "All Users", table);
    env.write(
        "exports/channels.csv",
        report("Session default channel group,Sessions,Total users\nDirect,140,90\nOrganic Search,92,80\n"),
    );
    env.write(
        "exports/source.csv",
        report("Session source / medium,Sessions\ngoogle / organic,92\n(direct) / (none),140\n"),
    );
    env.write(
        "exports/landing.csv",
        report("Landing page,Sessions,Active users\n/,200,150\n/pricing,40,38\n"),
    );
    env.write(
        "exports/first.csv",
        report("First user default channel group,Total users,New users\nDirect,130,100\n"),
    );
    env.write("exports/pages.csv", report("Page path and screen class,Views,Active users\n/,900,170\n"));
    // a week of the same month, and a segment
    let week = "Session default channel group,Sessions\nDirect,40\nOrganic Search,18\n";
    env.write("exports/week.csv", ga4("20260202-20260208", "All Users", week));
    env.write("exports/segment.csv", ga4("20260201-20260228", "Mobile traffic", week));
    let said = import(&env);
    assert!(said.contains("`Mobile traffic`"), "{said}");
    assert_eq!(total(&env, "sessions"), 232);
    let week = "select sum(sessions) from web_traffic where day between '2026-02-02' and '2026-02-08'";
    assert_eq!(number(&env, week), 58);
    // users of ranges and rows overlap, so nothing adds them up
    assert_eq!(number(&env, "select count(*) from kpis where kpi like '%users%'"), 0);
}

const CAMPAIGNS: &str = "Title,Subject,List,\"Send Date\",\"Send Weekday\",\"Total Recipients\",\"Successful Deliveries\",\"Soft Bounces\",\"Hard Bounces\",\"Total Bounces\",\"Times Forwarded\",\"Forwarded Opens\",\"Unique Opens\",\"Open Rate\",\"Total Opens\",\"Unique Clicks\",\"Click Rate\",\"Total Clicks\",Unsubscribes,\"Abuse Complaints\",\"Times Liked on Facebook\",\"Folder Id\",\"Unique Id\"\r\n";

#[test]
fn an_email_is_one_in_the_list_of_all_and_in_its_own_report() {
    let env = TestEnv::new();
    let rows = "Spring,Hello,Customers,\"Apr 26, 2026 12:25 pm\",Monday,1000,995,3,2,5,1,2,350,35.18%,500,40,4.02%,55,3,0,0,,abcdef0123\r\n\
        Test,,Customers,\"May 3, 2026 09:00 am\",Monday,400,400,0,0,0,0,0,100,25%,120,10,2.5%,0,1,0,0,,abcdef0124\r\n\
        Test | Combo 1,A,Customers,\"May 3, 2026 09:00 am\",Monday,200,200,0,0,0,0,0,40,20%,50,4,2%,5,0,0,0,,abcdef0125\r\n\
        Test | Combo 2,B,Customers,\"May 3, 2026 09:00 am\",Monday,200,200,0,0,0,0,0,60,30%,70,6,3%,8,1,0,0,,abcdef0126\r\n";
    let report = "\"Email Campaign Report\"\n\"Title:\",\"Spring\"\n\"Subject Line:\",\"Hello\"\n\
        \"Delivery Date/Time:\",\"Sun, Apr 26, 2026 12:25 pm\"\n\n\"Overall Stats\"\n\"Total Recipients:\",\"1,000\"\n\
        \"Successful Deliveries:\",\"995\"\n\"Recipients Who Opened:\",\"350 (35.18%)\"\n\"Recipients Who Clicked:\",\"40 (4.02%)\"\n";
    env.write("exports/campaigns.csv", format!("{CAMPAIGNS}{rows}"));
    env.write("exports/report.csv", report);
    import(&env);
    assert_eq!(number(&env, "select count(*) from emails"), 2);
    assert_eq!(number(&env, "select sum(unique_opens) from emails"), 450);
    assert_eq!(number(&env, "select sum(delivered) from emails"), 1395);
    // alone, the report counts
    let alone = TestEnv::new();
    alone.write("exports/report.csv", report);
    import(&alone);
    assert_eq!(number(&alone, "select sum(unique_opens) from emails"), 350);
}

#[test]
fn who_never_subscribed_is_not_on_the_list_and_who_came_back_is() {
    let head = "\"Email Address\",MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LAST_CHANGED,LEID,EUID";
    let env = TestEnv::new();
    let left = format!(
        "{head},UNSUB_TIME\nada@acme.example,2,2025-03-01 09:00:00,2025-03-01 09:00:00,,1,a,2025-06-01 09:00:00\n"
    );
    env.write("exports/2025-07-01/unsubscribed.csv", left);
    let back = "ada@acme.example,2,2026-01-05 09:00:00,2026-01-05 09:00:00,,1,a\nbo@acme.example,2,,2026-01-06 09:00:00,,2,b\n";
    env.write("exports/2026-02-01/subscribed_members.csv", format!("{head}\n{back}"));
    let never = format!("{head}\neve@acme.example,2,,2026-01-07 09:00:00,,3,e\n");
    env.write("exports/2026-02-01/nonsubscribed_members.csv", never);
    import(&env);
    assert_eq!(number(&env, "select size from audiences order by day desc limit 1"), 2);
}

#[test]
fn money_of_every_level_period_and_breakdown_is_spent_once() {
    let env = TestEnv::new();
    let report =
        |title: &str, table: String| format!("{title}\n\"January 1, 2026 - January 31, 2026\"\n{table}");
    let days: Vec<String> = (1..=31).map(|d| format!("2026-01-{d:02}")).collect();
    let by_day = |line: &dyn Fn(&str) -> String| days.iter().map(|d| line(d)).collect::<String>();
    let campaigns = by_day(&|d| format!("{d},Brand,EUR,100,10.00,5\n{d},Generic,EUR,200,20.00,10\n"));
    env.write(
        "exports/campaign.csv",
        report("Campaign report", format!("Day,Campaign,Currency code,Impr.,Cost,Clicks\n{campaigns}")),
    );
    let groups = by_day(&|d| format!("{d},A,Brand,EUR,60,6.00,3\n{d},B,Brand,EUR,40,4.00,2\n"));
    env.write(
        "exports/group.csv",
        report("Ad group report", format!("Day,Ad group,Campaign,Currency code,Impr.,Cost,Clicks\n{groups}")),
    );
    let month = "Month,Campaign,Currency code,Impr.,Cost,Clicks\n2026-01-01,Brand,EUR,\"3,100\",310.00,155\n2026-01-01,Generic,EUR,\"6,200\",620.00,310\n";
    env.write("exports/month.csv", report("Campaign report", month.to_owned()));
    let age = "Age,Campaign,Ad group,Currency code,Impr.,Cost,Clicks\n25-34,Brand,A,EUR,900,90.00,40\nUnknown,Brand,A,EUR,100,10.00,5\n";
    env.write("exports/age.csv", report("Age report", age.to_owned()));
    let keywords = "Keyword,Match type,Campaign,Ad group,Currency code,Impr.,Cost,Clicks\n[acme],Exact match,Brand,A,EUR,900,80.00,40\n";
    env.write("exports/keywords.csv", report("Search keyword report", keywords.to_owned()));
    import(&env);
    assert_eq!(total(&env, "spend"), 930);
    assert_eq!(total(&env, "impressions"), 9300);
    assert_eq!(total(&env, "clicks"), 465);
}

#[test]
fn what_a_publishing_tool_says_of_a_network_yields_to_the_network() {
    let env = TestEnv::new();
    let overview = "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,Create Post\n\
        \"Tue, Jan 27, 2026\",900,25,50,1,2,3,1,4,2,5,1\n";
    env.write("exports/account_overview_analytics.csv", overview);
    let posts = "Publishing date,Network,Message,Permalink,Impressions,Likes,Comments,Shares\n\
        2026-01-27 10:00,X,Hello,https://x.com/acme/status/1,800,20,4,2\n\
        2026-01-27 10:00,LinkedIn,Hello,https://www.linkedin.com/feed/update/1,300,8,1,0\n\
        2025-12-01 10:00,X,Earlier,https://x.com/acme/status/0,100,2,0,0\n";
    env.write("exports/posts.csv", posts);
    import(&env);
    assert_eq!(total(&env, "social_engagements"), (25 + 4 + 2) + 9 + 2);
}

/// The totals row of a sheet filled in by hand is held against its rows, labelled or not, in any language and currency.
#[test]
fn totals_of_sheets_are_checksums() {
    let import = |name: &str, text: &str| {
        let env = TestEnv::new();
        env.write(name, text);
        let output = env.run(&["import", name]);
        let line =
            output.stderr.lines().find(|l| l.contains(" rows: ")).unwrap_or_default().trim().to_owned();
        line.split(" · ")
            .filter(|fact| fact.contains("rows") || fact.contains("total"))
            .collect::<Vec<_>>()
            .join(" · ")
    };
    let spend = "day_from,day_to,channel,campaign,category,amount,currency,note\n\
        2026-01-01,2026-01-31,Event,Fair,events,1500.00,EUR,\n2026-02-01,2026-02-28,Email,,tools,99.50,EUR,\n";
    let mrr =
        "customer_id,customer,email,currency,2026-01,2026-02\nc-1,Ada,,EUR,100,120\nc-2,Bo,,EUR,50,50\n";
    let told = [
        import("a.csv", &format!("{spend}Toplam,,,,,1599.50,EUR,\n")),
        import("b.csv", &format!("{spend},,,,,1600.50,,\n")),
        import("c.csv", &format!("{spend},,Event,,,10,EUR,\n")),
        import("h.csv", &format!("{spend}2026-03-31,2026-03-01,Event,,,10,EUR,\n")),
        import("d.csv", &format!("{mrr}Gesamt,,,EUR,150,170\n")),
        import("e.csv", &format!("{mrr},,,,150,171\n")),
        import("f.csv", &format!("{mrr}c-3,Cy,,USD,7,7\nTotal EUR,,,EUR,150,170\nTotal USD,,,USD,7,7\n")),
        import("g.csv", "day,link,target,campaign,clicks\n2026-02-03,a.example/x,,,12\nTotal,,,,13\n"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    4 rows: 2 loaded (2 new or changed), 2 furniture, 0 rejected · agrees with its own total
    4 rows: 2 loaded (2 new or changed), 2 furniture, 0 rejected · its own total differs: `amount` is 1599.50 in the rows and 1600.50 in the total
    4 rows: 2 loaded (2 new or changed), 1 furniture, 1 rejected
    4 rows: 2 loaded (2 new or changed), 1 furniture, 1 rejected
    4 rows: 2 loaded (4 new or changed), 2 furniture, 0 rejected · agrees with its own total
    4 rows: 2 loaded (4 new or changed), 2 furniture, 0 rejected · its own total differs: `2026-02` is 170.00 in the rows and 171.00 in the total
    6 rows: 3 loaded (6 new or changed), 3 furniture, 0 rejected · agrees with its own total
    3 rows: 1 loaded (1 new or changed), 2 furniture, 0 rejected · its own total differs: `clicks` is 12 in the rows and 13 in the total
    ");
}

/// Sessions by day and sessions by channel of the same days are the same sessions.
#[test]
fn channels_of_a_week_and_its_days_count_once() {
    let env = TestEnv::new();
    let preamble = "# ---\n# Report\n# Account: Acme\n# Property: acme\n# ---\n#\n# All Users\n# Start date: 20260105\n# End date: 20260111\n";
    let days = [10, 20, 30, 20, 10, 5, 5];
    let rows: Vec<String> = (5..).zip(days).map(|(day, n)| format!("202601{day:02},{n}\n")).collect();
    env.write("days.csv", format!("{preamble}Date,Sessions\n{}", rows.concat()));
    env.write(
        "channels.csv",
        format!("{preamble}Session primary channel group (Default Channel Group),Sessions\nDirect,40\nOrganic Search,55\n"),
    );
    let told = || {
        env.run(&[
            "sql",
            "--format",
            "csv",
            "select channel, sum(sessions) as n from web_traffic group by channel",
        ])
        .success()
    };
    for order in [["days.csv", "channels.csv"], ["channels.csv", "days.csv"]] {
        for file in order {
            env.run(&["import", file]).success();
        }
        assert_eq!(told(), "channel,n\nDirect,40\nOrganic search,55\nUnknown,5\n");
        assert_eq!(total(&env, "sessions"), 100);
        let wednesday = "select sum(sessions) from web_traffic where day = '2026-01-07'";
        assert_eq!(number(&env, wednesday), 30);
        std::fs::remove_file(env.path("funnel.db")).unwrap();
    }
}

/// Invoices of subscriptions are revenue of the months that their lines pay for, where nothing says it better.
#[test]
fn invoices_are_spread_over_what_they_pay_for() {
    let header = "id,Amount Due,Currency,Customer,Customer Email,Date (UTC),Number,Subscription,Subtotal,Tax,Total,Amount Paid,Status,\
        Minimum Line Item Period Start (UTC),Maximum Line Item Period End (UTC)\n";
    let invoice = |id: &str,
                   customer: &str,
                   subscription: &str,
                   total: &str,
                   tax: &str,
                   status: &str,
                   from: &str,
                   to: &str| {
        format!(
            "{id},0,eur,{customer},,{from} 00:38,N,{subscription},0,{tax},\"{total}\",0,{status},{from} 00:38,{to} 00:38\n"
        )
    };
    let rows = [
        invoice("in_1", "cus_1", "sub_1", "1,428.00", "228.00", "paid", "2026-01-08", "2027-01-08"),
        invoice("in_2", "cus_2", "sub_2", "50.00", "0", "paid", "2026-01-20", "2026-02-20"),
        invoice("in_3", "cus_2", "sub_2", "60.00", "0", "open", "2026-02-20", "2026-03-20"),
        invoice("in_4", "cus_2", "", "999.00", "0", "paid", "2026-02-20", "2026-03-20"),
        invoice("in_5", "cus_3", "sub_3", "70.00", "0", "draft", "2026-02-20", "2026-03-20"),
    ];
    let env = TestEnv::new();
    env.write("invoices-2026-03-31.csv", format!("{header}{}", rows.concat()));
    env.run(&["import", "invoices-2026-03-31.csv"]).success();
    let mrr = || {
        let sql = "select period, value from kpi_monthly where kpi = 'mrr' and channel_group = 'All' and channel = 'All'";
        env.run(&["sql", "--format", "csv", sql]).success()
    };
    let alone = "period,value\n2026-01-01,150.0\n2026-02-01,160.0\n2026-03-01,100.0\n";
    assert_eq!(mrr(), alone);
    // the report of months says it better
    env.write(
        "mrr-2026-03-31.csv",
        "Customer ID,Customer,Customer Email,Currency,2026-01,2026-02,2026-03\ncus_1,,,eur,90,90,90\n",
    );
    env.run(&["import", "mrr-2026-03-31.csv"]).success();
    assert_eq!(mrr(), "period,value\n2026-01-01,90.0\n2026-02-01,90.0\n2026-03-01,90.0\n");
    env.run(&["undo", "2"]).success();
    assert_eq!(mrr(), alone);
    env.run(&["rebuild"]).success();
    assert_eq!(mrr(), alone);
}

/// Reports of one e-mail campaign carry no id, and their time can differ by the time zone of who exported them.
#[test]
fn of_reports_of_an_email_campaign_the_newest_counts() {
    let env = TestEnv::new();
    let report = |time: &str, opens: u32| {
        format!(
            "\"Email Campaign Report\"\n\"Title:\",\"Newsletter 1\"\n\"Subject Line:\",\"What is new\"\n\
             \"Delivery Date/Time:\",\"Mon, Apr 26, 2021 {time}\"\n\n\"Overall Stats\"\n\
             \"Total Recipients:\",\"1,000\"\n\"Successful Deliveries:\",\"995\"\n\"Bounces:\",\"5 (0.5%)\"\n\
             \"Recipients Who Opened:\",\"{opens} (35%)\"\n\"Recipients Who Clicked:\",\"40 (4.02%)\"\n\
             \"Total Unsubs:\",\"3\"\n"
        )
    };
    env.write("report-2021-05-01.csv", report("11:25", 350));
    env.write("report-2021-05-08.csv", report("12:25", 360));
    env.run(&["import", "report-2021-05-01.csv", "report-2021-05-08.csv"]).success();
    let opens = "select name, sent_on, unique_opens from emails";
    assert_eq!(
        env.run(&["sql", "--format", "csv", opens]).stdout,
        "name,sent_on,unique_opens\nNewsletter 1,2021-04-26,360\n"
    );
}

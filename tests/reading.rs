//! What one row says of how a file is written holds for all of its rows, however far down it stands.

use crate::support::TestEnv;

const GOOGLE: &str = "Campaign report\n\"January 1, 2024 - June 22, 2026\"\n\
    Day,Campaign,Currency code,Impr.,Cost,Clicks\n";
const UNDATED: &str = "Day,Campaign,Currency code,Impr.,Cost,Clicks\n";
const LINKEDIN: &str = "Campaign Performance Report (in UTC)\nReport Start: January 1, 2025, 12:00 AM\n\
    Report End: March 31, 2025, 11:59 PM\nDate Generated: April 2, 2025, 9:00 AM\n\n\
    Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Group ID\tCampaign Group Name\tCampaign ID\tCampaign Name\t\
    Total Spent\tImpressions\tClicks\n";

/// More rows than are seen before loading begins.
const MANY: u32 = 700;

/// What an import says of its rows, and the numbers that came of them.
fn numbers(head: &str, rows: &[String]) -> (String, String) {
    let env = TestEnv::new();
    env.write("report-2026-07-01.csv", format!("{head}{}", rows.concat()));
    let said = env.run(&["import", "report-2026-07-01.csv"]).stderr;
    let sql = "select day, campaign, spend, impressions, clicks from ad_performance order by 1, 2, 3, 4";
    let said: String = said.lines().filter(|line| !line.contains("report-2026-07-01.csv")).collect();
    (said, env.run(&["sql", "--format", "csv", sql]).stdout)
}

#[test]
fn where_the_row_stands_that_decides_makes_no_difference() {
    let day = |n: u32| chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(n.into());
    let google = |n: u32| format!("{},Camp {},EUR,100,5,7\n", day(n), n % 3);
    let ambiguous = |n: u32| format!("0{}/0{}/2024,Camp {n},EUR,100,5,7\n", 1 + n % 9, 1 + n % 7);
    let thousands = |n: u32| format!("{},Camp {},EUR,100,\"1,234\",7\n", day(n), n % 3);
    let window = |n: u32| format!("1/1/2025\tAcme\tEUR\t1\tG\t{n}\tC {n}\t12.5\t100\t3\n");
    let cases = [
        (GOOGLE, &google as &dyn Fn(u32) -> String, "2024-02-03,Camp 9,EUR,100,\"1,25\",7\n"),
        (GOOGLE, &google, "2024-02-03,Camp 9,EUR,100,1.25,7\n"),
        (GOOGLE, &thousands, "2024-02-03,Camp 9,EUR,100,\"1.234,50\",7\n"),
        (UNDATED, &ambiguous, "25/12/2024,Camp 9,EUR,100,5,7\n"),
        (LINKEDIN, &window, "2/7/2025\tAcme\tEUR\t1\tG\t1\tC 1\t12.5\t100\t3\n"),
    ];
    for (head, row, decider) in cases {
        let mut rows: Vec<String> = (0..MANY).map(row).collect();
        rows.push(decider.to_owned());
        let last = numbers(head, &rows);
        rows.rotate_right(1);
        let first = numbers(head, &rows);
        assert_eq!(first, last, "{decider}");
        assert!(first.1.lines().count() > 100, "{decider}: {}", first.0);
    }
}

#[test]
fn totals_are_told_from_campaigns_that_are_called_so_by_the_rows_below() {
    let day = |n: u32| chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(n.into());
    let mut rows: Vec<String> = (0..MANY)
        .map(|n| {
            let name = if n % 100 == 99 { "Total: Wine" } else { "Brand" };
            format!("{},{name},EUR,100,5,7\n", day(n))
        })
        .collect();
    rows.push(" --,Total: Campaigns,EUR,\"70,000\",\"3,500\",\"4,900\"\n".to_owned());
    rows.push(" --,Total: Account,EUR,\"70,000\",\"3,500\",\"4,900\"\n".to_owned());
    let (said, numbers) = numbers(GOOGLE, &rows);
    assert!(said.contains("agree"), "{said}");
    assert_eq!(numbers.lines().filter(|line| line.contains("Total: Wine")).count(), 7);
    assert_eq!(numbers.lines().count(), 1 + MANY as usize);
}

//! Every fixture against every format: each is recognised as its own, every row is accounted for, and what was read is what it says.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use funnelite::error::Result;
use funnelite::format::Formats;
use funnelite::format::spec::Evidence;
use funnelite::import::summary::{Ending, FileSummary};
use funnelite::import::{self, Options, Session};
use funnelite::settings::Settings;
use rusqlite::Connection;

use crate::support::TestEnv;

fn fixtures() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = Vec::new();
    for format in sorted(&folder) {
        let name = format.file_name().unwrap().to_str().unwrap().to_owned();
        found.extend(sorted(&format).into_iter().map(|path| (name.clone(), path)));
    }
    found
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A database that stays empty: each fixture is imported as with `--dry-run`.
fn database() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    funnelite::db::migrate(&mut conn).unwrap();
    funnelite::models::prepare(&conn, &Settings::default()).unwrap();
    conn
}

/// What imports of these files into a fresh database say; nothing of them is kept.
fn try_out(formats: &Formats, paths: impl IntoIterator<Item = PathBuf>) -> Vec<Result<FileSummary>> {
    let conn = database();
    let schema = import::schema::read(&conn).unwrap();
    let settings = Settings::default();
    let today = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
    let options = Options { today, dry_run: true, ..Options::default() };
    let session = Session {
        conn: &conn,
        settings: &settings,
        formats,
        schema: &schema,
        options: &options,
        begun: None,
    };
    let import = |path| {
        let input = import::source::collect(&[path], &[]).inputs.remove(0);
        let print = import::opened::fingerprint(&input.content, true).unwrap();
        import::file::import(&session, &input, &print)
    };
    paths.into_iter().map(import).collect()
}

#[test]
fn every_format_has_a_fixture() {
    let formats = Formats::load(None).unwrap();
    let with: Vec<String> = fixtures().into_iter().map(|(name, _)| name).collect();
    let without: Vec<&str> = formats.names().filter(|f| !with.iter().any(|w| w == f)).collect();
    assert!(without.is_empty(), "formats without a fixture: {without:?}");
}

#[test]
fn a_format_without_a_real_file_behind_it_says_so_in_its_first_comment() {
    let formats = Formats::load(None).unwrap();
    let silent: Vec<&str> = formats
        .all()
        .filter(|f| f.spec.evidence != Evidence::Real)
        .filter(|f| {
            !f.text
                .lines()
                .take_while(|l| l.starts_with('#'))
                .any(|l| l.contains("no exported file was seen"))
        })
        .map(|f| f.name.as_str())
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn every_fixture_is_recognised_as_its_own_format_and_every_row_is_accounted_for() {
    let formats = Formats::load(None).unwrap();
    let mut wrong = String::new();
    let fixtures = fixtures();
    let summaries = try_out(&formats, fixtures.iter().map(|(_, path)| path.clone()));
    for ((name, path), summary) in fixtures.iter().zip(summaries) {
        let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
        let is_refused = formats.get(name).is_some_and(|f| f.spec.refuse.is_some());
        match summary {
            Ok(summary) if is_refused => {
                writeln!(wrong, "{shown}: not refused but {:?}", summary.ending).unwrap()
            }
            Ok(summary) => account_for(&mut wrong, &shown, name, &summary),
            Err(e) if is_refused => assert!(e.message.starts_with("this is "), "{shown}: {e}"),
            Err(e) => writeln!(wrong, "{shown}: {e}").unwrap(),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn account_for(wrong: &mut String, shown: &str, name: &str, summary: &FileSummary) {
    if !matches!(summary.ending, Ending::Imported | Ending::Empty) {
        writeln!(wrong, "{shown}: {:?}", summary.ending).unwrap();
        return;
    }
    if !summary.format.split(", ").any(|f| f == name) {
        writeln!(wrong, "{shown}: read as {}", summary.format).unwrap();
    }
    let rejected = summary.rejected.len() as u64;
    if summary.read != summary.loaded + summary.furniture + rejected {
        writeln!(
            wrong,
            "{shown}: {} read, {} loaded, {} furniture, {rejected} rejected",
            summary.read, summary.loaded, summary.furniture
        )
        .unwrap();
    }
    for reject in &summary.rejected {
        writeln!(wrong, "{shown}:{}: {}", reject.line, import::summary::reason(reject)).unwrap();
    }
}

#[test]
fn a_report_says_at_its_end_when_it_was_made() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/salesforce_report_leads/generated_by.csv");
    let summary = try_out(&Formats::load(None).unwrap(), [path]).remove(0).unwrap();
    assert_eq!(summary.as_of.unwrap().moment, "2026-04-06T09:44:00");
}

/// What an import into a fresh workspace makes of a file: a query's first row.
fn first_row(name: &str, content: impl AsRef<[u8]>, flags: &[&str], sql: &str) -> String {
    let env = TestEnv::new();
    env.write(name, content);
    env.run(&[&["import", name], flags].concat()).success();
    let answer = env.run(&["sql", "--format", "csv", sql]).success();
    answer.lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn the_parts_of_a_split_test_are_one_mail() {
    let report = "\"Campaign Report\"\n\"Title:\",\"T\"\n\"Subject Line:\",\"S\"\n\"Delivery Date/Time:\",\"Mon, Apr 26, 2021 12:25 pm\"\n\n\
        \"Combination 1 Stats\"\n\"Total Recipients:\",\"1,000\"\n\"Successful Deliveries:\",\"990\"\n\"Recipients Who Opened:\",\"350 (35.35%)\"\n\n\
        \"Combination 2 Stats\"\n\"Total Recipients:\",\"200\"\n\"Successful Deliveries:\",\"199\"\n\"Recipients Who Opened:\",\"50 (25.13%)\"\n";
    let sql = "select name, sent_on, recipients, delivered, unique_opens from emails";
    assert_eq!(first_row("r.csv", report, &[], sql), "T,2021-04-26,1200,1189,400");
}

#[test]
fn months_are_columns_in_every_language() {
    let sql = "select customer, month, closing from mrr_movements order by month desc";
    for (sheet, expected) in [
        (
            "Müşteri;Para birimi;Oca 2026;Şub 2026\nAcme;TRY;1.250,50;1.300,00\nToplam;TRY;1.250,50;1.300,00\n",
            "Acme,2026-02-01,1300.0",
        ),
        (
            "Kunde;Währung;01/2026;02/2026\nAcme;EUR;1.250,50;1.300,00\n;;1.250,50;1.300,00\n",
            "Acme,2026-02-01,1300.0",
        ),
        (
            "Pelanggan;Mata uang;Januari 2026;Februari 2026\nAcme;IDR;1.250.000;1.300.000\nJumlah;;1.250.000;1.300.000\n",
            "Acme,2026-02-01,1300000.0",
        ),
        (
            "العميل,العملة,يناير 2026,فبراير 2026\nAcme,SAR,\"1,250.50\",\"1,300\"\nالإجمالي,,\"1,250.50\",\"1,300\"\n",
            "Acme,2026-02-01,1300.0",
        ),
        ("Client;Devise;janv. 2026;févr. 2026\nAcme;EUR;1 250,50;1 300\n", "Acme,2026-02-01,1300.0"),
        ("customer,2026-01,2026-02\nAcme,100,200\n", "Acme,2026-02-01,200.0"),
    ] {
        assert_eq!(first_row("mrr.csv", sheet, &["--currency", "EUR"], sql), expected, "{sheet}");
    }
}

#[test]
fn a_webinar_takes_place_when_its_report_says() {
    let report = "\u{feff}Attendee Report,\nReport Generated:,04/09/2025 08:50:00 PM,\n\
        Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers,Total Users,Max Concurrent Views,\n\
        Product tour,111 222 333,04/09/2025 07:00:00 PM,60,5,1,3,4,3,\nAttendee Details,\n\
        Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name,\n\
        Yes,Ada,ada@acme.example,04/09/2025 07:00:00 PM,04/09/2025 07:20:00 PM,20,Yes,Germany,\n\
        Yes,Ada,ada@acme.example,04/09/2025 07:25:00 PM,04/09/2025 07:50:00 PM,25,Yes,Germany,\n";
    let sql = "select count(*), min(starts_on), min(outcome) from meetings";
    assert_eq!(first_row("attendees.csv", report, &[], sql), "1,2025-04-09,held");
}

#[test]
fn posts_of_several_networks_are_no_posts_of_x() {
    let posts = "Post ID,Network,Published on,Post Text,Impressions,Likes,Comments,Shares\np1,LinkedIn,2026-01-05,Hi,100,5,1,2\n";
    let sql = "select platform, posted_on, impressions, reactions from social_posts";
    assert_eq!(first_row("posts.csv", posts, &[], sql), "linkedin,2026-01-05,100,5");
}

/// A spreadsheet that opened a file with another separator keeps each line in one cell, and pads the rows.
#[test]
fn lines_kept_in_one_cell_are_read() {
    let plain = "Title,Subject,List,\"Send Date\",\"Total Recipients\",\"Successful Deliveries\",\"Unique Opens\",\"Unique Clicks\",\"Unique Id\"\n\
        \"Spring, early\",Hello,Customers,\"Apr 26, 2026 12:25 pm\",1000,995,350,40,abcdef0123\n";
    let wrapped = |end: &str| -> String {
        plain.lines().map(|line| format!("\"{}\"{end}\r\n", line.replace('"', "\"\""))).collect()
    };
    let sql = "select name, delivered, unique_opens from emails";
    for text in [plain.to_owned(), wrapped(""), wrapped(";;;")] {
        assert_eq!(first_row("campaigns.csv", text, &[], sql), "\"Spring, early\",995,350");
    }
}

/// What a spreadsheet makes of a period is the same period, and a text that is none is rejected.
#[test]
fn targets_keep_their_periods() {
    let env = TestEnv::new();
    env.write("t.csv", "kpi;period;channel;value\nmqls;Jan-26;;1.200\nleads;Q2 2026;;5\nsqls;soon;;3\n");
    let output = env.run(&["import", "t.csv"]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(output.stderr.contains("`period` is \"soon\", expected a period like 2026-01"), "{output}");
    let told =
        env.run(&["sql", "--format", "csv", "select kpi, grain, period, target from targets"]).success();
    assert_eq!(told, "kpi,grain,period,target\nleads,quarter,2026-04-01,5.0\nmqls,month,2026-01-01,1200.0\n");
}

/// Every sheet can be filled in as csv and as a workbook, and its example makes no number.
#[test]
fn the_example_of_a_template_is_no_data() {
    let env = TestEnv::new();
    let list = env.run(&["template", "--format", "csv"]).success();
    for name in list.lines().skip(1).filter_map(|line| line.split(',').next()) {
        for file in [format!("{name}.csv"), format!("{name}.xlsx")] {
            env.run(&["template", name, "--output", &file]).success();
            let output = env.run(&["import", &file]);
            assert_eq!(output.code, Some(0), "{file}: {output}");
            assert!(output.stderr.contains(" 0 loaded"), "{file}: {output}");
            assert!(output.stderr.contains("the example row of the template"), "{file}: {output}");
        }
    }
    let rows =
        "2026-02-01,2026-02-28,Event,Fair,events,100,EUR,\n2026-03-01,2026-03-31,Email,,tools,50,EUR,\n";
    env.write("filled.csv", format!("{}{rows}", env.read("spend.csv")));
    env.run(&["import", "filled.csv"]).success();
    let spent = env.run(&["sql", "--format", "csv", "select sum(spend_reporting) as n from spend"]).success();
    assert_eq!(spent, "n\n150.0\n");
}

/// A currency cell left empty is that of the flag or of the settings.
#[test]
fn an_empty_currency_is_the_one_that_is_given() {
    let sheet = "day_from,day_to,channel,campaign,category,amount,currency,note\n\
        2026-01-01,2026-01-31,Event,F,e,100,,\n2026-01-01,2026-01-31,Event,G,e,50,USD,\n";
    let sql = "select sum(spend_reporting) from spend where campaign = 'G'";
    assert_eq!(first_row("s.csv", sheet, &["--currency", "USD"], sql), "50.0");
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write("s.csv", sheet);
    env.run(&["import", "s.csv"]).success();
    let kept = env.run(&["sql", "--format", "csv", "select sum(spend_reporting) as n from spend"]).success();
    assert_eq!(kept, "n\n100.0\n", "the dollars have no rate");
}

#[test]
fn spend_without_a_rate_is_unknown_and_not_nothing() {
    let env = TestEnv::new();
    env.write("funnelite.toml", "currency = \"EUR\"\n");
    env.write(
        "ads-2026-03-02.csv",
        "day,platform,account,campaign_id,campaign,spend,currency,impressions,clicks,conversions,leads\n\
         2026-02-01,Google,a,1,Dollars,10,USD,100,5,0,0\n\
         2026-02-01,Google,a,2,Euros,20,EUR,100,5,0,0\n",
    );
    env.run(&["import", "ads-2026-03-02.csv"]).success();
    for (query, table) in [("ads", "ad_performance_monthly"), ("campaigns", "campaigns_monthly")] {
        let args: &[&str] = match query {
            "ads" => &["query", "ads", "--by", "campaign", "--format", "csv", "--from", "2026-02"],
            _ => &["query", "campaigns", "--format", "csv", "--from", "2026-02"],
        };
        let rows = env.run(args).success();
        let line = |name: &str| rows.lines().find(|line| line.contains(name)).unwrap_or_default().to_owned();
        assert!(line("Euros").contains(",20.0,100,5,0.05,4.0,"), "{table}: {rows}");
        assert!(line("Dollars").contains(",,100,5,0.05,,"), "{table}: {rows}");
    }
}

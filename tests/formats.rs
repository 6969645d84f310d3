//! Every fixture against every format: each is recognised as its own, every row is accounted for, and what was read is what it says.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use funnelite::format::Formats;
use funnelite::format::spec::Evidence;
use funnelite::import::summary::{Ending, FileSummary};
use funnelite::import::{self, Options, Session};
use funnelite::settings::Settings;
use rusqlite::Connection;

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

#[test]
fn every_format_has_a_fixture() {
    let formats = Formats::load(None).unwrap();
    let with: Vec<String> = fixtures().into_iter().map(|(name, _)| name).collect();
    let without: Vec<&str> =
        formats.all.iter().map(|f| f.name.as_str()).filter(|f| !with.iter().any(|w| w == f)).collect();
    assert!(without.is_empty(), "formats without a fixture: {without:?}");
}

#[test]
fn a_format_without_a_real_file_behind_it_says_so_in_its_first_comment() {
    let formats = Formats::load(None).unwrap();
    let silent: Vec<&str> = formats
        .all
        .iter()
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
    let conn = database();
    let schema = import::schema::read(&conn).unwrap();
    let settings = Settings::default();
    let today = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
    let options = Options { today, dry_run: true, ..Options::default() };
    let session =
        Session { conn: &conn, settings: &settings, formats: &formats, schema: &schema, options: &options };
    let mut wrong = String::new();
    for (name, path) in fixtures() {
        let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
        let input = import::source::collect(&[path], &[]).inputs.remove(0);
        let is_refused = formats.get(&name).is_some_and(|f| f.spec.refuse.is_some());
        let print = import::opened::fingerprint(&input.content).unwrap();
        match import::file::import(&session, &input, &print) {
            Ok(summary) if is_refused => {
                writeln!(wrong, "{shown}: not refused but {:?}", summary.ending).unwrap()
            }
            Ok(summary) => account_for(&mut wrong, &shown, &name, &summary),
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
    let formats = Formats::load(None).unwrap();
    let conn = database();
    let schema = import::schema::read(&conn).unwrap();
    let settings = Settings::default();
    let today = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
    let options = Options { today, dry_run: true, ..Options::default() };
    let session =
        Session { conn: &conn, settings: &settings, formats: &formats, schema: &schema, options: &options };
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/salesforce_report_leads/generated_by.csv");
    let input = import::source::collect(&[path], &[]).inputs.remove(0);
    let print = import::opened::fingerprint(&input.content).unwrap();
    let summary = import::file::import(&session, &input, &print).unwrap();
    assert_eq!(summary.as_of.unwrap().moment, "2026-04-06T09:44:00");
}

//! Every fixture against every format: each is recognised as its own, every row is accounted for, and what was read is what it says.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use funnelite::format::Formats;
use funnelite::import::ledger::Flags;
use funnelite::import::summary::{Ending, FileSummary};
use funnelite::import::{self, Options};
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

fn database() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    funnelite::db::migrate(&mut conn).unwrap();
    funnelite::models::prepare(&conn, &Settings::default()).unwrap();
    conn
}

/// Imports one fixture into a database of its own.
fn import(path: &Path) -> (Connection, FileSummary) {
    let conn = database();
    let options = Options {
        flags: Flags { currency: None, ..Flags::default() },
        today: NaiveDate::from_ymd_opt(2026, 11, 2).unwrap(),
        ..Options::default()
    };
    let nowhere = tempfile::tempdir().unwrap();
    let imported = import::run(&conn, &Settings::default(), nowhere.path(), &[path.to_owned()], &options).unwrap();
    let summary = imported.files.into_iter().next().unwrap();
    (conn, summary)
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
fn every_fixture_is_recognised_as_its_own_format_and_every_row_is_accounted_for() {
    let formats = Formats::load(None).unwrap();
    let mut wrong = String::new();
    for (name, path) in fixtures() {
        let (_, summary) = import(&path);
        let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
        let is_refused = formats.get(&name).is_some_and(|f| f.spec.refuse.is_some());
        match &summary.ending {
            Ending::Imported | Ending::Empty if !is_refused => {
                if !summary.format.split(", ").any(|f| f == name) {
                    writeln!(wrong, "{shown}: read as {}", summary.format).unwrap();
                }
                if summary.read != summary.loaded + summary.furniture + summary.rejected.len() as u64 {
                    writeln!(wrong, "{shown}: {} read, {} loaded, {} furniture, {} rejected", summary.read,
                        summary.loaded, summary.furniture, summary.rejected.len()).unwrap();
                }
                for reject in &summary.rejected {
                    writeln!(wrong, "{shown}:{}: {}", reject.line, funnelite::import::summary::reason(reject)).unwrap();
                }
            }
            Ending::Failed(e) if is_refused => assert!(e.message.starts_with("this is "), "{shown}: {e}"),
            Ending::Failed(e) => writeln!(wrong, "{shown}: {e}").unwrap(),
            other => writeln!(wrong, "{shown}: {other:?}").unwrap(),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

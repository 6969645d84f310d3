//! The generator itself, and the verb `demo`.

use std::process::Command;

use funnelite::demo::company::Shape;
use funnelite::demo::{SEED, exports, simulate, truth};

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let shape = Shape::tiny();
    let (one, two) = (simulate(SEED, &shape), simulate(SEED, &shape));
    for week in exports::list_weeks(&shape) {
        assert_eq!(exports::list_files(&one, &week), exports::list_files(&two, &week));
    }
    let other = simulate(SEED + 1, &shape);
    let week = exports::list_weeks(&shape)[0];
    assert_ne!(exports::list_files(&one, &week), exports::list_files(&other, &week));
}

#[test]
fn exports_look_as_the_platforms_write_them() {
    let company = simulate(SEED, &Shape::demo());
    let weeks = exports::list_weeks(&company.shape);
    assert_eq!(weeks.len(), 10);
    let file = |week: usize, part: &str| {
        let files = exports::list_files(&company, &weeks[week]);
        files.into_iter().find(|(name, _)| name.contains(part)).expect("such a file").1
    };
    let contacts = String::from_utf8(file(9, "all-contacts")).unwrap();
    assert!(contacts.starts_with("\"Record ID\",\"First Name\""));
    assert!(contacts.contains("\"Date entered \"\"Lead (Lifecycle Stage Pipeline)\"\"\""));
    assert!(contacts.lines().count() > 3000);
    assert!(file(0, "Campaign report").starts_with(b"Campaign report\n\"September 29, 2025 - "));
    assert!(file(1, "Campaign report").starts_with(&[0xff, 0xfe, b'C', 0]));
    let linkedin = file(0, "campaign_performance");
    assert!(linkedin.starts_with(&[0xff, 0xfe]) && !linkedin.ends_with(b"\n\0"));
    assert!(file(0, "Untitled-report").starts_with("\u{feff}\"Campaign name\",Day,".as_bytes()));
    assert!(String::from_utf8(file(0, "Traffic_acquisition")).unwrap().contains("# Start date: 20251001"));
    let mut domains = contacts.split('@').skip(1).map(|rest| rest.split(['"', ')']).next().unwrap());
    assert!(domains.all(|domain| domain.ends_with(".example")));
}

/// That the same exports give the same numbers is what the properties of the fold say.
#[test]
fn demo_ends_with_the_scorecard() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_funnelite"))
        .args(["demo", "acme", "--format", "csv"])
        .current_dir(folder.path())
        .env("FUNNELITE_TODAY", "2026-11-02")
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("10 weekly folders, 137 files of 16 kinds imported"), "{told}");
    let scorecard = String::from_utf8(output.stdout).unwrap();
    for kpi in ["leads", "cac", "win_rate", "mrr", "sessions", "ctr"] {
        let shown = scorecard.lines().any(|line| line.split(',').any(|cell| cell == kpi));
        assert!(shown, "{kpi} is missing in\n{scorecard}");
    }
    let database = rusqlite::Connection::open(folder.path().join("acme/funnel.db")).unwrap();
    let company = simulate(SEED, &Shape::demo());
    let people: i64 = database.query_row("select count(*) from people", [], |row| row.get(0)).unwrap();
    assert_eq!(people as usize, truth::people(&company).len());
}

#[test]
fn demo_refuses_a_folder_with_something_in_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_funnelite")).arg("demo").arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not empty"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

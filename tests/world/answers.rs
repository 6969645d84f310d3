//! What named queries and the rows behind a cell say of a whole invented company.

use std::path::PathBuf;
use std::sync::LazyLock;

use chrono::NaiveDate;
use funnelite::db;
use funnelite::db::named::{self, Moment};
use funnelite::db::records::{self, CellRange};
use funnelite::demo::company::Shape;
use funnelite::output::{Cell, ResultSet};
use rusqlite::Connection;
use tempfile::TempDir;

use super::World;

/// The database of a small company; February 2026 is complete. Made once for all of these tests.
static DATABASE: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let world = World::new(5, &Shape { weeks: 9, folders: 3, contacts_per_week: 24, ..Shape::tiny() });
    let store = world.import("answers", [world.files.as_slice()]);
    let path = store.workspace.database.clone();
    drop(store);
    (world.folder, path)
});

fn imported() -> Connection {
    db::open_read_only(&DATABASE.1).unwrap()
}

fn ask(conn: &Connection, name: &str, given: &[(&str, &str)]) -> ResultSet {
    let query = named::all(None).unwrap().into_iter().find(|q| q.name == name).unwrap();
    let given: Vec<(String, String)> = given.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    let moment = Moment::read(conn, NaiveDate::from_ymd_opt(2026, 11, 2).unwrap()).unwrap();
    let values = named::bind(&query, &given, &moment, conn).unwrap();
    named::run(conn, name, &query.sql, &values).unwrap()
}

fn column(result: &ResultSet, name: &str) -> Vec<Option<f64>> {
    let at = result.columns.iter().position(|c| c.name == name).unwrap();
    result.rows.iter().map(|row| row[at].number()).collect()
}

fn sum(result: &ResultSet, name: &str) -> f64 {
    column(result, name).into_iter().flatten().sum()
}

fn number(conn: &Connection, sql: &str) -> f64 {
    conn.query_row(sql, [], |row| row.get::<_, Option<f64>>(0)).unwrap().unwrap_or(0.0)
}

#[test]
fn rows_behind_a_cell_sum_to_it() {
    let conn = imported();
    let sql = "select kpi, numerator, denominator from kpis
        where numerator is not null and numerator not like '%exclusive(%' and numerator not like '%distinct(%'
            and numerator not like '%margin%' and coalesce(denominator, '') not like '%distinct(%'
            and kpi <> 'weighted_pipeline'";
    let mut kpis = conn.prepare(sql).unwrap();
    let kpis: Vec<(String, String, Option<String>)> = kpis
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut compared = 0;
    for (kpi, numerator, denominator) in &kpis {
        for channel in [None, Some("Paid search"), Some("Inbound")] {
            let range = CellRange {
                from: "2026-02-01".into(),
                to: "2026-02-28".into(),
                channel: channel.map(str::to_owned),
            };
            let cell = |part: &str| {
                let place = match channel {
                    None => "level = 'total'".to_owned(),
                    Some("Inbound") => "channel_group = 'Inbound' and level = 'channel_group'".to_owned(),
                    Some(name) => format!("channel = '{name}'"),
                };
                number(
                    &conn,
                    &format!(
                        "select sum({part}) from kpi_cells where grain = 'month' and period = '2026-02-01' and kpi = '{kpi}' and {place}"
                    ),
                )
            };
            for (part, formula) in [("numerator", Some(numerator)), ("denominator", denominator.as_ref())] {
                let Some(formula) = formula else { continue };
                let rows = records::list(&conn, part, formula, &range).unwrap();
                let sum: f64 = rows.iter().filter_map(|row| row.last().and_then(Cell::number)).sum();
                let expected = cell(part);
                let near = (sum - expected).abs() <= 1e-6 * expected.abs().max(1.0);
                assert!(
                    near,
                    "{kpi} {channel:?}: the {part} `{formula}` is {expected}, its rows sum to {sum}"
                );
                compared += usize::from(expected != 0.0);
            }
        }
    }
    assert!(compared > 100, "only {compared} cells were not zero");
}

#[test]
fn attribution_gives_away_what_was_won() {
    let conn = imported();
    let won = number(
        &conn,
        "select sum(amount_reporting) from deals
         where status = 'won' and closed_on between '2024-01-01' and '2026-03-31'",
    );
    assert!(won > 0.0);
    for model in ["first", "last", "linear", "u-shaped", "w-shaped", "time-decay"] {
        for by in ["channel", "campaign"] {
            let given = [("model", model), ("by", by), ("from", "2024-01"), ("to", "2026-03")];
            let credited = sum(&ask(&conn, "attribution", &given), "credited_revenue");
            assert!((credited - won).abs() < 1e-4, "{model} by {by}: {credited} of {won}");
        }
    }
}

#[test]
fn a_change_is_explained_to_the_last_bit() {
    let conn = imported();
    for rate in ["lead_to_mql_rate", "ctr", "mql_to_sql_rate"] {
        let result = ask(&conn, "conversion-delta", &[("rate", rate), ("period", "2026-02")]);
        let parts = column(&result, "change");
        let (total, channels) = parts.split_last().unwrap();
        let explained: f64 = channels.iter().flatten().sum();
        let change = number(
            &conn,
            &format!(
                "select a.value - b.value from kpi_monthly as a join kpi_monthly as b on a.kpi = b.kpi
             where a.kpi = '{rate}' and a.channel_group = 'All' and b.channel_group = 'All'
                and a.period = '2026-02-01' and b.period = '2026-01-01'"
            ),
        );
        assert!((explained - change).abs() < 1e-12, "{rate}: {explained} of {change}");
        assert!((total.unwrap() - change).abs() < 1e-12, "{rate}");
    }
}

#[test]
fn channels_and_funnels_sum_to_their_total() {
    let conn = imported();
    let channels = ask(&conn, "channels", &[("period", "2026-02")]);
    for name in ["spend", "leads", "mqls", "opportunities"] {
        let values = column(&channels, name);
        let total = values.last().copied().flatten().unwrap_or(0.0);
        let parts: f64 = values.iter().rev().skip(1).flatten().sum();
        assert!((parts - total).abs() < 1e-6, "{name}: {parts} of {total}");
    }
    for by in ["channel", "channel_group", "month", "country", "owner", "icp"] {
        for basis in ["cohort", "period"] {
            let given = [("by", by), ("basis", basis), ("from", "2026-01"), ("to", "2026-02")];
            let leads = column(&ask(&conn, "funnel", &given), "leads");
            let total = leads.last().copied().flatten().unwrap();
            let parts: f64 = leads.iter().rev().skip(1).flatten().sum();
            assert_eq!(parts, total, "{by} {basis}");
        }
    }
}

#[test]
fn a_running_period_is_compared_with_as_many_days() {
    let conn = imported();
    let card = ask(&conn, "scorecard", &[("period", "2026-03")]);
    let kpi = card.columns.iter().position(|c| c.name == "kpi").unwrap();
    let row = card.rows.iter().position(|r| r[kpi] == Cell::from("leads")).unwrap();
    let before = number(
        &conn,
        "select count(*) from stage_entries cross join workspace as w
         where stage = 'lead' and entered_on >= '2026-02-01' and substr(entered_on, 9) <= substr(w.data_date, 9)
            and entered_on < '2026-03-01'",
    );
    assert_eq!(column(&card, "previous")[row].unwrap_or(0.0), before);
}

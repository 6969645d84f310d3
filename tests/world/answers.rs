//! What named queries and the rows behind a cell say of a whole invented company.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use chrono::NaiveDate;
use funnelite::db;
use funnelite::db::named::{self, Moment};
use funnelite::db::records::{self, CellRange, Side};
use funnelite::demo::company::Shape;
use funnelite::output::{Cell, ResultSet};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
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

/// The side of a KPI's formula and the column of its cell that the rows' values sum to.
fn sides(kpi: &str, kind: &str, expression: &str, denominator: Option<&str>) -> Vec<(String, &'static str)> {
    match (kind, denominator) {
        ("composite", _) => Vec::new(),
        ("median", _) => vec![(format!("median({expression})"), "value")],
        (_, None) => vec![(expression.to_owned(), "numerator")],
        (_, Some(below)) => {
            assert_eq!(kind, "ratio", "{kpi}");
            vec![(expression.to_owned(), "numerator"), (below.to_owned(), "denominator")]
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

#[test]
fn rows_behind_a_cell_sum_to_it() {
    let conn = imported();
    let margin = 0.8;
    let sql = "select d.kpi, d.kind, d.expression, d.denominator from kpi_definitions as d";
    let mut kpis = conn.prepare(sql).unwrap();
    let kpis: Vec<(String, String, String, Option<String>)> = kpis
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut compared = BTreeSet::new();
    for (kpi, kind, expression, denominator) in &kpis {
        for (channel, from, to) in [
            (None, "2026-02-01", "2026-02-28"),
            (Some("Paid search"), "2026-02-01", "2026-02-28"),
            (Some("Paid social"), "2026-02-01", "2026-02-28"),
            (Some("Inbound"), "2026-02-01", "2026-02-28"),
            // the running month, where stocks stand at the data date
            (None, "2026-03-01", "2026-03-31"),
        ] {
            let range = CellRange { from: from.into(), to: to.into(), channel: channel.map(str::to_owned) };
            let place = match channel {
                None => "level = 'total'".to_owned(),
                Some("Inbound") => "channel_group = 'Inbound' and level = 'channel_group'".to_owned(),
                Some(name) => format!("channel = '{name}'"),
            };
            for (formula, column) in sides(kpi, kind, expression, denominator.as_deref()) {
                let cell: Option<f64> = conn
                    .query_row(
                        &format!(
                            "select {column} from kpi_cells
                             where grain = 'month' and period = '{from}' and kpi = '{kpi}' and {place}"
                        ),
                        [],
                        |row| row.get(0),
                    )
                    .optional()
                    .unwrap()
                    .flatten();
                // several platforms claim the same conversions: rows, but no sum
                let Some(expected) = cell else { continue };
                let side =
                    Side { part: column, formula: &formula, is_stock: kind == "stock", margin, unit: 1.0 };
                let rows = records::list(&conn, side, &range).unwrap();
                let values: Vec<f64> =
                    rows.iter().filter_map(|row| row.last().and_then(Cell::number)).collect();
                let found = if kind == "median" { median(values) } else { values.iter().sum() };
                let near = (found - expected).abs() <= 1e-6 * expected.abs().max(1.0);
                assert!(
                    near,
                    "{kpi} {channel:?} {from}: {column} `{formula}` is {expected}, its rows give {found}"
                );
                if expected != 0.0 {
                    compared.insert(kpi.clone());
                }
            }
        }
    }
    assert!(compared.len() > 70, "only {} KPIs had a cell that is not zero: {compared:?}", compared.len());
}

#[test]
fn channel_rows_sum_to_the_total() {
    let conn = imported();
    // what adds up over channels: flows and stocks, and the sides of ratios that no platform owns alone
    let sql = "select count(*), sum(abs(total - channels) > 1e-6 * max(1, abs(total))) from (
            select v.grain, v.kpi, v.period,
                sum(case when v.channel_group = 'All' then v.numerator end) as total,
                coalesce(sum(case when v.channel <> 'All' then v.numerator end), 0) as channels
            from kpi_cells as v
            join kpi_definitions as d on d.kpi = v.kpi
            where d.expression not like '%exclusive%' and d.expression not like '%distinct%'
                and d.kind in ('flow', 'stock', 'ratio')
            group by v.grain, v.kpi, v.period
        )";
    let (cells, wrong): (i64, i64) = conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert!(cells > 1000 && wrong == 0, "{wrong} of {cells}");
}

#[test]
fn cohort_rates_never_exceed_one_and_stages_only_shrink() {
    let conn = imported();
    let wrong = number(
        &conn,
        "select count(*) from funnel_cohorts
         where leads > contacts or mqls > leads or sqls > mqls or opportunities > sqls or won > opportunities",
    );
    assert_eq!(wrong, 0.0);
    let wrong = number(
        &conn,
        "select count(*) from kpi_cells where kpi like 'cohort%rate' and (value > 1 or value < 0)",
    );
    assert_eq!(wrong, 0.0);
}

#[test]
fn movements_sum_to_the_change_of_mrr() {
    let conn = imported();
    let sql = "select count(*), sum(abs(closing - opening - moves) > 1e-6) from (
            select m.period,
                sum(case when kpi = 'mrr' then value end) as closing,
                coalesce((select b.value from kpi_monthly as b where b.kpi = 'mrr' and b.channel_group = 'All'
                    and b.period = (select max(p.period) from periods as p where p.grain = 'month' and p.period < m.period)), 0)
                    as opening,
                sum(case when kpi <> 'mrr' then value else 0 end) as moves
            from kpi_monthly as m
            where m.channel_group = 'All'
                and kpi in ('mrr', 'new_mrr', 'expansion_mrr', 'contraction_mrr', 'churned_mrr', 'reactivation_mrr')
            group by m.period
        ) where closing is not null";
    let (months, wrong): (i64, Option<i64>) =
        conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert!(months > 1 && wrong == Some(0), "{wrong:?} of {months}");
}

#[test]
fn spend_is_what_the_files_say() {
    let conn = imported();
    let shown = number(&conn, "select sum(spend_reporting) from spend");
    let kpi =
        number(&conn, "select sum(value) from kpi_monthly where kpi = 'spend' and channel_group = 'All'");
    let ads = number(&conn, "select sum(spend_reporting) from ad_performance");
    let costs = number(&conn, "select sum(amount_reporting_micros) / 1000000.0 from cost_days");
    assert!(shown > 0.0 && costs > 0.0);
    assert!((shown - ads - costs).abs() < 1e-4, "{shown} is not {ads} + {costs}");
    // costs dated after the data date are in no period yet
    let later = number(
        &conn,
        "select sum(spend_reporting) from spend cross join workspace where day > data_date
        and substr(day, 1, 7) > substr(data_date, 1, 7)",
    );
    assert!((shown - later - kpi).abs() < 1e-4, "{shown} - {later} is not {kpi}");
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
fn every_way_to_split_sums_to_the_whole() {
    let conn = imported();
    let mut split = 0;
    for (name, counted) in [
        ("won-deals", "won_deals"),
        ("win-rate", "won_deals"),
        ("deal-size", "new_business_deals"),
        ("sales-cycle", "new_business_deals"),
        ("velocity", "qualified_deals"),
        ("lead-value", "leads"),
        ("mql", "mqls"),
        ("opportunities", "opportunities"),
    ] {
        let query = named::all(None).unwrap().into_iter().find(|q| q.name == name).unwrap();
        let period = ("period", "2026-02");
        let whole = sum(&ask(&conn, name, &[period]), counted);
        for by in &query.param("by").unwrap().choices {
            let result = ask(&conn, name, &[period, ("by", by)]);
            assert_eq!(sum(&result, counted), whole, "{name} by {by}");
            split += result.rows.len();
        }
        assert!(sum(&ask(&conn, name, &[period, ("segment", "icp")]), counted) <= whole, "{name}");
    }
    assert!(split > 100, "{split}");
}

#[test]
fn a_plan_works_back_from_what_is_to_be_won() {
    let conn = imported();
    let needed = |given: &[(&str, &str)]| column(&ask(&conn, "plan", given), "needed");
    let ten = needed(&[("won", "10"), ("period", "2027-Q1")]);
    assert_eq!(ten.len(), 5);
    assert_eq!(ten[0], Some(10.0));
    // no step takes fewer people than the one after it
    let known: Vec<f64> = ten.into_iter().flatten().collect();
    assert!(known.windows(2).all(|pair| pair[0] <= pair[1]), "{known:?}");
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

fn plain_rows(conn: &Connection, view: &str) -> Vec<Vec<serde_json::Value>> {
    let mut statement =
        conn.prepare(&format!("select * from {view}")).unwrap_or_else(|e| panic!("{view}: {e}"));
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..width)
            .map(|at| {
                Ok(match row.get_ref(at)? {
                    ValueRef::Integer(n) => n.into(),
                    ValueRef::Real(x) => x.into(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                    _ => serde_json::Value::Null,
                })
            })
            .collect::<rusqlite::Result<Vec<_>>>()
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{view}: {e}"))
}

/// Views call nothing of ours: a connection without our functions reads them, and so does the SQLite shell of the
/// machine, where it has one, cell by cell. `benches/views.py` does the same with DuckDB.
#[test]
fn every_view_reads_in_stock_sqlite() {
    let plain = Connection::open_with_flags(&DATABASE.1, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    for text in funnelite::catalog::sql("views") {
        let view = text.name;
        let ours = plain_rows(&plain, view);
        let shell = std::process::Command::new("sqlite3")
            .args(["-readonly", "-json"])
            .arg(&DATABASE.1)
            .arg(format!("select * from {view}"))
            .output();
        let Ok(shell) = shell else { continue };
        assert!(shell.status.success(), "{view}: {}", String::from_utf8_lossy(&shell.stderr));
        let answer = if shell.stdout.is_empty() { b"[]".to_vec() } else { shell.stdout };
        let theirs: Vec<BTreeMap<String, serde_json::Value>> = serde_json::from_slice(&answer).unwrap();
        assert_eq!(ours.len(), theirs.len(), "{view}");
        let key = |cells: Vec<&serde_json::Value>| {
            let mut shown: Vec<String> = cells
                .into_iter()
                .map(|cell| cell.as_f64().map_or(cell.to_string(), |number| format!("{number:.9e}")))
                .collect();
            shown.sort();
            shown.join(" ")
        };
        let mut ours: Vec<String> = ours.iter().map(|row| key(row.iter().collect())).collect();
        let mut theirs: Vec<String> = theirs.iter().map(|row| key(row.values().collect())).collect();
        ours.sort();
        theirs.sort();
        assert!(ours == theirs, "{view} differs in the shell");
    }
}

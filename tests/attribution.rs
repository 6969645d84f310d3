//! Attribution gives each deal's amount away exactly, whatever the model.

use funnelite::catalog;
use rusqlite::{Connection, named_params};

const DATA: &str = "
create table deals (deal_id, system, status, closed_on, opportunity_on, amount_reporting);
create table links (deal_id, system, person_id);
create table persons (person_id, lead_on);
create table touches (person_id, touched_at, channel, campaign, kind, evidence);
create view deal_touches as
    select d.*, p.lead_on, t.*, substr(t.touched_at, 1, 10) as touched_on
    from deals as d natural join links join persons as p using (person_id) join touches as t using (person_id);
create table kpi_cells (grain, period, level, channel, kpi, value);
create table campaigns_monthly (month, campaign, spend);
insert into deals values
    ('1', 'crm', 'won', '2026-03-31', '2026-03-01', 1000.01),
    ('2', 'crm', 'won', '2026-03-31', '2026-02-01', 999999.999999),
    ('3', 'crm', 'won', '2026-03-31', null, 50.0),
    ('4', 'crm', 'lost', '2026-03-31', '2026-03-01', 70.0);
insert into links values ('1', 'crm', 'a'), ('2', 'crm', 'a'), ('2', 'crm', 'b'), ('3', 'crm', 'c'), ('4', 'crm', 'a');
insert into persons values ('a', '2026-02-10'), ('b', null), ('c', null);
insert into touches values
    ('a', '2026-01-01T09:00:00Z', 'Paid search', 'brand', 'visit', 'x'),
    ('a', '2026-02-10T09:00:00Z', 'Email', '', 'form', 'x'),
    ('a', '2026-02-20T09:00:00Z', 'Webinar', '', 'event', 'x'),
    ('a', '2026-03-30T09:00:00Z', 'Direct', '', 'visit', 'x'),
    ('a', '2026-04-02T09:00:00Z', 'Too late', '', 'visit', 'x'),
    ('b', '2026-03-24T09:00:00Z', 'Organic search', '', 'visit', 'x');
insert into kpi_cells values
    ('month', '2026-03-01', 'channel', 'Paid search', 'spend', 100.0), ('month', '2026-03-01', 'channel', 'Display', 'spend', 30.0);
";

type Row = (String, i64, f64, Option<String>);

fn attribute(model: &str, lookback: Option<i64>) -> Vec<Row> {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(DATA).unwrap();
    let sql = catalog::sql("queries").into_iter().find(|q| q.name == "attribution").unwrap().body;
    let mut statement = conn.prepare(sql).unwrap();
    let values = named_params! {
        ":from": "2026-03-01", ":to": "2026-03-31", ":model": model, ":lookback": lookback, ":by": "channel",
    };
    let rows = statement.query_map(values, |r| {
        Ok((r.get("name")?, r.get("deals")?, r.get("credited_revenue")?, r.get("note")?))
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn credit(rows: &[Row], name: &str) -> f64 {
    rows.iter().find(|r| r.0 == name).map_or(0.0, |r| r.2)
}

#[test]
fn credit_sums_to_the_amount_to_the_millionth() {
    for model in ["first", "last", "linear", "u-shaped", "w-shaped", "time-decay"] {
        let rows = attribute(model, None);
        let micros: i64 = rows.iter().map(|r| (r.2 * 1e6).round() as i64).sum();
        assert_eq!(micros, 1_000_010_000 + 999_999_999_999 + 50_000_000, "{model}: {rows:?}");
        assert_eq!(credit(&rows, "(no touch)"), 50.0, "{model}");
        let display = rows.iter().find(|r| r.0 == "Display").unwrap();
        assert_eq!(display.3.as_deref(), Some("spend without credited revenue"));
        assert_eq!(credit(&rows, "Too late"), 0.0);
    }
}

#[test]
fn weights_are_those_of_the_help() {
    let one = |model: &str, name: &str| {
        let rows = attribute(model, Some(400));
        credit(&rows, name)
    };
    // deal 1: first Paid search, lead Email, opportunity Webinar (the last before 1 March); deal 2 has Organic search too
    let both = 1000.01 + 999_999.999_999;
    assert!((one("first", "Paid search") - both).abs() < 1e-5);
    assert!((one("last", "Direct") - both).abs() < 1e-5);
    assert!((one("linear", "Direct") - (1000.01 / 4.0 + 999_999.999_999 / 5.0)).abs() < 1e-5);
    assert!((one("u-shaped", "Email") - both * 0.4).abs() < 1e-5);
    assert!((one("w-shaped", "Email") - both * 0.3).abs() < 1.0, "a second deal's keys coincide");
    assert!(one("time-decay", "Direct") > one("time-decay", "Organic search"));
}

#[test]
fn lookback_leaves_older_touches_out() {
    let rows = attribute("first", Some(30));
    assert_eq!(credit(&rows, "Paid search"), 0.0);
    assert!(credit(&rows, "Direct") > 1000.0);
}

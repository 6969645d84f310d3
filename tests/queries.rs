//! Every named query, check and rows file runs on the real views, and its header says what it takes.

use std::collections::BTreeSet;

use funnelite::catalog;
use funnelite::db::{self, checks, named, records};
use funnelite::labels::{self, Language};
use funnelite::models;
use funnelite::settings::Settings;
use rusqlite::Connection;
use rusqlite::types::Value;

/// A database without a single import: every view exists and is empty.
fn empty_database() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = db::open(&folder.path().join("funnel.db")).unwrap();
    db::migrate(&mut conn).unwrap();
    models::prepare(&conn, &Settings::default()).unwrap();
    (folder, conn)
}

fn moment(conn: &Connection) -> named::Moment {
    named::Moment::read(conn, "2026-11-02".parse().unwrap()).unwrap()
}

/// The names that a statement binds.
fn bound_names(conn: &Connection, sql: &str) -> BTreeSet<String> {
    let statement = conn.prepare(sql).unwrap();
    (1..=statement.parameter_count()).map(|i| statement.parameter_name(i).unwrap()[1..].to_owned()).collect()
}

#[test]
fn headers_declare_what_the_sql_binds() {
    let (_folder, conn) = empty_database();
    for query in named::all(None).unwrap() {
        let declared: BTreeSet<String> = query.params.iter().map(|p| p.name.clone()).collect();
        let mut bound = bound_names(&conn, &query.sql);
        bound.retain(|name| !name.ends_with("_ends"));
        // the grain may serve the flags alone: it says how long `--period` is
        let unused: Vec<&String> = declared.difference(&bound).filter(|name| *name != "grain").collect();
        assert!(unused.is_empty(), "{}: {unused:?} is declared and not used", query.name);
        let undeclared: Vec<&String> = bound.difference(&declared).collect();
        assert!(undeclared.is_empty(), "{}: {undeclared:?} is used and not declared", query.name);
        assert!(
            !query.title.is_empty() && query.text.iter().any(|l| l.starts_with("Grain:")),
            "{}",
            query.name
        );
        assert!(!query.sql.contains('\t'), "{}", query.name);
    }
}

#[test]
fn queries_run_with_their_defaults_and_every_choice() {
    let (_folder, conn) = empty_database();
    for query in named::all(None).unwrap() {
        let mut cases = vec![Vec::new()];
        for param in &query.params {
            cases.extend(param.choices.iter().map(|choice| vec![(param.name.clone(), choice.clone())]));
        }
        for case in cases {
            let values = named::bind(&query, &case, &moment(&conn), &conn).unwrap();
            named::run(&conn, &query.name, &query.sql, &values)
                .unwrap_or_else(|e| panic!("{} {case:?}: {e}", query.name));
        }
    }
}

#[test]
fn queries_read_public_views_only() {
    let (_folder, conn) = empty_database();
    let views: BTreeSet<&str> = catalog::sql("views").into_iter().map(|t| t.name).collect();
    let tables: Vec<String> = conn
        .prepare("select name from sqlite_master where type = 'table'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for query in named::all(None).unwrap() {
        for table in tables.iter().filter(|t| !views.contains(t.as_str())) {
            for word in ["from", "join"] {
                let pattern = format!(r"\b{word} {table}\b");
                let found = regex::Regex::new(&pattern).unwrap().is_match(&query.sql);
                assert!(!found, "{} reads the table {table}", query.name);
            }
        }
    }
}

#[test]
fn views_that_are_joined_by_what_columns_make_up_get_an_index() {
    let (_folder, conn) = empty_database();
    let joins = [
        ("people", "stage_entries", "person_id"),
        ("people", "stage_history", "person_id"),
        ("people", "deal_contacts", "person_id"),
        ("people", "touches", "person_id"),
        ("stage_entries", "stage_entries", "person_id"),
        ("stage_entries", "deal_contacts", "person_id"),
        ("people", "people", "email"),
        ("people", "deals", "company"),
        ("deals", "deals", "company"),
        ("campaigns", "deals", "campaign"),
    ];
    for (a, b, column) in joins {
        let plan = format!(
            "explain query plan select count(*) from {a} as a join {b} as b on b.{column} = a.{column}"
        );
        let mut plan = conn.prepare(&plan).unwrap();
        let steps = plan.query_map([], |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        assert!(
            steps.iter().any(|step| step.contains("AUTOMATIC COVERING INDEX")),
            "{b} is read as a whole for each row of {a}: {steps:#?}"
        );
    }
}

#[test]
fn an_empty_database_is_clean() {
    let (_folder, conn) = empty_database();
    checks::register_functions(&conn, &Settings::default()).unwrap();
    for check in checks::all() {
        assert!(!check.title.is_empty() && !check.advice.is_empty(), "{}", check.name);
        let finding = checks::run(&conn, check).unwrap();
        assert!(finding.is_clean(), "{}", finding.check.name);
        let names: Vec<&str> = finding.rows.columns.iter().map(|c| c.name.as_str()).take(3).collect();
        assert_eq!(names, ["subject", "finding", "records"], "{}", finding.check.name);
    }
}

#[test]
fn rows_run_for_every_measure() {
    let (_folder, conn) = empty_database();
    let range = records::CellRange {
        from: "2026-01-01".into(),
        to: "2026-01-31".into(),
        channel: Some("Inbound".into()),
    };
    for text in catalog::sql("rows") {
        let query = named::NamedQuery::read(text.name, text.body, named::Origin::BuiltIn);
        for measure in records::measures_of(&query) {
            let side = records::Side {
                part: "numerator",
                formula: measure,
                is_stock: false,
                margin: 1.0,
                unit: 1.0,
            };
            records::list(&conn, side, &range).unwrap();
        }
    }
}

#[test]
fn every_flow_and_ratio_has_rows() {
    let mut missing = BTreeSet::new();
    for kpi in models::catalogue(&Settings::default()).unwrap() {
        let formulas = [Some(kpi.numerator.clone()), kpi.denominator.clone()];
        let is_made_of_records = !matches!(kpi.kind.name(), "composite");
        for formula in formulas.into_iter().flatten().filter(|_| is_made_of_records) {
            let formula = if kpi.kind.name() == "median" { format!("median({formula})") } else { formula };
            let measures = records::measures_in(&formula).into_iter().filter(|m| m != "margin");
            missing.extend(
                measures.filter(|m| records::rows_of(m).is_none() && records::sample_of(m).is_none()),
            );
        }
    }
    assert!(missing.is_empty(), "no rows file lists {missing:?}");
}

#[test]
fn every_kpi_has_a_name_in_every_language() {
    let unnamed: Vec<String> = models::catalogue(&Settings::default())
        .unwrap()
        .into_iter()
        .map(|k| k.id)
        .filter(|id| funnelite::labels::find("kpi", id).is_none())
        .collect();
    assert!(unnamed.is_empty(), "sql/labels.csv lacks {unnamed:?}");
}

#[test]
fn every_kpi_is_defined_in_every_language() {
    for kpi in models::catalogue(&Settings::default()).unwrap() {
        for language in [Language::Tr, Language::Id, Language::Ar] {
            assert!(labels::definition(&kpi.id, language).is_some(), "sql/definitions.csv lacks {}", kpi.id);
        }
        assert_eq!(labels::name("kpi", &kpi.id, Language::En), kpi.label, "the label of {}", kpi.id);
    }
}

#[test]
fn values_are_bound_and_never_pasted() {
    let (_folder, conn) = empty_database();
    let queries = named::all(None).unwrap();
    let query = queries.iter().find(|q| q.name == "campaigns").unwrap();
    let nasty = "x' or 1 = 1; drop table meta; --".to_owned();
    let values = named::bind(query, &[("campaign".into(), nasty.clone())], &moment(&conn), &conn).unwrap();
    assert!(values.contains(&("campaign".to_owned(), Value::Text(nasty))));
    named::run(&conn, "campaigns", &query.sql, &values).unwrap();
}

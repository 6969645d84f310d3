//! Ad-hoc SQL: what it may do, and what it says when it may not or cannot.

use funnelite::db::guard::Access;
use funnelite::db::query::{Answer, Session};
use funnelite::output::Cell;
use insta::assert_snapshot;

use crate::support::TestEnv;

const TABLES: &str = "
create table person_rows (person_id text, channel text, spend real) strict;
insert into person_rows values ('hubspot:1', 'Paid search', 12.5), ('hubspot:2', null, 1000), ('hubspot:3', '', 0);
create view people as
-- One row per person, joined across systems.
-- Grain: one row per person.
select person_id, channel from person_rows;
create table crm_deals (id integer primary key, record_id text);
";

fn env() -> TestEnv {
    TestEnv::with_database(TABLES)
}

#[test]
fn answers() {
    let env = env();
    assert_snapshot!(env.run(&["sql", "select * from people"]), @r"
        person_id  channel
        ─────────  ───────────
        hubspot:1  Paid search
        hubspot:2  NULL
        hubspot:3
        --- exit 0
        ");
    assert_snapshot!(env.run(&["sql", "select 1; select 2 as two", "--format", "csv"]), @r"
        1
        1
        two
        2
        --- exit 0
        ");
    assert_snapshot!(env.run_with_input(&["sql", "--quiet"], "-- a script\nselect 'a;b' as x;\n\nselect 2 as y"), @r"
        x
        ───
        a;b
        y
        ─
        2
        --- exit 0
        ");
    env.run(&["sql", "select * from person_rows", "--output", "rows.csv"]).success();
    assert_snapshot!(env.read("rows.csv"), @r#"
        person_id,channel,spend
        hubspot:1,Paid search,12.5
        hubspot:2,,1000.0
        hubspot:3,"",0.0
        "#);
    env.run(&["sql", "select 1", "--output", "rows.xlsx"]).success();
    let pages = env.run(&["sql", "select 1; select 2", "--output", "rows.html"]);
    assert_snapshot!(pages, @r"
        --- stderr
        written to rows.html
        error: a workbook or page holds one answer, and the script gives several

        hint: `.output FILE` before each of them
        --- exit 2
        ");
}

#[test]
fn mistakes_get_a_hint() {
    let env = env();
    assert_snapshot!(env.run(&["sql", "select * from poeple"]), @r"
        --- stderr
        error: no such table: poeple

        hint: did you mean `people`?
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "select\n  chanel\nfrom people"]), @r"
        --- stderr
        error: no such column: chanel
            chanel
            ^

        hint: did you mean `channel`?
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "select p.colour from people as p"]), @r"
        --- stderr
        error: no such column: p.colour
          select p.colour from people as p
                 ^

        hint: columns here: person_id, channel
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "select spend from people"]), @r"
        --- stderr
        error: no such column: spend
          select spend from people
                 ^

        hint: columns here: person_id, channel
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "select * form people"]), @r#"
        --- stderr
        error: near "form": syntax error
          select * form people
                   ^

        hint: did you mean `from`?
        --- exit 1
        "#);
    assert_snapshot!(env.run(&["sql", "select * from people where channel = \"Paid search\""]), @r#"
        --- stderr
        error: no such column: "Paid search"
          select * from people where channel = "Paid search"
                                               ^

        hint: text stands in single quotes: 'like this'; double quotes are for names
        --- exit 1
        "#);
    assert_snapshot!(env.run(&["sql", "select counts(*), date_trunc('month', channel) from people"]), @r"
        --- stderr
        error: no such function: counts
          select counts(*), date_trunc('month', channel) from people
                 ^

        hint: did you mean `count`?
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "select date_trunc('month', channel) from people"]), @r"
        --- stderr
        error: no such function: date_trunc
          select date_trunc('month', channel) from people
                 ^

        hint: here it is `date(day, 'start of month')`; weeks and quarters stand in the view `periods`
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "with won as (select 1 as total) select totl from won"]), @r"
        --- stderr
        error: no such column: totl
          with won as (select 1 as total) select totl from won
                                                 ^

        hint: did you mean `total`?
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "select 'ıİ🚀', nope('x')"]), @r"
        --- stderr
        error: no such function: nope
          select 'ıİ🚀', nope('x')
                         ^
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "select ("]), @r"
        --- stderr
        error: incomplete input
        --- exit 1
        ");
}

#[test]
fn an_error_leaves_the_file_as_it_was() {
    let env = env();
    env.write("kept.csv", "kept\n");
    assert_eq!(env.run(&["sql", "select * from nope", "--output", "kept.csv"]).code, Some(1));
    assert_eq!(env.read("kept.csv"), "kept\n");
}

#[test]
fn reading_only() {
    let env = env();
    let before = std::fs::read(env.path("funnel.db")).unwrap();
    for sql in [
        "insert into person_rows values ('x', 'y', 1)",
        "create table mine (x)",
        "drop view people",
        "pragma user_version = 7",
        "pragma journal_mode = wal",
        "pragma writable_schema = on",
        "attach 'other.db' as other",
        "vacuum",
        "vacuum into 'copy.db'",
        "select load_extension('x')",
        "begin; delete from person_rows; commit",
        "insert into person_rows values ('x', 'y', 1) returning *",
        "with x as (select 1) delete from person_rows",
        "replace into person_rows values ('x', 'y', 1)",
        "create virtual table words using fts5(x)",
        "create temp trigger t after insert on person_rows begin select 1; end",
        "pragma query_only = off",
        "analyze",
    ] {
        let output = env.run(&["sql", sql]);
        assert_eq!(output.code, Some(1), "{sql}: {output}");
    }
    assert_eq!(std::fs::read(env.path("funnel.db")).unwrap(), before);
    assert!(!env.path("copy.db").exists() && !env.path("other.db").exists());
    // each statement of a script is refused on its own, wherever it comes from
    env.write("writes.sql", "select 1 as x;\ndelete from person_rows;\nselect 2 as x;");
    assert_snapshot!(env.run_with_input(&["sql"], ".read writes.sql\n"), @r"
        x
        ─
        1
        --- stderr
        error: this session only reads; `funnelite sql --write` changes tables of your own
        --- exit 1
        ");
    assert_eq!(std::fs::read(env.path("funnel.db")).unwrap(), before);
    assert_snapshot!(env.run(&["sql", "delete from person_rows"]), @r"
        --- stderr
        error: this session only reads; `funnelite sql --write` changes tables of your own
        --- exit 1
        ");
    assert_snapshot!(env.run(&["sql", "pragma user_version = 7"]), @r"
        --- stderr
        error: `pragma user_version` changes how the database works
        --- exit 1
        ");
    let temporary =
        "create temp table t as select * from people; select count(*) as n from t; pragma table_info(t)";
    assert_snapshot!(env.run(&["sql", temporary]), @r"
        n
        ─
        3
        cid  name       type  notnull  dflt_value  pk
        ───  ─────────  ────  ───────  ──────────  ──
          0  person_id  TEXT        0  NULL         0
          1  channel    TEXT        0  NULL         0
        --- exit 0
        ");
}

#[test]
fn own_tables_may_be_written() {
    let env = env();
    let script = "create table mine (x integer primary key, y text) strict;
        create index mine_y on mine (y);
        insert into mine (y) values ('a'), ('b');
        create trigger mine_t after insert on mine begin update mine set y = 'c' where y = 'a'; end;
        insert into mine (y) values ('d');
        update mine set y = 'e' where y = 'd';
        select * from mine;
        alter table mine rename to yours;
        drop table yours;";
    assert_snapshot!(env.run_with_input(&["sql", "--write"], script), @r"
        x  y
        ─  ─
        1  c
        2  b
        3  e
        --- stderr
        2 rows changed
        1 row changed
        1 row changed
        --- exit 0
        ");
    for sql in [
        "delete from crm_deals",
        "drop table crm_deals",
        "alter table crm_deals add column x",
        "create index x on crm_deals (record_id)",
        "create trigger x after insert on crm_deals begin select 1; end",
        "create table import_files (x)",
        "create table mine (x); create trigger t after insert on mine begin delete from crm_deals; end; insert into mine values (1)",
        "pragma writable_schema = on",
        "delete from sqlite_schema",
        "attach 'other.db' as other",
    ] {
        let output = env.run(&["sql", "--write", sql]);
        assert_eq!(output.code, Some(1), "{sql}: {output}");
    }
    assert_snapshot!(env.run(&["sql", "--write", "update crm_deals set record_id = 'x'"]), @r"
        --- stderr
        error: `crm_deals` is Funnelite's and follows from the imported files: what you change there would be lost or wrong
        --- exit 1
        ");
}

/// Whatever a migration, a model or a view makes is refused by name.
#[test]
fn nothing_of_funnelites_can_be_dropped() {
    let env = TestEnv::new();
    env.run(&["init"]).success();
    let session = Session::open(&env.path("funnel.db"), Access::Write).unwrap();
    let Answer::Rows(objects) =
        session.run("select type, name from sqlite_schema where sql is not null").unwrap()
    else {
        panic!("a select gives rows")
    };
    assert!(objects.rows.len() > 100);
    for object in objects.rows {
        let [Cell::Text(kind), Cell::Text(name)] = object.as_slice() else { panic!("{object:?}") };
        let refused = session.run(&format!("drop {kind} {name}")).unwrap_err();
        assert!(refused.message.contains("Funnelite's"), "{kind} {name}: {refused}");
    }
}

#[test]
fn reading_goes_on_while_another_program_writes() {
    let env = env();
    let mut writer = rusqlite::Connection::open(env.path("funnel.db")).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    let transaction = writer.transaction().unwrap();
    transaction.execute("insert into person_rows values ('hubspot:4', 'Event', 1)", []).unwrap();
    assert_eq!(env.run(&["sql", "select count(*) as n from people", "--format", "csv"]).success(), "n\n3\n");
    transaction.commit().unwrap();
    assert_eq!(env.run(&["sql", "select count(*) as n from people", "--format", "csv"]).success(), "n\n4\n");
}

#[test]
fn a_file_that_is_no_database() {
    let env = TestEnv::new();
    env.write("funnel.db", "contact,email\n".repeat(100));
    assert_snapshot!(env.run(&["sql", "select 1"]), @r"
        --- stderr
        error: `funnel.db` could not be opened
          caused by: file is not a database
        --- exit 1
        ");
    assert_eq!(std::fs::read(env.path("funnel.db")).unwrap().len(), 1400);
}

#[test]
fn no_input_panics() {
    let env = env();
    for sql in [
        "",
        ";",
        ";;",
        "'",
        "\"",
        "/*",
        "--",
        "select '",
        "\u{0}",
        "select 1 \u{0}",
        "💥",
        ".",
        ".. x",
        ".mode",
        "(",
    ] {
        let output = env.run_with_input(&["sql"], sql);
        assert!(matches!(output.code, Some(0..=2)), "{sql:?}: {output}");
        assert!(!output.stderr.contains("panicked"), "{sql:?}: {output}");
    }
}

//! Dot-commands, run as a script: the prompt itself is reedline's.

use insta::assert_snapshot;

use crate::support::{CommandOutput, TestEnv};

const TABLES: &str = "
create table person_rows (person_id text primary key, channel_group text, channel text) strict;
insert into person_rows values ('hubspot:1', 'Inbound', 'Paid search'), ('hubspot:2', 'Unknown', 'Unknown');
create index person_rows_channel on person_rows (channel);
create view people as
-- One row per person, joined across systems.
-- Grain: one row per person.
select person_id, channel_group, channel from person_rows;
";

fn run(script: &str) -> CommandOutput {
    TestEnv::with_database(TABLES).run_with_input(&["sql"], script)
}

#[test]
fn help_lists_everything() {
    assert_snapshot!(run(".help"), @r"
        .channels             channels, their groups, and how many people each brought
        .chart on|off|COLUMN  bars beside tables
        .columns VIEW         columns of a view or table
        .exit                 leave (so does Ctrl-D)
        .explain SQL          how SQLite would run a statement
        .files [ID]           import history
        .headers on|off       the columns' names above tables, csv and tsv
        .help [COMMAND]       this list
        .indexes [TABLE]      indexes, of one table or all
        .kpi [KPI]            the KPI catalogue
        .mode [SHAPE]         shape of answers: table, line, csv, tsv, json, ndjson, markdown, html
        .maxrows N|off        rows that are read for the screen at most
        .nullvalue TEXT       what stands for NULL in tables
        .once FILE            write the next answer to a file
        .output [FILE]        write answers to a file; without it, to the screen again
        .queries              the named queries
        .query NAME …         run a named query, with its flags
        .quit                 leave
        .read FILE            run a script
        .schema [VIEW]        definition of a view or table: grain and meaning
        .summarize VIEW|SQL   each column at a glance: how much is filled, how many values, from what to what
        .tables [PART]        tables and views
        .timer on|off         how long each statement took
        .views [PART]         the public views, and what each holds
        .wide on|off          tables wider than the screen, to scroll sideways in the pager
        .width N …            widths of the columns; 0 as wide as needed; nothing to reset

        A statement ends with a semicolon. Tab completes, Ctrl-R searches what was typed before, Alt-Enter begins a line,
        Ctrl-O opens $EDITOR, Ctrl-C stops a statement, Ctrl-D leaves.
        --- exit 0
        ");
    assert_snapshot!(run(".help mo"), @r"
        .mode [SHAPE]         shape of answers: table, line, csv, tsv, json, ndjson, markdown, html
        --- exit 0
        ");
}

#[test]
fn what_there_is() {
    assert_snapshot!(run(".tables\n.views\n.columns people\n.indexes\n.channels\n"), @r"
        name         kind        holds
        ───────────  ──────────  ─────────────────────────────────────────
        people       view        One row per person, joined across systems
        person_rows  your table
        view    holds
        ──────  ─────────────────────────────────────────
        people  One row per person, joined across systems
        column         type
        ─────────────  ────
        person_id      text
        channel_group  text
        channel        text
        index                           table        columns
        ──────────────────────────────  ───────────  ─────────
        person_rows_channel             person_rows  channel
        sqlite_autoindex_person_rows_1  person_rows  person_id
        channel_group  channel      people
        ─────────────  ───────────  ──────
        Inbound        Paid search       1
        Unknown        Unknown           1
        --- exit 0
        ");
    assert_snapshot!(run(".schema people\n.schema person_rows"), @r"
        CREATE VIEW people as
        -- One row per person, joined across systems.
        -- Grain: one row per person.
        select person_id, channel_group, channel from person_rows;
        CREATE TABLE person_rows (person_id text primary key, channel_group text, channel text) strict;

        CREATE INDEX person_rows_channel on person_rows (channel);
        --- exit 0
        ");
    assert_snapshot!(run(".schema poeple"), @r"
        --- stderr
        error: there is no table or view `poeple`

        hint: did you mean `people`?
        --- exit 2
        ");
    assert_snapshot!(run(".explain select * from people where channel = 'Webinar';"), @r"
        SEARCH person_rows USING INDEX person_rows_channel (channel=?)
        --- exit 0
        ");
}

#[test]
fn how_answers_look() {
    assert_snapshot!(run(".mode csv\n.headers off\nselect * from people;\n.mode markdown\nselect null as x;"), @r"
        hubspot:1,Inbound,Paid search
        hubspot:2,Unknown,Unknown
        | x |
        | --- |
        | NULL |
        --- exit 0
        ");
    assert_snapshot!(run(".nullvalue 'not known'\nselect null as x, '' as y;\n.width 4\nselect channel from people;"), @r"
        x          y
        ─────────  ─
        not known
        cha…
        ────
        Pai…
        Unk…
        --- stderr
        2 cells are cut (`--format line` shows everything)
        --- exit 0
        ");
    assert_snapshot!(run(".chart on\nselect channel, 1 as n from people;"), @r"
        channel      n  chart
        ───────────  ─  ────────────────────
        Paid search  1  ████████████████████
        Unknown      1  ████████████████████
        --- exit 0
        ");
    assert_snapshot!(run(".mode\n.mode pie"), @r"
        table
        --- stderr
        error: there is no shape `pie`

        hint: known: table, line, csv, tsv, json, ndjson, markdown, html, xlsx
        --- exit 2
        ");
    assert_snapshot!(run(".timer maybe"), @r"
        --- stderr
        error: `maybe` is neither `on` nor `off`
        --- exit 2
        ");
}

#[test]
fn where_answers_go() {
    let env = TestEnv::with_database(TABLES);
    env.write("inner.sql", "select 'from the file' as said;\n");
    env.write("endless.sql", ".read endless.sql\n");
    let script = ".once one.csv\nselect 1 as x;\nselect 2 as x;\n.output both.json\nselect 3 as x;\nselect 4 as x;\n.output\nselect 5 as x;\n.read inner.sql\n.exit\nselect 'never';";
    assert_snapshot!(env.run_with_input(&["sql"], script), @r"
        x
        ─
        2
        x
        ─
        5
        said
        ─────────────
        from the file
        --- stderr
        written to one.csv
        written to both.json
        --- exit 0
        ");
    assert_snapshot!(env.read("one.csv") + &env.read("both.json"), @r#"
        x
        1
        [
          {"x":3}
        ]
        [
          {"x":4}
        ]
        "#);
    assert_snapshot!(env.run_with_input(&["sql"], ".read endless.sql"), @r"
        --- stderr
        error: `endless.sql` reads itself
        --- exit 1
        ");
    let missing = env.run_with_input(&["sql"], ".read none.sql");
    assert!(missing.stderr.starts_with("error: `none.sql` could not be read\n  caused by: "), "{missing}");
}

/// What an analyst wants of a table that is new to them.
#[test]
fn summaries() {
    assert_snapshot!(run(".summarize people\n.summarize select 1 as n union all select 4;\n"), @r"
        column         filled_share  values  least        most       average
        ─────────────  ────────────  ──────  ───────────  ─────────  ───────
        person_id            100.0%       2  hubspot:1    hubspot:2  NULL
        channel_group        100.0%       2  Inbound      Unknown    NULL
        channel              100.0%       2  Paid search  Unknown    NULL
        column  filled_share  values  least  most  average
        ──────  ────────────  ──────  ─────  ────  ───────
        n             100.0%       2      1     4      2.5
        --- exit 0
        ");
    assert_snapshot!(run(".summarize poeple"), @r"
        --- stderr
        error: there is no table or view `poeple`

        hint: did you mean `people`?
        --- exit 2
        ");
    assert_snapshot!(run(".mode line\nselect * from people limit 2;\n.mode column\nselect 1 as x;"), @r"
        person_id      hubspot:1
        channel_group  Inbound
        channel        Paid search

        person_id      hubspot:2
        channel_group  Unknown
        channel        Unknown
        x
        ─
        1
        --- exit 0
        ");
}

/// Where nothing is found because a KPI or channel is called otherwise.
#[test]
fn an_empty_answer_names_what_was_probably_meant() {
    let env = TestEnv::with_database("create view kpis as select 'mqls' as kpi union all select 'mrr';");
    assert_snapshot!(env.run(&["sql", "select * from kpis where kpi in ('mql', 'mrrr')"]), @r"
        kpi
        ───
        --- stderr
        hint: no `kpi` is `mql`; did you mean `mqls`?
        --- exit 0
        ");
    assert_snapshot!(env.run(&["sql", "select * from kpis where kpi like 'x%'"]), @r"
        kpi
        ───
        --- exit 0
        ");
}

#[test]
fn mistakes() {
    assert_snapshot!(run("select 1 as x;\n.shema\nselect 2 as x;"), @r"
        x
        ─
        1
        --- stderr
        error: there is no command `.shema`

        hint: did you mean `.schema`?
        --- exit 2
        ");
    assert_snapshot!(run(".help shema"), @r"
        --- stderr
        error: there is no command `.shema`

        hint: did you mean `.schema`?
        --- exit 2
        ");
    assert_snapshot!(run(".once result.pdf"), @r"
        --- stderr
        error: `.pdf` does not say what to write

        hint: a name ends in .csv, .tsv, .json, .ndjson, .md, .html, .xlsx or .txt; `--format` says it otherwise
        --- exit 2
        ");
    assert_snapshot!(run(".query funnel --by nope"), @r"
        --- stderr
        error: invalid value 'nope' for '--by <VALUE>'
          [possible values: channel, channel_group, month, campaign, country, industry, owner, icp, segment, disqualified_reason]

        hint: `.query --help` explains
        --- exit 2
        ");
    assert_snapshot!(run(".query --nope"), @r"
        --- stderr
        error: unexpected argument '--nope' found

        hint: `.query --help` explains
        --- exit 2
        ");
}

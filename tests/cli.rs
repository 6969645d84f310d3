//! The command line as people meet it: help, exit codes, where the database is, streams.

use insta::assert_snapshot;

use crate::support::TestEnv;

/// The whole help of every command: the one big snapshot.
#[test]
fn help() {
    let env = TestEnv::new().set("COLUMNS", "100");
    let overview = env.run(&["--help"]).success();
    let mut text = overview.clone();
    let listed =
        overview.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for verb in verbs.filter_map(|line| line.split_whitespace().next()) {
        let help = env.run(&[verb, "--help"]).success();
        // the global options are the same everywhere
        let (own, rest) = help.split_once("\nGlobal options:").unwrap_or((&help, ""));
        let example = rest.find("\nExample").map_or("", |start| &rest[start..]);
        assert!(!example.is_empty(), "`{verb} --help` has no example");
        text.push_str(&format!("\n=== funnelite {verb}\n{own}{example}"));
    }
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
        assert_snapshot!("help", text);
    });
}

#[test]
fn wrong_usage_is_exit_2() {
    let env = TestEnv::new();
    assert_snapshot!(env.run(&["imprt"]), @r"
        --- stderr
        error: unrecognized subcommand 'imprt'

          tip: a similar subcommand exists: 'import'

        Usage: funnelite [OPTIONS] <COMMAND>

        For more information, try '--help'.
        --- exit 2
        ");
    assert_snapshot!(env.run(&["sql", "--colour", "never"]), @r"
        --- stderr
        error: unexpected argument '--colour' found

          tip: a similar argument exists: '--color'

        Usage: funnelite sql --color <WHEN> [SQL]

        For more information, try '--help'.
        --- exit 2
        ");
    assert_snapshot!(env.run(&["man", "imports"]), @r"
        --- stderr
        error: there is no command `imports`
        --- exit 2
        ");
    assert_snapshot!(env.run(&["sql", "select 1", "--output", "x.ods"]), @r"
        --- stderr
        error: `.ods` cannot be written

        hint: `.xlsx` opens in the same programs
        --- exit 2
        ");
    assert_eq!(env.run(&[]).code, Some(2));
    let strange_day = TestEnv::new().set("FUNNELITE_TODAY", "yesterday");
    assert_snapshot!(strange_day.run(&["sql", "select 1"]), @r"
        --- stderr
        error: `FUNNELITE_TODAY` is `yesterday`, expected a date like 2026-10-05
        --- exit 2
        ");
}

#[test]
fn the_database_is_found() {
    let env = TestEnv::with_database("create table a(x); insert into a values ('here')");
    env.write("elsewhere/none.txt", "");
    let inside = |args: &[&str]| {
        let output = env.command(args).current_dir(env.path("elsewhere")).output().unwrap();
        (
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
            output.status.code(),
        )
    };
    let (text, code) = inside(&["sql", "select * from a"]);
    assert_eq!(code, Some(1));
    assert_snapshot!(text, @r"
        error: there is no database at `funnel.db`

        hint: `funnelite import PATH` makes one here; `--db FILE` names another; `funnelite demo` shows one
        ");
    env.write("funnelite.toml", "database = 'funnel.db'\n");
    assert_snapshot!(inside(&["sql", "select * from a"]).0, @r"
        x
        ────
        here
        ");
    env.write("funnelite.toml", "database = 5\n");
    let (text, _) = inside(&["sql", "select * from a"]);
    assert!(text.contains("`database` in") && text.contains("is no text"), "{text}");
    std::fs::remove_file(env.path("funnelite.toml")).unwrap();
    assert_eq!(inside(&["--db", "../funnel.db", "sql", "select * from a"]).1, Some(0));
    let by_variable = TestEnv::new().set("FUNNELITE_DB", env.path("funnel.db").to_str().unwrap());
    assert_eq!(by_variable.run(&["sql", "select * from a"]).code, Some(0));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    use std::io::Read;
    use std::process::Stdio;
    let env = TestEnv::with_database("create table a(x)");
    let numbers =
        "with recursive n(x) as (select 1 union all select x + 1 from n limit 300000) select x from n";
    for format in ["table", "csv", "json"] {
        let mut command = env.command(&["sql", numbers, "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
        assert_eq!(output.status.code(), Some(0), "{format}");
    }
}

#[test]
fn shells_get_their_completions_and_a_manual() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = env.run(&["completions", shell]).success();
        assert!(script.contains("funnelite") && script.contains("import"), "{shell}");
    }
    let manual = env.run(&["man"]).success();
    assert!(manual.contains(".TH funnelite 1"), "{}", &manual[..200]);
    let import = env.run(&["man", "import"]).success();
    assert!(import.contains("\\-\\-as\\-of"), "{import}");
    env.run(&["man", "--output", "funnelite.1"]).success();
    assert_eq!(env.read("funnelite.1"), manual);
}

/// Settings hold from the next command on, also one that only reads; a database of something else is left alone.
#[test]
fn changed_settings_are_applied_before_reading() {
    let env = TestEnv::new();
    env.run(&["init"]).success();
    env.write("funnelite.toml", "fiscal_year_start = 4\n");
    let applied = ["sql", "select value from meta where key = 'settings_text'", "--format", "csv"];
    assert_snapshot!(env.run(&applied), @r#"
        value
        "fiscal_year_start = 4
        "
        --- stderr
        note: settings or definitions have changed; deriving the numbers again
        --- exit 0
        "#);
    assert_snapshot!(env.run(&applied), @r#"
        value
        "fiscal_year_start = 4
        "
        --- exit 0
        "#);
    env.write("funnelite.toml", "fiscal_year_strat = 4\n");
    assert_eq!(env.run(&applied).code, Some(1));
    let other = TestEnv::with_database("create table meta (key text, value text)");
    let before = std::fs::read(other.path("funnel.db")).unwrap();
    other.run(&["sql", "select * from meta"]).success();
    assert_eq!(std::fs::read(other.path("funnel.db")).unwrap(), before);
}

//! The command line as people meet it: help, exit codes, where the database is, streams.

use funnelite::db::named;
use funnelite::demo::company::Shape;
use funnelite::demo::{self, exports};
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

/// The commands that a help shows below `Example:`, without what is said beside them.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| !line.starts_with("Example")).skip(1);
    let shown = lines.take_while(|line| line.starts_with("  ")).map(str::trim);
    shown.map(|line| line.split_once("  ").map_or(line, |(command, _)| command).to_owned()).collect()
}

/// What `--help` shows is what a person types first: every example of every command and query runs.
#[test]
fn the_examples_of_the_help_run() {
    let env = TestEnv::new();
    let company = demo::simulate(demo::SEED, &Shape::tiny());
    for week in exports::list_weeks(&company.shape) {
        for (name, bytes) in exports::list_files(&company, &week) {
            env.write(&format!("Downloads/exports/{}/{name}", week.folder()), bytes);
        }
    }
    env.write(
        "google-ads.csv",
        "Campaign report\n\"March 1, 2026 - March 2, 2026\"\nCampaign,Day,Cost,Impr.,Clicks\nBrand,2026-03-01,1.00,2,1\n",
    );
    std::fs::copy(env.path("google-ads.csv"), env.path("report.csv")).unwrap();
    env.write("monthly.sql", "select * from kpi_monthly where kpi = 'mqls';\n");
    for folder in [".zfunc", ".config/fish/completions"] {
        std::fs::create_dir_all(env.path(folder)).unwrap();
    }
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_funnelite")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let run = |line: &str| {
        let mut command = env.command(&[]);
        let variables: Vec<_> =
            command.get_envs().map(|(k, v)| (k.to_owned(), v.unwrap().to_owned())).collect();
        command = std::process::Command::new("bash");
        command.args(["-c", line]).current_dir(env.folder()).env_clear().envs(variables).env("PATH", &path);
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        // a check that finds something ends with 3, as its help says
        let is_well = matches!(output.status.code(), Some(0))
            || line.contains(" check") && output.status.code() == Some(3);
        assert!(is_well, "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run("funnelite import Downloads");
    let overview = run("funnelite --help");
    let verbs =
        overview.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs: Vec<&str> = verbs
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|v| !v.is_empty()))
        .collect();
    assert!(verbs.len() > 15 && verbs.contains(&"query"), "{verbs:?}");
    let queries = named::all(None).unwrap();
    let helps = verbs.iter().map(|verb| format!("funnelite {verb} --help"));
    let helps = helps.chain(queries.iter().map(|query| format!("funnelite query {} --help", query.name)));
    for help in ["funnelite --help".to_owned()].into_iter().chain(helps) {
        let examples = examples(&run(&help));
        assert!(!examples.is_empty(), "{help} has no example");
        // the sample workspace takes its time, and has a test of its own
        examples.iter().filter(|line| !line.starts_with("funnelite demo")).for_each(|line| {
            run(line);
        });
    }
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

/// What cannot be written is said with its name, and nothing is left behind.
#[test]
fn where_an_answer_cannot_go() {
    let env = TestEnv::with_database("create table a(x)");
    assert_snapshot!(env.run(&["sql", "select 1", "--output", "x.pdf"]), @r"
        --- stderr
        error: `.pdf` does not say what to write

        hint: a name ends in .csv, .tsv, .json, .ndjson, .md, .html, .xlsx or .txt; `--format` says it otherwise
        --- exit 2
        ");
    assert!(!env.path("x.pdf").exists());
    env.run(&["sql", "select 1", "--output", "x.dat", "--format", "csv"]).success();
    let nowhere = env.run(&["sql", "select 1", "--output", "none/x.csv"]);
    assert!(nowhere.stderr.contains("caused by: `none/x.csv`: "), "{nowhere}");
    assert_eq!(nowhere.code, Some(1));
    if std::path::Path::new("/dev/full").exists() {
        for format in ["table", "csv", "json", "xlsx"] {
            let full = env.run(&["sql", "select 1", "--output", "/dev/full", "--format", format]);
            assert!(full.stderr.contains("caused by: `/dev/full`: No space left"), "{full}");
            assert_eq!(full.code, Some(1));
        }
    }
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

/// An export that did not change since last week has arrived nonetheless, but a file that only still lies there has not.
#[test]
fn todo_ticks_what_did_not_change() {
    let env = TestEnv::new();
    let write = |name: &str, moment: &str| {
        let path = env.write(name, "Date,Clicks,Impressions,CTR,Position\n2026-10-20,3,40,7.5%,9.1\n");
        let day: chrono::NaiveDate = moment.parse().unwrap();
        let time = std::time::UNIX_EPOCH
            + std::time::Duration::from_secs(
                u64::try_from(day.and_hms_opt(9, 0, 0).unwrap().and_utc().timestamp()).unwrap(),
            );
        std::fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    };
    let todo = || {
        let output = env.run(&["todo", "--format", "csv"]).success();
        let row = output.lines().nth(1).unwrap().to_owned();
        (row.starts_with('✓'), row.rsplit(',').next().unwrap().to_owned())
    };
    write("Chart.csv", "2026-10-27");
    env.run(&["import", "Chart.csv"]).success();
    assert_eq!(todo(), (false, "2026-10-27".to_owned()));
    // the folder is imported again, and nothing was downloaded
    env.run(&["import", "."]).success();
    assert_eq!(todo(), (false, "2026-10-27".to_owned()));
    write("Chart (1).csv", "2026-11-02");
    env.run(&["import", "--dry-run", "."]).success();
    assert_eq!(todo(), (false, "2026-10-27".to_owned()));
    env.run(&["import", "."]).success();
    assert_eq!(todo(), (true, "2026-11-02".to_owned()));
    let files = env.run(&["files", "--format", "csv"]).success();
    assert!(files.lines().count() == 2 && files.contains("2026-11-02"), "{files}");
}

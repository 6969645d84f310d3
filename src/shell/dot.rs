//! Dot-commands: those people know from `sqlite3`, and Funnelite's own.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use super::schema::{columns, explain, indexes, relations, schema, summarize};
use super::{DEEPEST, Flow, Shell};
use crate::cli::Cli;
use crate::error::{Error, Result, nearest};
use crate::output::Shape;

/// What the words after a dot-command are, for completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Relation,
    File,
    Mode,
    Switch,
    Query,
    Kpi,
    Sql,
    Free,
}

pub(super) struct DotCommand {
    pub name: &'static str,
    args: &'static str,
    pub help: &'static str,
    pub takes: Takes,
    run: fn(&mut Shell, &str) -> Result<Flow>,
}

const fn command(
    name: &'static str,
    args: &'static str,
    takes: Takes,
    run: fn(&mut Shell, &str) -> Result<Flow>,
    help: &'static str,
) -> DotCommand {
    DotCommand { name, args, help, takes, run }
}

pub(super) const COMMANDS: &[DotCommand] = &[
    command(
        "channels",
        "",
        Takes::Nothing,
        channels,
        "channels, their groups, and how many people each brought",
    ),
    command("chart", "on|off|COLUMN", Takes::Switch, chart, "bars beside tables"),
    command("columns", "VIEW", Takes::Relation, columns, "columns of a view or table"),
    command("exit", "", Takes::Nothing, exit, "leave (so does Ctrl-D)"),
    command("explain", "SQL", Takes::Sql, explain, "how SQLite would run a statement"),
    command("files", "[ID]", Takes::Free, |s, a| verb(s, "files", a), "import history"),
    command("headers", "on|off", Takes::Switch, headers, "the columns' names above tables, csv and tsv"),
    command("help", "[COMMAND]", Takes::Free, help, "this list"),
    command("indexes", "[TABLE]", Takes::Relation, indexes, "indexes, of one table or all"),
    command("kpi", "[KPI]", Takes::Kpi, |s, a| verb(s, "kpi", a), "the KPI catalogue"),
    command(
        "mode",
        "[SHAPE]",
        Takes::Mode,
        mode,
        "shape of answers: table, line, csv, tsv, json, ndjson, markdown, html",
    ),
    command("maxrows", "N|off", Takes::Free, max_rows, "rows that are read for the screen at most"),
    command("nullvalue", "TEXT", Takes::Free, null_value, "what stands for NULL in tables"),
    command("once", "FILE", Takes::File, once, "write the next answer to a file"),
    command(
        "output",
        "[FILE]",
        Takes::File,
        output,
        "write answers to a file; without it, to the screen again",
    ),
    command("queries", "", Takes::Nothing, |s, _| verb(s, "query", ""), "the named queries"),
    command("query", "NAME …", Takes::Query, |s, a| verb(s, "query", a), "run a named query, with its flags"),
    command("quit", "", Takes::Nothing, exit, "leave"),
    command("read", "FILE", Takes::File, read, "run a script"),
    command("schema", "[VIEW]", Takes::Relation, schema, "definition of a view or table: grain and meaning"),
    command(
        "summarize",
        "VIEW|SQL",
        Takes::Relation,
        summarize,
        "each column at a glance: how much is filled, how many values, from what to what",
    ),
    command("tables", "[PART]", Takes::Free, |s, a| relations(s, a, false), "tables and views"),
    command("timer", "on|off", Takes::Switch, timer, "how long each statement took"),
    command(
        "views",
        "[PART]",
        Takes::Free,
        |s, a| relations(s, a, true),
        "the public views, and what each holds",
    ),
    command(
        "wide",
        "on|off",
        Takes::Switch,
        wide,
        "tables wider than the screen, to scroll sideways in the pager",
    ),
    command(
        "width",
        "N …",
        Takes::Free,
        width,
        "widths of the columns; 0 as wide as needed; nothing to reset",
    ),
];

const KEYS: &str = "
A statement ends with a semicolon. Tab completes, Ctrl-R searches what was typed before, Alt-Enter begins a line,
Ctrl-O opens $EDITOR, Ctrl-C stops a statement, Ctrl-D leaves.
";

/// The command of this name, or of this unmistakable beginning.
pub(super) fn find(name: &str) -> Option<&'static DotCommand> {
    let mut starting = COMMANDS.iter().filter(|c| c.name.starts_with(name));
    let exact = COMMANDS.iter().find(|c| c.name == name);
    exact.or_else(|| starting.next().filter(|_| starting.next().is_none() && !name.is_empty()))
}

/// Runs what follows the dot.
pub(super) fn run(shell: &mut Shell, line: &str) -> Result<Flow> {
    let (name, args) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match find(&name.to_ascii_lowercase()) {
        Some(command) => (command.run)(shell, args.trim()),
        None => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> Error {
    let error = Error::usage(format!("there is no command `.{name}`"));
    match nearest(name, COMMANDS.iter().map(|c| c.name)) {
        Some(near) => error.hint(format!("did you mean `.{near}`?")),
        None => error.hint("`.help` lists them"),
    }
}

fn help(shell: &mut Shell, name: &str) -> Result<Flow> {
    let name = name.trim_start_matches('.');
    let shown = COMMANDS.iter().filter(|c| name.is_empty() || c.name.starts_with(name));
    let mut lines: Vec<String> =
        shown.map(|c| format!("{:<22}{}\n", format!(".{} {}", c.name, c.args).trim_end(), c.help)).collect();
    if lines.is_empty() {
        return Err(unknown(name));
    }
    if name.is_empty() {
        lines.push(KEYS.to_owned());
    }
    shell.print_text(&lines.concat())?;
    Ok(Flow::Continue)
}

fn exit(_: &mut Shell, _: &str) -> Result<Flow> {
    Ok(Flow::Exit)
}

/// Runs a verb of the command line with this session's database and look.
fn verb(shell: &mut Shell, verb: &str, args: &str) -> Result<Flow> {
    let words = ["funnelite", verb].map(str::to_owned).into_iter().chain(split_words(args));
    let parsed = match Cli::try_parse_from(words) {
        Ok(parsed) => parsed,
        Err(error) if error.exit_code() == 0 => {
            shell.print_text(&error.to_string())?;
            return Ok(Flow::Continue);
        }
        Err(error) => {
            let text = error.to_string();
            let ends =
                ["\n\nUsage:", "\n\nFor more information"].iter().filter_map(|end| text.find(end)).min();
            let message = text[..ends.unwrap_or(text.len())].trim_end();
            return Err(Error::usage(message.trim_start_matches("error: "))
                .hint(format!("`.{verb} --help` explains")));
        }
    };
    let mut ctx = shell.ctx.clone();
    ctx.db = Some(shell.workspace.database.clone());
    ctx.shape = parsed.global.format.unwrap_or(ctx.shape);
    ctx.shape_is_given |= parsed.global.format.is_some();
    if let Some(file) = parsed.global.output {
        ctx.shape = parsed.global.format.map_or_else(|| Shape::of_file(&file), Ok)?;
        (ctx.output, ctx.append) = (Some(file), false);
    }
    parsed.command.run(&ctx)?;
    shell.ctx.append = shell.ctx.output.is_some();
    shell.end_once();
    Ok(Flow::Continue)
}

/// Words as a command line has them: quotes keep spaces.
pub(super) fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn channels(shell: &mut Shell, _: &str) -> Result<Flow> {
    shell.answer(
        "select channel_group, channel, count(*) as people from people
         group by channel_group, channel order by people desc, channel",
    )?;
    Ok(Flow::Continue)
}

fn mode(shell: &mut Shell, name: &str) -> Result<Flow> {
    let shapes = || Shape::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let known: Vec<String> = shapes().map(|shape| shape.get_name().to_owned()).collect();
    if name.is_empty() {
        let now = shell.ctx.shape.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
        shell.print_text(&format!("{now}\n"))?;
        return Ok(Flow::Continue);
    }
    shell.ctx.shape = Shape::from_str(name, true).map_err(|_| {
        Error::usage(format!("there is no shape `{name}`")).hint(format!("known: {}", known.join(", ")))
    })?;
    // a file may then have any ending
    shell.ctx.shape_is_given = shell.ctx.shape != Shape::Table;
    Ok(Flow::Continue)
}

fn switch(text: &str) -> Result<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "yes" | "1" | "true" => Ok(true),
        "off" | "no" | "0" | "false" => Ok(false),
        _ => Err(Error::usage(format!("`{text}` is neither `on` nor `off`"))),
    }
}

fn headers(shell: &mut Shell, text: &str) -> Result<Flow> {
    shell.ctx.style.headers = switch(text)?;
    Ok(Flow::Continue)
}

fn timer(shell: &mut Shell, text: &str) -> Result<Flow> {
    shell.timer = switch(text)?;
    Ok(Flow::Continue)
}

fn wide(shell: &mut Shell, text: &str) -> Result<Flow> {
    shell.ctx.style.width = if switch(text)? { None } else { crate::cli::terminal_width() };
    Ok(Flow::Continue)
}

fn max_rows(shell: &mut Shell, text: &str) -> Result<Flow> {
    shell.most_rows = match text.to_ascii_lowercase().as_str() {
        "off" | "0" => None,
        text => Some(text.parse().map_err(|_| {
            Error::usage(format!("`{text}` is neither a whole number nor `off`")).hint("`.maxrows 1000`")
        })?),
    };
    Ok(Flow::Continue)
}

fn chart(shell: &mut Shell, text: &str) -> Result<Flow> {
    shell.ctx.style.chart = match switch(text) {
        Ok(false) => None,
        Ok(true) => "".parse().ok(),
        Err(_) => text.parse().ok(),
    };
    Ok(Flow::Continue)
}

fn null_value(shell: &mut Shell, text: &str) -> Result<Flow> {
    shell.ctx.style.null = split_words(text).join(" ");
    Ok(Flow::Continue)
}

fn width(shell: &mut Shell, text: &str) -> Result<Flow> {
    let widths = text.split_whitespace().map(|word| {
        word.parse().map_err(|_| Error::usage(format!("`{word}` is no width, expected a whole number")))
    });
    shell.ctx.style.widths = widths.collect::<Result<_>>()?;
    Ok(Flow::Continue)
}

fn output(shell: &mut Shell, file: &str) -> Result<Flow> {
    shell.end_once();
    if file.is_empty() || file == "stdout" {
        shell.ctx.output = None;
        shell.ctx.append = false;
        if let Some(screen) = shell.screen.take() {
            (shell.ctx.shape, shell.ctx.style) = (screen.shape, screen.style);
            shell.ctx.shape_is_given = screen.shape_is_given;
        }
        return Ok(Flow::Continue);
    }
    let before = shell.ctx.clone();
    to_file(shell, file)?;
    shell.screen.get_or_insert(before);
    Ok(Flow::Continue)
}

fn once(shell: &mut Shell, file: &str) -> Result<Flow> {
    if file.is_empty() {
        return Err(Error::usage("`.once` takes a file").hint("`.once result.csv`"));
    }
    shell.end_once();
    let before = shell.ctx.clone();
    to_file(shell, file)?;
    shell.before_once = Some(before);
    Ok(Flow::Continue)
}

/// The file's name says the shape, where it says one.
fn to_file(shell: &mut Shell, file: &str) -> Result<()> {
    let path = expand_home(&split_words(file).join(" "));
    match Shape::of_file(&path) {
        Ok(Shape::Table) => {}
        Ok(shape) => shell.ctx.shape = shape,
        // `.mode csv` before it says what any file is to hold
        Err(_) if shell.ctx.shape_is_given => {}
        Err(error) => return Err(error),
    }
    shell.ctx.output = Some(path);
    shell.ctx.append = false;
    shell.ctx.style.width = None;
    shell.ctx.style.color = false;
    Ok(())
}

fn read(shell: &mut Shell, file: &str) -> Result<Flow> {
    if file.is_empty() {
        return Err(Error::usage("`.read` takes a file").hint("`.read monthly.sql`"));
    }
    let path = expand_home(&split_words(file).join(" "));
    let script = File::open(&path)
        .map_err(|e| Error::failed(format!("`{}` could not be read", path.display())).because(e))?;
    if shell.depth == DEEPEST {
        return Err(Error::failed(format!("`{}` reads itself", path.display())));
    }
    shell.depth += 1;
    let flow = shell.read_script(&mut BufReader::new(script));
    shell.depth -= 1;
    flow
}

fn expand_home(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => Path::new(text).to_path_buf(),
    }
}

//! The command line: the verbs, the flags that all of them share, and the exit code.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser};
use rusqlite::{Connection, InterruptHandle};

use crate::commands::Command;
use crate::error::{Error, Result};
use crate::output::{self, ResultSet, Shape, Style};
use crate::shell::pager;
use crate::store::Store;
use crate::workspace::Workspace;
use crate::{db, store, workspace};

const ABOUT: &str = "Marketing and CRM exports in, one SQLite file with funnel, cost and revenue numbers out";

const FIRST_STEPS: &str = "\
Examples:
  funnelite demo                     a workspace of invented exports, to look around in
  funnelite import ~/Downloads       everything it recognises in a folder
  funnelite query scorecard          every KPI, its change and its target
  funnelite sql 'select * from people limit 5'

Exit codes: 0 done; 1 a file was refused or failed and changed nothing; 2 wrong usage;
3 done, but rows were rejected, a file was not recognised, or a check found something";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "funnelite", version, about = ABOUT, after_help = FIRST_STEPS, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

/// Flags that every verb takes, before or after it.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Database file; otherwise the one that the nearest `funnelite.toml` upwards names, otherwise `funnel.db`
    #[arg(long, global = true, env = "FUNNELITE_DB", value_name = "FILE", hide_env_values = true)]
    pub db: Option<PathBuf>,
    /// Shape of the answer [default: table, or what the name of `--output` says]
    #[arg(long, global = true, value_name = "SHAPE", hide_possible_values = false)]
    pub format: Option<Shape>,
    /// Write the answer to this file instead of standard output
    #[arg(short, long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Leave text that begins with = + - or @ as it is in csv and tsv, where otherwise a `'` keeps spreadsheets
    /// from running it as a formula
    #[arg(long, global = true)]
    pub no_guard: bool,
    /// Say nothing but the answer and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Colours on a terminal; `NO_COLOR` is respected
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Say more about what is done
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Rows were rejected, a file was not recognised, or a check found something. Exit 3.
    Incomplete,
    /// A file was refused or failed, as was said; what failed changed nothing. Exit 1.
    Failed,
}

/// What a command may know of the outside: the global flags, the terminal and today's date.
#[derive(Debug, Clone)]
pub struct Context {
    pub db: Option<PathBuf>,
    pub shape: Shape,
    /// Whether the shape was asked for by name, so that the file of `--output` may have any ending.
    pub shape_is_given: bool,
    pub output: Option<PathBuf>,
    pub quiet: bool,
    pub verbose: u8,
    /// How results look: the terminal's width and colours, and what flags ask for.
    pub style: Style,
    /// Whether an answer longer than the screen goes through a pager.
    pub pager: bool,
    /// Whether the file of `--output` grows instead of being replaced.
    pub append: bool,
    /// Stops what runs on a connection of this context, from Ctrl-C.
    pub interrupt: Interrupt,
    /// Only relative words on the command line (`last-month`) use it.
    pub today: chrono::NaiveDate,
}

/// The connection that Ctrl-C interrupts in the shell.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Mutex<Option<InterruptHandle>>>);

impl Interrupt {
    fn watch(&self, conn: &Connection) {
        if let Ok(mut handle) = self.0.lock() {
            *handle = Some(conn.get_interrupt_handle());
        }
    }

    /// Stops the statement that runs, if one does.
    pub fn interrupt(&self) {
        if let Ok(handle) = self.0.lock()
            && let Some(handle) = handle.as_ref()
        {
            handle.interrupt();
        }
    }
}

impl std::fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupt")
    }
}

impl Context {
    /// Reads the flags, the environment and the terminal, once.
    pub fn new(global: Global) -> Result<Self> {
        // a command that prints no rows may write files of any ending
        let of_file = || global.output.as_deref().and_then(|path| Shape::of_file(path).ok());
        let shape = global.format.or_else(of_file).unwrap_or_default();
        let to_file = global.output.is_some();
        let style = Style {
            color: wants_color(global.color, io::stdout().is_terminal()) && !to_file,
            width: if to_file { None } else { terminal_width() },
            guard: !global.no_guard,
            ..Style::default()
        };
        Ok(Context {
            style,
            today: today()?,
            pager: false,
            interrupt: Interrupt::default(),
            append: false,
            db: global.db,
            shape,
            shape_is_given: global.format.is_some(),
            output: global.output,
            quiet: global.quiet,
            verbose: global.verbose,
        })
    }

    /// Where the database and what stands beside it are.
    pub fn workspace(&self) -> Result<Workspace> {
        workspace::locate(self.db.as_deref(), &std::env::current_dir()?)
    }

    /// The existing database, for reading only.
    pub fn open_read_only(&self) -> Result<Connection> {
        let workspace = self.workspace()?;
        workspace.expect_database()?;
        let conn = store::open_up_to_date(&workspace, self)?;
        self.interrupt.watch(&conn);
        Ok(conn)
    }

    /// The same look with the reporting currency beside money.
    pub fn with_currency(&self, conn: &Connection) -> Self {
        Context { style: Style { currency: db::query::currency(conn), ..self.style() }, ..self.clone() }
    }

    /// Opens the workspace for writing.
    pub fn open_store(&self) -> Result<Store> {
        Store::open(self.workspace()?)
    }

    /// How results look on this terminal.
    pub fn style(&self) -> Style {
        self.style.clone()
    }

    /// Writes a result in the chosen shape to where the answer goes.
    pub fn print(&self, result: &ResultSet) -> Result<()> {
        self.print_styled(result, &self.style())
    }

    /// The same with a style of the command's own, such as bars in a column.
    pub fn print_styled(&self, result: &ResultSet, style: &Style) -> Result<()> {
        if self.shape == Shape::Xlsx && self.output.is_none() && io::stdout().is_terminal() {
            return Err(Error::usage("a workbook cannot be shown on a terminal")
                .hint("name a file: `--output result.xlsx`"));
        }
        self.check_file_name()?;
        if let Some(chart) = &style.chart {
            output::check_chart(result, chart)?;
        }
        let mut note = None;
        self.write(|out| {
            note = output::write(result, self.shape, style, out)?;
            Ok(())
        })?;
        if let Some(note) = note {
            let way = if self.pager { "`.mode line` or `.wide on`" } else { "`--format line`" };
            let text = format!("{note} ({way} shows everything)");
            self.say(output::wrap::lines(&text, style.width.unwrap_or(usize::MAX)).join("\n"));
        }
        Ok(())
    }

    /// An ending of the output's name that says no shape is an error, before it is written or emptied.
    pub fn check_file_name(&self) -> Result<()> {
        match &self.output {
            Some(path) if !self.shape_is_given => Shape::of_file(path).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Writes text or bytes to where the answer goes: standard output or the file of `--output`.
    pub fn write(&self, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        self.write_answer(|out| {
            fill(out)?;
            Ok(true)
        })
    }

    /// The same where there may be no answer, as after an update: then the file stays as it was.
    pub fn write_answer(&self, fill: impl FnOnce(&mut dyn Write) -> Result<bool>) -> Result<()> {
        let Some(path) = &self.output else {
            if self.pager {
                let mut text = Vec::new();
                fill(&mut text)?;
                return Ok(pager::show(&text)?);
            }
            let mut out = BufWriter::new(Named { name: "standard output", inner: io::stdout().lock() });
            fill(&mut out)?;
            return Ok(out.flush()?);
        };
        let name = format!("`{}`", path.display());
        let mut file = LateFile { path, append: self.append, file: None };
        let mut out = BufWriter::new(Named { name: &name, inner: &mut file });
        let is_answered = fill(&mut out)?;
        out.flush()?;
        drop(out);
        if is_answered {
            file.open().map_err(|e| name_failure(&name, &e))?;
            if !self.append {
                self.say(format!("written to {}", path.display()));
            }
        }
        Ok(())
    }

    /// Tells the person something on standard error, unless `--quiet`.
    pub fn say(&self, text: impl std::fmt::Display) {
        if !self.quiet {
            // a closed standard error is nobody listening
            let _ = writeln!(io::stderr(), "{text}");
        }
    }
}

/// Where an answer goes, named in what goes wrong there.
struct Named<'a, W> {
    name: &'a str,
    inner: W,
}

impl<W: Write> Write for Named<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes).map_err(|e| name_failure(self.name, &e))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn name_failure(name: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{name}: {error}"))
}

/// A file that is made, or emptied, only when there is something to write: an error before that leaves it as it was.
struct LateFile<'a> {
    path: &'a Path,
    append: bool,
    file: Option<File>,
}

impl LateFile<'_> {
    fn open(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            options.create(true).write(true).append(self.append).truncate(!self.append);
            self.file = Some(options.open(self.path)?);
        }
        Ok(self.file.as_mut().expect("the file just opened"))
    }
}

impl Write for LateFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs the program on the process's own arguments and gives its exit code.
pub fn main() -> u8 {
    let parsed = Cli::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // help for a reader that went away is nobody's error
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let color = cli.global.color;
    match Context::new(cli.global).and_then(|context| cli.command.run(&context)) {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::Failed) => 1,
        Ok(Outcome::Incomplete) => 3,
        Err(error) if error.is_broken_pipe() => 0,
        Err(error) => {
            let color = wants_color(color, io::stderr().is_terminal());
            let _ = writeln!(io::stderr(), "{}", paint_error(&error, color));
            error.exit_code()
        }
    }
}

pub(crate) fn paint_error(error: &Error, color: bool) -> String {
    let text = error.to_string();
    if !color {
        return text;
    }
    let red = nu_ansi_term::Color::Red.bold();
    let cyan = nu_ansi_term::Color::Cyan.bold();
    let text = text.replacen("error:", &red.paint("error:").to_string(), 1);
    text.replacen("\nhint:", &format!("\n{}", cyan.paint("hint:")), 1)
}

fn wants_color(choice: ColorChoice, terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
        }
    }
}

/// A pipe has no width: nothing is cut there, unless `COLUMNS` asks for it.
pub(crate) fn terminal_width() -> Option<usize> {
    if let Some(columns) = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()) {
        return Some(columns);
    }
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).filter(|w| *w > 0)
}

/// Today in the machine's zone; `FUNNELITE_TODAY` fixes it, so that scripts and tests can repeat a day.
fn today() -> Result<chrono::NaiveDate> {
    match std::env::var("FUNNELITE_TODAY") {
        Ok(text) => text.parse().map_err(|_| {
            Error::usage(format!("`FUNNELITE_TODAY` is `{text}`, expected a date like 2026-10-05"))
        }),
        Err(_) => Ok(chrono::Local::now().date_naive()),
    }
}

//! The SQL shell: statements and dot-commands, from a prompt, a pipe or the command line. The work is in `db::query`.

mod complete;
mod dot;
mod highlight;
pub(crate) mod pager;
pub mod prompt;
mod schema;
mod words;

use std::io::BufRead;
use std::time::{Duration, Instant};

use crate::cli::Context;
use crate::db::query::{self, Answer, Session};
use crate::error::{Error, Result};
use crate::output::{self, Cell, ColumnKind, Shape};
use crate::workspace::Workspace;

/// Rows that are in memory at a time where the shape needs no look at all of them.
const BATCH: usize = 2_000;
/// A script that reads itself would never end.
const DEEPEST: usize = 10;

/// A session and how its answers are shown.
pub struct Shell {
    ctx: Context,
    session: Session,
    workspace: Workspace,
    /// Where answers go again after `.once`.
    before_once: Option<Context>,
    /// How answers looked before `.output`.
    screen: Option<Context>,
    interactive: bool,
    timer: bool,
    depth: usize,
}

/// Whether the shell goes on after an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    Exit,
}

impl Shell {
    pub fn new(ctx: Context, session: Session, workspace: Workspace) -> Self {
        Shell {
            ctx,
            session,
            workspace,
            before_once: None,
            screen: None,
            interactive: false,
            timer: false,
            depth: 0,
        }
    }

    /// Runs a script, statement by statement; the first error ends it.
    pub fn run_script(&mut self, script: &mut dyn BufRead) -> Result<()> {
        self.read_script(script).map(|_| ())
    }

    fn read_script(&mut self, script: &mut dyn BufRead) -> Result<Flow> {
        let mut pending = String::new();
        let mut line = Vec::new();
        while script.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line).trim_start_matches('\u{feff}').to_owned();
            line.clear();
            let fresh = pending.trim().is_empty();
            if fresh && text.trim_start().starts_with('.') {
                if self.execute(text.trim())? == Flow::Exit {
                    return Ok(Flow::Exit);
                }
                continue;
            }
            pending.push_str(&text);
            if text.contains(';') && query::is_complete(&pending) {
                self.execute(&pending)?;
                pending.clear();
            }
        }
        self.execute(&pending)
    }

    /// Runs one input: a dot-command, or statements.
    pub(crate) fn execute(&mut self, input: &str) -> Result<Flow> {
        let input = input.trim();
        if let Some(command) = input.strip_prefix('.') {
            return dot::run(self, command);
        }
        for statement in query::statements(input) {
            self.answer(statement)?;
        }
        Ok(Flow::Continue)
    }

    /// Runs one statement and shows what it gives.
    fn answer(&mut self, sql: &str) -> Result<()> {
        let shown = match self.ctx.shape {
            Shape::Csv | Shape::Tsv | Shape::Ndjson if !self.interactive => self.stream(sql),
            _ => self.show(sql),
        };
        self.end_once();
        let took = shown?;
        if self.timer {
            self.ctx.say(format!("{:.3} s", took.as_secs_f64()));
        }
        Ok(())
    }

    /// Shows all rows at once; returns how long SQLite took, not the reading of it.
    fn show(&mut self, sql: &str) -> Result<Duration> {
        let start = Instant::now();
        let answer = self.session.run(sql)?;
        let took = start.elapsed();
        match answer {
            Answer::Rows(result) => {
                let whole = matches!(self.ctx.shape, Shape::Xlsx | Shape::Html);
                if whole && self.ctx.append {
                    return Err(Error::usage(
                        "a workbook or page holds one answer, and the script gives several",
                    )
                    .hint("`.output FILE` before each of them"));
                }
                self.ctx.print(&result)?;
                self.ctx.append = self.ctx.output.is_some();
                if self.interactive && self.ctx.shape == Shape::Table {
                    self.ctx.say(count(result.rows.len() as u64, ""));
                }
            }
            Answer::Changed(rows) => self.say_changed(sql, rows),
        }
        Ok(took)
    }

    fn stream(&mut self, sql: &str) -> Result<Duration> {
        let start = Instant::now();
        let Shell { ctx, session, .. } = self;
        let mut style = ctx.style();
        let changed = session.stream(sql, BATCH, &mut |rows| {
            ctx.print_styled(&rows, &style)?;
            style.headers = false;
            ctx.append = ctx.output.is_some();
            Ok(())
        })?;
        self.say_changed(sql, changed);
        Ok(start.elapsed())
    }

    fn say_changed(&self, sql: &str, rows: u64) {
        let changes =
            matches!(query::first_word(sql).as_deref(), Some("insert" | "update" | "delete" | "replace"));
        if changes {
            self.ctx.say(count(rows, " changed"));
        }
    }

    /// Text of the shell's own goes where answers go.
    fn print_text(&mut self, text: &str) -> Result<()> {
        self.ctx.write(|out| Ok(out.write_all(text.as_bytes())?))?;
        self.ctx.append = self.ctx.output.is_some();
        self.end_once();
        Ok(())
    }

    fn end_once(&mut self) {
        if let Some(ctx) = self.before_once.take() {
            self.ctx = ctx;
        }
    }
}

fn count(rows: u64, what: &str) -> String {
    let shown =
        output::show(&Cell::Integer(i64::try_from(rows).unwrap_or(i64::MAX)), ColumnKind::Number, 0, "");
    format!("{shown} {}{what}", if rows == 1 { "row" } else { "rows" })
}

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
use crate::db::query::{self, Answer, Next, Session};
use crate::error::{Error, Result};
use crate::output::{self, Cell, ColumnKind, Shape, Stream};
use crate::workspace::Workspace;

/// Rows that are in memory at a time where the shape needs no look at all of them.
const BATCH: usize = 2_000;
/// Rows of a table that are read for the screen, unless `.maxrows` says otherwise.
const MOST_ROWS: usize = 10_000;
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
    /// Rows that are read for the screen at most; none for all.
    most_rows: Option<usize>,
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
            most_rows: Some(MOST_ROWS),
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
        let is_paged = self.ctx.pager && self.ctx.output.is_none();
        let shown =
            if Stream::suits(self.ctx.shape) && !is_paged { self.stream(sql) } else { self.show(sql) };
        self.end_once();
        let took = shown?;
        if self.timer {
            self.ctx.say(format!("{:.3} s", took.as_secs_f64()));
        }
        Ok(())
    }

    /// Shows all rows at once; returns how long SQLite took, not the reading of it.
    fn show(&mut self, sql: &str) -> Result<Duration> {
        self.ctx.check_file_name()?;
        let is_paged = self.ctx.pager && self.ctx.output.is_none();
        let most = self.most_rows.filter(|_| is_paged).unwrap_or(usize::MAX - 1);
        let start = Instant::now();
        let (answer, is_cut) = self.session.run_first(sql, most)?;
        let took = start.elapsed();
        let result = match answer {
            Answer::Rows(result) => result,
            Answer::Changed(rows) => {
                self.say_changed(sql, rows);
                return Ok(took);
            }
        };
        let whole = matches!(self.ctx.shape, Shape::Xlsx | Shape::Html);
        if whole && self.ctx.append {
            return Err(Error::usage("a workbook or page holds one answer, and the script gives several")
                .hint("`.output FILE` before each of them"));
        }
        self.ctx.style.mixed_money = self.session.may_mix_money(sql);
        self.ctx.print(&result)?;
        self.ctx.append = self.ctx.output.is_some();
        self.say_count(sql, result.rows.len(), is_cut);
        Ok(took)
    }

    /// How many rows there are, where a person reads them; and why there may be none.
    fn say_count(&self, sql: &str, rows: usize, is_cut: bool) {
        let is_read = self.interactive && matches!(self.ctx.shape, Shape::Table | Shape::Line);
        if is_cut {
            let rows = count(rows as u64, "");
            self.ctx.say(format!("the first {rows} of more (`.maxrows off` shows all)"));
        } else if is_read {
            self.ctx.say(count(rows as u64, ""));
        }
        if rows == 0
            && let Some(hint) = self.session.explain_nothing(sql)
        {
            self.ctx.say(format!("hint: {hint}"));
        }
    }

    fn stream(&mut self, sql: &str) -> Result<Duration> {
        self.ctx.check_file_name()?;
        let start = Instant::now();
        let Shell { ctx, session, .. } = self;
        let mut stream = Stream::new(ctx.shape, ctx.style());
        let mut changed = 0;
        let mut is_answered = false;
        ctx.write_answer(|out| {
            changed = session.stream(sql, BATCH, &mut |rows| {
                stream.write(&rows, out)?;
                Ok(Next::Continue)
            })?;
            is_answered = stream.end(out)?;
            Ok(is_answered)
        })?;
        ctx.append |= is_answered && ctx.output.is_some();
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

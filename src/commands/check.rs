//! Data-quality assertions: what offends, and what to do about it.

mod rules;

use rusqlite::Connection;

use crate::cli::{Context, Outcome};
use crate::db::checks::{self, Finding};
use crate::error::Result;
use crate::output::{self, Cell, ResultSet, Shape};
use crate::settings::Settings;

/// Rows shown of each check when all of them run.
const SHOWN: usize = 10;

const EXAMPLE: &str = "\
Examples:
  funnelite check                                  all of them, ten rows of each
  funnelite check unmapped-sources                 every row of one
  funnelite check --fix-rules --output rules.toml

It ends with exit code 3 where it finds something.";

/// Check the data: values no rule covers, twins, gaps, and what to do about each
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Only this check
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// List the checks instead of running them
    #[arg(long, conflicts_with_all = ["name", "fix_rules"])]
    pub list: bool,
    /// Write the missing `[[channel]]`, `[stages]` and `[[campaign_alias]]` rules, commented, to be looked through
    #[arg(long, conflicts_with = "name")]
    pub fix_rules: bool,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    if args.list {
        ctx.print(&list_checks())?;
        return Ok(Outcome::Done);
    }
    let limit = if args.name.is_some() { usize::MAX } else { SHOWN };
    let checks = match &args.name {
        Some(name) => vec![checks::find(name)?],
        None => checks::all(),
    };
    let conn = ctx.open_read_only()?;
    checks::register_functions(&conn, &Settings::load(&ctx.workspace()?.folder)?)?;
    if args.fix_rules {
        return write_rules(&conn, ctx);
    }
    let count = checks.len();
    let findings: Vec<Finding> =
        checks.into_iter().map(|check| checks::run(&conn, check)).collect::<Result<_>>()?;
    let findings: Vec<Finding> = findings.into_iter().filter(|f| !f.is_clean()).collect();
    if ctx.shape == Shape::Table {
        write_findings(&findings, limit, ctx)?;
    } else {
        ctx.print(&join_findings(&findings))?;
    }
    if findings.is_empty() {
        ctx.say(if count == 1 { "it is clean".to_owned() } else { format!("all {count} checks are clean") });
        return Ok(Outcome::Done);
    }
    ctx.say(format!("{} of {count} checks found something", findings.len()));
    Ok(Outcome::Incomplete)
}

fn write_rules(conn: &Connection, ctx: &Context) -> Result<Outcome> {
    let text = rules::write(conn)?;
    ctx.write(|out| Ok(out.write_all(text.as_bytes())?))?;
    Ok(Outcome::Done)
}

fn list_checks() -> ResultSet {
    let rows = checks::all()
        .into_iter()
        .map(|check| vec![Cell::from(check.name), Cell::from(check.title), Cell::from(check.advice)]);
    ResultSet::new(["check", "title", "what_to_do"], rows.collect())
}

fn write_findings(findings: &[Finding], limit: usize, ctx: &Context) -> Result<()> {
    let style = ctx.style();
    ctx.write(|out| {
        for finding in findings {
            let check = &finding.check;
            writeln!(out, "{}: {}", check.name, check.title)?;
            if !check.why.is_empty() {
                writeln!(out, "{}", check.why)?;
            }
            writeln!(out)?;
            output::write(&finding.shown(limit), Shape::Table, &style, out)?;
            let rest = finding.rows.rows.len().saturating_sub(limit);
            if rest > 0 {
                writeln!(out, "… and {rest} more: `funnelite check {}`", check.name)?;
            }
            writeln!(out, "\n→ {}\n", check.advice)?;
        }
        Ok(())
    })
}

/// One table of everything, for machines.
fn join_findings(findings: &[Finding]) -> ResultSet {
    let mut rows = Vec::new();
    for finding in findings {
        for row in finding.shown(usize::MAX).rows {
            let mut cells = vec![Cell::from(finding.check.name.clone())];
            cells.extend(row);
            cells.push(Cell::from(finding.check.advice.clone()));
            rows.push(cells);
        }
    }
    ResultSet::new(["check", "subject", "finding", "records", "what_to_do"], rows)
}

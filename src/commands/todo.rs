//! What to download this week.

use crate::cli::{Context, Outcome};
use crate::db::query;
use crate::error::Result;
use crate::format::Formats;
use crate::output::{Cell, ResultSet};

use chrono::{Datelike, Days, NaiveDate};

const EXAMPLE: &str = "\
Example:
  funnelite todo";

/// This week's downloads: what to click for every source in use, ticked when it has arrived
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {}

pub fn run(_args: Args, ctx: &Context) -> Result<Outcome> {
    let conn = ctx.open_read_only()?;
    let formats = Formats::load(Some(&ctx.workspace()?.folder))?;
    let seen = query::run(
        &conn,
        "select f.format, max(substr(f.as_of, 1, 10)) as newest, max(f.period_end) as covered, count(*) as files
         from import_files as f where f.format <> '' group by f.format order by f.format",
        &[],
    )?;
    let monday = ctx.today - Days::new(ctx.today.weekday().num_days_from_monday().into());
    let mut open = 0;
    let mut rows = Vec::new();
    for row in &seen.rows {
        let [Cell::Text(names), Cell::Text(newest), covered, _] = row.as_slice() else { continue };
        let Some(format) = names.split(", ").next().and_then(|n| formats.get(n)) else { continue };
        if format.spec.cadence != "weekly" {
            continue;
        }
        let is_here = newest.parse::<NaiveDate>().is_ok_and(|d| d >= monday);
        open += usize::from(!is_here);
        let text = |t: &str| Cell::Text(t.to_owned());
        rows.push(vec![
            text(if is_here { "✓" } else { " " }),
            text(&format.spec.title),
            text(&format.spec.get),
            text(&range(&format.spec.window, covered, ctx.today)),
            text(newest),
        ]);
    }
    let names = ["done", "export", "how to get it", "range", "newest"].map(str::to_owned).to_vec();
    ctx.print(&ResultSet::new(names, rows))?;
    ctx.say(match open {
        0 => format!("every export in use has arrived since Monday, {monday}"),
        1 => format!("1 export has not arrived since Monday, {monday}"),
        n => format!("{n} exports have not arrived since Monday, {monday}"),
    });
    Ok(Outcome::Done)
}

/// The days to ask for: what the format says, in dates where it says how many.
fn range(window: &str, covered: &Cell, today: NaiveDate) -> String {
    let days =
        window.strip_prefix("last ").and_then(|w| w.split(' ').next()).and_then(|n| n.parse::<u64>().ok());
    match (days, covered) {
        (Some(days), _) => format!("{} to {}", today - Days::new(days), today - Days::new(1)),
        (None, Cell::Text(_)) if window.is_empty() => "everything".to_owned(),
        _ => window.to_owned(),
    }
}

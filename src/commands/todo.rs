//! What to download this week.

use crate::cli::{Context, Outcome};
use crate::db::query;
use crate::error::Result;
use crate::format::{Format, Formats};
use crate::output::{Cell, ResultSet};

use chrono::{Datelike, Days, Months, NaiveDate};

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
        "select f.format, max(f.last_seen_on) as newest, max(f.period_end) as covered, count(*) as files
         from import_files as f where f.format <> '' group by f.format order by f.format",
        &[],
    )?;
    let monday = ctx.today - Days::new(ctx.today.weekday().num_days_from_monday().into());
    let mut open = 0;
    let mut rows = Vec::new();
    for download in downloads(&seen, &formats) {
        let is_here = download.newest.parse::<NaiveDate>().is_ok_and(|d| d >= monday);
        open += usize::from(!is_here);
        let text = |t: &str| Cell::Text(t.to_owned());
        rows.push(vec![
            text(if is_here { "✓" } else { " " }),
            Cell::Text(name(&download.titles)),
            text(&download.first.spec.get),
            Cell::Text(range(&download.first.spec.window, download.covered, ctx.today)),
            text(&download.newest),
        ]);
    }
    let names = ["done", "export", "how to get it", "range", "last seen"].map(str::to_owned).to_vec();
    ctx.print(&ResultSet::new(names, rows))?;
    ctx.say(match open {
        0 => format!("every export in use has arrived since Monday, {monday}"),
        1 => format!("1 export has not arrived since Monday, {monday}"),
        n => format!("{n} exports have not arrived since Monday, {monday}"),
    });
    Ok(Outcome::Done)
}

/// One thing to download: an export, or an archive that holds several.
struct Download<'a> {
    first: &'a Format,
    titles: Vec<&'a str>,
    /// When the newest was downloaded; one that did not change since last week as well.
    newest: String,
    /// The last day that its reports cover.
    covered: Option<NaiveDate>,
}

/// The weekly downloads in use; formats that come by the same clicks are one.
fn downloads<'a>(seen: &ResultSet, formats: &'a Formats) -> Vec<Download<'a>> {
    let mut found: Vec<Download> = Vec::new();
    for row in &seen.rows {
        let [Cell::Text(names), Cell::Text(newest), covered, _] = row.as_slice() else { continue };
        let Some(format) = names.split(", ").next().and_then(|n| formats.get(n)) else { continue };
        if format.spec.cadence != "weekly" {
            continue;
        }
        let covered = if let Cell::Text(day) = covered { day.parse().ok() } else { None };
        let title = format.spec.title.as_str();
        match found.iter_mut().find(|d| d.first.spec.get == format.spec.get) {
            Some(download) => {
                if !download.titles.contains(&title) {
                    download.titles.push(title);
                }
                download.newest = download.newest.clone().max(newest.clone());
                download.covered = download.covered.max(covered);
            }
            None => {
                found.push(Download { first: format, titles: vec![title], newest: newest.clone(), covered });
            }
        }
    }
    found
}

/// The first three titles; an archive may hold a dozen.
fn name(titles: &[&str]) -> String {
    match titles {
        [one, two, three, _, ..] => format!("{one}, {two}, {three} and {} more", titles.len() - 3),
        _ => titles.join(", "),
    }
}

/// The days to ask for, in dates where the format says how many; further back where older days are still missing.
fn range(window: &str, covered: Option<NaiveDate>, today: NaiveDate) -> String {
    let yesterday = today - Days::new(1);
    let Some(from) = first_day(window, today) else { return window.to_owned() };
    let from = covered.map_or(from, |day| from.min(day + Days::new(1)));
    let dates = format!("{from} to {yesterday}");
    if window.starts_with("last ") { dates } else { format!("{window}: {dates}") }
}

/// The first day of `last 30 days`, `the last 12 months`, `the events of the last week`.
fn first_day(window: &str, today: NaiveDate) -> Option<NaiveDate> {
    let (_, rest) = window.split_once("last ")?;
    let mut words = rest.split([' ', ',']);
    let word = words.next()?;
    let (count, unit) = match word.parse::<u32>() {
        Ok(count) => (count, words.next()?),
        Err(_) => (1, word),
    };
    match unit.trim_end_matches('s') {
        "day" => Some(today - Days::new(count.into())),
        "week" => Some(today - Days::new(u64::from(count) * 7)),
        "month" => today.with_day(1).map(|first| first - Months::new(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_dates_and_leave_no_gap() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-03-18");
        assert_eq!(range("last 30 days", None, today), "2026-02-16 to 2026-03-17");
        assert_eq!(range("last 30 days", Some(day("2026-03-10")), today), "2026-02-16 to 2026-03-17");
        assert_eq!(range("last 30 days", Some(day("2026-01-10")), today), "2026-01-11 to 2026-03-17");
        assert_eq!(range("the last 12 months", None, today), "the last 12 months: 2025-03-01 to 2026-03-17");
        assert_eq!(
            range("the events of the last week", None, today),
            "the events of the last week: 2026-03-11 to 2026-03-17"
        );
        assert_eq!(range("last 7 days, because …", None, today), "2026-03-11 to 2026-03-17");
        assert_eq!(range("everything", None, today), "everything");
    }
}

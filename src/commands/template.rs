//! Sheets to fill in by hand.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::format::bind::AD_NUMBERS;
use crate::format::value::Kind;
use crate::format::{Format, Formats};
use crate::output::{Cell, ResultSet, Shape};

const EXAMPLE: &str = "\
Example:
  funnelite template spend --output spend.csv";

/// Write an empty sheet to fill in by hand: spend, targets, notes, meetings, mrr, touches, …
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The sheet; without a name, the list of them
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// The system of sheets that people fill in by hand.
const SHEET: &str = "sheet";

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let formats = Formats::load(None)?;
    let sheets: Vec<(&str, &Format)> =
        formats.all.iter().filter(|f| f.spec.system == SHEET).map(|f| (sheet_name(f), f)).collect();
    let Some(name) = args.name else {
        let rows = sheets
            .iter()
            .map(|(name, f)| vec![Cell::Text((*name).to_owned()), Cell::Text(f.spec.get.clone())]);
        ctx.print(&ResultSet::new(vec!["template".to_owned(), "for".to_owned()], rows.collect()))?;
        return Ok(Outcome::Done);
    };
    let Some((_, format)) = sheets.iter().find(|(n, _)| *n == name) else {
        let near = crate::error::nearest(&name, sheets.iter().map(|(n, _)| *n));
        let all: Vec<&str> = sheets.iter().map(|(n, _)| *n).collect();
        let hint = near.map_or(format!("there are {}", all.join(", ")), |n| format!("did you mean `{n}`?"));
        return Err(Error::usage(format!("no template is called `{name}`")).hint(hint));
    };
    let (header, sample) = header_and_sample(format)?;
    // An example to fill in is a file: without a shape asked for it is csv.
    let shape = if ctx.shape == Shape::Table { Shape::Csv } else { ctx.shape };
    let result = ResultSet::new(header.clone(), vec![sample.into_iter().map(Cell::Text).collect()]);
    Context { shape, ..ctx.clone() }.print(&result)?;
    ctx.say(format!("\n{}", explain(format, &header)));
    Ok(Outcome::Done)
}

/// `contacts` of the format `sheet_contacts`.
fn sheet_name(format: &Format) -> &str {
    format.name.strip_prefix("sheet_").unwrap_or(&format.name)
}

/// The header and the sample row that the format file begins with.
fn header_and_sample(format: &Format) -> Result<(Vec<String>, Vec<String>)> {
    let lines: Vec<&str> = format
        .text
        .lines()
        .take_while(|l| l.starts_with('#'))
        .map(|l| l.trim_start_matches(['#', ' ']))
        .collect();
    let mut tables = lines.windows(2).filter_map(|pair| {
        let read = |line: &str| {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let record = reader.records().next()?.ok()?;
            Some(record.iter().map(str::to_owned).collect::<Vec<String>>())
        };
        let (header, sample) = (read(pair[0])?, read(pair[1])?);
        let known = header.iter().filter(|h| format.takes(h)).count();
        (known >= 2 && header.len() == sample.len()).then_some((header, sample))
    });
    tables.next().ok_or_else(|| Error::failed(format!("the format `{}` shows no sample row", format.name)))
}

/// One line per column: whether it must be there, and what it holds.
fn explain(format: &Format, header: &[String]) -> String {
    let mut out = String::from("Columns (* must be filled in):\n");
    for name in header {
        let column =
            format.columns.iter().find(|c| c.headers.contains(&crate::format::header::normalize(name)));
        let target = column.map_or(name.as_str(), |c| c.target.as_str());
        let is_needed = format.spec.need.iter().any(|n| n.split('|').any(|t| t.trim() == target));
        let is_whole = AD_NUMBERS.contains(&target) || matches!(target, "reactions" | "comments" | "shares");
        let kind = Kind::of(target, is_whole);
        out += &format!("{} {name:<20} {}\n", if is_needed { "*" } else { " " }, kind.expected());
    }
    out += "\nhint: `funnelite import FILE` reads it back; it may grow and be imported again";
    out
}

//! Sheets to fill in by hand.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::format::bind::AD_NUMBERS;
use crate::format::header::normalize;
use crate::format::value::Kind;
use crate::format::{Format, Formats};
use crate::output::{Cell, ColumnKind, ResultSet, Shape};

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
        formats.all().filter(|f| f.spec.system == SHEET).map(|f| (sheet_name(f), f)).collect();
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
    let Some((header, sample)) = format.example() else {
        return Err(Error::failed(format!("the format `{}` shows no sample row", format.name)));
    };
    let holds: Vec<Holds> = header.iter().map(|name| Holds::of(format, &header, name)).collect();
    // An example to fill in is a file: without a shape asked for it is csv.
    let shape = if ctx.shape == Shape::Table { Shape::Csv } else { ctx.shape };
    let cells = sample.into_iter().zip(&holds).map(|(text, holds)| holds.cell(text, shape)).collect();
    let mut result = ResultSet::new(header.clone(), vec![cells]);
    for (column, holds) in result.columns.iter_mut().zip(&holds) {
        column.note = Some(holds.text.clone());
        column.kind = if holds.kind.is_date() { ColumnKind::Date } else { ColumnKind::Text };
    }
    Context { shape, ..ctx.clone() }.print(&result)?;
    ctx.say(format!("\n{}", explain(&header, &holds)));
    Ok(Outcome::Done)
}

/// `contacts` of the format `sheet_contacts`.
fn sheet_name(format: &Format) -> &str {
    format.name.strip_prefix("sheet_").unwrap_or(&format.name)
}

/// What a column of a sheet is for.
struct Holds {
    mark: char,
    kind: Kind,
    text: String,
}

impl Holds {
    fn of(format: &Format, header: &[String], name: &str) -> Holds {
        let target_of = |name: &str| {
            let name = normalize(name);
            format
                .columns
                .iter()
                .find(|c| c.headers.contains(&name))
                .map(|c| (c.target.as_str(), &c.spec.holds))
        };
        let unpivot =
            || format.unpivots.iter().find(|u| u.header.is_match(name)).map(|u| u.spec.cell.0[0].as_str());
        let (target, said) = match target_of(name) {
            Some((target, said)) => (target, said.clone()),
            None => (unpivot().unwrap_or(name), None),
        };
        let is_whole = AD_NUMBERS.contains(&target) || matches!(target, "reactions" | "comments" | "shares");
        let kind = Kind::of(target, is_whole);
        // of several that would do, those that the sheet has
        let group = format.spec.need.iter().find(|n| n.split('|').any(|t| t.trim() == target)).map(|group| {
            let here = |t: &str| header.iter().any(|h| target_of(h).is_some_and(|(target, _)| target == t));
            group.split('|').filter(|t| here(t.trim())).count()
        });
        let mark = match group {
            None => ' ',
            Some(1) => '*',
            Some(_) => '+',
        };
        Holds { mark, kind, text: said.unwrap_or_else(|| kind.expected().to_owned()) }
    }

    /// The example as a workbook holds it: numbers are numbers there.
    fn cell(&self, text: String, shape: Shape) -> Cell {
        match text.parse() {
            _ if text.is_empty() => Cell::Null,
            Ok(number) if self.kind.is_number() && shape == Shape::Xlsx => Cell::Real(number),
            _ => Cell::Text(text),
        }
    }
}

/// One line per column: whether it must be there, and what it holds.
fn explain(header: &[String], holds: &[Holds]) -> String {
    let has_some = holds.iter().any(|h| h.mark == '+');
    let some = if has_some { ", + at least one of these" } else { "" };
    let mut out = format!("Columns (* must be filled in{some}):\n");
    for (name, holds) in header.iter().zip(holds) {
        out += &format!("{} {name:<20} {}\n", holds.mark, holds.text);
    }
    out += "\nhint: put your rows in the place of the example, which an import leaves out; `funnelite import FILE` reads the sheet, again and again as it grows";
    out
}

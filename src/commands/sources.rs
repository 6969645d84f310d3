//! The formats it knows, and which format a file is.

use std::path::{Path, PathBuf};

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::format::bind::Schema;
use crate::format::spec::Evidence;
use crate::format::{Format, Formats, starting};
use crate::import::opened::Opened;
use crate::import::tables::Event;
use crate::import::{schema, source};
use crate::output::{Cell, ResultSet};

const EXAMPLE: &str = "\
Example:
  funnelite sources --detect report.csv";

/// List the exports it knows and how to get them; name one for its columns
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// A format, such as `hubspot_contacts`
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Say which format this file is and why, or the two nearest and what each misses
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub detect: Option<PathBuf>,
    /// Write a starting point for a format of your own from an unknown file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "detect"])]
    pub new: Option<PathBuf>,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let workspace = ctx.workspace()?;
    if let Some(path) = args.new {
        // `--new FILE > formats/NAME.toml` has just made an empty file there
        return start_format(&path, &Formats::load(None)?, ctx);
    }
    let formats = Formats::load(Some(&workspace.folder))?;
    if let Some(path) = args.detect {
        return detect(&path, &formats, ctx);
    }
    match args.name {
        None => list(&formats, ctx),
        Some(name) => show(&name, &formats, ctx),
    }
}

fn list(formats: &Formats, ctx: &Context) -> Result<Outcome> {
    let text = |t: &str| Cell::Text(t.to_owned());
    let mut rows: Vec<&Format> = formats.all().collect();
    rows.sort_by_key(|f| (f.spec.system.clone(), f.name.clone()));
    let cells = rows.iter().map(|f| {
        let feeds = if f.spec.refuse.is_some() { "refused" } else { f.spec.target.as_str() };
        vec![text(&f.name), text(&f.spec.title), text(&f.spec.system), text(feeds), text(known_from(f))]
    });
    let names = ["source", "export", "system", "feeds", "known from"].map(str::to_owned).to_vec();
    ctx.print(&ResultSet::new(names, cells.collect()))?;
    Ok(Outcome::Done)
}

fn known_from(format: &Format) -> &'static str {
    match (format.is_builtin, format.spec.evidence) {
        (false, _) => "your own file",
        (_, Evidence::Real) => "real files",
        (_, Evidence::Code) => "programs that read it",
        (_, Evidence::Documents) => "documents only",
    }
}

fn show(name: &str, formats: &Formats, ctx: &Context) -> Result<Outcome> {
    let Some(format) = formats.get(name) else {
        let near = crate::error::nearest(name, formats.names());
        let hint =
            near.map_or("`funnelite sources` lists them".to_owned(), |n| format!("did you mean `{n}`?"));
        return Err(Error::usage(format!("no source is called `{name}`")).hint(hint));
    };
    ctx.write(|out| {
        writeln!(out, "{} (`{}`), known from {}", format.spec.title, format.name, known_from(format))?;
        if let Some(reason) = &format.spec.refuse {
            writeln!(out, "Refused: {reason}")?;
        }
        for (label, value) in [
            ("Get it", &format.spec.get),
            ("How often", &format.spec.cadence),
            ("Range", &format.spec.window),
        ] {
            if !value.is_empty() {
                writeln!(out, "{label}: {value}")?;
            }
        }
        writeln!(out, "Feeds: {}", format.spec.target)?;
        writeln!(out, "\nColumns (* must be there):")?;
        for column in &format.columns {
            let is_needed = format.spec.need.iter().any(|n| n.split('|').any(|t| t.trim() == column.target));
            let mark = if is_needed { "*" } else { " " };
            let headers = column.spec.headers.iter().chain(&column.spec.pattern.0);
            let shown: Vec<&str> = headers.map(String::as_str).take(4).collect();
            writeln!(out, "{mark} {:<24} {}", column.target, shown.join(" | "))?;
        }
        let head: Vec<&str> = format.text.lines().take_while(|l| l.starts_with('#')).collect();
        writeln!(out, "\n{}", head.join("\n"))?;
        Ok(())
    })?;
    Ok(Outcome::Done)
}

/// Says which format a file is, or what is near.
fn detect(path: &Path, formats: &Formats, ctx: &Context) -> Result<Outcome> {
    let schema = built_in_schema()?;
    let collected = source::collect(&[path.to_path_buf()], &[]);
    if let Some((_, error)) = collected.failed.into_iter().next() {
        return Err(error);
    }
    let mut rows = Vec::new();
    let mut unknown = false;
    for input in &collected.inputs {
        let opened = Opened::new(&input.content, formats, None, &schema)?;
        let (format, why) = recognise(&opened, formats)?;
        unknown |= format.is_empty();
        rows.push(vec![Cell::Text(input.name.clone()), Cell::Text(format), Cell::Text(why)]);
    }
    let names = ["file", "source", "why"].map(str::to_owned).to_vec();
    ctx.print(&ResultSet::new(names, rows))?;
    Ok(if unknown { Outcome::Incomplete } else { Outcome::Done })
}

fn recognise(opened: &Opened, formats: &Formats) -> Result<(String, String)> {
    let (mut names, mut why) = (Vec::new(), Vec::new());
    for mut tables in opened.walks()? {
        while let Some(event) = tables.advance()? {
            if let (Event::Start, Some(table)) = (event, &tables.table) {
                let format = table.binding.format;
                if !names.contains(&format.name) {
                    names.push(format.name.clone());
                    let headers: Vec<String> =
                        table.binding.headers.iter().take(8).map(|h| format!("`{h}`")).collect();
                    why.push(format!("line {} is its header: {}", table.line, headers.join(", ")));
                }
            }
        }
        if names.is_empty()
            && tables.widest_outside < 4
            && let Some(format) = formats.titled(tables.file_lines())
        {
            return Ok((format.name.clone(), "its lines are those of an empty report".to_owned()));
        }
    }
    if names.is_empty() {
        let cells: Vec<&str> = opened.widest.iter().map(String::as_str).collect();
        let near = formats.nearest(&cells, &[]);
        let near: Vec<String> =
            near.iter().map(|n| format!("{} misses {}", n.format.name, n.missing.join(" and "))).collect();
        let near = if near.is_empty() {
            "nothing is near".to_owned()
        } else {
            format!("nearest: {}", near.join("; "))
        };
        return Ok((String::new(), format!("not recognised; {near}")));
    }
    Ok((names.join(", "), why.join("; ")))
}

/// The record tables of a fresh database: detection needs no workspace.
fn built_in_schema() -> Result<Schema> {
    let mut conn = rusqlite::Connection::open_in_memory()?;
    crate::db::migrate(&mut conn)?;
    schema::read(&conn)
}

/// Writes a commented format for an unknown file, with the guesses that its header allows.
fn start_format(path: &Path, formats: &Formats, ctx: &Context) -> Result<Outcome> {
    let schema = built_in_schema()?;
    let collected = source::collect(&[path.to_path_buf()], &[]);
    if let Some((_, error)) = collected.failed.into_iter().next() {
        return Err(error);
    }
    let input = collected.inputs.first().ok_or_else(|| Error::failed("there is no file to look at"))?;
    let opened = Opened::new(&input.content, formats, None, &schema)?;
    let (known, _) = recognise(&opened, formats)?;
    let unknown = starting::Unknown { header: opened.widest, first: opened.below };
    let text = starting::write(&input.name, &unknown, formats, &schema);
    ctx.write(|out| Ok(out.write_all(text.as_bytes())?))?;
    if !known.is_empty() {
        ctx.say(format!(
            "\nnote: this file is read as `{known}` already; a format of your own takes its place"
        ));
    }
    let folder = ctx.workspace()?.formats();
    ctx.say(format!("\nhint: save it as {}/NAME.toml, edit it, and import the file again", folder.display()));
    Ok(Outcome::Done)
}

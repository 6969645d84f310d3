//! The KPI catalogue, and the records behind a cell.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use crate::catalog;
use crate::cli::{Context, Outcome};
use crate::db::checks;
use crate::db::named::{Moment, find_channel};
use crate::db::records::{self, CellRange, Side};
use crate::error::{Error, Result, nearest};
use crate::labels::{self, Language};
use crate::models;
use crate::output::{Cell, ResultSet, Shape};
use crate::period::{Grain, Period};
use crate::settings::Settings;

const EXAMPLE: &str = "\
Examples:
  funnelite kpi                                    the catalogue, and what has data
  funnelite kpi cost_per_mql                       definition, formula, unit, SQL
  funnelite kpi opportunities --rows --period 2026-10 --channel 'Paid search'";

/// The KPI catalogue: definition, formula and unit; or the records behind one number
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// A KPI, such as `cost_per_mql`
    #[arg(value_name = "KPI")]
    pub kpi: Option<String>,
    /// List the records behind one cell: their values sum to it
    #[arg(long, requires = "kpi")]
    pub rows: bool,
    /// Period of the cell: 2026-10, 2026-Q4, 2026-W41, last-month, … [default: the last complete month]
    #[arg(long, value_name = "PERIOD", requires = "rows")]
    pub period: Option<String>,
    /// Channel or channel group of the cell
    #[arg(long, value_name = "CHANNEL", requires = "rows")]
    pub channel: Option<String>,
    /// Language of names and definitions
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
}

/// An entry of the `kpis` view.
struct Entry {
    kpi: String,
    label: String,
    unit: String,
    better: String,
    definition: String,
    formula: String,
    numerator: Option<String>,
    denominator: Option<String>,
    source: String,
    /// Which of the exports it rests on are not there yet.
    lacks: String,
    kind: String,
    /// What it is computed from, whatever its kind.
    expression: String,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let conn = ctx.open_read_only()?;
    let Some(name) = &args.kpi else {
        ctx.print(&list_catalogue(&read_entries(&conn, ctx)?, args.lang))?;
        return Ok(Outcome::Done);
    };
    let entries = read_entries(&conn, ctx)?;
    let entry = find(&entries, name)?;
    if args.rows {
        list_rows(&conn, &entries, entry, &args, ctx)?;
    } else {
        describe(&conn, entry, args.lang, ctx)?;
    }
    Ok(Outcome::Done)
}

fn read_entries(conn: &Connection, ctx: &Context) -> Result<Vec<Entry>> {
    let catalogue = models::catalogue(&Settings::load(&ctx.workspace()?.folder)?)?;
    let missing = missing_inputs(conn)?;
    let mut statement = conn.prepare(
        "select k.kpi, k.label, k.unit, k.better, k.definition, k.formula, k.numerator, k.denominator, k.source,
            k.kind in ('flow', 'stock', 'median')
                and exists (select 1 from kpi_cells as c where c.grain = 'year' and c.kpi = k.kpi and c.value <> 0),
            k.kind, d.expression, k.version
         from kpis as k
         join kpi_definitions as d on d.kpi = k.kpi
         order by k.position",
    )?;
    let entries = statement.query_map([], |row| {
        let version: String = row.get(12)?;
        let source: String = row.get(8)?;
        let defined = catalogue.iter().find(|k| k.version == version);
        let lacks = match defined.map_or(&[][..], |k| &k.inputs) {
            // what was counted is proof, whatever it came from; a rate may lack one of its sides
            _ if row.get(9)? => String::new(),
            [] => source.clone(),
            inputs => {
                let lacking = inputs.iter().filter_map(|name| missing.get(name).copied());
                lacking.collect::<Vec<_>>().join("; ")
            }
        };
        Ok(Entry {
            kpi: row.get(0)?,
            label: row.get(1)?,
            unit: row.get(2)?,
            better: row.get(3)?,
            definition: row.get(4)?,
            formula: row.get(5)?,
            numerator: row.get(6)?,
            denominator: row.get(7)?,
            source,
            lacks,
            kind: row.get(10)?,
            expression: row.get(11)?,
        })
    })?;
    Ok(entries.collect::<rusqlite::Result<_>>()?)
}

/// The inputs of KPIs that are not there, with what to bring.
fn missing_inputs(conn: &Connection) -> Result<BTreeMap<&'static String, &'static str>> {
    let mut missing = BTreeMap::new();
    for (name, input) in models::inputs()? {
        if !conn.query_row(&format!("select {}", input.when), [], |row| row.get::<_, bool>(0))? {
            missing.insert(name, input.says.as_str());
        }
    }
    Ok(missing)
}

fn find<'a>(entries: &'a [Entry], name: &str) -> Result<&'a Entry> {
    let wanted = name.to_lowercase().replace('-', "_");
    if let Some(entry) = entries.iter().find(|e| e.kpi == wanted) {
        return Ok(entry);
    }
    let error = Error::usage(format!("there is no KPI `{name}`"));
    Err(match nearest(&wanted, entries.iter().map(|e| e.kpi.as_str())) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`funnelite kpi` lists them"),
    })
}

impl Entry {
    fn name(&self, language: Language) -> &str {
        match labels::find("kpi", &self.kpi) {
            Some(label) if language != Language::En => label.name(language),
            _ => &self.label,
        }
    }
}

fn list_catalogue(entries: &[Entry], language: Language) -> ResultSet {
    let rows = entries.iter().map(|entry| {
        let is_complete = entry.lacks.is_empty();
        let lacks = if is_complete { Cell::Null } else { Cell::from(entry.lacks.clone()) };
        vec![
            Cell::from(if is_complete { "✓" } else { "✗" }),
            Cell::from(entry.kpi.clone()),
            Cell::from(entry.name(language)),
            Cell::from(labels::name("word", &entry.unit, language)),
            Cell::from(entry.better.clone()),
            lacks,
        ]
    });
    ResultSet::new(["data", "kpi", "label", "unit", "better", "lacks"], rows.collect())
}

fn describe(conn: &Connection, entry: &Entry, language: Language, ctx: &Context) -> Result<()> {
    let mut facts = facts(conn, entry, language)?;
    let found = findings_about(conn, entry, ctx)?;
    facts.insert(facts.len() - 1, ("check", found));
    if ctx.shape != Shape::Table {
        let row = facts.iter().map(|(_, value)| Cell::from(value.clone())).collect();
        return ctx.print(&ResultSet::new(facts.iter().map(|(name, _)| *name), vec![row]));
    }
    ctx.write(|out| {
        writeln!(out, "{}  {}", entry.kpi, entry.name(language))?;
        let width = ctx.style.width.unwrap_or(100).clamp(40, 110) - 15;
        let said = ["kpi", "label", "sql"];
        for (name, value) in facts.iter().filter(|(name, value)| !said.contains(name) && !value.is_empty()) {
            for (line, text) in wrap(value, width).iter().enumerate() {
                writeln!(out, "  {:<11}  {text}", if line == 0 { name } else { "" })?;
            }
        }
        let sql = facts.last().map_or("", |(_, sql)| sql.as_str());
        if !sql.is_empty() {
            writeln!(out, "\n{sql}")?;
        }
        Ok(())
    })
}

/// What checks find in the records that a KPI rests on.
fn findings_about(conn: &Connection, entry: &Entry, ctx: &Context) -> Result<String> {
    checks::register_functions(conn, &Settings::load(&ctx.workspace()?.folder)?)?;
    let mut found = Vec::new();
    for check in checks::all().into_iter().filter(|check| check.kpis.contains(&entry.kpi)) {
        let finding = checks::run(conn, check)?;
        if !finding.is_clean() {
            let check = &finding.check;
            found.push(format!(
                "{} ({} records): `funnelite check {}`",
                check.title,
                finding.records(),
                check.name
            ));
        }
    }
    Ok(found.join("; "))
}

fn facts(conn: &Connection, entry: &Entry, language: Language) -> Result<Vec<(&'static str, String)>> {
    let version: Option<String> = conn
        .query_row("select version from kpi_definitions where kpi = ?1", [&entry.kpi], |row| row.get(0))
        .optional()?;
    let review = labels::awaits_review(&entry.kpi, language);
    let definition = labels::definition(&entry.kpi, language).unwrap_or(&entry.definition);
    Ok(vec![
        ("kpi", entry.kpi.clone()),
        ("label", entry.name(language).to_owned()),
        ("review", if review { "these words await a native reader".to_owned() } else { String::new() }),
        ("unit", entry.unit.clone()),
        ("better", entry.better.clone()),
        ("definition", definition.to_owned()),
        ("formula", entry.formula.clone()),
        ("numerator", entry.numerator.clone().unwrap_or_default()),
        ("denominator", entry.denominator.clone().unwrap_or_default()),
        ("source", entry.source.clone()),
        ("lacks", entry.lacks.clone()),
        ("version", version.unwrap_or_default()),
        ("sql", sql_of(conn, entry)?),
    ])
}

/// The texts of the measures and samples that a KPI is made of.
fn sql_of(conn: &Connection, entry: &Entry) -> Result<String> {
    let mut texts: Vec<String> = Vec::new();
    let files = catalog::sql("measures");
    for name in entry.sides().iter().flat_map(|(_, formula)| records::measures_in(formula)) {
        let bare = records::split_call(&name).1;
        let counts =
            |text: catalog::Text| catalog::measures_of(text).iter().any(|n| n.trim_end_matches('@') == bare);
        let found = match records::sample_of(&name) {
            Some(sample) => Some(format!("-- sample {}\n{}", sample.name, sample.body.trim_end())),
            None => files
                .iter()
                .find(|text| counts(**text))
                .map(|text| format!("-- measure {}\n{}", text.name, text.body.trim_end())),
        };
        let own = || models::own_measure_text(conn, bare);
        let found = match found {
            Some(text) => Some(text),
            None => own()?.map(|text| format!("-- measure {bare}\n{text}")),
        };
        texts.extend(found.filter(|text| !texts.contains(text)));
    }
    Ok(texts.join("\n\n"))
}

impl Entry {
    /// The formulas over measures or samples; a KPI made of other KPIs has none.
    fn sides(&self) -> Vec<(&'static str, String)> {
        match (self.kind.as_str(), &self.denominator) {
            ("composite", _) => Vec::new(),
            ("median", _) => vec![("sample", format!("median({})", self.expression))],
            (_, None) => vec![("numerator", self.expression.clone())],
            (_, Some(below)) => {
                vec![("numerator", self.expression.clone()), ("denominator", below.clone())]
            }
        }
    }
}

fn list_rows(conn: &Connection, entries: &[Entry], entry: &Entry, args: &Args, ctx: &Context) -> Result<()> {
    let moment = Moment::read(conn, ctx.today)?;
    let period = match &args.period {
        Some(text) => moment.clock.parse(text)?,
        None => moment.last_complete(Grain::Month),
    };
    let channel = match args.channel.as_deref().filter(|c| !c.eq_ignore_ascii_case("all")) {
        Some(text) => Some(find_channel(conn, text)?),
        None => None,
    };
    let range = CellRange {
        from: period.from.to_string(),
        to: period.to.to_string(),
        channel: channel.as_ref().map(|(name, _)| name.clone()),
    };
    let margin = Settings::load(&ctx.workspace()?.folder)?.margin();
    let rows = rows_behind(conn, entries, entry, "", &range, margin)?;
    ctx.print(&ResultSet::new(records::COLUMNS, rows))?;
    if let Some(text) = say_cell(conn, &entry.kpi, period, channel)? {
        ctx.say(text);
    }
    Ok(())
}

/// The records of a KPI; of one made of other KPIs the records of each, with its name before the part.
fn rows_behind(
    conn: &Connection,
    entries: &[Entry],
    entry: &Entry,
    prefix: &str,
    range: &CellRange,
    margin: f64,
) -> Result<Vec<Vec<Cell>>> {
    let mut rows = Vec::new();
    for (part, formula) in entry.sides() {
        let side = Side {
            part: &format!("{prefix}{part}"),
            formula: &formula,
            is_stock: entry.kind == "stock",
            margin,
            unit: if entry.unit == "money" && part == "numerator" { 1e6 } else { 1.0 },
        };
        rows.extend(records::list(conn, side, range)?);
    }
    if entry.kind == "composite" {
        for name in records::measures_in(&entry.expression) {
            if let Some(inner) = entries.iter().find(|e| e.kpi == name) {
                rows.extend(rows_behind(conn, entries, inner, &format!("{name} "), range, margin)?);
            }
        }
    }
    Ok(rows)
}

/// The cell itself, to hold the sum of the rows against.
fn say_cell(
    conn: &Connection,
    kpi: &str,
    period: Period,
    channel: Option<(String, &'static str)>,
) -> Result<Option<String>> {
    let Some(grain) = period.grain else { return Ok(None) };
    let (name, level) = channel.unwrap_or(("All".to_owned(), "total"));
    let cell = conn
        .query_row(
            "select value, numerator, denominator, incomplete from kpi_cells
             where grain = ?1 and kpi = ?2 and period = ?3 and level = ?4
                and case level when 'channel' then channel else channel_group end = ?5",
            (grain.name(), kpi, period.from.to_string(), level, &name),
            |row| {
                let number = |i| row.get::<_, Option<f64>>(i);
                Ok((number(0)?, number(1)?, number(2)?, row.get::<_, i64>(3)?))
            },
        )
        .optional()?;
    let Some((value, numerator, denominator, incomplete)) = cell else { return Ok(None) };
    let show = |number: Option<f64>| number.map_or("–".to_owned(), |n| format!("{n}"));
    let mut text = format!("{kpi} of {} to {}, {name}: {}", period.from, period.to, show(value));
    if denominator.is_some() {
        text.push_str(&format!(" = {} ÷ {}", show(numerator), show(denominator)));
    }
    if incomplete > 0 {
        text.push_str(&format!("; {incomplete} records are left out (no amount, no rate or no date)"));
    }
    Ok(Some(text))
}

/// Breaks text into lines of at most `width` characters, at spaces.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

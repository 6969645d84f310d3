//! The rows of a file into the record tables, by what is known of its tables.

use super::Session;
use super::cells::Cells;
use super::fold::{Changes, Fold, FoldedFile};
use super::ledger::Flags;
use super::mapper::{Fate, Given, Mapper, RowError};
use super::opened::Opened;
use super::summary::{FileSummary, thousands};
use super::survey::{Facts, Survey};
use super::surveyed::{self, Surveyed};
use super::tables::{Event, Tables};
use super::totals::Label;
use crate::error::{Error, Result};
use crate::format::bind::Binding;
use crate::format::pattern;

/// The counts of one loading.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Per sheet, the facts of its tables, all rows seen.
    pub sheets: Vec<Vec<Facts>>,
    pub read: u64,
    pub loaded: u64,
    pub furniture: u64,
    pub rejected: Vec<RowError>,
    pub changes: Changes,
    pub checksum: Option<String>,
    pub unmapped: Vec<String>,
    pub strangers: Vec<String>,
    pub warnings: Vec<String>,
}

impl Loaded {
    pub fn tell(self, summary: &mut FileSummary) {
        summary.period = surveyed::period(self.sheets.iter().flatten());
        summary.read = self.read;
        summary.loaded = self.loaded;
        summary.furniture = self.furniture;
        summary.changed = self.changes.changed;
        summary.unchanged = self.changes.unchanged;
        summary.rejected = self.rejected;
        summary.checksum = self.checksum;
        summary.unmapped = self.unmapped;
        summary.warnings.extend(self.warnings);
        for stranger in self.strangers.iter().take(3) {
            let short: String = stranger.chars().take(80).collect();
            summary.warnings.push(format!("a table in it is not known and was left out: {short}"));
        }
    }

    /// Says what is odd about a table of so many rows.
    fn warn(&mut self, binding: &Binding, facts: &Facts, rows: u64, has_example: bool) {
        let spec = &binding.format.spec.file;
        if has_example {
            self.warnings.push("the example row of the template is still in it and was left out".to_owned());
        }
        if spec.cut.iter().chain(&SHEET_LIMITS).any(|limit| *limit == rows) {
            self.warnings.push(format!(
                "it has exactly {} rows, where such exports are cut off; compare with what the system itself counts",
                thousands(rows)
            ));
        }
        self.warnings.extend(binding.doubled().map(|header| {
            format!(
                "the column `{header}` stands there more than once; the first that holds something counts"
            )
        }));
        for (column, sentence) in &spec.warn {
            let text = facts.constants.get(column).filter(|text| !text.is_empty());
            let warning = text.map(|text| sentence.replace("{}", text));
            self.warnings.extend(warning.filter(|w| !self.warnings.contains(w)));
        }
    }
}

/// Reads the file's rows and writes those whose group is wanted. An error where the facts turn out to be others.
pub fn load(
    session: &Session,
    opened: &Opened,
    survey: &Surveyed,
    id: i64,
    flags: &Flags,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Loaded> {
    let as_of =
        session
            .conn
            .query_row("select substr(as_of, 1, 10) from import_files where id = ?1", [id], |r| r.get(0))?;
    let given = given(session, flags);
    let mut loading = Loading { session, survey, id, as_of, given, wanted, all: Loaded::default() };
    for (mut tables, facts) in opened.walks()?.into_iter().zip(&survey.sheets) {
        loading.load_sheet(&mut tables, facts)?;
    }
    let mut all = loading.all;
    if survey.sheets.iter().all(Vec::is_empty) {
        all.read = all.read.max(all.furniture);
    }
    Ok(all)
}

/// The loading of one file on its way.
struct Loading<'l> {
    session: &'l Session<'l>,
    survey: &'l Surveyed,
    id: i64,
    /// The day.
    as_of: String,
    given: Given,
    wanted: &'l dyn Fn(&str) -> bool,
    all: Loaded,
}

impl<'l> Loading<'l> {
    fn load_sheet(&mut self, tables: &mut Tables, facts: &[Facts]) -> Result<()> {
        let mut facts = facts.iter();
        self.all.sheets.push(Vec::new());
        let mut pending = tables.advance()?;
        while let Some(event) = pending {
            // a header is no data either
            self.all.read += 1;
            self.all.furniture += 1;
            pending = match event {
                Event::Start => {
                    let Some(facts) = facts.next() else { break };
                    self.load_table(tables, facts)?
                }
                Event::Outside | Event::Row => tables.advance()?,
            };
        }
        self.all.strangers.append(&mut tables.strangers);
        Ok(())
    }

    /// Loads the rows of the table that has begun; gives what comes after them.
    fn load_table(&mut self, tables: &mut Tables, facts: &Facts) -> Result<Option<Event>> {
        let table = tables.table.take().expect("a table has begun");
        let binding = &table.binding;
        let mut mapper = Mapper::new(binding, facts, self.session.schema, &self.given)?;
        let mut fold = self.fold(binding, facts, &mapper)?;
        let mut seen = Survey::new(&table, &self.survey.name, tables.has_semicolons());
        let all = &mut self.all;
        let rejected_before = all.rejected.len();
        let mut rows = 0;
        let mut map = |cells: &Cells, line: u64, label: Option<Label>, all: &mut Loaded| -> Result<()> {
            match mapper.map(cells, line, label, &mut fold)? {
                Fate::Loaded => rows += 1,
                Fate::Furniture => all.furniture += 1,
                Fate::Rejected(reject) => all.rejected.push(reject),
            }
            Ok(())
        };
        // what the rows below have to tell totals from
        let mut labelled: Vec<(Cells, u64, Label)> = Vec::new();
        let after = loop {
            let event = tables.advance()?;
            let is_row = matches!(event, Some(Event::Row));
            let (cells, line) = (&tables.row.cells, tables.row.line);
            let label = if is_row { seen.see(cells, line) } else { None };
            if let Some(label) = label.as_ref().filter(|_| seen.tells_labels_later()) {
                all.read += 1;
                labelled.push((cells.clone(), line, label.clone()));
                continue;
            }
            for (cells, line, label) in labelled.drain(..) {
                map(&cells, line, Some(label).filter(|_| seen.is_total_at(line)), all)?;
            }
            if !is_row {
                break event;
            }
            all.read += 1;
            map(cells, line, label.filter(|_| seen.is_total_at(line)), all)?;
        };
        let seen = seen.confirm(facts, self.survey.known)?;
        let given_rows = rows + (all.rejected.len() - rejected_before) as u64;
        if let Some(promised) = promised_rows(binding, &table.file_lines, &table.lines) {
            mapper.checksum().rows_promised(promised, rows + all.rejected.len() as u64);
        }
        fold.finish(mapper.checksum().is_whole_account())?;
        all.loaded += rows;
        all.changes.changed += fold.changes.changed;
        all.changes.unchanged += fold.changes.unchanged;
        let verdict = mapper.checksum().verdict();
        if all.checksum.as_deref().is_none_or(|c| c == "agrees") && verdict.is_some() {
            all.checksum = verdict;
        }
        all.unmapped.extend(facts.unmapped.iter().cloned());
        all.sheets.last_mut().expect("a sheet is being read").push(seen);
        if given_rows == 0 && mapper.strangers > 0 {
            let title = &binding.format.spec.title;
            return Err(Error::failed(format!("it looks like a {title}, but no row of it has an id as such a report gives it"))
                .hint("export it with its id columns; a file of another system needs a format of its own: `funnelite sources --new FILE`"));
        }
        all.warn(binding, facts, given_rows, mapper.has_example);
        Ok(after)
    }

    fn fold(&self, binding: &Binding, facts: &Facts, mapper: &Mapper) -> Result<Fold<'l>> {
        let account = self.given.account.clone().or_else(|| facts.constants.get("account").cloned());
        let file = FoldedFile {
            id: self.id,
            system: binding.format.spec.system.clone(),
            object: binding.constants.get("object").cloned(),
            account: account.unwrap_or_default(),
            as_of: self.as_of.clone(),
        };
        Fold::new(
            self.session.conn,
            &file,
            &mapper.outputs,
            self.session.schema,
            &binding.format.spec.merge,
            mapper.ad_mapper(),
            self.wanted,
        )
    }
}

/// Rows that the sheets of old and new workbooks hold below a header.
const SHEET_LIMITS: [u64; 2] = [65_535, 1_048_575];

/// The number of rows that a line above the table promises.
fn promised_rows(binding: &Binding, before: &[String], own: &[String]) -> Option<u64> {
    let pattern = pattern::compile(binding.format.spec.totals.count.as_deref()?).ok()?;
    own.iter()
        .chain(before)
        .find_map(|line| pattern.captures(line)?.get(1)?.as_str().replace(',', "").parse().ok())
}

pub fn given(session: &Session, flags: &Flags) -> Given {
    Given {
        account: flags.account.clone(),
        currency: flags.currency.clone(),
        fallback_currency: session.settings.written.currency.clone(),
    }
}

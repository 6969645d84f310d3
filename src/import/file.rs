//! One file: recognised, kept, folded, all or nothing.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rusqlite::{Connection, params};

use super::cells::Cells;
use super::fold::{Changes, Fold, FoldedFile};
use super::ledger::{self, AsOf, AsOfEvidence, FileRow, Flags};
use super::mapper::{Fate, Given, Mapper, RowError};
use super::opened::{Fingerprint, Opened};
use super::outside::{self, Period};
use super::source::Input;
use super::summary::{Ending, FileSummary, thousands};
use super::survey::{self, Facts, Known, Reach, Survey};
use super::tables::Event;
use super::totals::Label;
use super::{Options, Session, refold};
use crate::db;
use crate::error::{Error, Result};
use crate::format::Formats;
use crate::format::date::Order;
use crate::format::locale::{DecimalMark, Locale};

/// The summary of a file whose bytes are known, where no date of it is new.
pub fn summarise_unchanged(
    conn: &Connection,
    input: &Input,
    print: &Fingerprint,
    options: &Options,
) -> Result<Option<FileSummary>> {
    let Some(known) = ledger::find_by_hash(conn, &print.hash)? else { return Ok(None) };
    let is_unchanged = options.dry_run
        || (newer_copy(input, &known, options).is_none() && better_date(input, &known, options)?.is_none());
    Ok(is_unchanged.then(|| summarise_known(input, &known, false)))
}

/// The summary of a file whose bytes are known and that nothing dates better: it needs no further look.
pub fn recognise_known(
    conn: &Connection,
    input: &Input,
    print: &Fingerprint,
    options: &Options,
) -> Result<Option<FileSummary>> {
    let Some(known) = ledger::find_by_hash(conn, &print.hash)? else { return Ok(None) };
    if options.dry_run {
        return Ok(Some(summarise_known(input, &known, false)));
    }
    if let Some(day) = newer_copy(input, &known, options) {
        ledger::set_last_seen(conn, known.id, &day)?;
    }
    let is_better = better_date(input, &known, options)?.is_some();
    Ok((!is_better).then(|| summarise_known(input, &known, false)))
}

/// Does something with a file by what its first rows say; where that fails, again by what all of them say.
pub fn by_first_rows<T>(conn: &Connection, work: impl Fn(Reach) -> Result<T>) -> Result<T> {
    db::in_savepoint(conn, || work(Reach::FirstRows)).or_else(|_| work(Reach::AllRows))
}

/// Imports one file; whoever calls takes back what it wrote where it fails, and derives the models.
pub fn import(session: &Session, input: &Input, print: &Fingerprint) -> Result<FileSummary> {
    if let Some(known) = ledger::find_by_hash(session.conn, &print.hash)? {
        return already_known(session, input, &known);
    }
    let beside = input.content.beside(&|name| session.formats.is_beside(name))?;
    let flags = Flags { beside, ..session.options.flags.clone() };
    let opened = Opened::new(&input.content, session.formats, flags.source.as_deref(), session.schema)?
        .with_beside(flags.beside.as_deref());
    by_first_rows(session.conn, |reach| import_opened(session, input, print, &opened, &flags, reach))
}

fn import_opened(
    session: &Session,
    input: &Input,
    print: &Fingerprint,
    opened: &Opened,
    flags: &Flags,
    reach: Reach,
) -> Result<FileSummary> {
    let Some(mut survey) = survey_all(session, opened, &input.name, flags, reach)? else {
        return Ok(FileSummary::new(&input.name, &input.path, not_recognised(session.formats, opened)));
    };
    let groups = refold::groups(session, opened, &survey, flags)?;
    let mut as_of = as_of(session, input, &survey)?;
    // ads are loaded alike whatever their file's date is, which only orders it among others
    let can_wait = groups.iter().all(|g| g.starts_with("ads/")) && !ledger::has_any(session.conn, &groups)?;
    if survey.is_dated_by_rows(&as_of) && !can_wait {
        return Err(Error::failed("only all of its rows say when the file was made"));
    }
    let mut summary = FileSummary::new(&input.name, &input.path, Ending::Imported);
    summary.hash = print.hash.clone();
    let id = enter(session, input, print, &as_of, &survey, flags)?;
    summary.id = Some(id);
    ledger::keep(session.conn, id, input.content.open()?)?;
    load_new(session, opened, &mut survey, id, flags, &groups, &mut summary)?;
    let dated = self::as_of(session, input, &survey)?;
    if dated != as_of {
        if !can_wait {
            return Err(Error::failed("rows far down say when the file was made"));
        }
        as_of = dated;
        let sort_key = as_of.sort_key(&input.name, &modified(input), &print.hash);
        ledger::date(session.conn, id, &as_of, &sort_key)?;
    }
    summary.as_of = Some(as_of);
    if session.options.strict && !summary.rejected.is_empty() {
        let count = summary.rejected.len();
        return Err(Error::failed(format!(
            "{count} rows could not be read, and with `--strict` nothing of the file is loaded"
        ))
        .because(super::summary::reason(&summary.rejected[0])));
    }
    record(session, id, &summary)?;
    if session.options.dry_run {
        summary.id = None;
    }
    if survey.is_empty_report {
        summary.ending = Ending::Empty;
    }
    Ok(summary)
}

/// What is known of a file before its rows are loaded.
pub struct Surveyed {
    name: String,
    known: Known,
    /// All rows were seen.
    is_whole: bool,
    /// Per sheet, the facts of its tables.
    pub sheets: Vec<Vec<Facts>>,
    /// The format named by a preamble above no table at all.
    pub titled: Option<String>,
    pub is_empty_report: bool,
    lines: Vec<String>,
}

impl Surveyed {
    pub fn tables(&self) -> impl Iterator<Item = &Facts> + Clone {
        self.sheets.iter().flatten()
    }

    /// True if rows that were not seen may date the file otherwise.
    fn is_dated_by_rows(&self, as_of: &AsOf) -> bool {
        let by_rows = |t: &Facts| t.period.is_none() && t.days.is_some();
        !self.is_whole
            && matches!(as_of.evidence, AsOfEvidence::Period | AsOfEvidence::Modified)
            && self.tables().any(by_rows)
    }

    fn format_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.tables().map(|t| t.format.clone()).chain(self.titled.clone()).collect();
        names.dedup();
        let mut seen = BTreeSet::new();
        names.retain(|n| seen.insert(n.clone()));
        names
    }
}

/// From the first to the last day that tables tell of.
fn period<'t>(tables: impl Iterator<Item = &'t Facts> + Clone) -> Option<Period> {
    let periods = tables.filter_map(|t| t.period.or(t.days));
    Some((periods.clone().map(|p| p.0).min()?, periods.map(|p| p.1).max()?))
}

/// Reads a file for its tables; `None` where nothing in it is recognised.
pub fn survey_all(
    session: &Session,
    opened: &Opened,
    name: &str,
    flags: &Flags,
    reach: Reach,
) -> Result<Option<Surveyed>> {
    let known = Known { flags: locale_of(flags), settings: settings_locale(session) };
    let mut is_whole = true;
    let mut sheets = Vec::new();
    let mut lines = Vec::new();
    let mut titled = None;
    for mut tables in opened.walks()? {
        let (facts, is_whole_sheet) = survey::survey(&mut tables, name, known, reach)?;
        is_whole &= is_whole_sheet;
        if facts.is_empty() && titled.is_none() && tables.widest_outside < 4 {
            titled = session.formats.titled(tables.file_lines()).map(|f| f.name.clone());
        }
        lines.extend(tables.file_lines().iter().cloned());
        sheets.push(facts);
    }
    if let Some(name) = &titled
        && let Some(reason) = session.formats.get(name).and_then(|f| f.spec.refuse.clone())
    {
        return Err(Error::failed(format!(
            "this is {}: {reason}",
            session.formats.get(name).expect("just found").spec.title
        )));
    }
    let has_tables = sheets.iter().any(|s| !s.is_empty());
    if !has_tables && titled.is_none() {
        return Ok(None);
    }
    let is_empty_report = !has_tables || sheets.iter().flatten().all(|t| t.rows == 0);
    let titled = if has_tables { None } else { titled };
    Ok(Some(Surveyed { name: name.to_owned(), known, is_whole, sheets, titled, is_empty_report, lines }))
}

fn locale_of(flags: &Flags) -> Locale {
    Locale {
        decimal: match flags.decimal.as_deref() {
            Some("comma") => Some(DecimalMark::Comma),
            Some("dot") => Some(DecimalMark::Dot),
            _ => None,
        },
        order: match flags.dates.as_deref() {
            Some("dmy") => Some(Order::DayFirst),
            Some("mdy") => Some(Order::MonthFirst),
            _ => None,
        },
    }
}

/// `locale = "de-DE"` in the settings decides files that leave it open.
fn settings_locale(session: &Session) -> Locale {
    let Some(locale) = &session.settings.written.locale else { return Locale::default() };
    let is_english = locale.to_lowercase().starts_with("en");
    let is_us = locale.to_lowercase().ends_with("us");
    Locale {
        decimal: Some(if is_english { DecimalMark::Dot } else { DecimalMark::Comma }),
        order: Some(if is_us { Order::MonthFirst } else { Order::DayFirst }),
    }
}

fn not_recognised(formats: &Formats, opened: &Opened) -> Ending {
    let cells: Vec<&str> = opened.widest.iter().map(String::as_str).collect();
    let near = formats.nearest(&cells, &[]);
    let near = near
        .iter()
        .map(|n| {
            format!(
                "nearest: {} (`{}`), which needs {}",
                n.format.spec.title,
                n.format.name,
                n.missing.join(" and ")
            )
        })
        .collect();
    Ending::NotRecognised { near }
}

/// The best evidence there is: flag, the file's own words, a date in a name, the period's end, the modification time.
fn as_of(session: &Session, input: &Input, survey: &Surveyed) -> Result<AsOf> {
    let today = session.options.today;
    let generated = survey.tables().find_map(|t| t.generated.clone()).or_else(|| {
        let format = session.formats.get(survey.titled.as_deref()?)?;
        let surroundings = outside::Surroundings {
            spec: format.spec.file.clone(),
            own: survey.lines.clone(),
            ..outside::Surroundings::default()
        };
        surroundings.generated(surroundings.order())
    });
    let found = if let Some(flag) = &session.options.as_of {
        AsOf { moment: flag.clone(), evidence: AsOfEvidence::Flag }
    } else if let Some(moment) = generated {
        AsOf { moment, evidence: AsOfEvidence::Content }
    } else if let Some(moment) = named_date(input) {
        AsOf { moment, evidence: AsOfEvidence::Name }
    } else if let Some(end) = period(survey.tables()).map(|p| p.1).filter(|end| *end <= today) {
        AsOf { moment: end.to_string(), evidence: AsOfEvidence::Period }
    } else {
        let moment =
            input.modified.map_or_else(|| today.to_string(), |t| t.format("%Y-%m-%dT%H:%M:%S").to_string());
        return Ok(AsOf { moment, evidence: AsOfEvidence::Modified });
    };
    refuse_future(&found, today)?;
    Ok(found)
}

fn refuse_future(as_of: &AsOf, today: NaiveDate) -> Result<()> {
    // A day of grace: the export may come from a zone that is ahead.
    let latest = today.succ_opt().unwrap_or(today).to_string();
    if as_of.moment.get(..10).unwrap_or_default() > latest.as_str() {
        return Err(Error::failed(format!("the export is dated {}, which is in the future", as_of.moment))
            .hint("say when it was made with `--as-of DATE`"));
    }
    Ok(())
}

/// What a flag or a name says of when a file was made.
fn offered_date(input: &Input, options: &Options) -> Option<AsOf> {
    match &options.as_of {
        Some(flag) => Some(AsOf { moment: flag.clone(), evidence: AsOfEvidence::Flag }),
        None => named_date(input).map(|moment| AsOf { moment, evidence: AsOfEvidence::Name }),
    }
}

/// Better evidence of when a known file was made, from a flag or a name.
fn better_date(input: &Input, known: &FileRow, options: &Options) -> Result<Option<AsOf>> {
    let better = offered_date(input, options).filter(|o| o.beats(&known.as_of));
    better.iter().try_for_each(|b| refuse_future(b, options.today))?;
    Ok(better)
}

/// The day on which a file was downloaded: as a flag, its own words or a name say, else as the file, or the archive
/// it is in, is dated. The end of its period is no such day.
fn downloaded_on(input: &Input, said: Option<&AsOf>, today: NaiveDate) -> String {
    let is_such = |e: AsOfEvidence| !matches!(e, AsOfEvidence::Period | AsOfEvidence::Modified);
    let day = match said.filter(|s| is_such(s.evidence)) {
        Some(said) => said.moment.chars().take(10).collect(),
        None => input.written.map_or(today, |t| t.date()).to_string(),
    };
    day.min(today.to_string())
}

/// The day of a copy of a known file, where it is newer than those seen before. All copies say the same within, but each
/// has a name and a time of its own.
fn newer_copy(input: &Input, known: &FileRow, options: &Options) -> Option<String> {
    let offered = offered_date(input, options);
    let says_itself = known.as_of.evidence == AsOfEvidence::Content;
    let said = if says_itself && options.as_of.is_none() { Some(&known.as_of) } else { offered.as_ref() };
    let day = downloaded_on(input, said, options.today);
    (day > known.last_seen_on).then_some(day)
}

fn summarise_known(input: &Input, known: &FileRow, better_date: bool) -> FileSummary {
    let ending = Ending::Known { id: known.id, better_date };
    FileSummary {
        id: Some(known.id),
        hash: known.hash.clone(),
        format: known.format.clone().unwrap_or_default(),
        ..FileSummary::new(&input.name, &input.path, ending)
    }
}

/// The best name's last date.
fn named_date(input: &Input) -> Option<String> {
    input.dated_names.iter().find_map(|names| names.iter().find_map(|n| outside::date_in_name(n)))
}

/// Bytes that are known change nothing, except that better evidence may date them better.
fn already_known(session: &Session, input: &Input, known: &FileRow) -> Result<FileSummary> {
    let Some(better) = better_date(input, known, session.options)? else {
        return Ok(summarise_known(input, known, false));
    };
    let sort_key = better.sort_key(&known.name, &known.modified, &known.hash);
    ledger::date(session.conn, known.id, &better, &sort_key)?;
    refold::prepare(session.conn)?;
    let groups = ledger::groups_of(session.conn, known.id)?;
    refold::refold(session, &groups)?;
    Ok(summarise_known(input, known, true))
}

/// Enters the file into the ledger; its counts follow once they are known.
fn enter(
    session: &Session,
    input: &Input,
    print: &Fingerprint,
    as_of: &AsOf,
    survey: &Surveyed,
    flags: &Flags,
) -> Result<i64> {
    let modified = modified(input);
    let flags = serde_json::to_string(flags).expect("plain strings");
    let now = session.options.today.to_string();
    session.conn.execute(
        "insert into import_files (hash, name, path, bytes, format, as_of, as_of_evidence, sort_key, modified_at, flags,
            imported_at, last_seen_on)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            print.hash,
            input.name,
            input.path,
            i64::try_from(print.bytes).unwrap_or(i64::MAX),
            survey.format_names().join(", "),
            as_of.moment,
            as_of.evidence.name(),
            as_of.sort_key(&input.name, &modified, &print.hash),
            modified,
            flags,
            now,
            downloaded_on(input, Some(as_of), session.options.today),
        ],
    )?;
    Ok(session.conn.last_insert_rowid())
}

fn modified(input: &Input) -> String {
    input.modified.map(|t| t.format("%Y-%m-%dT%H:%M:%S").to_string()).unwrap_or_default()
}

/// Loads a new file: straight away where it is the newest of its groups, by folding those again where it is not.
fn load_new(
    session: &Session,
    opened: &Opened,
    survey: &mut Surveyed,
    id: i64,
    flags: &Flags,
    groups: &[String],
    summary: &mut FileSummary,
) -> Result<()> {
    refold::prepare(session.conn)?;
    ledger::set_groups(session.conn, id, groups)?;
    let key: String =
        session.conn.query_row("select sort_key from import_files where id = ?1", [id], |r| r.get(0))?;
    summary.format = survey.format_names().join(", ");
    summary.encoding = opened.guessed_encoding();
    if ledger::has_later(session.conn, groups, &key, id)? {
        summary.slotted_in = true;
        refold::refold_with(session, groups, Some((id, &mut *summary)))?;
    } else {
        let loaded = load(session, opened, survey, id, flags, &|_| true)?;
        survey.sheets.clone_from(&loaded.sheets);
        loaded.tell(summary);
    }
    let formats = summary.format.split(", ").filter_map(|n| session.formats.get(n));
    summary.note = formats.filter_map(|f| f.spec.note.clone()).next();
    Ok(())
}

/// The counts of one loading.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Per sheet, the facts of its tables, all rows seen.
    sheets: Vec<Vec<Facts>>,
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
        summary.period = period(self.sheets.iter().flatten());
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
}

/// Reads the file's rows and writes those whose target is wanted. An error where the facts turn out to be others.
pub fn load(
    session: &Session,
    opened: &Opened,
    survey: &Surveyed,
    id: i64,
    flags: &Flags,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Loaded> {
    let mut all = Loaded::default();
    let as_of: String =
        session
            .conn
            .query_row("select substr(as_of, 1, 10) from import_files where id = ?1", [id], |r| r.get(0))?;
    for (mut tables, facts) in opened.walks()?.into_iter().zip(&survey.sheets) {
        let mut facts = facts.iter();
        all.sheets.push(Vec::new());
        let mut pending = tables.advance()?;
        while let Some(event) = pending {
            match event {
                Event::Start => {
                    all.read += 1;
                    all.furniture += 1;
                    let Some(facts) = facts.next() else { break };
                    pending =
                        load_table(session, &mut tables, survey, facts, id, &as_of, flags, wanted, &mut all)?;
                    continue;
                }
                Event::Outside | Event::Row => {
                    all.read += 1;
                    all.furniture += 1;
                }
            }
            pending = tables.advance()?;
        }
        all.strangers.append(&mut tables.strangers);
    }
    if survey.sheets.iter().all(Vec::is_empty) {
        all.read = all.read.max(all.furniture);
    }
    Ok(all)
}

#[expect(clippy::too_many_arguments, reason = "one table in the midst of its file")]
fn load_table(
    session: &Session,
    tables: &mut super::tables::Tables,
    survey: &Surveyed,
    facts: &Facts,
    id: i64,
    as_of: &str,
    flags: &Flags,
    wanted: &dyn Fn(&str) -> bool,
    all: &mut Loaded,
) -> Result<Option<Event>> {
    let table = tables.table.take().expect("a table has begun");
    let binding = &table.binding;
    let given = given(session, flags);
    let mut mapper = Mapper::new(binding, facts, session.schema, &given)?;
    let account =
        given.account.clone().or_else(|| facts.constants.get("account").cloned()).unwrap_or_default();
    let file =
        FoldedFile { id, system: binding.format.spec.system.clone(), account, as_of: as_of.to_owned() };
    let ads = mapper.ad_mapper();
    let mut fold = Fold::new(
        session.conn,
        &file,
        &mapper.outputs,
        session.schema,
        &binding.format.spec.merge,
        ads,
        wanted,
    )?;
    let mut seen = Survey::new(&table, &survey.name, tables.has_semicolons());
    let mut rows = 0;
    let rejected_before = all.rejected.len();
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
    let last = loop {
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
    let seen = seen.confirm(facts, survey.known)?;
    if let Some(promised) = promised_rows(binding, &table.file_lines, &table.lines) {
        mapper.checksum().rows_promised(promised, rows + all.rejected.len() as u64);
    }
    fold.finish(mapper.checksum().is_whole_account())?;
    if mapper.has_example {
        all.warnings.push("the example row of the template is still in it and was left out".to_owned());
    }
    all.loaded += rows;
    all.changes.changed += fold.changes.changed;
    all.changes.unchanged += fold.changes.unchanged;
    let verdict = mapper.checksum().verdict();
    if all.checksum.as_deref().is_none_or(|c| c == "agrees") && verdict.is_some() {
        all.checksum = verdict;
    }
    all.unmapped.extend(facts.unmapped.iter().cloned());
    all.sheets.last_mut().expect("a sheet is being read").push(seen);
    let title = &binding.format.spec.title;
    let given_rows = rows + (all.rejected.len() - rejected_before) as u64;
    if binding.format.spec.file.cut.iter().chain(&SHEET_LIMITS).any(|limit| *limit == given_rows) {
        all.warnings.push(format!(
            "it has exactly {} rows, where such exports are cut off; compare with what the system itself counts",
            thousands(given_rows)
        ));
    }
    if given_rows == 0 && mapper.strangers > 0 {
        return Err(Error::failed(format!("it looks like a {title}, but no row of it has an id as such a report gives it"))
            .hint("export it with its id columns; a file of another system needs a format of its own: `funnelite sources --new FILE`"));
    }
    all.warnings.extend(binding.doubled().map(|header| {
        format!("the column `{header}` stands there more than once; the first that holds something counts")
    }));
    for (column, sentence) in &binding.format.spec.file.warn {
        let text = facts.constants.get(column).filter(|text| !text.is_empty());
        let warning = text.map(|text| sentence.replace("{}", text));
        all.warnings.extend(warning.filter(|w| !all.warnings.contains(w)));
    }
    Ok(last)
}

/// Rows that the sheets of old and new workbooks hold below a header.
const SHEET_LIMITS: [u64; 2] = [65_535, 1_048_575];

/// The number of rows that a line above the table promises.
fn promised_rows(binding: &crate::format::bind::Binding, before: &[String], own: &[String]) -> Option<u64> {
    let pattern = regex::Regex::new(binding.format.spec.totals.count.as_deref()?).ok()?;
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

fn record(session: &Session, id: i64, summary: &FileSummary) -> Result<()> {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    session.conn.execute(
        "update import_files set rows_read = ?2, rows_loaded = ?3, rows_changed = ?4, rows_unchanged = ?5, rows_furniture = ?6,
            rows_rejected = ?7, checksum = ?8, unmapped = ?9, warnings = ?10, period_start = ?11, period_end = ?12
         where id = ?1",
        params![
            id,
            count(summary.read),
            count(summary.loaded),
            count(summary.changed),
            count(summary.unchanged),
            count(summary.furniture),
            count(summary.rejected.len() as u64),
            summary.checksum,
            serde_json::to_string(&summary.unmapped).expect("strings"),
            serde_json::to_string(&summary.warnings).expect("strings"),
            summary.period.map(|p| p.0.to_string()),
            summary.period.map(|p| p.1.to_string()),
        ],
    )?;
    ledger::keep_rejects(session.conn, id, &summary.rejected)
}

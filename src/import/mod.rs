//! Importing: every file is recognised, kept, folded in as-of order and told about, all of it or nothing.

pub mod ad_fold;
pub mod ad_row;
mod ahead;
pub mod cells;
pub mod dating;
mod decode;
pub mod file;
pub mod fold;
mod held;
mod known;
pub mod ledger;
pub mod load;
pub mod mapper;
pub mod opened;
pub mod outside;
mod record_fold;
pub mod refold;
pub mod rows;
pub mod schema;
mod sniff;
pub mod source;
pub mod summary;
pub mod survey;
pub mod surveyed;
pub mod tables;
pub mod totals;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::db;
use crate::error::{Error, Result};
use crate::format::Formats;
use crate::format::bind::Schema;
use crate::settings::Settings;
use known::Known;
use ledger::Flags;
use opened::Fingerprint;
use summary::{Ending, FileSummary};

/// What the command line says about an import.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub flags: Flags,
    /// A date, or date and time.
    pub as_of: Option<String>,
    pub dry_run: bool,
    pub strict: bool,
    pub today: NaiveDate,
    /// Draws a bar on standard error while it works.
    pub progress: bool,
}

/// Everything that importing a file needs to know.
pub struct Session<'s> {
    pub conn: &'s Connection,
    pub settings: &'s Settings,
    pub formats: &'s Formats,
    pub schema: &'s Schema,
    pub options: &'s Options,
    /// The changes that the connection had made when its transaction began, where that is known.
    pub begun: Option<u64>,
}

/// What an import did.
#[derive(Debug, Default)]
pub struct Imported {
    pub files: Vec<FileSummary>,
}

impl Imported {
    pub fn has_failed(&self) -> bool {
        self.files.iter().any(|f| matches!(f.ending, Ending::Failed(_)))
    }

    /// Rows were rejected or a data file was not recognised.
    pub fn is_incomplete(&self) -> bool {
        self.files.iter().any(|f| matches!(f.ending, Ending::NotRecognised { .. }) || !f.rejected.is_empty())
    }
}

/// What the paths of an import hold.
pub struct Offer {
    inputs: Vec<Offered>,
    /// What became of those that are no inputs.
    passed_over: Vec<FileSummary>,
}

/// An input, with its fingerprint once somebody asked for it.
struct Offered {
    input: source::Input,
    print: OnceCell<Fingerprint>,
}

impl Offered {
    fn print(&self, conn: &Connection) -> Result<&Fingerprint> {
        match self.print.get() {
            Some(print) => Ok(print),
            None => {
                let content = &self.input.content;
                let print = opened::fingerprint(content, !ledger::has_size(conn, content.size())?)?;
                Ok(self.print.get_or_init(|| print))
            }
        }
    }
}

impl Offer {
    pub fn of(paths: &[PathBuf], settings: &Settings) -> Offer {
        let mut collected = source::collect(paths, &settings.written.import.ignore);
        // Oldest first as far as names tell: a file that sorts before others makes its kind fold again.
        collected.inputs.sort_by_cached_key(named_or_modified);
        let failed = collected.failed.into_iter().map(|(path, error)| (path, Ending::Failed(error)));
        let skipped = collected.skipped.into_iter().map(|s| (s.path, Ending::Skipped(s.reason)));
        Offer {
            inputs: collected
                .inputs
                .into_iter()
                .map(|input| Offered { input, print: OnceCell::new() })
                .collect(),
            passed_over: failed
                .chain(skipped)
                .map(|(path, ending)| FileSummary::new(&path, &path, ending))
                .collect(),
        }
    }

    /// What importing it tells where every file is known, and no date of one is new: then nothing has to be written.
    pub fn known(&mut self, conn: &Connection, options: &Options) -> Result<Option<Imported>> {
        // a format that is asked for has to exist, whatever is read as it
        if options.flags.source.is_some() {
            return Ok(None);
        }
        let mut files = Vec::with_capacity(self.inputs.len());
        for offered in &self.inputs {
            // what fails is told where files are imported
            let Ok(print) = offered.print(conn) else { return Ok(None) };
            match Known::find(conn, &offered.input, print, options) {
                Ok(Some(known)) if known.is_unchanged() => files.push(known.summarise(&offered.input)),
                _ => return Ok(None),
            }
        }
        let mut imported = Imported { files: std::mem::take(&mut self.passed_over) };
        imported.files.append(&mut files);
        Ok(Some(imported))
    }
}

/// Imports everything the paths hold.
pub fn run(
    conn: &Connection,
    settings: &Settings,
    workspace: &Path,
    paths: &[PathBuf],
    options: &Options,
) -> Result<Imported> {
    run_offer(conn, settings, workspace, Offer::of(paths, settings), options)
}

/// Imports everything that is offered; a file that fails does not stop the others.
pub fn run_offer(
    conn: &Connection,
    settings: &Settings,
    workspace: &Path,
    offer: Offer,
    options: &Options,
) -> Result<Imported> {
    let mut imported = Imported { files: offer.passed_over };
    let knowledge = options.flags.source.as_ref().map(|_| Knowledge::load(conn, workspace, options));
    let bar = progress_bar(offer.inputs.len(), options.progress);
    let mut importer =
        Importer { conn, settings, workspace, options, knowledge: knowledge.transpose()?, bar };
    // a dry run takes each file alone, as if no other came
    let mut at_once = if options.dry_run { 1 } else { usize::MAX };
    let mut inputs = offer.inputs.as_slice();
    while let [Offered { input: first, .. }, ..] = inputs {
        let summaries = match importer.import_together(inputs, at_once) {
            Ok(summaries) => summaries,
            Err(e) if at_once == 1 => vec![FileSummary::new(&first.name, &first.path, Ending::Failed(e))],
            Err(_) => {
                // the models could not be derived: with one file after another it shows with which
                at_once = 1;
                continue;
            }
        };
        inputs = &inputs[summaries.len()..];
        imported.files.extend(summaries);
        importer.bar.set_position((offer.inputs.len() - inputs.len()) as u64);
    }
    importer.bar.finish_and_clear();
    if let Some(knowledge) = &importer.knowledge {
        skip_unused(&knowledge.formats, &mut imported.files);
    }
    Ok(imported)
}

/// What files need that are new or dated better.
struct Knowledge {
    formats: Formats,
    schema: Schema,
}

impl Knowledge {
    fn load(conn: &Connection, workspace: &Path, options: &Options) -> Result<Knowledge> {
        Ok(Knowledge { formats: load_formats(workspace, options)?, schema: schema::read(conn)? })
    }
}

/// Rows after which the files so far are committed. Deriving the models costs something for every commit, however few
/// rows it holds; and an import that is killed loses the files that it has not committed.
const ROWS_AT_ONCE: u64 = 20_000;
/// A file of more bytes does not keep those before it waiting.
const LARGE: u64 = 1 << 20;

/// An import on its way.
struct Importer<'s> {
    conn: &'s Connection,
    settings: &'s Settings,
    workspace: &'s Path,
    options: &'s Options,
    knowledge: Option<Knowledge>,
    bar: ProgressBar,
}

impl Importer<'_> {
    /// Imports the first of these inputs in one transaction and derives the models once for all of them.
    fn import_together(&mut self, inputs: &[Offered], at_most: usize) -> Result<Vec<FileSummary>> {
        let transaction = Transaction::new_unchecked(self.conn, TransactionBehavior::Immediate)?;
        let begun = self.conn.total_changes();
        let mut summaries: Vec<FileSummary> = Vec::new();
        let mut rows = 0;
        for offered in inputs.iter().take(at_most) {
            let input = &offered.input;
            if rows >= ROWS_AT_ONCE || (rows > 0 && input.content.size() > LARGE) {
                break;
            }
            self.bar.set_message(input.name.clone());
            let failed = |e| FileSummary::new(&input.name, &input.path, Ending::Failed(e));
            let summary = self.import(offered, begun).unwrap_or_else(failed);
            rows += summary.read;
            summaries.push(summary);
            self.bar.inc(1);
        }
        if summaries.iter().any(FileSummary::changes_anything) {
            crate::models::refresh(self.conn, self.settings)?;
        }
        if self.options.dry_run { transaction.rollback() } else { transaction.commit() }?;
        Ok(summaries)
    }

    /// Imports one file, all or nothing.
    fn import(&mut self, offered: &Offered, begun: u64) -> Result<FileSummary> {
        let (conn, settings, options) = (self.conn, self.settings, self.options);
        let (input, print) = (&offered.input, offered.print(conn)?);
        let known = Known::find(conn, input, print, options)?;
        if let Some(known) = &known {
            known.note_copy(conn)?;
            if !known.is_dated_better() {
                return Ok(known.summarise(input));
            }
        }
        // other known files need no format
        let Knowledge { formats, schema } = match &mut self.knowledge {
            Some(knowledge) => knowledge,
            none => none.insert(Knowledge::load(conn, self.workspace, options)?),
        };
        let session = Session { conn, settings, formats, schema, options, begun: Some(begun) };
        db::attempt(conn, session.begun, || match &known {
            Some(known) => known.date_better(&session).map(|()| known.summarise(input)),
            None => file::import(&session, input, print),
        })
    }
}

/// The formats of the workspace; an error where the one that is asked for is not among them.
fn load_formats(workspace: &Path, options: &Options) -> Result<Formats> {
    let formats = Formats::load(Some(workspace))?;
    if let Some(name) = &options.flags.source
        && formats.get(name).is_none()
    {
        let near = crate::error::nearest(name, formats.names());
        let hint =
            near.map_or("`funnelite sources` lists them".to_owned(), |n| format!("did you mean `{n}`?"));
        return Err(Error::usage(format!("no format is called `{name}`")).hint(hint));
    }
    Ok(formats)
}

/// The date that an input's names hold, else its modification time.
fn named_or_modified(input: &source::Input) -> String {
    dating::named(input).unwrap_or_else(|| dating::modified(input))
}

fn progress_bar(files: usize, wanted: bool) -> ProgressBar {
    let target = if wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(files as u64), target);
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} files · {elapsed} · {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Members of an archive in which a system was recognised are skipped where that system is known not to need them.
fn skip_unused(formats: &Formats, files: &mut [FileSummary]) {
    let archive = |path: &str| path.to_lowercase().find(".zip/").map(|at| path[..at + 4].to_owned());
    let recognised: Vec<(String, String)> = files
        .iter()
        .filter(|f| !f.format.is_empty())
        .filter_map(|f| {
            let format = formats.get(f.format.split(", ").next().unwrap_or_default())?;
            Some((archive(&f.path)?, format.spec.system.clone()))
        })
        .collect();
    for file in files.iter_mut().filter(|f| matches!(f.ending, Ending::NotRecognised { .. })) {
        let Some(inside) = archive(&file.path) else { continue };
        let stem = file
            .path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .rsplit_once('.')
            .map_or("", |(s, _)| s)
            .to_owned();
        let is_unused = formats
            .all()
            .filter(|f| recognised.iter().any(|(a, s)| *a == inside && *s == f.spec.system))
            .any(|f| f.spec.unused.iter().any(|u| glob::Pattern::new(u).is_ok_and(|p| p.matches(&stem))));
        if is_unused {
            file.ending = Ending::Skipped("a known object that no number needs".to_owned());
        }
    }
}

//! One file: recognised, kept, folded, all or nothing.

use rusqlite::params;

use super::dating::{self, AsOf};
use super::ledger::{self, Flags};
use super::load::load;
use super::opened::{Fingerprint, Opened};
use super::source::Input;
use super::summary::{Ending, FileSummary};
use super::survey::Reach;
use super::surveyed::{Surveyed, survey_all};
use super::{Session, refold};
use crate::db;
use crate::error::{Error, Result};
use crate::format::Formats;

/// Does something with a file by what its first rows say; where that fails, again by what all of them say.
pub fn by_first_rows<T>(session: &Session, work: impl Fn(Reach) -> Result<T>) -> Result<T> {
    db::attempt(session.conn, session.begun, || work(Reach::FirstRows)).or_else(|_| work(Reach::AllRows))
}

/// Imports a file that is not known; whoever calls takes back what it wrote where it fails, and derives the models.
pub fn import(session: &Session, input: &Input, print: &Fingerprint) -> Result<FileSummary> {
    let beside = input.content.beside(&|name| session.formats.is_beside(name))?;
    let flags = Flags { beside, ..session.options.flags.clone() };
    let only = flags.source.as_deref();
    let (content, formats, schema) = (&input.content, session.formats, session.schema);
    let opened = match &print.sniffed {
        Some(sniffer) => Opened::sniffed(content, sniffer, formats, only, schema)?,
        None => Opened::new(content, formats, only, schema)?,
    };
    let opened = opened.with_beside(flags.beside.as_deref());
    by_first_rows(session, |reach| import_opened(session, input, print, &opened, &flags, reach))
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
    let mut as_of = dating::as_of(session, input, &survey)?;
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
    let dated = dating::as_of(session, input, &survey)?;
    if dated != as_of {
        if !can_wait {
            return Err(Error::failed("rows far down say when the file was made"));
        }
        as_of = dated;
        let sort_key = as_of.sort_key(&input.name, &dating::modified(input), &print.hash);
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

/// Enters the file into the ledger; its counts follow once they are known.
fn enter(
    session: &Session,
    input: &Input,
    print: &Fingerprint,
    as_of: &AsOf,
    survey: &Surveyed,
    flags: &Flags,
) -> Result<i64> {
    let modified = dating::modified(input);
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
            dating::downloaded_on(input, Some(as_of), session.options.today),
        ],
    )?;
    Ok(session.conn.last_insert_rowid())
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

//! Files whose bytes are known: they change nothing, but a copy may be newer than those seen before, or date the file better.

use rusqlite::Connection;

use super::dating::{self, AsOf};
use super::ledger::{self, FileRow};
use super::opened::Fingerprint;
use super::source::Input;
use super::summary::{Ending, FileSummary};
use super::{Options, Session, refold};
use crate::error::Result;

/// A file of the ledger that is offered again.
pub struct Known {
    row: FileRow,
    /// The day of this copy, where it is newer than those seen before.
    newer_copy: Option<String>,
    /// What a flag or a name says, where that is better evidence than what dated the file.
    better_date: Option<AsOf>,
}

impl Known {
    /// The file with these bytes. A dry run asks no more of it.
    pub fn find(
        conn: &Connection,
        input: &Input,
        print: &Fingerprint,
        options: &Options,
    ) -> Result<Option<Known>> {
        let Some(row) = ledger::find_by_hash(conn, &print.hash)? else { return Ok(None) };
        if options.dry_run {
            return Ok(Some(Known { row, newer_copy: None, better_date: None }));
        }
        let newer_copy = dating::newer_copy(input, &row, options);
        let better_date = dating::better(input, &row, options)?;
        Ok(Some(Known { row, newer_copy, better_date }))
    }

    /// Nothing has to be written.
    pub fn is_unchanged(&self) -> bool {
        self.newer_copy.is_none() && self.better_date.is_none()
    }

    /// It has to be folded in another place.
    pub fn is_dated_better(&self) -> bool {
        self.better_date.is_some()
    }

    pub fn note_copy(&self, conn: &Connection) -> Result<()> {
        self.newer_copy.iter().try_for_each(|day| ledger::set_last_seen(conn, self.row.id, day))
    }

    /// Dates it by the better evidence and folds its groups again.
    pub fn date_better(&self, session: &Session) -> Result<()> {
        let Some(better) = &self.better_date else { return Ok(()) };
        let FileRow { id, name, modified, hash, .. } = &self.row;
        ledger::date(session.conn, *id, better, &better.sort_key(name, modified, hash))?;
        refold::prepare(session.conn)?;
        let groups = ledger::groups_of(session.conn, *id)?;
        refold::refold(session, &groups)
    }

    pub fn summarise(&self, input: &Input) -> FileSummary {
        let ending = Ending::Known { id: self.row.id, better_date: self.better_date.is_some() };
        FileSummary {
            id: Some(self.row.id),
            hash: self.row.hash.clone(),
            format: self.row.format.clone().unwrap_or_default(),
            ..FileSummary::new(&input.name, &input.path, ending)
        }
    }
}

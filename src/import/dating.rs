//! When a file was made, by the best evidence: a flag, the file's own words, a date in a name, the period's end, its times.

use chrono::NaiveDate;

use super::ledger::FileRow;
use super::source::Input;
use super::surveyed::Surveyed;
use super::{Options, Session, outside};
use crate::error::{Error, Result};

/// How good the evidence for an as-of is; the best counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AsOfEvidence {
    Flag,
    Content,
    Name,
    Period,
    Modified,
}

impl AsOfEvidence {
    pub fn name(self) -> &'static str {
        match self {
            AsOfEvidence::Flag => "flag",
            AsOfEvidence::Content => "content",
            AsOfEvidence::Name => "name",
            AsOfEvidence::Period => "period",
            AsOfEvidence::Modified => "modified",
        }
    }

    pub fn of(name: &str) -> AsOfEvidence {
        match name {
            "flag" => AsOfEvidence::Flag,
            "content" => AsOfEvidence::Content,
            "name" => AsOfEvidence::Name,
            "period" => AsOfEvidence::Period,
            _ => AsOfEvidence::Modified,
        }
    }
}

/// When an export shows the world as it was: what orders it among its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOf {
    /// A date, or a date and time.
    pub moment: String,
    pub evidence: AsOfEvidence,
}

impl AsOf {
    /// Ties are broken by the copy number in the name, the modification time and the content.
    pub fn sort_key(&self, name: &str, modified: &str, hash: &str) -> String {
        let moment =
            if self.moment.len() == 10 { format!("{}T00:00:00", self.moment) } else { self.moment.clone() };
        format!("{moment}|{:04}|{modified}|{hash}", copy_number(name))
    }

    /// Better evidence, or the same and earlier.
    pub fn beats(&self, other: &AsOf) -> bool {
        (self.evidence, &self.moment) < (other.evidence, &other.moment)
    }
}

/// 2 of `report (2).csv`.
fn copy_number(name: &str) -> u32 {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let number = stem.strip_suffix(')').and_then(|s| s.rsplit_once(" (")).map(|(_, n)| n);
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// The best evidence there is: flag, the file's own words, a date in a name, the period's end, the modification time.
pub fn as_of(session: &Session, input: &Input, survey: &Surveyed) -> Result<AsOf> {
    let today = session.options.today;
    let generated = survey.generated(session.formats);
    let found = if let Some(flag) = &session.options.as_of {
        AsOf { moment: flag.clone(), evidence: AsOfEvidence::Flag }
    } else if let Some(moment) = generated {
        AsOf { moment, evidence: AsOfEvidence::Content }
    } else if let Some(moment) = named(input) {
        AsOf { moment, evidence: AsOfEvidence::Name }
    } else if let Some(end) = survey.period().map(|p| p.1).filter(|end| *end <= today) {
        AsOf { moment: end.to_string(), evidence: AsOfEvidence::Period }
    } else {
        let moment = if input.modified.is_some() { modified(input) } else { today.to_string() };
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
pub fn offered(input: &Input, options: &Options) -> Option<AsOf> {
    match &options.as_of {
        Some(flag) => Some(AsOf { moment: flag.clone(), evidence: AsOfEvidence::Flag }),
        None => named(input).map(|moment| AsOf { moment, evidence: AsOfEvidence::Name }),
    }
}

/// Better evidence of when a known file was made, from a flag or a name.
pub fn better(input: &Input, known: &FileRow, options: &Options) -> Result<Option<AsOf>> {
    let better = offered(input, options).filter(|o| o.beats(&known.as_of));
    better.iter().try_for_each(|b| refuse_future(b, options.today))?;
    Ok(better)
}

/// The day on which a file was downloaded: as a flag, its own words or a name say, else as the file, or the archive
/// it is in, is dated. The end of its period is no such day.
pub fn downloaded_on(input: &Input, said: Option<&AsOf>, today: NaiveDate) -> String {
    let is_such = |e: AsOfEvidence| !matches!(e, AsOfEvidence::Period | AsOfEvidence::Modified);
    let day = match said.filter(|s| is_such(s.evidence)) {
        Some(said) => said.moment.chars().take(10).collect(),
        None => input.written.map_or(today, |t| t.date()).to_string(),
    };
    day.min(today.to_string())
}

/// The day of a copy of a known file, where it is newer than those seen before. All copies say the same within, but each
/// has a name and a time of its own.
pub fn newer_copy(input: &Input, known: &FileRow, options: &Options) -> Option<String> {
    let offered = offered(input, options);
    let says_itself = known.as_of.evidence == AsOfEvidence::Content;
    let said = if says_itself && options.as_of.is_none() { Some(&known.as_of) } else { offered.as_ref() };
    let day = downloaded_on(input, said, options.today);
    (day > known.last_seen_on).then_some(day)
}

/// The best name's last date.
pub fn named(input: &Input) -> Option<String> {
    input.dated_names.iter().find_map(|names| names.iter().find_map(|n| outside::date_in_name(n)))
}

/// The modification time, if any.
pub fn modified(input: &Input) -> String {
    input.modified.map(|t| t.format("%Y-%m-%dT%H:%M:%S").to_string()).unwrap_or_default()
}

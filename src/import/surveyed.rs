//! What has to be known of a whole file before its rows can be loaded: the facts of its tables, or of its lines where it has
//! none.

use std::collections::BTreeSet;

use super::Session;
use super::dating::{AsOf, AsOfEvidence};
use super::ledger::Flags;
use super::opened::Opened;
use super::outside::{Period, Surroundings};
use super::survey::{self, Facts, Known, Reach};
use crate::error::{Error, Result};
use crate::format::Formats;
use crate::format::date::Order;
use crate::format::locale::{DecimalMark, Locale};

/// What is known of a file before its rows are loaded.
pub struct Surveyed {
    pub name: String,
    pub known: Known,
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

    pub fn period(&self) -> Option<Period> {
        period(self.tables())
    }

    /// When the file says it was made; one without tables may say it all the same.
    pub fn generated(&self, formats: &Formats) -> Option<String> {
        let by_table = self.tables().find_map(|t| t.generated.clone());
        by_table.or_else(|| {
            let format = formats.get(self.titled.as_deref()?)?;
            let surroundings = Surroundings {
                spec: format.spec.file.clone(),
                own: self.lines.clone(),
                ..Surroundings::default()
            };
            surroundings.generated(surroundings.order())
        })
    }

    /// True if rows that were not seen may date the file otherwise.
    pub fn is_dated_by_rows(&self, as_of: &AsOf) -> bool {
        let by_rows = |t: &Facts| t.period.is_none() && t.days.is_some();
        !self.is_whole
            && matches!(as_of.evidence, AsOfEvidence::Period | AsOfEvidence::Modified)
            && self.tables().any(by_rows)
    }

    pub fn format_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.tables().map(|t| t.format.clone()).chain(self.titled.clone()).collect();
        names.dedup();
        let mut seen = BTreeSet::new();
        names.retain(|n| seen.insert(n.clone()));
        names
    }
}

/// From the first to the last day that tables tell of.
pub fn period<'t>(tables: impl Iterator<Item = &'t Facts> + Clone) -> Option<Period> {
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

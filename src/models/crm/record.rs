//! A record as it is read: all of its texts in one buffer that is used again for the next.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::db::texts;
use crate::error::Result;
use crate::settings::calendar::Calendar;
use crate::trail::{self, Fact};

/// The texts of a row, by place.
#[derive(Debug, Clone)]
pub(super) struct Texts<const COUNT: usize> {
    buffer: String,
    ends: [usize; COUNT],
}

impl<const COUNT: usize> Default for Texts<COUNT> {
    fn default() -> Self {
        Texts { buffer: String::new(), ends: [0; COUNT] }
    }
}

impl<const COUNT: usize> Texts<COUNT> {
    /// Takes those of the columns from `first` on in place of its own; some hold numbers of texts.
    pub fn read(&mut self, row: &Row, first: usize, interned: &mut texts::Texts) -> rusqlite::Result<()> {
        self.buffer.clear();
        for (at, end) in self.ends.iter_mut().enumerate() {
            match row.get_ref(at + first)? {
                ValueRef::Integer(id) => self.buffer.push_str(interned.get(id)?),
                ValueRef::Text(text) => self.buffer.push_str(str::from_utf8(text).unwrap_or_default()),
                _ => {}
            }
            *end = self.buffer.len();
        }
        Ok(())
    }

    /// '' where it says nothing.
    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.buffer[start..self.ends[at]]
    }
}

/// A record's trail as it is kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed(Vec<u8>);

impl Packed {
    pub fn read(&mut self, row: &Row, at: usize) -> rusqlite::Result<()> {
        self.0.clear();
        self.0.extend_from_slice(row.get_ref(at)?.as_blob_or_null()?.unwrap_or_default());
        Ok(())
    }

    pub fn facts(&self) -> impl Iterator<Item = Fact> {
        trail::facts(&self.0)
    }
}

/// The text columns of `crm_people`, by place.
const TEXTS: [&str; 29] = [
    "object",
    "record_id",
    "email",
    "created_at",
    "lead_source",
    "source_detail_1",
    "source_detail_2",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "campaign",
    "first_form",
    "first_form_at",
    "recent_form",
    "recent_form_at",
    "landing_page",
    "latest_source",
    "latest_source_at",
    "lifecycle_stage",
    "lead_status",
    "converted_on",
    "company",
    "company_id",
    "self_reported_source",
    "country",
    "industry",
    "job_title",
    "domain",
    "owner",
];
const REASON: &str = "disqualified_reason";

pub(super) mod text {
    pub const OBJECT: usize = 0;
    pub const RECORD_ID: usize = 1;
    pub const EMAIL: usize = 2;
    pub const CREATED_AT: usize = 3;
    pub const LEAD_SOURCE: usize = 4;
    pub const DETAIL_1: usize = 5;
    pub const DETAIL_2: usize = 6;
    pub const UTM_SOURCE: usize = 7;
    pub const UTM_MEDIUM: usize = 8;
    pub const UTM_CAMPAIGN: usize = 9;
    pub const CAMPAIGN: usize = 10;
    pub const FIRST_FORM: usize = 11;
    pub const FIRST_FORM_AT: usize = 12;
    pub const RECENT_FORM: usize = 13;
    pub const RECENT_FORM_AT: usize = 14;
    pub const LANDING_PAGE: usize = 15;
    pub const LATEST_SOURCE: usize = 16;
    pub const LATEST_SOURCE_AT: usize = 17;
    pub const LIFECYCLE_STAGE: usize = 18;
    pub const LEAD_STATUS: usize = 19;
    pub const CONVERTED_ON: usize = 20;
    pub const COMPANY: usize = 21;
    pub const COMPANY_ID: usize = 22;
    pub const SELF_REPORTED: usize = 23;
    pub const COUNTRY: usize = 24;
    pub const INDUSTRY: usize = 25;
    pub const JOB_TITLE: usize = 26;
    pub const DOMAIN: usize = 27;
    pub const OWNER: usize = 28;
    pub const REASON: usize = 29;
    pub const COUNT: usize = 30;
}

#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub id: i64,
    pub source: i64,
    pub employees: Option<i64>,
    pub is_converted: bool,
    trail: Packed,
    texts: Texts<{ text::COUNT }>,
    /// Its creation in UTC, and the local day of it.
    pub created_at: Option<String>,
    pub created_day: Option<i32>,
}

/// Reads records; `which` are one by its id, or all in order.
pub(super) fn select(which: &str) -> String {
    format!(
        "select id, source, employees, coalesce(is_converted, 0), stage_trail, {}, {REASON} from crm_people {which}",
        TEXTS.join(", ")
    )
}

impl Record {
    /// Takes the place of what was read before.
    pub fn read(&mut self, row: &Row, calendar: &Calendar, interned: &mut texts::Texts) -> Result<()> {
        self.id = row.get(0)?;
        self.source = row.get(1)?;
        self.employees = row.get(2)?;
        self.is_converted = row.get::<_, i64>(3)? == 1;
        self.trail.read(row, 4)?;
        self.texts.read(row, 5, interned)?;
        let created = self.text(text::CREATED_AT);
        (self.created_at, self.created_day) = (calendar.utc_moment(created), calendar.local_day(created));
        Ok(())
    }

    /// What exports said of its stages.
    pub fn trail(&self) -> impl Iterator<Item = Fact> {
        self.trail.facts()
    }

    /// '' where it says nothing.
    pub fn text(&self, at: usize) -> &str {
        self.texts.get(at)
    }

    /// Whether the record's own text shows when it was created in UTC; see `persons.created_at`.
    pub fn shows_creation(&self) -> bool {
        match (&self.created_at, self.text(text::CREATED_AT).get(..19)) {
            (Some(utc), Some(own)) => utc.strip_suffix('Z') == Some(own),
            (None, None) => true,
            _ => false,
        }
    }
}

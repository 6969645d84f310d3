//! What is read of a record of a person.

use rusqlite::Row;

use super::cells::{Cells, Columns, Layout, Said};
use crate::db::texts::Texts;
use crate::error::Result;
use crate::settings::calendar::{Calendar, Instant};

pub(super) const LAYOUT: Layout = Layout { table: "crm_people", texts: &TEXTS, numbers: &NUMBERS };

const TEXTS: [&str; 30] = [
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
    "disqualified_reason",
];

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
}

const NUMBERS: [&str; 2] = ["employees", "is_converted"];

pub(super) mod number {
    pub const EMPLOYEES: usize = 0;
    pub const IS_CONVERTED: usize = 1;
}

/// Columns that only count beside other records of the same person, or where segments are described.
pub(super) const COMPARED: [&str; 9] = [
    "email",
    "company",
    "country",
    "industry",
    "job_title",
    "domain",
    "owner",
    "disqualified_reason",
    "employees",
];

/// Columns that only lead to rows of other tables.
pub(super) const LEADING: [(&str, &[&str]); 2] =
    [("record_id", &["crm_changes"]), ("company_id", &["company_facts"])];

#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub cells: Cells<{ TEXTS.len() }, { NUMBERS.len() }>,
    /// Its creation.
    pub created: Option<Instant>,
    pub created_day: Option<i32>,
}

impl Record {
    /// Takes the place of what was read before.
    pub fn read(
        &mut self,
        id: i64,
        row: &Row,
        columns: &Columns,
        calendar: &Calendar,
        interned: &mut Texts,
    ) -> Result<()> {
        self.cells.read(id, row, columns, interned)?;
        self.created = calendar.instant(self.text(text::CREATED_AT));
        self.created_day = match self.created {
            Some(created) => Some(created.day),
            None => calendar.local_day(self.text(text::CREATED_AT)),
        };
        Ok(())
    }

    pub fn said(&self, at: usize) -> Said<'_> {
        self.cells.said(at)
    }

    /// '' where it says nothing.
    pub fn text(&self, at: usize) -> &str {
        self.cells.text(at)
    }

    /// Whether the record's own text shows when it was created in UTC; see `persons.created_at`.
    pub fn shows_creation(&self) -> bool {
        let Some(created) = self.created else { return true };
        let own = self.text(text::CREATED_AT).as_bytes();
        created.is_as_said && own.len() >= 19 && [own[10], own[13], own[16]] == *b"T::"
    }
}

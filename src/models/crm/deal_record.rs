//! A record of a deal as it is read: all of its texts in one buffer that is used again for the next.

use rusqlite::Row;

use super::record::{Packed, Texts};
use crate::db::texts;
use crate::trail::Fact;

/// A deal record.
#[derive(Default)]
pub(super) struct Record {
    pub id: i64,
    pub source: i64,
    trail: Packed,
    texts: Texts<{ TEXTS.len() }>,
    pub is_closed: Option<i64>,
    pub is_won: Option<i64>,
    pub amount: Option<i64>,
    pub mrr: Option<i64>,
    pub arr: Option<i64>,
    pub probability: Option<i64>,
}

const TEXTS: [&str; 20] = [
    "status",
    "pipeline",
    "stage",
    "deal_type",
    "currency",
    "created_at",
    "closed_at",
    "won_at",
    "lost_at",
    "company",
    "company_id",
    "contact_ids",
    "primary_contact_id",
    "contact_email",
    "lead_source",
    "source_detail_1",
    "source_detail_2",
    "contact_name",
    "record_id",
    "campaign",
];

pub(super) mod text {
    pub const STATUS: usize = 0;
    pub const PIPELINE: usize = 1;
    pub const STAGE: usize = 2;
    pub const DEAL_TYPE: usize = 3;
    pub const CURRENCY: usize = 4;
    pub const CREATED_AT: usize = 5;
    pub const CLOSED_AT: usize = 6;
    pub const WON_AT: usize = 7;
    pub const LOST_AT: usize = 8;
    pub const COMPANY: usize = 9;
    pub const COMPANY_ID: usize = 10;
    pub const CONTACT_IDS: usize = 11;
    pub const PRIMARY_CONTACT: usize = 12;
    pub const CONTACT_EMAIL: usize = 13;
    pub const LEAD_SOURCE: usize = 14;
    pub const DETAIL_1: usize = 15;
    pub const DETAIL_2: usize = 16;
    pub const CONTACT_NAME: usize = 17;
    pub const RECORD_ID: usize = 18;
    pub const CAMPAIGN: usize = 19;
}

impl Record {
    /// Reads records; `which` are one by its id, or all in order.
    pub fn select(which: &str) -> String {
        format!(
            "select id, source, is_closed, is_won, nullif(amount_micros, 0), nullif(mrr_micros, 0),
                nullif(arr_micros, 0), probability_millionths, stage_trail, {} from crm_deals {which}",
            TEXTS.join(", ")
        )
    }

    /// Takes the place of what was read before.
    pub fn read(&mut self, row: &Row, interned: &mut texts::Texts) -> rusqlite::Result<()> {
        self.id = row.get(0)?;
        self.source = row.get(1)?;
        self.is_closed = row.get(2)?;
        self.is_won = row.get(3)?;
        self.amount = row.get(4)?;
        self.mrr = row.get(5)?;
        self.arr = row.get(6)?;
        self.probability = row.get(7)?;
        self.trail.read(row, 8)?;
        self.texts.read(row, 9, interned)
    }

    /// What exports said of its stages.
    pub fn trail(&self) -> impl Iterator<Item = Fact> {
        self.trail.facts()
    }

    pub fn text(&self, at: usize) -> &str {
        self.texts.get(at)
    }
}

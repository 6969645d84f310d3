//! What is read of a record of a deal.

use super::cells::{Cells, Layout};

pub(super) type Record = Cells<{ TEXTS.len() }, { NUMBERS.len() }>;

pub(super) const LAYOUT: Layout = Layout { table: "crm_deals", texts: &TEXTS, numbers: &NUMBERS };

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

const NUMBERS: [&str; 6] =
    ["is_closed", "is_won", "amount_micros", "mrr_micros", "arr_micros", "probability_millionths"];

pub(super) mod number {
    pub const IS_CLOSED: usize = 0;
    pub const IS_WON: usize = 1;
    pub const AMOUNT: usize = 2;
    pub const MRR: usize = 3;
    pub const ARR: usize = 4;
    pub const PROBABILITY: usize = 5;
}

/// Columns that only lead to rows of other tables.
pub(super) const LEADING: [(&str, &[&str]); 2] = [
    ("record_id", &["crm_changes", "crm_deal_people", "record_deals"]),
    ("company_id", &["company_facts", "crm_people"]),
];

impl Record {
    /// An amount of money in micros; 0 says nothing.
    pub fn money(&self, at: usize) -> Option<i64> {
        self.number(at).filter(|micros| *micros != 0)
    }
}

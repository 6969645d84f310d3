//! What the simulation yields: an invented company whose every number is known.

use chrono::{Days, NaiveDate, NaiveDateTime};

/// How large and how awkward the invented company is.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The Monday on which it starts.
    pub start: NaiveDate,
    /// Weeks of activity.
    pub weeks: u64,
    /// Weekly export folders, the last of them on the Monday after the last week.
    pub folders: u64,
    pub contacts_per_week: u64,
    /// Customers won before the start.
    pub customers: u64,
    /// Per cent of the stages that a person passes without a date.
    pub skipped: u64,
    /// Per cent of the people with a second record, merged into the first one day.
    pub merged: u64,
    /// Per cent of the people who disappear from the exports later on.
    pub vanishing: u64,
    /// Whether ad platforms correct their figures in later exports.
    pub restated: bool,
    /// Money of the deals; the first is the reporting currency.
    pub currencies: Vec<&'static str>,
    /// Daily ad budget of all campaigns, in cents.
    pub daily_budget: i64,
}

impl Shape {
    /// The sample workspace: half a year of a company with thirty people and about 120 new contacts a week.
    pub fn demo() -> Self {
        Shape {
            start: NaiveDate::from_ymd_opt(2025, 9, 29).expect("a date"),
            weeks: 27,
            folders: 10,
            contacts_per_week: 120,
            customers: 24,
            skipped: 6,
            merged: 2,
            vanishing: 1,
            restated: true,
            currencies: vec!["EUR"],
            daily_budget: 82_000,
        }
    }

    /// Some sixty people and four weeks: for properties that import many times.
    pub fn tiny() -> Self {
        Shape {
            start: NaiveDate::from_ymd_opt(2026, 1, 5).expect("a date"),
            weeks: 4,
            folders: 4,
            contacts_per_week: 15,
            customers: 3,
            skipped: 20,
            merged: 10,
            vanishing: 5,
            daily_budget: 20_000,
            ..Shape::demo()
        }
    }

    /// The first day that is no longer simulated: the day of the last export.
    pub fn end(&self) -> NaiveDate {
        self.start + Days::new(7 * self.weeks)
    }

    /// The days on which exports are downloaded, the oldest first.
    pub fn export_days(&self) -> Vec<NaiveDate> {
        let folders = self.folders.clamp(1, self.weeks);
        (0..folders).map(|i| self.end() - Days::new(7 * (folders - 1 - i))).collect()
    }
}

#[derive(Debug, Clone)]
pub struct Account {
    pub record_id: u64,
    pub name: String,
    pub domain: String,
    pub industry: &'static str,
    pub employees: u64,
    pub country: &'static str,
    pub created_at: NaiveDateTime,
}

/// A second record of a person, visible until it is merged into the first.
#[derive(Debug, Clone)]
pub struct Duplicate {
    pub record_id: u64,
    pub email: String,
    pub created_at: NaiveDateTime,
    pub merged_at: NaiveDateTime,
    pub source: usize,
}

/// The stages after contact, in order.
pub const STAGES: [&str; 5] = ["lead", "mql", "sql", "opportunity", "won"];

#[derive(Debug, Clone)]
pub struct Person {
    pub record_id: u64,
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub email: Option<String>,
    pub account: Option<usize>,
    pub owner: &'static str,
    pub created_at: NaiveDateTime,
    /// Index into `words::SOURCES`.
    pub source: usize,
    pub latest_source: usize,
    pub campaign: Option<String>,
    pub answer: &'static str,
    /// First entry into lead, mql, sql, opportunity, won; none where the stage was skipped or never reached.
    pub entered: [Option<NaiveDateTime>; 5],
    pub unqualified: bool,
    pub duplicate: Option<Duplicate>,
    pub vanishes_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Won,
    Lost,
}

#[derive(Debug, Clone)]
pub struct Deal {
    pub record_id: u64,
    pub name: String,
    pub account: Option<usize>,
    /// The people it belongs to, the main one first.
    pub people: Vec<usize>,
    pub renewal: bool,
    pub currency: &'static str,
    pub amount_cents: Option<i64>,
    pub mrr_cents: i64,
    pub created_at: NaiveDateTime,
    /// When it entered each of `words::DEAL_STAGES`.
    pub stage_at: [NaiveDateTime; 4],
    pub closes_at: NaiveDateTime,
    pub outcome: Outcome,
    pub lost_reason: &'static str,
    pub owner: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    Google,
    Linkedin,
    Meta,
}

#[derive(Debug, Clone)]
pub struct Campaign {
    pub platform: Platform,
    pub id: u64,
    pub name: String,
    /// The name it was given later, and since when.
    pub renamed: Option<(NaiveDate, String)>,
    pub kind: &'static str,
    pub channel: &'static str,
    /// Ad groups (ad sets): id and name.
    pub groups: Vec<(u64, String)>,
}

/// One ad group on one day, with its final figures.
#[derive(Debug, Clone)]
pub struct AdDay {
    pub campaign: usize,
    pub group: usize,
    pub day: NaiveDate,
    pub impressions: i64,
    pub clicks: i64,
    pub cents: i64,
    pub conversions_hundredths: i64,
    pub leads: i64,
}

#[derive(Debug, Clone)]
pub struct Subscriber {
    pub customer_id: String,
    pub name: String,
    pub email: String,
    /// First day of the month and MRR in cents, every month since the first one.
    pub months: Vec<(NaiveDate, i64)>,
}

#[derive(Debug, Clone)]
pub struct Meeting {
    pub id: String,
    pub person: usize,
    pub booked_at: NaiveDateTime,
    pub starts_at: NaiveDateTime,
    pub outcome: &'static str,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub id: String,
    pub person: usize,
    pub requested_at: NaiveDateTime,
    pub answered_at: Option<NaiveDateTime>,
    pub outcome: &'static str,
}

#[derive(Debug, Clone)]
pub struct Cost {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub channel: &'static str,
    pub campaign: String,
    pub category: &'static str,
    pub cents: i64,
}

#[derive(Debug, Clone)]
pub struct Newsletter {
    pub id: String,
    pub title: String,
    pub subject: String,
    pub sent_at: NaiveDateTime,
    pub recipients: i64,
    pub bounces: i64,
    pub opens: i64,
    pub clicks: i64,
    pub forwards: i64,
    pub unsubscribes: i64,
}

/// Sessions of one channel group in one month.
#[derive(Debug, Clone)]
pub struct WebMonth {
    pub month: NaiveDate,
    pub channel: &'static str,
    pub sessions: i64,
    pub engaged: i64,
    pub key_events: i64,
}

#[derive(Debug, Clone)]
pub struct Post {
    pub id: String,
    pub posted_on: NaiveDate,
    pub text: String,
    pub impressions: i64,
    pub reactions: i64,
    pub comments: i64,
    pub shares: i64,
    pub clicks: i64,
}

/// Everything that happened.
#[derive(Debug, Clone)]
pub struct Company {
    pub shape: Shape,
    pub accounts: Vec<Account>,
    pub people: Vec<Person>,
    pub deals: Vec<Deal>,
    pub campaigns: Vec<Campaign>,
    pub ad_days: Vec<AdDay>,
    pub subscribers: Vec<Subscriber>,
    pub meetings: Vec<Meeting>,
    pub requests: Vec<Request>,
    pub costs: Vec<Cost>,
    pub newsletters: Vec<Newsletter>,
    pub web: Vec<WebMonth>,
    pub posts: Vec<Post>,
}

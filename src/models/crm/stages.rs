//! When somebody first entered each stage. Per record the best evidence counts: history, entered-date columns, two
//! exports that differ, the current value (date unknown); milestones stand beside them. Per person the earliest counts,
//! over the records and the associated deals.

use std::collections::HashMap;

use rusqlite::Connection;

use super::answers::Answers;
use super::cells::Said;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::Settings;
use crate::settings::stages::{DISQUALIFIED, FUNNEL};

/// The funnel's stages in order, and behind them the one that leaves it.
pub(super) const STAGES: usize = FUNNEL.len() + 1;

/// How a date is known, best last; `stage_history` shows the words. Of equal dates the smallest number counts.
pub(super) mod evidence {
    pub const BETWEEN_EXPORTS: u8 = 1;
    /// Reached, at an unknown date.
    pub const CURRENT_VALUE: u8 = 2;
    pub const DEAL: u8 = 3;
    pub const ENTERED_DATE: u8 = 4;
    pub const HISTORY: u8 = 5;
    pub const MILESTONE: u8 = 6;
    /// By a deal without a date.
    pub const UNDATED_DEAL: u8 = 7;
}

/// What one record says of one stage.
#[derive(Debug, Clone, Copy, Default)]
struct OfStage {
    is_named: bool,
    history: Option<i32>,
    column: Option<i32>,
    milestone: Option<i32>,
    /// The export that first showed it, and the last one that showed something else.
    snapshot: Option<(i32, Option<i32>)>,
    seen: Option<i32>,
}

/// A kind of evidence, with its day.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    History(Option<i32>),
    Column(Option<i32>),
    Milestone(Option<i32>),
    Snapshot {
        shown: Option<i32>,
        before: Option<i32>,
    },
    /// A value without a date, and the day it was seen on.
    Value(Option<i32>),
}

/// An entry into a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub day: Option<i32>,
    pub evidence: u8,
    pub not_before: Option<i32>,
}

impl Entry {
    fn rank(&self) -> (i32, u8, Option<i32>) {
        (self.day.unwrap_or(i32::MAX), self.evidence, self.not_before)
    }
}

fn earlier(a: Option<i32>, b: Option<i32>) -> Option<i32> {
    a.into_iter().chain(b).min()
}

/// What one record says of all stages.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence([OfStage; STAGES]);

impl Evidence {
    pub fn tell(&mut self, stage: usize, told: Told) {
        let said = &mut self.0[stage];
        said.is_named = true;
        let seen = match told {
            Told::History(day) => {
                said.history = earlier(said.history, day);
                day
            }
            Told::Column(day) => {
                said.column = earlier(said.column, day);
                day
            }
            Told::Milestone(day) => {
                said.milestone = earlier(said.milestone, day);
                day
            }
            Told::Snapshot { shown, before } => {
                let shown_after = shown.map(|day| (day, before));
                said.snapshot = said.snapshot.into_iter().chain(shown_after).min();
                shown
            }
            Told::Value(seen) => seen,
        };
        said.seen = earlier(said.seen, seen);
    }

    /// The entries, stage by stage.
    pub fn entries(&self) -> [Option<Entry>; STAGES] {
        std::array::from_fn(|stage| self.0[stage].is_named.then(|| self.entry(stage)))
    }

    fn entry(&self, stage: usize) -> Entry {
        let said = &self.0[stage];
        let is_funnel = stage < FUNNEL.len();
        // an export that shows an earlier stage than one before it shows a move back, which is no entry
        let snapshot = said.snapshot.filter(|(shown, _)| {
            !is_funnel
                || !self.0[stage + 1..FUNNEL.len()]
                    .iter()
                    .any(|later| later.seen.is_some_and(|s| s <= *shown))
        });
        let known = said.history.or(said.column).or(snapshot.map(|(day, _)| day));
        match said.milestone {
            Some(day) if known.is_none_or(|k| day <= k) => {
                Entry { day: Some(day), evidence: evidence::MILESTONE, not_before: None }
            }
            _ => {
                let (evidence, not_before) = match (said.history, said.column, snapshot) {
                    (Some(_), ..) => (evidence::HISTORY, None),
                    (_, Some(_), _) => (evidence::ENTERED_DATE, None),
                    (_, _, Some((_, before))) => (evidence::BETWEEN_EXPORTS, before),
                    _ => (evidence::CURRENT_VALUE, None),
                };
                Entry { day: known, evidence, not_before }
            }
        }
    }
}

/// A person's entries so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entries(pub [Option<Entry>; STAGES]);

impl Entries {
    pub fn add(&mut self, stage: usize, entry: Entry) {
        let best = &mut self.0[stage];
        if best.is_none_or(|b| entry.rank() < b.rank()) {
            *best = Some(entry);
        }
    }

    pub fn add_record(&mut self, evidence: &Evidence) {
        for (stage, entry) in evidence.entries().into_iter().enumerate() {
            if let Some(entry) = entry {
                self.add(stage, entry);
            }
        }
    }

    pub fn add_deal(&mut self, stage: usize, day: Option<i32>) {
        self.add(stage, Entry { day, evidence: evidence::DEAL, not_before: None });
    }

    /// The furthest stage reached; 0 is none.
    pub fn reached(&self) -> i64 {
        (0..FUNNEL.len()).rev().find(|s| self.0[*s].is_some()).map_or(0, |s| s as i64 + 1)
    }

    /// A stage's own day.
    pub fn day(&self, stage: usize) -> Option<i32> {
        self.0[stage].and_then(|e| e.day)
    }

    /// The day that counts: its own, else the earliest of the later stages.
    pub fn effective(&self, stage: usize) -> Option<i32> {
        self.day(stage).or_else(|| (stage + 1..FUNNEL.len()).filter_map(|s| self.day(s)).min())
    }

    /// Three bits per stage; see `persons.evidence`.
    pub fn packed(&self) -> i64 {
        let code = |e: &Entry| {
            if e.evidence == evidence::DEAL && e.day.is_none() { evidence::UNDATED_DEAL } else { e.evidence }
        };
        self.0.iter().enumerate().map(|(s, e)| e.as_ref().map_or(0, |e| i64::from(code(e)) << (3 * s))).sum()
    }
}

/// A field of a record that shows a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    LifecycleStage,
    LeadStatus,
    DealStage,
    DealStatus,
}

impl Field {
    fn name(self) -> &'static str {
        match self {
            Field::LifecycleStage => "lifecycle_stage",
            Field::LeadStatus => "lead_status",
            Field::DealStage => "deal_stage",
            Field::DealStatus => "deal_status",
        }
    }
}

/// Kinds of questions beside those for a [`Field`].
const SAID: u8 = 16;
const DEAL_ENTERED: u8 = 17;
const DEAL_SHOWN: u8 = 18;

/// A row of `said_stages`.
struct SaidStage {
    field: String,
    value: String,
    pipeline: String,
}

/// The stages that the words of each source mean.
pub(super) struct Words<'s> {
    settings: &'s Settings,
    /// System and account.
    sources: HashMap<i64, (String, String), ByNumber>,
    said: HashMap<i64, SaidStage, ByNumber>,
    answers: Answers<Option<&'static str>>,
}

impl<'s> Words<'s> {
    pub fn load(conn: &Connection, settings: &'s Settings) -> Result<Self> {
        let sources = conn
            .prepare_cached("select id, system, account from sources")?
            .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
            .collect::<rusqlite::Result<_>>()?;
        let said = conn
            .prepare_cached("select id, field, value, pipeline from said_stages")?
            .query_map([], |row| {
                let said = SaidStage { field: row.get(1)?, value: row.get(2)?, pipeline: row.get(3)? };
                Ok((row.get(0)?, said))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Words { settings, sources, said, answers: Answers::default() })
    }

    /// System and account of a source.
    pub fn account(&self, source: i64) -> (&str, &str) {
        self.sources.get(&source).map_or(("", ""), |(system, account)| (system, account))
    }

    /// The system of a source, by the number of the source.
    pub fn system(&self, source: i64) -> Said<'_> {
        Said { text: self.account(source).0, number: u32::try_from(source).unwrap_or_default() }
    }

    /// The stage that a row of `said_stages` means in a source.
    pub fn stage_of_said(&mut self, source: i64, said: i64) -> Option<&'static str> {
        self.meaning(SAID, source, said, Said::default())
    }

    /// The stage that a deal entered, if that is what a row of `said_stages` tells of; where it names no pipeline,
    /// `pipeline` stands in.
    pub fn deal_stage_entered(&mut self, source: i64, said: i64, pipeline: Said) -> Option<&'static str> {
        self.meaning(DEAL_ENTERED, source, said, pipeline)
    }

    /// The stage that a deal's value means, shown in the column that a row of `said_stages` names.
    pub fn deal_stage_shown(&mut self, source: i64, said: i64, pipeline: Said) -> Option<&'static str> {
        self.meaning(DEAL_SHOWN, source, said, pipeline)
    }

    fn meaning(&mut self, kind: u8, source: i64, said: i64, pipeline: Said) -> Option<&'static str> {
        if let Some(answer) = self.answers.to(kind, [source, said], &[pipeline]) {
            return answer;
        }
        let system = self.account(source).0;
        let answer = self.said.get(&said).and_then(|said| {
            let field = match kind {
                DEAL_ENTERED if said.field != Field::DealStage.name() => return None,
                DEAL_SHOWN if said.field == "status" => Field::DealStatus.name(),
                DEAL_SHOWN => Field::DealStage.name(),
                _ => &said.field,
            };
            let is_own = kind != DEAL_SHOWN && !said.pipeline.is_empty();
            let pipeline = if is_own { &said.pipeline } else { pipeline.text };
            self.settings.stages.stage_of(system, field, &said.value, pipeline)
        });
        self.answers.remember(answer)
    }

    /// The stage that a value means, shown in a field of a record.
    pub fn stage_of(
        &mut self,
        source: i64,
        field: Field,
        value: Said,
        pipeline: Said,
    ) -> Option<&'static str> {
        if value.text.is_empty() {
            return None;
        }
        if let Some(answer) = self.answers.to(field as u8, [source, 0], &[value, pipeline]) {
            return answer;
        }
        let system = self.account(source).0;
        let answer = self.settings.stages.stage_of(system, field.name(), value.text, pipeline.text);
        self.answers.remember(answer)
    }
}

/// The place of a stage in [`Entries`]; stages of deals and words that mean nothing have none.
pub(super) fn place_of(stage: &str) -> Option<usize> {
    FUNNEL.iter().position(|s| *s == stage).or((stage == DISQUALIFIED).then_some(FUNNEL.len()))
}

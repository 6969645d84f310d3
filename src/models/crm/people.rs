//! People in one pass over their records: channel, touches, and the stages they entered.

use chrono::NaiveDateTime;
use rusqlite::{CachedStatement, Connection, params};

use super::super::fed::Fed;
use super::super::functions::{lower_ascii, norm_domain, segments_of};
use super::super::keys::reference_key;
use super::super::touched::joined::Joined;
use super::alongside::Alongside;
use super::cells::Said;
use super::companies::Companies;
use super::deal_facts::{Outcome, Waiting};
use super::names::{By, Channel, Names};
use super::record::{self, COMPARED, LAYOUT, Record, number, text};
use super::stages::{Entries, Evidence, Field, STAGES, Told, Words, place_of};
use super::touches::{Given, Touch, Touches, Way};
use crate::db::batch::{Batch, Bound, Runs};
use crate::db::texts::Texts;
use crate::error::Result;
use crate::settings::Settings;
use crate::settings::segments::Profile;
use crate::settings::stages::{CONVERTED, CREATED_AS_LEAD, DEAL_OPPORTUNITY, DEAL_WON, FUNNEL};
use crate::trail::Fact;

/// Texts that another record than the earliest may say, in the order of `person_texts`.
const SHOWN: [usize; 6] =
    [text::EMAIL, text::COMPANY, text::COUNTRY, text::INDUSTRY, text::OWNER, text::REASON];

const WIDTH: usize = 22;
/// Behind the person.
const PERSONS: &str = "channel, created_day, is_creation_touch, reached, evidence, lead_day, mql_day,
    company, origin, sql_day, opportunity_day, won_day, answer, disqualified_day, last_channel, first_touch_day,
    last_touch_day, contact_day, record, created_at, is_icp, segments";

const TEXTS: &str = "person_texts (person, email, company, country, industry, owner, disqualified_reason)";

/// The people to derive.
pub(super) struct Wanted {
    pub people: Joined,
    pub given: Given,
    /// These are all people that there are.
    pub everything: bool,
}

pub(super) fn derive(
    conn: &Connection,
    settings: &Settings,
    names: &mut Names,
    words: &mut Words,
    deals: &Waiting,
    wanted: Wanted,
) -> Result<()> {
    let Wanted { people, mut given, everything } = wanted;
    let fed = Fed::load(conn, LAYOUT.table)?;
    // those who are read along are alone with their record
    let has_segments = !settings.written.segment.is_empty();
    let needless = super::needless(conn, &record::LEADING)?;
    let columns = LAYOUT
        .columns(&fed, |column| (has_segments || !COMPARED.contains(&column)) && !needless.contains(&column));
    let mut all_records = conn.prepare_cached(&format!("{} order by id", columns.select))?;
    let mut source = Source::open(conn, settings, &fed)?;
    if everything {
        source.records.follow(all_records.query([])?, &columns)?;
    }
    let mut target = Target {
        persons: Runs::new(conn, "persons", "person", PERSONS, WIDTH)?,
        texts: Batch::new(conn, TEXTS, 7, ""),
        bounds: Batch::new(conn, "stage_bounds (person, stage, not_before)", 3, ""),
        touches: Touches::new(conn),
    };
    let mut pool: Vec<Record> = Vec::new();
    for person in &people.ids {
        let ids = people.records(person);
        pool.resize_with(ids.len().max(pool.len()), Record::default);
        let records = &mut pool[..ids.len()];
        let is_alone = ids.len() == 1;
        for (id, record) in ids.iter().zip(records.iter_mut()) {
            source.read(*id, is_alone, record)?;
        }
        if let [_, _, ..] = records {
            records.sort_by(|a, b| order(a, words).cmp(&order(b, words)));
        }
        let touches = given.take(*person);
        let mut view = Person { id: *person, records, settings, names, words };
        view.derive(&mut source, deals, touches, &mut target)?;
    }
    target.persons.flush()?;
    target.texts.flush()?;
    target.bounds.flush()?;
    target.touches.flush()
}

/// What records are ordered by.
type Order<'r> = (bool, Option<NaiveDateTime>, (&'r str, &'r str), &'r str, &'r str);

/// Records by creation; those without a date last.
fn order<'r>(record: &'r Record, words: &'r Words) -> Order<'r> {
    let created = record.created.map(|created| created.utc);
    (
        created.is_none(),
        created,
        words.account(record.cells.source),
        record.text(text::OBJECT),
        record.text(text::RECORD_ID),
    )
}

/// Where facts about a record come from.
struct Source<'c> {
    settings: &'c Settings,
    records: Alongside<'c>,
    texts: Texts<'c>,
    changes: Option<CachedStatement<'c>>,
    deals: Option<CachedStatement<'c>>,
    has_companies: bool,
    /// Where segments are described, which ask what they are.
    companies: Option<Companies<'c>>,
    /// Those of the records at hand; used again for the next.
    channels: Vec<Channel>,
}

impl<'c> Source<'c> {
    fn open(conn: &'c Connection, settings: &'c Settings, fed: &Fed) -> Result<Self> {
        let some = |exists: &str, text: &str| super::prepare_if(conn, exists, text);
        Ok(Source {
            settings,
            records: Alongside::new(conn, LAYOUT.columns(fed, |_| true))?,
            texts: Texts::new(conn)?,
            changes: some(
                "crm_changes",
                "select field, new_value, coalesce(old_value, ''), changed_at from crm_changes
                 where source = ?1 and object = ?2 and record_id = ?3
                    and field in ('lifecycle_stage', 'lead_status')",
            )?,
            deals: some(
                "deal_people",
                "select l.deal, d.is_new_business, d.status = 'won', d.opportunity_day, d.closed_day
                 from deal_people as l left join deal_facts as d on d.deal = l.deal where l.person = ?1",
            )?,
            has_companies: super::has_rows(conn, "company_facts")?,
            companies: if settings.written.segment.is_empty() { None } else { Some(Companies::open(conn)?) },
            channels: Vec::new(),
        })
    }

    fn read(&mut self, id: i64, is_alone: bool, record: &mut Record) -> Result<()> {
        let calendar = &self.settings.calendar;
        let interned = &mut self.texts;
        self.records.read(id, is_alone, &mut |row, columns| record.read(id, row, columns, calendar, interned))
    }

    /// What one record says of the stages it was in.
    fn evidence(&mut self, record: &Record, words: &mut Words) -> Result<Evidence> {
        let mut evidence = Evidence::default();
        let calendar = &self.settings.calendar;
        let source = record.cells.source;
        for fact in record.cells.trail() {
            let (stage, told) = match fact {
                Fact::Entered { stage, at } => (stage, Told::Column(Some(calendar.day_of(at)))),
                Fact::Shown { stage, on, after: Some(after) } => {
                    (stage, Told::Snapshot { shown: Some(on), before: Some(after) })
                }
                Fact::Shown { stage, on, after: None } => (stage, Told::Value(Some(on))),
            };
            if let Some(place) = words.stage_of_said(source, stage).and_then(place_of) {
                evidence.tell(place, told);
            }
        }
        if let Some(changes) = &mut self.changes {
            let key = params![source, record.text(text::OBJECT), record.text(text::RECORD_ID)];
            let mut rows = changes.query(key)?;
            while let Some(row) = rows.next()? {
                let text = |at: usize| row.get_ref(at).ok().and_then(|v| v.as_str().ok()).unwrap_or("");
                let day = calendar.local_day(text(3));
                let field = if text(0) == "lead_status" { Field::LeadStatus } else { Field::LifecycleStage };
                for (at, told) in [(1, Told::History(day)), (2, Told::Value(day))] {
                    let value = Said { text: text(at), number: 0 };
                    let stage = words.stage_of(source, field, value, Said::default());
                    if let Some(place) = stage.and_then(place_of) {
                        evidence.tell(place, told);
                    }
                }
            }
        }
        for (field, at) in
            [(Field::LifecycleStage, text::LIFECYCLE_STAGE), (Field::LeadStatus, text::LEAD_STATUS)]
        {
            let stage = words.stage_of(source, field, record.said(at), Said::default());
            if let Some(place) = stage.and_then(place_of) {
                evidence.tell(place, Told::Value(None));
            }
        }
        if record.text(text::OBJECT) == "lead" {
            evidence.tell(CREATED_AS_LEAD, Told::Milestone(record.created_day));
        }
        if record.cells.number(number::IS_CONVERTED) == Some(1) {
            evidence.tell(CONVERTED, Told::Milestone(calendar.local_day(record.text(text::CONVERTED_ON))));
        }
        Ok(evidence)
    }

    /// Adds the stages that a person's deals reached.
    fn add_deals(&mut self, person: i64, waiting: &Waiting, entries: &mut Entries) -> Result<()> {
        let is_qualifying = self.settings.stages.qualifying;
        let mut add = |outcome: Outcome| {
            if outcome.is_new_business && (outcome.opportunity_day.is_some() || !is_qualifying) {
                entries.add_deal(DEAL_OPPORTUNITY, outcome.opportunity_day);
            }
            if outcome.is_won {
                entries.add_deal(DEAL_WON, outcome.closed_day);
            }
        };
        if let Some(deals) = waiting.of_person(person) {
            deals.filter_map(|deal| waiting.outcome(deal)).for_each(add);
            return Ok(());
        }
        let Some(deals) = &mut self.deals else { return Ok(()) };
        let mut rows = deals.query([person])?;
        while let Some(row) = rows.next()? {
            // a deal that is not derived again stands as it was
            match (waiting.outcome(row.get(0)?), row.get::<_, Option<bool>>(1)?) {
                (Some(outcome), _) => add(outcome),
                (None, Some(is_new_business)) => add(Outcome {
                    is_new_business,
                    is_won: row.get(2)?,
                    opportunity_day: row.get(3)?,
                    closed_day: row.get(4)?,
                }),
                (None, None) => {}
            }
        }
        Ok(())
    }
}

/// Where rows go.
struct Target<'c> {
    persons: Runs<'c>,
    texts: Batch<'c>,
    bounds: Batch<'c>,
    touches: Touches<'c>,
}

/// One person with all records, the earliest first.
struct Person<'p, 'n, 's> {
    id: i64,
    records: &'p [Record],
    settings: &'p Settings,
    names: &'p mut Names<'n>,
    words: &'p mut Words<'s>,
}

/// By the CRM's sources alone.
struct Beginning<'p> {
    channel: Channel,
    latest: Option<Channel>,
    platform: &'p str,
    campaign: &'p str,
}

impl<'p, 'n> Person<'p, 'n, '_> {
    fn derive(
        &mut self,
        source: &mut Source,
        deals: &Waiting,
        given: Vec<Touch>,
        target: &mut Target,
    ) -> Result<()> {
        let mut channels = std::mem::take(&mut source.channels);
        channels.clear();
        for record in self.records {
            channels.push(self.channel(record)?);
        }
        let beginning = self.beginning(&channels)?;
        let mut entries = Entries::default();
        for record in self.records {
            entries.add_record(&source.evidence(record, self.words)?);
        }
        source.add_deals(self.id, deals, &mut entries)?;
        let mut touches = given;
        self.add_own_touches(&channels, &mut touches)?;
        source.channels = channels;
        touches.sort_by(|a, b| a.at.cmp(&b.at));
        for touch in touches.iter_mut().filter(|t| !t.channel.is_known) {
            (touch.channel, touch.is_inherited) = (beginning.channel, true);
        }
        self.write(&beginning, &entries, &touches, source, target)?;
        for (stage, entry) in entries.0.iter().enumerate() {
            if let Some(before) = entry.as_ref().and_then(|e| e.not_before) {
                self.names.days.see(Some(before));
                target.bounds.push([self.id.into(), (stage as i64).into(), before.into()])?;
            }
        }
        target.touches.write(self.id, &touches)
    }

    fn channel(&mut self, record: &Record) -> Result<Channel> {
        /// Behind the system.
        const SAID: [usize; 9] = [
            text::LEAD_SOURCE,
            text::DETAIL_1,
            text::DETAIL_2,
            text::UTM_SOURCE,
            text::UTM_MEDIUM,
            text::UTM_CAMPAIGN,
            text::CAMPAIGN,
            text::FIRST_FORM,
            text::LANDING_PAGE,
        ];
        let system = self.words.system(record.cells.source);
        let said: [Said; 10] =
            std::array::from_fn(|n| n.checked_sub(1).map_or(system, |at| record.said(SAID[at])));
        self.names.channel_of(By::Person, &said)
    }

    fn latest_channel(&mut self, record: &Record) -> Result<Channel> {
        let system = self.words.system(record.cells.source);
        self.names.channel_of(By::LatestSource, &[system, record.said(text::LATEST_SOURCE)])
    }

    fn beginning(&mut self, channels: &[Channel]) -> Result<Beginning<'p>>
    where
        'n: 'p,
    {
        let first_known = channels.iter().position(|c| c.is_known);
        let channel = channels[first_known.unwrap_or(0)];
        let last = self.records.iter().rev().find(|r| !r.text(text::LATEST_SOURCE).is_empty());
        let latest = last.map(|record| self.latest_channel(record)).transpose()?;
        let platform = match first_known.filter(|_| self.names.is_paid(channel)) {
            Some(at) => {
                let record = &self.records[at];
                let site = [text::UTM_SOURCE, text::DETAIL_1].map(|t| record.said(t));
                let site = site.into_iter().find(|s| !s.text.is_empty()).unwrap_or_default();
                self.names.platform_of_site(site)
            }
            None => "",
        };
        let campaign = self.records.iter().zip(channels).find_map(|(record, channel)| {
            let detail = match self.names.campaign_detail(*channel) {
                Some(1) => record.text(text::DETAIL_1),
                Some(_) => record.text(text::DETAIL_2),
                None => "",
            };
            [record.text(text::UTM_CAMPAIGN), record.text(text::CAMPAIGN), detail]
                .into_iter()
                .find(|c| !c.is_empty())
        });
        Ok(Beginning { channel, latest, platform, campaign: campaign.unwrap_or("") })
    }

    /// Forms and visits that the records themselves tell.
    fn add_own_touches(&mut self, channels: &[Channel], touches: &mut Vec<Touch>) -> Result<()> {
        for (record, channel) in self.records.iter().zip(channels) {
            let (first, recent) = (record.text(text::FIRST_FORM_AT), record.text(text::RECENT_FORM_AT));
            let latest = record.text(text::LATEST_SOURCE_AT);
            let calendar = &self.settings.calendar;
            touches.extend(Touch::of_record(calendar, first, *channel, Way::FirstForm));
            if recent != first && !recent.is_empty() {
                let channel = self.names.channel_of(By::Form, &[record.said(text::RECENT_FORM)])?;
                touches.extend(Touch::of_record(calendar, recent, channel, Way::RecentForm));
            }
            if !latest.is_empty() && !record.text(text::LATEST_SOURCE).is_empty() {
                let channel = self.latest_channel(record)?;
                touches.extend(Touch::of_record(calendar, latest, channel, Way::LatestSource));
            }
        }
        Ok(())
    }

    /// The first record that says a text, and the text.
    fn said(&self, at: usize) -> Option<(&Record, &str)> {
        self.records.iter().find(|r| !r.text(at).is_empty()).map(|r| (r, r.text(at)))
    }

    fn write(
        &mut self,
        beginning: &Beginning,
        entries: &Entries,
        touches: &[Touch],
        source: &mut Source,
        target: &mut Target,
    ) -> Result<()> {
        let first = &self.records[0];
        let created_day = self.records.iter().filter_map(|r| r.created_day).min();
        let channel = self.first_channel(beginning, touches);
        let dated = touches.iter().filter(|t| !t.is_inherited);
        let last_dated = dated.max_by_key(|t| (&t.at, self.names.name_of(t.channel.id).1)).map(|t| t.channel);
        let last_channel = last_dated.or(beginning.latest).unwrap_or(channel);
        // a touch of the same moment made the record; so did one of the same day where the creation tells no time
        let tells_time = first.text(text::CREATED_AT).len() > 10;
        let made_it = |t: &Touch, created: &str| {
            t.at.as_str() <= created || (!tells_time && Some(t.day) == created_day)
        };
        let is_creation_touch = first.created.is_some_and(|created| {
            touches.is_empty() || {
                let created = created.text();
                !touches.iter().any(|t| made_it(t, &created))
            }
        });
        let creation = match (is_creation_touch, channel == beginning.channel) {
            (false, _) => 0_i64,
            (true, true) => 1,
            (true, false) => 2,
        };
        let first_touch_day = touches.iter().map(|t| t.day).chain(created_day).min();
        let last_touch_day =
            touches.iter().map(|t| t.day).chain(created_day.filter(|_| is_creation_touch)).max();
        // none is known by its id before there are companies, and the first have everybody derived again
        let company = self.said(text::COMPANY_ID).filter(|_| source.has_companies);
        let company = company.map(|(record, id)| reference_key(record.cells.source, id));
        let segments = self.segments(company, source)?;
        let is_icp =
            segments.as_ref().filter(|_| self.settings.has_segment("icp")).map(|s| s.contains(";icp;"));
        let entered = (0..FUNNEL.len()).filter_map(|s| entries.day(s)).min();
        let answer = self.records.iter().map(|r| r.said(text::SELF_REPORTED)).find(|s| !s.text.is_empty());
        let answer = self.names.word(answer.unwrap_or_default())?;
        for day in [created_day, first_touch_day, last_touch_day] {
            self.names.days.see(day);
        }
        for stage in 0..STAGES {
            self.names.days.see(entries.day(stage));
        }
        touches.iter().for_each(|t| self.names.days.see(Some(t.day)));
        let origin = self.names.origin(beginning.campaign, beginning.platform)?;
        let unless_created = |day: Option<i32>| Bound::from(day.filter(|_| day != created_day));
        let created_at = first.created.filter(|_| !first.shows_creation()).map(|created| created.text());
        let row: [Bound; WIDTH] = [
            channel.id.into(),
            created_day.into(),
            creation.into(),
            entries.reached().into(),
            entries.packed().into(),
            entries.effective(0).into(),
            entries.effective(1).into(),
            company.into(),
            origin.into(),
            entries.effective(2).into(),
            entries.effective(3).into(),
            entries.effective(4).into(),
            answer.into(),
            entries.day(STAGES - 1).into(),
            Some(last_channel.id).filter(|id| *id != channel.id).into(),
            unless_created(first_touch_day),
            unless_created(last_touch_day),
            unless_created(created_day.or(entered)),
            Some(first.cells.id).filter(|id| *id != self.id).into(),
            created_at.as_deref().into(),
            is_icp.map(i64::from).into(),
            segments.as_deref().into(),
        ];
        target.persons.push(self.id, row)?;
        self.write_texts(target)
    }

    /// The CRM's sources, else the first touch whose channel is known.
    fn first_channel(&self, beginning: &Beginning, touches: &[Touch]) -> Channel {
        if beginning.channel.is_known {
            return beginning.channel;
        }
        let known = touches.iter().filter(|t| t.channel.is_known);
        known
            .min_by_key(|t| (&t.at, self.names.name_of(t.channel.id)))
            .map_or(beginning.channel, |t| t.channel)
    }

    /// Where another record says what the earliest does not, the texts are kept.
    fn write_texts(&self, target: &mut Target) -> Result<()> {
        let [first, _, ..] = self.records else { return Ok(()) };
        let texts = SHOWN.map(|at| self.said(at));
        if texts.iter().flatten().all(|(record, _)| record.cells.id == first.cells.id) {
            return Ok(());
        }
        let [email, company, country, industry, owner, reason] = texts.map(|said| said.map(|(_, text)| text));
        let email = email.map(lower_ascii);
        let texts = [email.as_deref(), company, country, industry, owner, reason];
        target.texts.push(std::iter::once(self.id.into()).chain(texts.map(Bound::from)))
    }

    fn segments(&self, company: Option<i64>, source: &mut Source) -> Result<Option<String>> {
        let Some(companies) = &mut source.companies else { return Ok(None) };
        let company = company.map(|key| companies.find(key)).transpose()?.flatten().unwrap_or_default();
        let own = |at: usize| self.said(at).map(|(_, text)| text.to_owned());
        let employees = self.records.iter().find_map(|r| r.cells.number(number::EMPLOYEES));
        let domain = company.domain.or_else(|| own(text::DOMAIN).as_deref().and_then(norm_domain));
        Ok(segments_of(
            self.settings,
            &Profile {
                industry: &own(text::INDUSTRY).or(company.industry).unwrap_or_default(),
                employees: company.employees.or(employees),
                country: &own(text::COUNTRY).or(company.country).unwrap_or_default(),
                job_title: &own(text::JOB_TITLE).unwrap_or_default(),
                company_type: &company.company_type.unwrap_or_default(),
                domain: &domain.unwrap_or_default(),
            },
        ))
    }
}

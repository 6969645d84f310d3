//! Deals in two steps around the people: their own outcome, dates and money first, because people's stages follow from
//! them; then what follows from the people associated with them.

use std::borrow::Cow;
use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection};

use super::super::currency::Rates;
use super::super::functions::{norm_email, segments_of, split_ids};
use super::super::insert::{Insert, integer, text};
use super::super::touched::identity::{deal_key, mail_key, mails, person_key, reference_key, text_key};
use super::alongside::Alongside;
use super::companies::{Companies, Company};
use super::deal_record::{Record, text};
use super::names::{Channel, Names};
use super::namesakes::Namesakes;
use super::stages::Words;
use crate::db::texts::Texts;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::segments::Profile;
use crate::settings::stages::{LOST, OPEN, OPPORTUNITY, WON};
use crate::settings::{AmountKind, Settings, WonDate, fold};
use crate::trail::Fact;

/// What a deal says of the stages of its people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    pub is_new_business: bool,
    pub is_won: bool,
    pub opportunity_day: Option<i32>,
    pub closed_day: Option<i32>,
}

pub(super) type Outcomes = HashMap<i64, Outcome, ByNumber>;

/// A deal on its own.
pub(super) struct Deal {
    id: i64,
    source: i64,
    status: &'static str,
    is_new_business: bool,
    created_day: Option<i32>,
    closed_day: Option<i32>,
    opportunity_day: Option<i32>,
    reporting: Option<i64>,
    /// Where the record says none.
    currency: Option<String>,
    /// Of open deals.
    probability: Option<i64>,
    mrr: Option<i64>,
    mrr_reporting: Option<i64>,
    company: Option<i64>,
    customer: Option<i64>,
    segments: Option<String>,
    pipeline: Option<i64>,
    stage: Option<i64>,
    campaign: String,
    /// By its own source; used where nobody is associated.
    channel: Channel,
    people: Vec<i64>,
}

/// The best evidence for when a deal entered each stage that means something: rung, and the earliest day on it.
#[derive(Debug, Default)]
struct Entered([Option<(u8, Option<i32>)>; 3]);

const ENTERED: [&str; 3] = [OPPORTUNITY, WON, LOST];

impl Entered {
    fn tell(&mut self, stage: Option<&'static str>, rung: u8, day: Option<i32>) {
        let Some(at) = stage.and_then(|s| ENTERED.iter().position(|e| *e == s)) else { return };
        if day.is_some() || rung == UNDATED {
            self.0[at] = self.0[at].into_iter().chain([(rung, day)]).min();
        }
    }

    fn day(&self, stage: &str) -> Option<i32> {
        ENTERED.iter().position(|e| *e == stage).and_then(|at| self.0[at]).and_then(|(_, day)| day)
    }
}

/// History comes before entered-date columns, these before two exports that differ, these before a stage without date.
const HISTORY: u8 = 1;
const COLUMN: u8 = 2;
const SNAPSHOT: u8 = 4;
const UNDATED: u8 = 5;

/// Reads deals, and notes who is associated with them.
pub(super) struct Reader<'c, 'w> {
    settings: &'c Settings,
    rates: Rates,
    /// The own currency of a source.
    bases: HashMap<i64, String>,
    words: &'w mut Words<'c>,
    pub records: Alongside<'w>,
    texts: Texts<'c>,
    changes: Option<CachedStatement<'c>>,
    by_id: Option<CachedStatement<'c>>,
    by_mail: Option<CachedStatement<'c>>,
    roles: Option<CachedStatement<'c>>,
    named: Option<CachedStatement<'c>>,
    namesakes: Namesakes<'c>,
    companies: Companies<'c>,
    /// By pipeline and type: there are few of them, and many deals.
    new_business: HashMap<String, bool>,
    /// Records whose buffers the next deal uses again.
    spare: Vec<Record>,
    links: Vec<(i64, i64)>,
    by_name: Vec<(i64, i64)>,
    pairs: Vec<(i64, i64)>,
}

impl<'c, 'w> Reader<'c, 'w> {
    pub fn open(conn: &'c Connection, settings: &'c Settings, words: &'w mut Words<'c>) -> Result<Self> {
        let bases = conn
            .prepare_cached("select source, currency from currency_rates where is_base = 1 order by id desc")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let some = |exists: &str, text: &str| super::prepare_if(conn, exists, text);
        Ok(Reader {
            settings,
            rates: Rates::in_force(conn)?,
            bases,
            words,
            records: Alongside::new(conn, &Record::select("where id = ?1"))?,
            texts: Texts::new(conn)?,
            changes: some(
                "crm_changes",
                "select new_value, changed_at from crm_changes
                 where source = ?1 and object = 'deal' and record_id = ?2 and field = 'deal_stage'",
            )?,
            by_id: some(
                "crm_people",
                "select coalesce(r.person, p.id) from crm_people as p left join person_records as r on r.record = p.id
                 where p.source = ?1 and p.object in ('contact', 'lead') and p.record_id = ?2 and r.person is not 0",
            )?,
            by_mail: some(
                "crm_people",
                "select coalesce(r.person, p.id), p.email, p.additional_emails from identity_keys as k
                 cross join crm_people as p on p.id = k.record
                 left join person_records as r on r.record = p.id
                 where k.key = ?1 and r.person is not 0",
            )?,
            roles: some(
                "crm_deal_people",
                "select person_id from crm_deal_people
                 where source = ?1 and deal_id = ?2 and coalesce(is_deleted, 0) = 0",
            )?,
            named: some(
                "record_deals",
                "select coalesce(r.person, p.id), p.source,
                    coalesce(p.deal_ids, '') || ';' || coalesce(p.converted_deal_id, '')
                 from record_deals as l
                 cross join crm_people as p on p.id = l.record
                 left join person_records as r on r.record = p.id
                 where l.key = ?1 and r.person is not 0",
            )?,
            namesakes: Namesakes::new(conn),
            companies: Companies::open(conn)?,
            new_business: HashMap::new(),
            spare: Vec::new(),
            links: Vec::new(),
            by_name: Vec::new(),
            pairs: Vec::new(),
        })
    }

    /// The deal whose records these are, the one whose values count first; nothing where its company is left out.
    pub fn read(&mut self, records: &[i64], names: &mut Names) -> Result<Option<Deal>> {
        let mut entered = Entered::default();
        let mut people = Vec::new();
        let mut winner: Option<Record> = None;
        let is_alone = records.len() == 1;
        for id in records {
            let mut record = self.spare.pop().unwrap_or_default();
            let mut is_there = false;
            let interned = &mut self.texts;
            self.records.read(*id, is_alone, [id], &mut |row| {
                is_there = true;
                Ok(record.read(row, interned)?)
            })?;
            if !is_there {
                continue;
            }
            self.tell_stages(&record, &mut entered)?;
            self.find_people(records[0], &record, &mut people)?;
            match winner {
                None => winner = Some(record),
                Some(_) => self.spare.push(record),
            }
        }
        people.sort_unstable();
        people.dedup();
        self.pairs.extend(people.iter().map(|person| (records[0], *person)));
        let Some(record) = winner else { return Ok(None) };
        let deal = self.derive(records[0], &record, &entered, people, names);
        self.spare.push(record);
        deal
    }

    fn is_new_business(&mut self, pipeline: &str, deal_type: &str) -> bool {
        let key = format!("{pipeline}\u{1f}{deal_type}");
        let settings = self.settings;
        *self
            .new_business
            .entry(key)
            .or_insert_with(|| settings.written.deals.is_new_business(pipeline, deal_type))
    }

    fn tell_stages(&mut self, record: &Record, entered: &mut Entered) -> Result<()> {
        let calendar = &self.settings.calendar;
        let pipeline = record.text(text::PIPELINE);
        let words = &mut *self.words;
        if let Some(changes) = &mut self.changes {
            let mut rows = changes.query((record.source, record.text(text::RECORD_ID)))?;
            while let Some(row) = rows.next()? {
                let value = row.get_ref(0)?.as_str().unwrap_or("");
                let day = calendar.local_day(row.get_ref(1)?.as_str().unwrap_or(""));
                entered.tell(words.stage_of(record.source, "deal_stage", value, pipeline), HISTORY, day);
            }
        }
        for fact in record.trail() {
            match fact {
                Fact::Entered { stage, at } if words.said(stage).0 == "deal_stage" => {
                    let stage = words.stage_of_said(record.source, stage, pipeline);
                    entered.tell(stage, COLUMN, Some(calendar.day_of(at)));
                }
                Fact::Entered { .. } => {}
                Fact::Shown { stage, on, after } => {
                    let stage = words.stage_of_shown(record.source, stage, pipeline);
                    let rung = if after.is_some() { SNAPSHOT } else { UNDATED };
                    entered.tell(stage, rung, after.map(|_| on));
                }
            }
        }
        let now = words.stage_of(record.source, "deal_stage", record.text(text::STAGE), pipeline);
        entered.tell(now, UNDATED, None);
        Ok(())
    }

    /// By contact id, contact role, address, or the person's own list of deals; else by a name.
    fn find_people(&mut self, deal: i64, record: &Record, people: &mut Vec<i64>) -> Result<()> {
        let mut ids: Vec<Cow<str>> = [text::CONTACT_IDS, text::PRIMARY_CONTACT]
            .into_iter()
            .flat_map(|at| split_ids(record.text(at)))
            .map(Cow::Borrowed)
            .collect();
        if let Some(roles) = &mut self.roles {
            let mut rows = roles.query((record.source, record.text(text::RECORD_ID)))?;
            while let Some(row) = rows.next()? {
                ids.push(Cow::Owned(row.get(0)?));
            }
        }
        if let Some(by_id) = &mut self.by_id {
            for id in &ids {
                let found = people.len();
                let mut rows = by_id.query((record.source, id.as_ref()))?;
                while let Some(row) = rows.next()? {
                    people.push(row.get(0)?);
                }
                if people.len() == found {
                    self.links.push((person_key(record.source, id), deal));
                }
            }
        }
        let email = norm_email(record.text(text::CONTACT_EMAIL));
        if let (Some(email), Some(by_mail)) = (&email, &mut self.by_mail) {
            let (key, found) = (mail_key(email), people.len());
            let mut rows = by_mail.query([key])?;
            while let Some(row) = rows.next()? {
                let said = [1, 2].map(|at| row.get_ref(at).ok().and_then(|v| v.as_str().ok()).unwrap_or(""));
                if mails(said[0], said[1]).any(|m| m == *email) {
                    people.push(row.get(0)?);
                }
            }
            if people.len() == found {
                self.links.push((key, deal));
            }
        }
        if let Some(named) = &mut self.named {
            let mut rows = named.query([deal_key(record.source, record.text(text::RECORD_ID))])?;
            while let Some(row) = rows.next()? {
                let is_named = split_ids(row.get_ref(2)?.as_str().unwrap_or(""))
                    .any(|id| id == record.text(text::RECORD_ID));
                if is_named && row.get::<_, i64>(1)? == record.source {
                    people.push(row.get(0)?);
                }
            }
        }
        let name = fold(record.text(text::CONTACT_NAME));
        if !name.is_empty() && ids.is_empty() && email.is_none() {
            self.by_name.push((text_key(&format!("m:{}:{name}", record.source)), deal));
            if people.is_empty() {
                people.extend(self.namesakes.meant(record, name)?);
            }
        }
        Ok(())
    }

    fn derive(
        &mut self,
        deal: i64,
        record: &Record,
        entered: &Entered,
        people: Vec<i64>,
        names: &mut Names,
    ) -> Result<Option<Deal>> {
        let calendar = &self.settings.calendar;
        let status = self.status(record);
        let is_won = status == WON;
        let day = |at: usize| calendar.local_day(record.text(at));
        let (created_day, closed_at) = (day(text::CREATED_AT), day(text::CLOSED_AT));
        let ended_at = day(if is_won { text::WON_AT } else { text::LOST_AT });
        let by_stage = entered.day(status);
        let closed_day = match (status == OPEN, self.settings.written.deals.won_date) {
            (true, _) => None,
            (_, WonDate::Stage) => by_stage.or(ended_at).or(closed_at),
            (_, WonDate::Close) => closed_at.or(ended_at).or(by_stage),
        };
        let is_new_business = self.is_new_business(record.text(text::PIPELINE), record.text(text::DEAL_TYPE));
        let opportunity_day = match (is_new_business, self.settings.stages.qualifying) {
            (false, _) => None,
            (true, false) => created_day,
            (true, true) => entered.day(OPPORTUNITY).or(closed_day.filter(|_| is_won)),
        };
        let own = record.text(text::CURRENCY).trim().to_uppercase();
        let has_money = record.amount.or(record.mrr).or(record.arr).is_some();
        let currency = if own.is_empty() && has_money {
            self.bases.get(&record.source).or(self.rates.reporting.as_ref()).cloned()
        } else {
            None
        };
        let mrr = match self.settings.written.deals.amount {
            AmountKind::Arr => record.mrr.or(record.amount.map(|a| a / 12)),
            AmountKind::Mrr => record.mrr.or(record.amount),
            AmountKind::OneOff => record.mrr.or(record.arr.map(|a| a / 12)),
        };
        let money_day = if status == OPEN { created_day } else { closed_day.or(created_day) };
        let code = currency.as_deref().unwrap_or(&own);
        let convert = |micros: Option<i64>| match code {
            "" => micros,
            _ => self.rates.to_reporting(micros?, code, money_day?),
        };
        let (reporting, mrr_reporting) = (convert(record.amount), convert(mrr));
        let company_id = record.text(text::COMPANY_ID);
        let mut company = None;
        if !company_id.is_empty() && !self.companies.is_empty {
            let reference = reference_key(record.source, company_id);
            company = self.companies.find(reference)?;
            let domain = company.as_ref().and_then(|c| c.domain.as_deref()).unwrap_or("");
            let is_excluded = self.settings.is_excluded_domain(&domain.to_lowercase());
            if company.is_none() || is_excluded {
                self.links.push((reference, deal));
            }
            if is_excluded {
                return Ok(None);
            }
        }
        let customer = self.customer(record, company.as_ref())?;
        let segments = company_segments(self.settings, company.as_ref());
        let channel = names.channel_of(&[
            ("system", self.words.system(record.source)),
            ("source", record.text(text::LEAD_SOURCE)),
            ("detail", record.text(text::DETAIL_1)),
            ("detail", record.text(text::DETAIL_2)),
            ("campaign", record.text(text::CAMPAIGN)),
        ])?;
        Ok(Some(Deal {
            id: record.id,
            source: record.source,
            status,
            is_new_business,
            created_day,
            closed_day,
            opportunity_day,
            reporting,
            currency,
            probability: record.probability.filter(|_| status == OPEN),
            mrr,
            mrr_reporting,
            company: company.as_ref().map(|c| c.record),
            customer,
            segments,
            pipeline: names.word(record.text(text::PIPELINE))?,
            stage: names.word(record.text(text::STAGE))?,
            campaign: record.text(text::CAMPAIGN).to_owned(),
            channel,
            people,
        }))
    }

    fn status(&mut self, record: &Record) -> &'static str {
        let pipeline = record.text(text::PIPELINE);
        if record.is_won == Some(1) {
            return WON;
        }
        if record.is_closed == Some(1) && record.is_won == Some(0) {
            return LOST;
        }
        let said = self.words.stage_of(record.source, "deal_status", record.text(text::STATUS), pipeline);
        if let Some(status) = said.filter(|s| [WON, LOST, OPEN].contains(s)) {
            return status;
        }
        if record.is_closed == Some(0) {
            return OPEN;
        }
        let stage = self.words.stage_of(record.source, "deal_stage", record.text(text::STAGE), pipeline);
        if let Some(status) = stage.filter(|s| [WON, LOST].contains(s)) {
            return status;
        }
        if record.is_closed == Some(1) { LOST } else { OPEN }
    }

    /// The company it is of, by id, by a name that one company has, or by name alone.
    fn customer(&mut self, record: &Record, company: Option<&Company>) -> Result<Option<i64>> {
        if let Some(company) = company {
            return Ok(Some(company.customer));
        }
        let name = fold(record.text(text::COMPANY));
        if name.is_empty() {
            return Ok(None);
        }
        let known = self.companies.customer_named(record.source, &name)?;
        Ok(known.or_else(|| Some(text_key(&format!("n:{}:{name}", record.source)))))
    }

    /// Writes who is associated with the deals, and by which keys they are found from the people's side.
    pub fn write_links(mut self, conn: &Connection, everything: bool) -> Result<()> {
        self.links.sort_unstable();
        self.links.dedup();
        let new = if everything { Insert::new } else { Insert::of_new };
        let mut links = new(conn, "deal_links (key, deal)", 2);
        for (key, deal) in &self.links {
            links.push([(*key).into(), (*deal).into()])?;
        }
        links.finish()?;
        self.by_name.sort_unstable();
        self.by_name.dedup();
        let mut names = Insert::of_new(conn, "deal_names (key, deal)", 2);
        for (key, deal) in &self.by_name {
            names.push([(*key).into(), (*deal).into()])?;
        }
        names.finish()?;
        let mut pairs = Insert::new(conn, "deal_people (deal, person)", 2);
        for (deal, person) in &self.pairs {
            pairs.push([(*deal).into(), (*person).into()])?;
        }
        pairs.finish()
    }
}

fn company_segments(settings: &Settings, company: Option<&Company>) -> Option<String> {
    let said = |of: fn(&Company) -> &Option<String>| company.and_then(|c| of(c).as_deref()).unwrap_or("");
    segments_of(
        settings,
        &Profile {
            industry: said(|c| &c.industry),
            employees: company.and_then(|c| c.employees),
            country: said(|c| &c.country),
            job_title: "",
            company_type: said(|c| &c.company_type),
            domain: said(|c| &c.domain),
        },
    )
}

impl Deal {
    pub fn id(&self) -> i64 {
        self.id
    }

    pub fn outcome(&self) -> Outcome {
        Outcome {
            is_new_business: self.is_new_business,
            is_won: self.status == WON,
            opportunity_day: self.opportunity_day,
            closed_day: self.closed_day,
        }
    }
}

/// What a deal takes from one of its people.
struct Associate {
    id: i64,
    channel: i64,
    origin: Option<i64>,
    first_touch_day: Option<i32>,
    /// Creation in UTC, and system and record id: the order of people.
    order: (bool, String, String),
}

/// Writes the deals with what follows from their people.
pub(super) fn write(conn: &Connection, names: &mut Names, deals: Vec<Deal>) -> Result<()> {
    const INTO: &str = "deal_facts (deal, source, status, is_new_business, channel, customer, created_day, pipeline,
        stage, amount_reporting_micros, opportunity_day, closed_day, sales_cycle_days, first_person, first_touch_day,
        probability_millionths, origin, company, currency, mrr_micros, mrr_reporting_micros, segments)";
    let mut insert = Insert::with_ids(conn, INTO, 22);
    let mut person = conn.prepare_cached(
        "select p.channel, p.origin, coalesce(p.first_touch_day, p.created_day), p.created_day is null,
            coalesce(p.created_at, substr(r.created_at, 1, 19) || 'Z', ''), s.system || ':' || r.record_id
         from persons as p
         join crm_people as r on r.id = coalesce(p.record, p.person)
         join sources as s on s.id = r.source
         where p.person = ?1",
    )?;
    for deal in deals {
        let mut people = Vec::new();
        for id in &deal.people {
            let mut rows = person.query([id])?;
            let Some(row) = rows.next()? else { continue };
            people.push(Associate {
                id: *id,
                channel: row.get(0)?,
                origin: row.get(1)?,
                first_touch_day: row.get(2)?,
                order: (row.get(3)?, row.get(4)?, row.get(5)?),
            });
        }
        people.sort_by(|a, b| a.order.cmp(&b.order));
        let first = people.first();
        let speaker = people.iter().find(|p| names.known(p.channel).is_known).or(first);
        let origins = [speaker, first].map(|p| p.and_then(|p| p.origin));
        let [(campaign, _), (_, platform)] = [
            origins[0].map(|o| names.campaign_of(o)).transpose()?.unwrap_or_default(),
            origins[1].map(|o| names.campaign_of(o)).transpose()?.unwrap_or_default(),
        ];
        let campaign = if campaign.is_empty() { &deal.campaign } else { &campaign };
        let origin = names.origin(campaign, &platform)?;
        let first_touch_day = people.iter().filter_map(|p| p.first_touch_day).min().or(deal.created_day);
        let cycle = deal.closed_day.zip(first_touch_day).map(|(closed, touched)| closed - touched);
        for day in [deal.created_day, deal.closed_day, deal.opportunity_day, first_touch_day] {
            names.days.see(day);
        }
        let customer = deal.customer.unwrap_or_else(|| match first {
            Some(person) => 2 * person.id + 1,
            None => 2 * deal.id,
        });
        insert.push([
            deal.id.into(),
            deal.source.into(),
            Value::Text(deal.status.to_owned()),
            deal.is_new_business.into(),
            speaker.map_or(deal.channel.id, |p| p.channel).into(),
            customer.into(),
            integer(deal.created_day),
            integer(deal.pipeline),
            integer(deal.stage),
            integer(deal.reporting),
            integer(deal.opportunity_day),
            integer(deal.closed_day),
            integer(cycle.filter(|_| deal.status == WON)),
            integer(first.map(|p| p.id)),
            integer(first_touch_day.filter(|_| first_touch_day != deal.created_day)),
            integer(deal.probability),
            integer(origin),
            integer(deal.company),
            text(deal.currency),
            integer(deal.mrr),
            integer(deal.mrr_reporting),
            text(deal.segments),
        ])?;
    }
    insert.finish()
}

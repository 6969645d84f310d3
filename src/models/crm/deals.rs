//! Deals in two steps around the people: their own outcome, dates and money first, because people's stages follow from
//! them; then what follows from the people associated with them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::{CachedStatement, Connection};

use super::super::currency::Rates;
use super::super::functions::segments_of;
use super::super::keys::{reference_key, text_key};
use super::alongside::Alongside;
use super::answers::Answers;
use super::cells::{Columns, Said};
use super::companies::{Companies, Company};
use super::deal_facts::Deal;
use super::deal_people::DealPeople;
use super::deal_record::{Record, number, text};
use super::names::{By, Names};
use super::stages::{Field, Words};
use crate::db::texts::Texts;
use crate::error::Result;
use crate::settings::segments::Profile;
use crate::settings::stages::{LOST, OPEN, OPPORTUNITY, WON};
use crate::settings::{AmountKind, Settings, WonDate, fold};
use crate::trail::Fact;

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
    bases: HashMap<i64, Rc<str>>,
    /// The reporting currency.
    reporting: Option<Rc<str>>,
    words: &'w mut Words<'c>,
    pub records: Alongside<'w>,
    texts: Texts<'c>,
    changes: Option<CachedStatement<'c>>,
    companies: Companies<'c>,
    /// By pipeline and type.
    new_business: Answers<bool>,
    /// Records whose buffers the next ones use again.
    #[expect(clippy::vec_box, reason = "they change hands for each deal")]
    spare: Vec<Box<Record>>,
    pub people: DealPeople<'c>,
}

impl<'c, 'w> Reader<'c, 'w> {
    /// Reads these columns.
    pub fn open(
        conn: &'c Connection,
        settings: &'c Settings,
        words: &'w mut Words<'c>,
        columns: Columns,
    ) -> Result<Self>
    where
        'c: 'w,
    {
        let bases = conn
            .prepare_cached("select source, currency from currency_rates where is_base = 1 order by id desc")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let rates = Rates::in_force(conn)?;
        Ok(Reader {
            settings,
            bases,
            reporting: rates.reporting.as_deref().map(Rc::from),
            rates,
            words,
            records: Alongside::new(conn, columns)?,
            texts: Texts::new(conn)?,
            changes: super::prepare_if(
                conn,
                "crm_changes",
                "select new_value, changed_at from crm_changes
                 where source = ?1 and object = 'deal' and record_id = ?2 and field = 'deal_stage'",
            )?,
            companies: Companies::open(conn)?,
            new_business: Answers::default(),
            spare: Vec::new(),
            people: DealPeople::open(conn)?,
        })
    }

    /// The deal whose records these are, the one whose values count first, and its people; nothing where its company is
    /// left out.
    pub fn read(
        &mut self,
        records: &[i64],
        names: &mut Names,
        people: &mut Vec<i64>,
    ) -> Result<Option<Deal>> {
        let mut entered = Entered::default();
        people.clear();
        let mut winner: Option<Box<Record>> = None;
        for id in records {
            let mut record = self.spare.pop().unwrap_or_default();
            let is_there = self.read_record(*id, records.len() == 1, &mut record)?;
            if is_there {
                self.tell_stages(&record, &mut entered)?;
                self.people.find(records[0], &record, people)?;
            }
            match winner {
                None if is_there => winner = Some(record),
                _ => self.spare.push(record),
            }
        }
        people.sort_unstable();
        people.dedup();
        self.people.associate(records[0], people);
        let Some(record) = winner else { return Ok(None) };
        let deal = self.derive(records[0], &record, &entered, names)?;
        self.spare.push(record);
        Ok(deal)
    }

    /// Whether it is there.
    fn read_record(&mut self, id: i64, is_alone: bool, record: &mut Record) -> Result<bool> {
        let mut is_there = false;
        let interned = &mut self.texts;
        self.records.read(id, is_alone, &mut |row, columns| {
            is_there = true;
            Ok(record.read(id, row, columns, interned)?)
        })?;
        Ok(is_there)
    }

    fn is_new_business(&mut self, record: &Record) -> bool {
        let said = [text::PIPELINE, text::DEAL_TYPE].map(|at| record.said(at));
        self.new_business.to(0, [0; 2], &said).unwrap_or_else(|| {
            let [pipeline, deal_type] = said.map(|said| said.text);
            self.new_business.remember(self.settings.written.deals.is_new_business(pipeline, deal_type))
        })
    }

    fn tell_stages(&mut self, record: &Record, entered: &mut Entered) -> Result<()> {
        let calendar = &self.settings.calendar;
        let pipeline = record.said(text::PIPELINE);
        let words = &mut *self.words;
        if let Some(changes) = &mut self.changes {
            let mut rows = changes.query((record.source, record.text(text::RECORD_ID)))?;
            while let Some(row) = rows.next()? {
                let value = Said { text: row.get_ref(0)?.as_str().unwrap_or(""), number: 0 };
                let day = calendar.local_day(row.get_ref(1)?.as_str().unwrap_or(""));
                entered.tell(words.stage_of(record.source, Field::DealStage, value, pipeline), HISTORY, day);
            }
        }
        for fact in record.trail() {
            match fact {
                Fact::Entered { stage, at } => {
                    let stage = words.deal_stage_entered(record.source, stage, pipeline);
                    entered.tell(stage, COLUMN, Some(calendar.day_of(at)));
                }
                Fact::Shown { stage, on, after } => {
                    let stage = words.deal_stage_shown(record.source, stage, pipeline);
                    let rung = if after.is_some() { SNAPSHOT } else { UNDATED };
                    entered.tell(stage, rung, after.map(|_| on));
                }
            }
        }
        let now = words.stage_of(record.source, Field::DealStage, record.said(text::STAGE), pipeline);
        entered.tell(now, UNDATED, None);
        Ok(())
    }

    fn derive(
        &mut self,
        deal: i64,
        record: &Record,
        entered: &Entered,
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
        let is_new_business = self.is_new_business(record);
        let opportunity_day = match (is_new_business, self.settings.stages.qualifying) {
            (false, _) => None,
            (true, false) => created_day,
            (true, true) => entered.day(OPPORTUNITY).or(closed_day.filter(|_| is_won)),
        };
        let own = upper(record.text(text::CURRENCY).trim());
        let [amount, said_mrr, arr] = [number::AMOUNT, number::MRR, number::ARR].map(|at| record.money(at));
        let has_money = amount.or(said_mrr).or(arr).is_some();
        let currency = if own.is_empty() && has_money {
            self.bases.get(&record.source).or(self.reporting.as_ref()).cloned()
        } else {
            None
        };
        let mrr = match self.settings.written.deals.amount {
            AmountKind::Arr => said_mrr.or(amount.map(|a| a / 12)),
            AmountKind::Mrr => said_mrr.or(amount),
            AmountKind::OneOff => said_mrr.or(arr.map(|a| a / 12)),
        };
        let money_day = if status == OPEN { created_day } else { closed_day.or(created_day) };
        let code = currency.as_deref().unwrap_or(&own);
        let convert = |micros: Option<i64>| match code {
            "" => micros,
            _ => self.rates.to_reporting(micros?, code, money_day?),
        };
        let (reporting, mrr_reporting) = (convert(amount), convert(mrr));
        let company_id = record.text(text::COMPANY_ID);
        let mut company = None;
        if !company_id.is_empty() && !self.companies.is_empty {
            let reference = reference_key(record.source, company_id);
            company = self.companies.find(reference)?;
            let domain = company.as_ref().and_then(|c| c.domain.as_deref()).unwrap_or("");
            let is_excluded = self.settings.is_excluded_domain(&domain.to_lowercase());
            if company.is_none() || is_excluded {
                self.people.link(reference, deal);
            }
            if is_excluded {
                return Ok(None);
            }
        }
        let customer = self.customer(record, company.as_ref())?;
        let segments = company_segments(self.settings, company.as_ref());
        let system = self.words.system(record.source);
        let [source, first, second, campaign] =
            [text::LEAD_SOURCE, text::DETAIL_1, text::DETAIL_2, text::CAMPAIGN].map(|at| record.said(at));
        let channel = names.channel_of(By::Deal, &[system, source, first, second, campaign])?;
        Ok(Some(Deal {
            id: record.id,
            source: record.source,
            status,
            is_new_business,
            created_day,
            closed_day,
            opportunity_day,
            campaign: campaign.number,
            reporting: reporting.into(),
            currency,
            probability: record.number(number::PROBABILITY).filter(|_| status == OPEN).into(),
            mrr: mrr.into(),
            mrr_reporting: mrr_reporting.into(),
            company: company.as_ref().map(|c| c.record).into(),
            customer: customer.into(),
            segments: segments.map(Rc::from),
            pipeline: names.word(record.said(text::PIPELINE))?.into(),
            stage: names.word(record.said(text::STAGE))?.into(),
            channel,
        }))
    }

    fn status(&mut self, record: &Record) -> &'static str {
        let [is_won, is_closed] = [number::IS_WON, number::IS_CLOSED].map(|at| record.number(at));
        if is_won == Some(1) {
            return WON;
        }
        if is_closed == Some(1) && is_won == Some(0) {
            return LOST;
        }
        let pipeline = record.said(text::PIPELINE);
        let mut said =
            |field: Field, at: usize| self.words.stage_of(record.source, field, record.said(at), pipeline);
        let status = said(Field::DealStatus, text::STATUS).filter(|s| [WON, LOST, OPEN].contains(s));
        if let Some(status) = status {
            return status;
        }
        if is_closed == Some(0) {
            return OPEN;
        }
        let stage = said(Field::DealStage, text::STAGE).filter(|s| [WON, LOST].contains(s));
        stage.unwrap_or(if is_closed == Some(1) { LOST } else { OPEN })
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

/// In upper case, as most currencies are.
fn upper(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        text.to_uppercase().into()
    }
}

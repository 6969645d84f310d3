//! Deals as they are held between what they say themselves and what follows from their people, and written.

use std::rc::Rc;

use rusqlite::{CachedStatement, Connection};

use super::deal_people::Pairs;
use super::names::{Channel, Names};
use crate::db::batch::{Bound, Runs};
use crate::db::texts::Texts;
use crate::error::Result;
use crate::settings::stages::WON;

/// What a deal says of the stages of its people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    pub is_new_business: bool,
    pub is_won: bool,
    pub opportunity_day: Option<i32>,
    pub closed_day: Option<i32>,
}

/// A number that may be unknown, in the eight bytes of one: all deals may be held at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Maybe(i64);

impl From<Option<i64>> for Maybe {
    fn from(number: Option<i64>) -> Self {
        Maybe(number.unwrap_or(i64::MIN))
    }
}

impl Maybe {
    fn get(self) -> Option<i64> {
        (self.0 != i64::MIN).then_some(self.0)
    }
}

/// A deal on its own.
pub(super) struct Deal {
    pub id: i64,
    pub source: i64,
    pub status: &'static str,
    pub is_new_business: bool,
    pub created_day: Option<i32>,
    pub closed_day: Option<i32>,
    pub opportunity_day: Option<i32>,
    /// Of `texts`; 0 for none.
    pub campaign: u32,
    pub reporting: Maybe,
    /// Where the record says none.
    pub currency: Option<Rc<str>>,
    /// Of open deals.
    pub probability: Maybe,
    pub mrr: Maybe,
    pub mrr_reporting: Maybe,
    pub company: Maybe,
    pub customer: Maybe,
    pub segments: Option<Rc<str>>,
    pub pipeline: Maybe,
    pub stage: Maybe,
    /// By its own source; used where nobody is associated.
    pub channel: Channel,
}

impl Deal {
    fn outcome(&self) -> Outcome {
        Outcome {
            is_new_business: self.is_new_business,
            is_won: self.status == WON,
            opportunity_day: self.opportunity_day,
            closed_day: self.closed_day,
        }
    }
}

/// Deals that wait for their people.
#[derive(Default)]
pub(super) struct Waiting {
    /// In the order of their ids.
    deals: Vec<Deal>,
    /// People and deals in the order of the people, where all deals are derived.
    of_people: Option<Vec<(i64, i64)>>,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.deals.is_empty()
    }

    pub fn push(&mut self, deal: Deal) {
        self.deals.push(deal);
    }

    /// Says that these are all deals that have people.
    pub fn are_all(&mut self, pairs: &Pairs) {
        let mut of_people: Vec<(i64, i64)> = pairs.iter().map(|(deal, person)| (*person, *deal)).collect();
        of_people.sort_unstable();
        self.of_people = Some(of_people);
    }

    pub fn outcome(&self, deal: i64) -> Option<Outcome> {
        self.deals.binary_search_by_key(&deal, |d| d.id).ok().map(|at| self.deals[at].outcome())
    }

    /// The deals of a person, where all deals are here.
    pub fn of_person(&self, person: i64) -> Option<impl Iterator<Item = i64>> {
        let of_people = self.of_people.as_deref()?;
        let own = &of_people[of_people.partition_point(|(of, _)| *of < person)..];
        Some(own.iter().take_while(move |(of, _)| *of == person).map(|(_, deal)| *deal))
    }
}

/// What a deal takes from one of its people.
struct Associate {
    id: i64,
    channel: i64,
    origin: Option<i64>,
    first_touch_day: Option<i32>,
}

/// Writes deals with what follows from their people.
pub(super) struct Writer<'c> {
    facts: Runs<'c>,
    person: CachedStatement<'c>,
    order: CachedStatement<'c>,
    texts: Texts<'c>,
}

const WIDTH: usize = 21;
/// Behind the deal.
const COLUMNS: &str = "source, status, is_new_business, channel, customer, created_day, pipeline,
    stage, amount_reporting_micros, opportunity_day, closed_day, sales_cycle_days, first_person, first_touch_day,
    probability_millionths, origin, company, currency, mrr_micros, mrr_reporting_micros, segments";

impl<'c> Writer<'c> {
    pub fn open(conn: &'c Connection) -> Result<Self> {
        Ok(Writer {
            facts: Runs::new(conn, "deal_facts", "deal", COLUMNS, WIDTH)?,
            person: conn.prepare_cached(
                "select channel, origin, coalesce(first_touch_day, created_day) from persons where person = ?1",
            )?,
            order: conn.prepare_cached(
                "select p.created_day is null, coalesce(p.created_at, substr(r.created_at, 1, 19) || 'Z', ''),
                    s.system || ':' || r.record_id
                 from persons as p
                 join crm_people as r on r.id = coalesce(p.record, p.person)
                 join sources as s on s.id = r.source
                 where p.person = ?1",
            )?,
            texts: Texts::new(conn)?,
        })
    }

    /// A deal with nobody.
    pub fn write_lone(&mut self, names: &mut Names, deal: &Deal) -> Result<()> {
        self.write(names, deal, &[])
    }

    /// Writes those that waited, and what is held back. `pairs` are the people of all deals that were read.
    pub fn finish(mut self, names: &mut Names, waiting: Waiting, pairs: &Pairs) -> Result<()> {
        let mut rest = pairs.as_slice();
        for deal in waiting.deals {
            let (_, own) = rest.split_at(rest.partition_point(|(id, _)| *id < deal.id));
            let (own, behind) = own.split_at(own.partition_point(|(id, _)| *id == deal.id));
            rest = behind;
            self.write(names, &deal, own)?;
        }
        self.facts.flush()
    }

    fn associates(&mut self, people: &[(i64, i64)]) -> Result<Vec<Associate>> {
        let mut found = Vec::new();
        for (_, id) in people {
            let mut rows = self.person.query([id])?;
            let Some(row) = rows.next()? else { continue };
            found.push(Associate {
                id: *id,
                channel: row.get(0)?,
                origin: row.get(1)?,
                first_touch_day: row.get(2)?,
            });
        }
        if found.len() < 2 {
            return Ok(found);
        }
        // by creation in UTC, and system and record id
        let mut ordered = Vec::with_capacity(found.len());
        for person in found {
            let order: (bool, String, String) =
                self.order.query_row([person.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            ordered.push((order, person));
        }
        ordered.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(ordered.into_iter().map(|(_, person)| person).collect())
    }

    fn write(&mut self, names: &mut Names, deal: &Deal, people: &[(i64, i64)]) -> Result<()> {
        let people = self.associates(people)?;
        let first = people.first();
        let speaker = people.iter().find(|p| names.known(p.channel).is_known).or(first);
        let origins = [speaker, first].map(|p| p.and_then(|p| p.origin));
        let [(campaign, _), (_, platform)] = [
            origins[0].map(|o| names.campaign_of(o)).transpose()?.unwrap_or_default(),
            origins[1].map(|o| names.campaign_of(o)).transpose()?.unwrap_or_default(),
        ];
        let campaign = if campaign.is_empty() { self.texts.get(deal.campaign.into())? } else { &campaign };
        let origin = names.origin(campaign, &platform)?;
        let first_touch_day = people.iter().filter_map(|p| p.first_touch_day).min().or(deal.created_day);
        let cycle = deal.closed_day.zip(first_touch_day).map(|(closed, touched)| closed - touched);
        for day in [deal.created_day, deal.closed_day, deal.opportunity_day, first_touch_day] {
            names.days.see(day);
        }
        let customer = deal.customer.get().unwrap_or_else(|| match first {
            Some(person) => 2 * person.id + 1,
            None => 2 * deal.id,
        });
        let row: [Bound; WIDTH] = [
            deal.source.into(),
            deal.status.into(),
            deal.is_new_business.into(),
            speaker.map_or(deal.channel.id, |p| p.channel).into(),
            customer.into(),
            deal.created_day.into(),
            deal.pipeline.get().into(),
            deal.stage.get().into(),
            deal.reporting.get().into(),
            deal.opportunity_day.into(),
            deal.closed_day.into(),
            cycle.filter(|_| deal.status == WON).into(),
            first.map(|p| p.id).into(),
            first_touch_day.filter(|_| first_touch_day != deal.created_day).into(),
            deal.probability.get().into(),
            origin.into(),
            deal.company.get().into(),
            deal.currency.as_deref().into(),
            deal.mrr.get().into(),
            deal.mrr_reporting.get().into(),
            deal.segments.as_deref().into(),
        ];
        self.facts.push(deal.id, row)
    }
}

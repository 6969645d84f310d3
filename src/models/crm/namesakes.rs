//! Deals that know their contact by name alone.

use std::collections::HashMap;

use rusqlite::Connection;

use super::deal_record::{Record, text};
use crate::error::Result;
use crate::settings::fold;

/// The people who have a name that some deal knows its contact by; looked up once, when the first deal needs it.
pub(super) struct Namesakes<'c> {
    conn: &'c Connection,
    found: Option<HashMap<(i64, String), Vec<Namesake>>>,
}

struct Namesake {
    person: i64,
    company_id: String,
    company: String,
}

impl<'c> Namesakes<'c> {
    pub fn new(conn: &'c Connection) -> Self {
        Namesakes { conn, found: None }
    }

    /// The one person of the deal's system who has the name, or the one of them who is at its company.
    pub fn meant(&mut self, record: &Record, name: String) -> Result<Option<i64>> {
        if self.found.is_none() {
            self.found = Some(self.look_up()?);
        }
        let Some(all) = self.found.as_ref().and_then(|found| found.get(&(record.source, name))) else {
            return Ok(None);
        };
        let (id, company) = (record.text(text::COMPANY_ID), fold(record.text(text::COMPANY)));
        let is_colleague = |n: &&Namesake| {
            (!id.is_empty() && n.company_id == id) || (!company.is_empty() && fold(&n.company) == company)
        };
        let one = |mut people: Vec<i64>| {
            people.sort_unstable();
            people.dedup();
            if let [person] = people[..] { Some(person) } else { None }
        };
        Ok(one(all.iter().map(|n| n.person).collect())
            .or_else(|| one(all.iter().filter(is_colleague).map(|n| n.person).collect())))
    }

    fn look_up(&self) -> Result<HashMap<(i64, String), Vec<Namesake>>> {
        let mut found: HashMap<(i64, String), Vec<Namesake>> = HashMap::new();
        let mut deals = self.conn.prepare_cached(
            "select source, contact_name from crm_deals
             where contact_name <> '' and coalesce(contact_ids, '') = '' and coalesce(primary_contact_id, '') = ''",
        )?;
        let mut rows = deals.query([])?;
        while let Some(row) = rows.next()? {
            found.entry((row.get(0)?, fold(row.get_ref(1)?.as_str().unwrap_or("")))).or_default();
        }
        let mut people = self.conn.prepare_cached(
            "select p.source,
                coalesce(nullif(trim(p.full_name), ''), coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')),
                coalesce(r.person, p.id), coalesce(p.company_id, ''), coalesce(p.company, '')
             from crm_people as p left join person_records as r on r.record = p.id
             where p.source in (select source from crm_deals where contact_name <> '') and r.person is not 0",
        )?;
        let mut rows = people.query([])?;
        while let Some(row) = rows.next()? {
            let name = fold(row.get_ref(1)?.as_str().unwrap_or(""));
            if let Some(namesakes) = found.get_mut(&(row.get(0)?, name)) {
                namesakes.push(Namesake {
                    person: row.get(2)?,
                    company_id: row.get(3)?,
                    company: row.get(4)?,
                });
            }
        }
        Ok(found)
    }
}

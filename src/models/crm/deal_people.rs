//! Who is associated with deals, and by which keys deals are found from the side of what they name.

use rusqlite::{CachedStatement, Connection};

use super::super::functions::{norm_email, split_ids};
use super::super::keys::{deal_key, mail_key, mails, person_key, text_key};
use super::deal_record::{Record, text};
use super::namesakes::Namesakes;
use crate::db::batch::Batch;
use crate::error::Result;
use crate::settings::fold;

pub(super) struct DealPeople<'c> {
    /// Finds a person by a record of one of these objects.
    by_id: Option<CachedStatement<'c>>,
    objects: Vec<&'static str>,
    by_mail: Option<CachedStatement<'c>>,
    roles: Option<CachedStatement<'c>>,
    named: Option<CachedStatement<'c>>,
    namesakes: Namesakes<'c>,
    links: Vec<(i64, i64)>,
    by_name: Vec<(i64, i64)>,
    pairs: Pairs,
}

/// Deals and people, by deal.
pub(super) type Pairs = Vec<(i64, i64)>;

impl<'c> DealPeople<'c> {
    pub fn open(conn: &'c Connection) -> Result<Self> {
        let some = |exists: &str, text: &str| super::prepare_if(conn, exists, text);
        Ok(DealPeople {
            by_id: some(
                "crm_people",
                "select coalesce(r.person, p.id) from crm_people as p left join person_records as r on r.record = p.id
                 where p.source = ?1 and p.object = ?2 and p.record_id = ?3 and r.person is not 0",
            )?,
            objects: objects(conn)?,
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
            links: Vec::new(),
            by_name: Vec::new(),
            pairs: Vec::new(),
        })
    }

    /// By contact id, contact role, address, or the person's own list of deals; else by a name.
    pub fn find(&mut self, deal: i64, record: &Record, people: &mut Vec<i64>) -> Result<()> {
        let name = record.text(text::CONTACT_NAME);
        let mut has_ids = false;
        let asks_ids = self.by_id.is_some() || !name.is_empty();
        for at in [text::CONTACT_IDS, text::PRIMARY_CONTACT].into_iter().filter(|_| asks_ids) {
            for id in split_ids(record.text(at)) {
                has_ids = true;
                self.find_by_id(deal, record.source, id, people)?;
            }
        }
        if let Some(mut roles) = self.roles.take() {
            let mut rows = roles.query((record.source, record.text(text::RECORD_ID)))?;
            while let Some(row) = rows.next()? {
                has_ids = true;
                self.find_by_id(deal, record.source, row.get_ref(0)?.as_str().unwrap_or(""), people)?;
            }
            drop(rows);
            self.roles = Some(roles);
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
        if !name.is_empty() && !has_ids && email.is_none() {
            let name = fold(name);
            if !name.is_empty() {
                self.by_name.push((text_key(&format!("m:{}:{name}", record.source)), deal));
                if people.is_empty() {
                    people.extend(self.namesakes.meant(record, name)?);
                }
            }
        }
        Ok(())
    }

    fn find_by_id(&mut self, deal: i64, source: i64, id: &str, people: &mut Vec<i64>) -> Result<()> {
        let Some(by_id) = &mut self.by_id else { return Ok(()) };
        let found = people.len();
        for object in &self.objects {
            let mut rows = by_id.query((source, object, id))?;
            while let Some(row) = rows.next()? {
                people.push(row.get(0)?);
            }
        }
        if people.len() == found {
            self.links.push((person_key(source, id), deal));
        }
        Ok(())
    }

    /// Notes a key that leads to a deal.
    pub fn link(&mut self, key: i64, deal: i64) {
        self.links.push((key, deal));
    }

    /// Notes the people of a deal; deals come in their order.
    pub fn associate(&mut self, deal: i64, people: &[i64]) {
        self.pairs.extend(people.iter().map(|person| (deal, *person)));
    }

    /// Writes who is associated with the deals, and by which keys they are found.
    pub fn write(mut self, conn: &Connection, everything: bool) -> Result<Pairs> {
        self.links.sort_unstable();
        self.links.dedup();
        const IF_NEW: &str = "on conflict do nothing";
        let mut links = Batch::new(conn, "deal_links (key, deal)", 2, if everything { "" } else { IF_NEW });
        for (key, deal) in &self.links {
            links.push([(*key).into(), (*deal).into()])?;
        }
        links.flush()?;
        self.by_name.sort_unstable();
        self.by_name.dedup();
        let mut names = Batch::new(conn, "deal_names (key, deal)", 2, IF_NEW);
        for (key, deal) in &self.by_name {
            names.push([(*key).into(), (*deal).into()])?;
        }
        names.flush()?;
        let mut pairs = Batch::new(conn, "deal_people (deal, person)", 2, "");
        for (deal, person) in &self.pairs {
            pairs.push([(*deal).into(), (*person).into()])?;
        }
        pairs.flush()?;
        Ok(self.pairs)
    }
}

/// The objects of people that there are.
fn objects(conn: &Connection) -> Result<Vec<&'static str>> {
    let mut is_there = conn.prepare_cached(
        "select 1 from sources as s
         where exists (select 1 from crm_people as p where p.source = s.id and p.object = ?1)",
    )?;
    let mut found = Vec::new();
    for object in ["contact", "lead"] {
        if is_there.exists([object])? {
            found.push(object);
        }
    }
    Ok(found)
}

//! What a record of a person says about who it is, as stable hashes.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Row};

use super::super::super::fed::Fed;
use super::super::super::functions::{norm_email, split_ids};
use super::super::super::keys::{deal_key, hash, mail_key};
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::Settings;

pub(super) struct Record {
    pub id: i64,
    /// By which others name it; 0 where none names any.
    pub own: i64,
    /// By which records of other systems name it, where there are such.
    pub own_foreign: Option<i64>,
    pub address: Option<i64>,
    pub gone: bool,
    /// What few records have.
    pub links: Option<Box<Links>>,
}

/// What a record says beside its address.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Links {
    pub addresses: Vec<i64>,
    /// Other records that it names.
    pub references: Vec<i64>,
    /// Those of them that live on in this one.
    pub absorbed: Vec<i64>,
    pub survivor: Option<i64>,
    /// The deals it names, by their keys.
    pub deals: Vec<i64>,
}

impl Record {
    /// Addresses and references to other records.
    pub fn keys(&self) -> impl Iterator<Item = i64> {
        let links = self.links.iter().flat_map(|l| l.addresses.iter().chain(&l.references));
        self.address.into_iter().chain(links.copied())
    }

    pub fn references(&self) -> &[i64] {
        self.links.as_ref().map_or(&[], |l| &l.references)
    }

    pub fn deals(&self) -> &[i64] {
        self.links.as_ref().map_or(&[], |l| &l.deals)
    }
}

/// Columns of what few records say.
const LINKS: [&str; 7] = [
    "additional_emails",
    "merged_ids",
    "merged_into_id",
    "converted_contact_id",
    "foreign_ids",
    "deal_ids",
    "converted_deal_id",
];

/// How records are read: the systems there are and the merges told apart from the records.
pub(super) struct Reader<'a> {
    settings: &'a Settings,
    systems: HashMap<i64, String, ByNumber>,
    has_others: bool,
    /// From a merged record to its survivor, where a separate export tells so.
    merges: HashMap<i64, i64>,
    /// Whether any record may say more than its address.
    pub has_links: bool,
    fed: Fed,
}

impl<'a> Reader<'a> {
    pub fn open(conn: &Connection, settings: &'a Settings) -> Result<Self> {
        let systems: HashMap<i64, String, ByNumber> = conn
            .prepare_cached("select id, system from sources")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let has_others = systems.values().collect::<HashSet<_>>().len() > 1;
        let (merges, fed) = (load_merges(conn)?, Fed::load(conn, "crm_people")?);
        let has_links = !merges.is_empty() || fed.has_any(&LINKS);
        Ok(Reader { settings, systems, has_others, merges, has_links, fed })
    }

    /// Reads records; `which` are one by its id, or all in order.
    pub fn select(&self, which: &str) -> String {
        let mut columns = ["email", "is_deleted"].map(|column| self.fed.or_null(column)).to_vec();
        if self.has_links {
            columns.extend(["source", "object", "record_id"]);
            columns.extend(LINKS.map(|column| self.fed.or_null(column)));
        }
        format!("select id, {} from crm_people {which}", columns.join(", "))
    }

    pub fn read(&self, row: &Row) -> rusqlite::Result<Record> {
        let email = norm_email(text(row, 1)?);
        let is_deleted = row.get_ref(2)?.as_i64_or_null()?.is_some_and(|is| is != 0);
        let mut record = Record {
            id: row.get_ref(0)?.as_i64()?,
            own: 0,
            own_foreign: None,
            address: email.as_ref().map(|email| mail_key(email)),
            gone: is_deleted || email.is_some_and(|email| self.settings.is_excluded(&email)),
            links: None,
        };
        if self.has_links {
            self.read_links(row, &mut record)?;
        }
        Ok(record)
    }

    fn read_links(&self, row: &Row, record: &mut Record) -> rusqlite::Result<()> {
        let (source, object, record_id): (i64, _, _) = (row.get(3)?, text(row, 4)?, text(row, 5)?);
        let system = self.systems.get(&source).map_or("", String::as_str);
        let source_text = source.to_string();
        let other = |id: &str| hash(&["id", &source_text, object, id]);
        (record.own, record.own_foreign) =
            (other(record_id), self.has_others.then(|| hash(&["foreign", system, record_id])));
        let told = if self.merges.is_empty() { None } else { self.merges.get(&record.own).copied() };
        let mut links = Links::default();
        links.addresses.extend(split_ids(text(row, 6)?).filter_map(norm_email).map(|e| mail_key(&e)));
        links.absorbed.extend(split_ids(text(row, 7)?).map(other));
        links.survivor =
            Some(text(row, 8)?.trim()).filter(|id| !id.is_empty() && *id != record_id).map(other).or(told);
        links.references.extend(told.iter().chain(&links.absorbed).chain(&links.survivor));
        let converted = text(row, 9)?.trim();
        if !converted.is_empty() {
            links.references.push(hash(&["id", &source_text, "contact", converted]));
        }
        for id in split_ids(text(row, 10)?) {
            let others = self.systems.values().filter(|s| *s != system);
            links.references.extend(others.map(|s| hash(&["foreign", s, id])));
        }
        for named in [text(row, 11)?, text(row, 12)?] {
            links.deals.extend(split_ids(named).map(|id| deal_key(source, id)));
        }
        record.links = (links != Links::default()).then(|| Box::new(links));
        Ok(())
    }
}

fn text<'r>(row: &'r Row, at: usize) -> rusqlite::Result<&'r str> {
    Ok(row.get_ref(at)?.as_str_or_null().ok().flatten().unwrap_or(""))
}

fn load_merges(conn: &Connection) -> Result<HashMap<i64, i64>> {
    let mut told = HashMap::new();
    let mut merges = conn.prepare_cached("select source, merged_id, surviving_id from crm_merges")?;
    let mut rows = merges.query([])?;
    while let Some(row) = rows.next()? {
        let (source, merged, surviving): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        for object in ["contact", "lead"] {
            let of = |id: &str| hash(&["id", &source.to_string(), object, id.trim()]);
            told.insert(of(&merged), of(&surviving));
        }
    }
    Ok(told)
}

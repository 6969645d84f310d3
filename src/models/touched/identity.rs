//! Joins records into people: by record, merge, conversion, address and ids of other systems.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Row};
use xxhash_rust::xxh3::xxh3_64;

use super::super::functions::{norm_email, split_ids};
use super::super::insert::Insert;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::Settings;

/// Above this many touched records, joining all of them again is cheaper than following each.
const FEW: usize = 5_000;

const COLUMNS: &str = "p.id, p.source, p.object, p.record_id, p.email, p.additional_emails, p.merged_ids,
    p.merged_into_id, p.converted_contact_id, p.foreign_ids, p.is_deleted, p.deal_ids, p.converted_deal_id";

/// What a record says about who it is, as stable hashes.
struct Record {
    id: i64,
    own: i64,
    /// By which records of other systems name it, where there are such.
    own_foreign: Option<i64>,
    address: Option<i64>,
    gone: bool,
    /// What few records have.
    links: Option<Box<Links>>,
}

/// What a record says beside its address.
#[derive(Debug, Default, PartialEq)]
struct Links {
    addresses: Vec<i64>,
    /// Other records that it names.
    references: Vec<i64>,
    /// Those of them that live on in this one.
    absorbed: Vec<i64>,
    survivor: Option<i64>,
    /// The deals it names, by their keys.
    deals: Vec<i64>,
}

impl Record {
    /// Addresses and references to other records.
    fn keys(&self) -> impl Iterator<Item = i64> {
        let links = self.links.iter().flat_map(|l| l.addresses.iter().chain(&l.references));
        self.address.into_iter().chain(links.copied())
    }

    fn references(&self) -> &[i64] {
        self.links.as_ref().map_or(&[], |l| &l.references)
    }

    fn deals(&self) -> &[i64] {
        self.links.as_ref().map_or(&[], |l| &l.deals)
    }
}

/// What is the same for all records: the systems there are and the merges told apart from the records.
struct Context<'a> {
    settings: &'a Settings,
    systems: HashMap<i64, String, ByNumber>,
    has_others: bool,
    /// From a merged record to its survivor, where a separate export tells so.
    merges: HashMap<i64, i64>,
}

impl<'a> Context<'a> {
    fn load(conn: &Connection, settings: &'a Settings) -> Result<Self> {
        let systems: HashMap<i64, String, ByNumber> = conn
            .prepare_cached("select id, system from sources")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let has_others = systems.values().collect::<HashSet<_>>().len() > 1;
        Ok(Context { settings, systems, has_others, merges: load_merges(conn)? })
    }

    fn read(&self, row: &Row) -> rusqlite::Result<Record> {
        let text = |at: usize| {
            Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_str_or_null().ok().flatten().unwrap_or(""))
        };
        let (source, object, record_id): (i64, _, _) = (row.get(1)?, text(2)?, text(3)?);
        let system = self.systems.get(&source).map_or("", String::as_str);
        let source_text = source.to_string();
        let other = |id: &str| hash(&["id", &source_text, object, id]);
        let email = norm_email(text(4)?);
        let mut gone = email.as_ref().is_some_and(|email| self.settings.is_excluded(email));
        let addresses = split_ids(text(5)?).filter_map(norm_email).map(|e| mail_key(&e)).collect();
        let own = other(record_id);
        let absorbed: Vec<i64> = split_ids(text(6)?).map(other).collect();
        let told = if self.merges.is_empty() { None } else { self.merges.get(&own).copied() };
        let survivor =
            Some(text(7)?.trim()).filter(|id| !id.is_empty() && *id != record_id).map(other).or(told);
        let mut references: Vec<i64> = told.into_iter().collect();
        references.extend(absorbed.iter().chain(&survivor));
        let converted = text(8)?.trim();
        if !converted.is_empty() {
            references.push(hash(&["id", &source_text, "contact", converted]));
        }
        for id in split_ids(text(9)?) {
            let others = self.systems.values().filter(|s| *s != system);
            references.extend(others.map(|s| hash(&["foreign", s, id])));
        }
        let named = [text(11)?, text(12)?];
        let deals = named.into_iter().flat_map(split_ids).map(|id| deal_key(source, id)).collect();
        gone |= row.get::<_, Option<bool>>(10)?.unwrap_or(false);
        let links = Links { addresses, references, absorbed, survivor, deals };
        Ok(Record {
            id: row.get(0)?,
            own,
            own_foreign: self.has_others.then(|| hash(&["foreign", system, record_id])),
            address: email.map(|email| mail_key(&email)),
            gone,
            links: (links != Links::default()).then(|| Box::new(links)),
        })
    }
}

/// A stable 64-bit hash of texts, kept in the database.
fn hash(parts: &[&str]) -> i64 {
    let length = parts.iter().map(|part| part.len() + 1).sum();
    // most are short: a heap of their own would cost more than the hash
    let (mut few, mut many) = ([0_u8; 96], Vec::new());
    let bytes = match few.get_mut(..length) {
        Some(few) => few,
        None => {
            many.resize(length, 0);
            many.as_mut_slice()
        }
    };
    let mut at = 0;
    for part in parts {
        bytes[at..at + part.len()].copy_from_slice(part.as_bytes());
        at += part.len() + 1;
    }
    xxh3_64(bytes).cast_signed()
}

/// The key of a normalised address.
pub(in crate::models) fn mail_key(email: &str) -> i64 {
    hash(&["mail", email])
}

/// The key under which deals and meetings name a person's record, whatever its object.
pub(in crate::models) fn person_key(source: i64, id: &str) -> i64 {
    hash(&["person", &source.to_string(), id])
}

pub(in crate::models) fn deal_key(source: i64, id: &str) -> i64 {
    hash(&["deal", &source.to_string(), id])
}

/// The key under which people and deals name a company's record.
pub(in crate::models) fn reference_key(source: i64, id: &str) -> i64 {
    hash(&["company", &source.to_string(), id])
}

/// The key of a company or a name: below 0, so that it is no number of a person or deal.
pub(in crate::models) fn text_key(text: &str) -> i64 {
    hash(&["text", text]) | i64::MIN
}

/// The addresses of a record, normalised.
pub(in crate::models) fn mails(email: &str, additional: &str) -> impl Iterator<Item = String> {
    norm_email(email).into_iter().chain(split_ids(additional).filter_map(norm_email))
}

/// The person (or deal) of a record that stands for none: it is deleted, left out, or of a system that does not count.
pub(super) const NONE: i64 = 0;

/// People or deals, each known by one of its records.
#[derive(Debug, Default)]
pub(in crate::models) struct Joined {
    /// In ascending order.
    pub ids: Vec<i64>,
    /// The records of those that have several, the one they are known by first; the others' one record has their number.
    several: HashMap<i64, Vec<i64>, ByNumber>,
}

impl Joined {
    /// The records of one of them.
    pub fn records<'a>(&'a self, id: &'a i64) -> &'a [i64] {
        self.several.get(id).map_or(std::slice::from_ref(id), Vec::as_slice)
    }

    /// Adds a record of one that is known by another.
    pub fn add(&mut self, id: i64, record: i64) {
        self.several.entry(id).or_insert_with(|| vec![id]).push(record);
    }

    /// Takes every record with what it is joined into, and writes those that are not their own.
    pub(super) fn store(
        conn: &Connection,
        into: &'static str,
        records: impl Iterator<Item = (i64, i64)>,
    ) -> Result<Joined> {
        let mut joined = Joined::default();
        let mut insert = Insert::with_ids(conn, into, 2);
        for (record, id) in records {
            if record == id {
                joined.ids.push(id);
                continue;
            }
            insert.push([record.into(), id.into()])?;
            if id != NONE {
                joined.add(id, record);
            }
        }
        insert.finish()?;
        Ok(joined)
    }
}

/// Joins all records of people.
pub(in crate::models) fn rebuild(conn: &Connection, settings: &Settings) -> Result<Joined> {
    let everyone = Everyone::load(conn, settings)?;
    everyone.store_keys(conn)?;
    conn.execute("delete from person_records", [])?;
    Joined::store(conn, "person_records (record, person)", everyone.join())
}

/// Joins again what the touched records reach, and notes the people before and after.
pub(super) fn refresh(conn: &Connection, settings: &Settings) -> Result<()> {
    conn.execute(
        "insert or ignore into touched_record
         select p.id from touched_rows as t
         join crm_merges as m on m.id = t.record
         join crm_people as p on p.source = m.source and p.object in ('contact', 'lead')
            and p.record_id in (m.merged_id, m.surviving_id)
         where t.target = 'crm_merges'",
        [],
    )?;
    let touched: BTreeSet<i64> = conn
        .prepare_cached("select id from touched_record")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if touched.is_empty() {
        return Ok(());
    }
    if touched.len() > FEW {
        let everyone = Everyone::load(conn, settings)?;
        everyone.store_keys(conn)?;
        return write_changes(conn, &touched, None, &everyone.join().collect::<Vec<_>>());
    }
    let Reached { ids, records } = reach(conn, settings, &touched)?;
    let keys = keys_of(&records);
    write_changes(conn, &touched, Some(&ids), &join(&records, keys))
}

/// Writes the records whose person changed; people of touched records are touched too. `people` are those of the
/// records that are reached and still there.
fn write_changes(
    conn: &Connection,
    touched: &BTreeSet<i64>,
    reached: Option<&BTreeSet<i64>>,
    people: &[(i64, i64)],
) -> Result<()> {
    let mut before: HashMap<i64, i64, ByNumber> = HashMap::default();
    match reached {
        None => {
            let mut all = conn.prepare_cached("select record, person from person_records")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                before.insert(row.get(0)?, row.get(1)?);
            }
        }
        Some(reached) => {
            let mut one = conn.prepare_cached("select person from person_records where record = ?1")?;
            for record in reached {
                let mut rows = one.query([record])?;
                if let Some(row) = rows.next()? {
                    before.insert(*record, row.get(0)?);
                }
            }
        }
    }
    let mut note = conn.prepare_cached("insert or ignore into touched_person (id) values (?1)")?;
    let mut forget = conn.prepare_cached("delete from person_records where record = ?1")?;
    let mut remember = conn.prepare_cached("insert into person_records (record, person) values (?1, ?2)")?;
    let lost = touched.iter().filter(|record| people.binary_search_by_key(*record, |(r, _)| *r).is_err());
    let now = people.iter().map(|(record, person)| (*record, Some(*person)));
    for (record, new) in now.chain(lost.map(|record| (*record, None))) {
        let old = before.get(&record).copied().unwrap_or(record);
        if new == Some(old) && !touched.contains(&record) {
            continue;
        }
        for person in [old].into_iter().chain(new) {
            note.execute([person])?;
        }
        if new != Some(old) {
            forget.execute([record])?;
            if let Some(person) = new.filter(|person| *person != record) {
                remember.execute([record, person])?;
            }
        }
    }
    Ok(())
}

/// All records, of most of them only what another one could join by.
struct Everyone {
    /// In ascending order.
    ids: Vec<i64>,
    /// Those that may be joined with others or count for none, in the same order.
    involved: Vec<Record>,
    /// Addresses and references to other records, with the id of the record that has them.
    keys: Vec<(i64, i64)>,
}

impl Everyone {
    fn load(conn: &Connection, settings: &Settings) -> Result<Everyone> {
        let context = Context::load(conn, settings)?;
        let mut select =
            conn.prepare_cached(&format!("select {COLUMNS} from crm_people as p order by p.id"))?;
        let mut rows = select.query([])?;
        let (mut ids, mut own, mut own_foreign) = (Vec::new(), Vec::new(), Vec::new());
        let (mut keys, mut involved) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let record = context.read(row)?;
            ids.push(record.id);
            own.push(record.own);
            own_foreign.extend(record.own_foreign);
            keys.extend(record.keys().map(|key| (key, record.id)));
            if record.gone || record.links.is_some() {
                involved.push(record);
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let known: HashSet<i64, ByNumber> = involved.iter().map(|r| r.id).collect();
        let shared: HashSet<i64, ByNumber> = (keys.windows(2))
            .filter(|pair| pair[0].0 == pair[1].0)
            .flat_map(|pair| [pair[0].1, pair[1].1])
            .collect();
        let named: HashSet<i64, ByNumber> = involved.iter().flat_map(Record::references).copied().collect();
        if !shared.is_empty() || !named.is_empty() {
            for (at, id) in ids.iter().enumerate() {
                let (own, own_foreign) = (own[at], own_foreign.get(at).copied());
                let is_named = named.contains(&own) || own_foreign.is_some_and(|key| named.contains(&key));
                if (is_named || shared.contains(id)) && !known.contains(id) {
                    let plain = Record { id: *id, own, own_foreign, address: None, gone: false, links: None };
                    involved.push(plain);
                }
            }
            involved.sort_unstable_by_key(|r| r.id);
        }
        Ok(Everyone { ids, involved, keys })
    }

    fn store_keys(&self, conn: &Connection) -> Result<()> {
        conn.execute_batch("delete from identity_keys; delete from record_deals;")?;
        let named = self.involved.iter().flat_map(|r| r.deals().iter().map(move |key| (*key, r.id)));
        let mut deals: Vec<(i64, i64)> = named.collect();
        deals.sort_unstable();
        deals.dedup();
        for (into, keys) in
            [("identity_keys (key, record)", &self.keys), ("record_deals (key, record)", &deals)]
        {
            let mut insert = Insert::new(conn, into, 2);
            for (key, record) in keys {
                insert.push([(*key).into(), (*record).into()])?;
            }
            insert.finish()?;
        }
        Ok(())
    }

    /// Every record in their order, and its person.
    fn join(self) -> impl Iterator<Item = (i64, i64)> {
        let place = |id: i64| self.involved.binary_search_by_key(&id, |r| r.id).ok();
        let keys = self.keys.iter().filter_map(|(key, id)| Some((*key, place(*id)?))).collect();
        let mut joined = join(&self.involved, keys).into_iter().peekable();
        let person = move |id| joined.next_if(|(record, _)| *record == id).unwrap_or((id, id));
        self.ids.into_iter().map(person)
    }
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

/// What the touched records reach.
struct Reached {
    /// Some of them may not be there any more.
    ids: BTreeSet<i64>,
    records: Vec<Record>,
}

/// The records that the touched ones reach, before and after: by key, by reference, and by the person they were. Their
/// new keys are noted; old ones stay, because they only widen the search, never the join.
fn reach(conn: &Connection, settings: &Settings, touched: &BTreeSet<i64>) -> Result<Reached> {
    let context = Context::load(conn, settings)?;
    let mut load = conn.prepare_cached(&format!("select {COLUMNS} from crm_people as p where p.id = ?1"))?;
    let mut by_key = conn.prepare_cached("select record from identity_keys where key = ?1")?;
    let mut by_id = conn.prepare_cached(
        "select q.id from crm_people as p
         cross join json_each(id_list(coalesce(p.merged_ids, '') || ';' || coalesce(p.merged_into_id, '') || ';'
            || coalesce(p.converted_contact_id, ''))) as i
         cross join crm_people as q on q.source = p.source and q.object in (p.object, 'contact') and q.record_id = i.value
         where p.id = ?1
         union all
         select q.id from crm_people as p
         cross join json_each(id_list(p.foreign_ids)) as i
         cross join sources as s on s.id <> p.source
         cross join crm_people as q on q.source = s.id and q.object in ('contact', 'lead') and q.record_id = i.value
         where p.id = ?1 and p.foreign_ids <> ''
         union all
         select q.id from crm_people as p
         cross join crm_merges as m on m.source = p.source and m.merged_id = p.record_id
         cross join crm_people as q on q.source = p.source and q.object = p.object and q.record_id = m.surviving_id
         where p.id = ?1",
    )?;
    let mut person_of = conn.prepare_cached("select person from person_records where record = ?1")?;
    let mut records_of = conn.prepare_cached("select record from person_records where person = ?1")?;
    let mut waiting: Vec<i64> = touched.iter().copied().collect();
    for record in touched {
        let person: Option<i64> = person_of.query_row([record], |row| row.get(0)).optional()?;
        let person = person.unwrap_or(*record);
        if person != NONE {
            waiting.push(person);
            let others = records_of.query_map([person], |row| row.get::<_, i64>(0))?;
            waiting.extend(others.collect::<rusqlite::Result<Vec<_>>>()?);
        }
    }
    let mut add = conn.prepare_cached("insert into identity_keys (key, record) values (?1, ?2)")?;
    let mut name = conn.prepare_cached("insert or ignore into record_deals (key, record) values (?1, ?2)")?;
    let mut having =
        |key: i64| by_key.query_map([key], |r| r.get::<_, i64>(0))?.collect::<rusqlite::Result<Vec<_>>>();
    let (mut ids, mut records) = (BTreeSet::new(), Vec::new());
    while let Some(id) = waiting.pop() {
        if !ids.insert(id) {
            continue;
        }
        let mut rows = load.query([id])?;
        let Some(row) = rows.next()? else { continue };
        let record = context.read(row)?;
        drop(rows);
        for key in record.keys() {
            let others = having(key)?;
            if !others.contains(&id) {
                add.execute([key, id])?;
            }
            waiting.extend(others);
        }
        for key in [record.own].into_iter().chain(record.own_foreign) {
            waiting.extend(having(key)?);
        }
        for key in record.deals() {
            name.execute([*key, id])?;
        }
        // most records name no other
        if !record.references().is_empty() {
            let named = by_id.query_map([id], |r| r.get::<_, i64>(0))?;
            waiting.extend(named.collect::<rusqlite::Result<Vec<_>>>()?);
        }
        records.push(record);
    }
    // the same order as all records have, so that contradicting merges end alike
    records.sort_unstable_by_key(|r| r.id);
    Ok(Reached { ids, records })
}

/// Whether a record counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Counts,
    /// Merged into a record that its system then deleted: it speaks of its person only if another record still counts.
    Leans,
    Gone,
}

/// Every record in their order, and its person: the smallest record id among those joined, or none.
fn join(records: &[Record], mut keys: Vec<Keyed>) -> Vec<(i64, i64)> {
    let standing = find_standing(records);
    let is_alive = |at: usize| standing[at] != Standing::Gone;
    // few records refer to others, and only what somebody refers to has to be known
    let references = records.iter().flat_map(Record::references);
    let wanted: HashSet<i64, ByNumber> = references.copied().collect();
    keys.retain(|(_, at)| is_alive(*at));
    if !wanted.is_empty() {
        for (at, record) in records.iter().enumerate().filter(|(at, _)| is_alive(*at)) {
            let own = [Some(record.own), record.own_foreign].into_iter().flatten();
            keys.extend(own.filter(|key| wanted.contains(key)).map(|key| (key, at)));
        }
        keys.sort_unstable();
    }
    let mut parent: Vec<usize> = (0..records.len()).collect();
    for pair in keys.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (a, b) = (root(&mut parent, pair[0].1), root(&mut parent, pair[1].1));
        parent[a.max(b)] = a.min(b);
    }
    let mut carries = vec![false; records.len()];
    for at in (0..records.len()).filter(|at| standing[*at] == Standing::Counts) {
        carries[root(&mut parent, at)] = true;
    }
    // records come by id, and the root of those joined is the first of them
    let person = |(at, record): (usize, &Record)| {
        let root = root(&mut parent, at);
        (record.id, if is_alive(at) && carries[root] { records[root].id } else { NONE })
    };
    records.iter().enumerate().map(person).collect()
}

/// A deleted record leaves; a merged one lives on in its survivor.
fn find_standing(records: &[Record]) -> Vec<Standing> {
    let mut survivors: HashMap<i64, i64> = HashMap::new();
    for (record, links) in records.iter().filter_map(|r| Some((r, r.links.as_ref()?))) {
        survivors.extend(links.survivor.map(|s| (record.own, s)));
        survivors.extend(links.absorbed.iter().filter(|a| **a != record.own).map(|a| (*a, record.own)));
    }
    if survivors.is_empty() {
        let stands = |r: &Record| if r.gone { Standing::Gone } else { Standing::Counts };
        return records.iter().map(stands).collect();
    }
    let involved: HashSet<i64> = survivors.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let gone: HashMap<i64, bool> =
        records.iter().filter(|r| involved.contains(&r.own)).map(|r| (r.own, r.gone)).collect();
    let stands = |record: &Record| {
        let mut last = record.own;
        let mut steps = 0;
        while let (Some(next), true) = (survivors.get(&last), steps < 100) {
            last = *next;
            steps += 1;
        }
        // merged into a record that no export has shown: it still stands for the person
        let is_gone =
            if last == record.own { record.gone } else { gone.get(&last).copied().unwrap_or(false) };
        match (is_gone, last == record.own) {
            (false, _) => Standing::Counts,
            (true, false) => Standing::Leans,
            (true, true) => Standing::Gone,
        }
    };
    records.iter().map(stands).collect()
}

fn root(parent: &mut [usize], at: usize) -> usize {
    let mut at = at;
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// A key, and the place of a record that has it.
type Keyed = (i64, usize);

/// What joins records, by key.
fn keys_of(records: &[Record]) -> Vec<Keyed> {
    let keys = records.iter().enumerate().flat_map(|(at, r)| r.keys().map(move |key| (key, at)));
    let mut keys: Vec<Keyed> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

//! Follows the touched rows to people and deals, and from one to the other. `cross join` keeps the order in which the
//! tables are written: from the few touched rows outwards.

use rusqlite::Connection;

use crate::error::{Error, Result};
use crate::settings::Settings;

/// People reached by rows that belong to a record, an address or a campaign.
const PEOPLE: [&str; 8] = [
    "select coalesce(r.person, p.id) from touched_rows as t
     cross join crm_changes as e on e.id = t.record
     cross join crm_people as p on p.source = e.source and p.object = e.object and p.record_id = e.record_id
     left join person_records as r on r.record = p.id
     where t.target = 'crm_changes'",
    "select coalesce(r.person, p.id) from touched_rows as t
     cross join crm_campaign_members as m on m.id = t.record
     cross join crm_people as p on p.source = m.source and p.object = 'lead' and p.record_id = m.lead_id
     left join person_records as r on r.record = p.id
     where t.target = 'crm_campaign_members'",
    "select coalesce(r.person, p.id) from touched_rows as t
     cross join crm_campaign_members as m on m.id = t.record
     cross join crm_people as p on p.source = m.source and p.object = 'contact' and p.record_id = m.contact_id
     left join person_records as r on r.record = p.id
     where t.target = 'crm_campaign_members'",
    "select coalesce(r.person, k.record) from touched_rows as t
     cross join crm_campaign_members as m on m.id = t.record
     cross join identity_keys as k on k.key = mail_key(m.email)
     left join person_records as r on r.record = k.record
     where t.target = 'crm_campaign_members'",
    "select coalesce(r.person, k.record) from touched_rows as t
     cross join touches_given as g on g.id = t.record
     cross join identity_keys as k on k.key = mail_key(g.email)
     left join person_records as r on r.record = k.record
     where t.target = 'touches_given'",
    "select coalesce(r.person, k.record) from touched_rows as t
     cross join meetings_given as m on m.id = t.record
     cross join identity_keys as k on k.key = mail_key(m.email)
     left join person_records as r on r.record = k.record
     where t.target = 'meetings_given'",
    "select coalesce(r.person, k.record) from touched_rows as t
     cross join requests_given as q on q.id = t.record
     cross join identity_keys as k on k.key = mail_key(q.email)
     left join person_records as r on r.record = k.record
     where t.target = 'requests_given'",
    "select t.person from touched_rows as r
     cross join touch_ways as w on w.origin = r.target
     cross join person_touches as t on t.way = w.id and t.origin_id = r.record
     where r.target in ('crm_campaign_members', 'touches_given', 'meetings_given', 'requests_given')",
];

/// People of campaigns that a CRM described anew, which may change their touches' names and channels.
const CAMPAIGN_PEOPLE: &str = "with described as materialized (
        select c.source, c.record_id from touched_rows as r
        cross join crm_campaigns as c on c.id = r.record
        where r.target = 'crm_campaigns'
     )
     select t.person from crm_campaign_members as m
     cross join touch_ways as w on w.origin = 'crm_campaign_members'
     cross join person_touches as t on t.way = w.id and t.origin_id = m.id
     where (+m.source, +m.campaign_id) in (select source, record_id from described)";

/// People of touched companies; only segments look from a person at the company.
const COMPANY_PEOPLE: &str = "select p.person from touched_rows as t
     cross join crm_companies as c on c.id = t.record
     cross join persons as p on p.company = reference_key(c.source, c.record_id)
     where t.target = 'crm_companies'";

/// Deals that rows about them reach.
const DEALS: [&str; 5] = [
    "select coalesce(r.deal, d.id) from touched_rows as t
     cross join crm_deal_people as x on x.id = t.record
     cross join crm_deals as d on d.source = x.source and d.record_id = x.deal_id
     left join deal_records as r on r.record = d.id
     where t.target = 'crm_deal_people'",
    "select coalesce(r.deal, d.id) from touched_rows as t
     cross join crm_changes as e on e.id = t.record and e.object = 'deal'
     cross join crm_deals as d on d.source = e.source and d.record_id = e.record_id
     left join deal_records as r on r.record = d.id
     where t.target = 'crm_changes'",
    "select d.deal from touched_rows as t
     cross join deal_facts as d on d.company = t.record
     where t.target = 'crm_companies'",
    "select l.deal from touched_rows as t
     cross join crm_companies as c on c.id = t.record
     cross join deal_links as l on l.key = reference_key(c.source, c.record_id)
     where t.target = 'crm_companies'",
    // deals that name the company without its id, or one that had or has its name; many may have one name
    "with touched as materialized (
        select c.id, c.source, norm_name(c.name) as name_key from touched_rows as t
        cross join crm_companies as c on c.id = t.record
        where t.target = 'crm_companies'
     ),
     names as materialized (
        select source, name_key from touched where name_key <> ''
        union
        select f.source, f.name_key from touched as t
        cross join company_facts as f on f.record = t.id and f.name_key <> ''
     ),
     customers as (
        select text_key('n:' || source || ':' || name_key) as customer from names
        union
        select f.customer from touched as t cross join company_facts as f on f.record = t.id
        union
        select f.customer from names as n
        cross join company_facts as f on f.source = n.source and f.name_key = n.name_key
     )
     select d.deal from customers as c
     cross join deal_facts as d on d.customer < 0 and d.customer = c.customer",
];

/// Deals that know their contact by name: another person of that name changes whom they mean, and so the people on both
/// sides.
const DEALS_BY_NAME: [&str; 3] = [
    "select n.deal from touched_person_record as t
     cross join crm_people as p on p.id = t.id
     cross join deal_names as n on n.key = text_key('m:' || p.source || ':' || norm_name(coalesce(nullif(trim(p.full_name), ''), coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, ''))))",
    "select n.deal from touched_person as t
     cross join deal_people as l on l.person = t.id
     cross join deal_names as n on n.deal = l.deal",
    "select n.deal from deal_names as n
     where exists (select 1 from touched_person) and not exists (select 1 from deal_people as l where l.deal = n.deal)",
];

/// People whom a deal knows by name, until a record names the deal: then it means those alone.
const PEOPLE_BY_NAME: &str = "select l.person from touched_deal as t
     cross join deal_names as n on n.deal = t.id
     cross join deal_people as l on l.deal = n.deal";

/// Deals of people: those associated before, those that their records name, and those that name them.
const DEALS_OF_PEOPLE: [&str; 4] = [
    "select l.deal from touched_person as t
     cross join deal_people as l on l.person = t.id",
    "select coalesce(k.deal, d.id) from touched_person_record as t
     cross join crm_people as p on p.id = t.id
     cross join json_each(id_list(coalesce(p.deal_ids, '') || ';' || coalesce(p.converted_deal_id, ''))) as i
     cross join crm_deals as d on d.source = p.source and d.record_id = i.value
     left join deal_records as k on k.record = d.id
     where p.deal_ids <> '' or p.converted_deal_id <> ''",
    "select l.deal from touched_person_record as t
     cross join crm_people as p on p.id = t.id
     cross join deal_links as l on l.key = person_key(p.source, p.record_id)",
    "select l.deal from touched_mail as t
     cross join deal_links as l on l.key = t.id",
];

/// Deals of the person whose record of the other object has the same id: a deal names both by it.
const DEALS_OF_NAMESAKES: &str = "select l.deal from touched_person_record as t
     cross join crm_people as p on p.id = t.id
     cross join crm_people as q on q.source = p.source and q.object = iif(p.object = 'lead', 'contact', 'lead')
        and q.record_id = p.record_id
     left join person_records as r on r.record = q.id
     cross join deal_people as l on l.person = coalesce(r.person, q.id)";

const HAS_BOTH_OBJECTS: &str = "select exists (
        select 1 from sources as s
        where exists (select 1 from crm_people as p where p.source = s.id and p.object = 'contact')
            and exists (select 1 from crm_people as p where p.source = s.id and p.object = 'lead')
     )";

/// People of the deals that were touched themselves, old and new.
const DEAL_PEOPLE: [&str; 6] = [
    "select l.person from touched_own_deal as t
     cross join deal_people as l on l.deal = t.id",
    "select coalesce(r.person, p.id) from touched_deal_record as t
     cross join crm_deals as d on d.id = t.id
     cross join json_each(id_list(coalesce(d.contact_ids, '') || ';' || coalesce(d.primary_contact_id, ''))) as i
     cross join crm_people as p on p.source = d.source and p.object in ('contact', 'lead') and p.record_id = i.value
     left join person_records as r on r.record = p.id",
    "select coalesce(r.person, p.id) from touched_deal_record as t
     cross join crm_deals as d on d.id = t.id
     cross join crm_deal_people as x on x.source = d.source and x.deal_id = d.record_id
     cross join crm_people as p on p.source = d.source and p.object in ('contact', 'lead') and p.record_id = x.person_id
     left join person_records as r on r.record = p.id",
    "select coalesce(r.person, l.record) from touched_deal_record as t
     cross join crm_deals as d on d.id = t.id
     cross join record_deals as l on l.key = deal_key(d.source, d.record_id)
     left join person_records as r on r.record = l.record",
    "select coalesce(r.person, e.record) from touched_deal_record as t
     cross join crm_deals as d on d.id = t.id
     cross join identity_keys as e on e.key = mail_key(d.contact_email)
     left join person_records as r on r.record = e.record",
    "with named as materialized (
        select distinct d.source, norm_name(d.contact_name) as name_key from touched_deal_record as t
        cross join crm_deals as d on d.id = t.id
        where d.contact_name <> '' and coalesce(d.contact_ids, '') = '' and coalesce(d.primary_contact_id, '') = ''
     )
     select coalesce(r.person, p.id) from (select distinct source from named) as s
     cross join crm_people as p on p.source = s.source
     join named as n on n.source = p.source and n.name_key = norm_name(coalesce(nullif(trim(p.full_name), ''), coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')))
     left join person_records as r on r.record = p.id",
];

/// Tables of what an address can lead to.
const ADDRESSED: [&str; 4] = ["deal_links", "mrr_customers", "meeting_facts", "request_facts"];

pub(super) fn follow(conn: &Connection, settings: &Settings) -> Result<()> {
    let tables = conn
        .prepare_cached("select distinct target from touched_rows")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    // one that names no table with touched rows finds nothing, and to plan it takes longer than to follow a few rows
    let leads = |select: &&&str| tables.iter().any(|table| select.contains(&format!("'{table}'")));
    for select in PEOPLE.iter().chain([&CAMPAIGN_PEOPLE]).filter(leads) {
        add(conn, "touched_person", select)?;
    }
    if !settings.written.segment.is_empty() {
        add(conn, "touched_person", COMPANY_PEOPLE)?;
    }
    for select in DEALS.iter().filter(leads) {
        add(conn, "touched_deal", select)?;
    }
    find_records(conn)?;
    let has_names: bool = conn.query_row("select exists (select 1 from deal_names)", [], |row| row.get(0))?;
    if has_names {
        for select in DEALS_BY_NAME {
            add(conn, "touched_deal", select)?;
        }
    }
    add(conn, "touched_own_deal", "select id from touched_deal")?;
    add(
        conn,
        "touched_deal_record",
        "select id from touched_own_deal
         union all
         select r.record from touched_own_deal as t
         cross join deal_records as r on r.deal = t.id",
    )?;
    for select in DEALS_OF_PEOPLE {
        add(conn, "touched_deal", select)?;
    }
    if conn.query_row(HAS_BOTH_OBJECTS, [], |row| row.get(0))? {
        add(conn, "touched_deal", DEALS_OF_NAMESAKES)?;
    }
    for select in DEAL_PEOPLE.into_iter().chain(has_names.then_some(PEOPLE_BY_NAME)) {
        add(conn, "touched_person", select)?;
    }
    // addresses of people who came with their deals lead to meetings and customers
    find_records(conn)
}

/// The records of the touched people, and their addresses where these can lead anywhere.
fn find_records(conn: &Connection) -> Result<()> {
    add(
        conn,
        "touched_person_record",
        "select id from touched_person
         union all
         select r.record from touched_person as t
         cross join person_records as r on r.person = t.id",
    )?;
    let anything = ADDRESSED.map(|table| format!("exists (select 1 from {table})")).join(" or ");
    if conn.query_row(&format!("select {anything}"), [], |row| row.get(0))? {
        add(
            conn,
            "touched_mail",
            "select i.value from touched_person_record as t
             cross join crm_people as p on p.id = t.id
             cross join json_each(mail_keys(p.email, p.additional_emails)) as i",
        )?;
    }
    Ok(())
}

fn add(conn: &Connection, table: &str, select: &str) -> Result<()> {
    conn.prepare_cached(&format!("insert or ignore into {table} {select}"))
        .and_then(|mut statement| statement.execute([]))
        .map_err(|e| Error::failed("what a file reaches could not be followed").because(e))?;
    Ok(())
}

/// All that is followed.
#[cfg(test)]
pub(in crate::models) fn texts() -> impl Iterator<Item = &'static str> {
    let single = [CAMPAIGN_PEOPLE, COMPANY_PEOPLE, DEALS_OF_NAMESAKES, PEOPLE_BY_NAME];
    let several: [&'static [&'static str]; 5] =
        [&PEOPLE, &DEALS, &DEALS_BY_NAME, &DEALS_OF_PEOPLE, &DEAL_PEOPLE];
    single.into_iter().chain(several.into_iter().flatten().copied())
}

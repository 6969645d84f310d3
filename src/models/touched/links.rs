//! Follows the touched rows to people and deals, and from one to the other. `cross join` keeps the order in which the
//! tables are written: from the few touched rows outwards.

use rusqlite::Connection;

use crate::error::{Error, Result};
use crate::settings::Settings;

/// People reached by rows that belong to a record, an address or a campaign.
const PEOPLE: [&str; 7] = [
    "select r.person from touched_rows as t
     cross join crm_changes as e on e.id = t.record
     cross join crm_people as p on p.source = e.source and p.object = e.object and p.record_id = e.record_id
     cross join person_records as r on r.record = p.id
     where t.target = 'crm_changes'",
    "select r.person from touched_rows as t
     cross join crm_campaign_members as m on m.id = t.record
     cross join crm_people as p on p.source = m.source
        and ((p.object = 'lead' and p.record_id = m.lead_id) or (p.object = 'contact' and p.record_id = m.contact_id))
     cross join person_records as r on r.record = p.id
     where t.target = 'crm_campaign_members'",
    "select e.person from touched_rows as t
     cross join crm_campaign_members as m on m.id = t.record
     cross join person_emails as e on e.email = norm_email(m.email)
     where t.target = 'crm_campaign_members'",
    "select e.person from touched_rows as t
     cross join touches_given as g on g.id = t.record
     cross join person_emails as e on e.email = norm_email(g.email)
     where t.target = 'touches_given'",
    "select e.person from touched_rows as t
     cross join meetings_given as m on m.id = t.record
     cross join person_emails as e on e.email = norm_email(m.email)
     where t.target = 'meetings_given'",
    "select e.person from touched_rows as t
     join requests_given as q on q.id = t.record
     join person_emails as e on e.email = norm_email(q.email)
     where t.target = 'requests_given'",
    "select t.person from touched_rows as r
     cross join person_touches as t on t.origin = r.target and t.origin_id = r.record
     where r.target in ('crm_campaign_members', 'touches_given', 'meetings_given', 'requests_given')",
];

/// People of campaigns that a CRM described anew, which may change their touches' names and channels.
const CAMPAIGN_PEOPLE: &str = "select t.person from touched_rows as r
     cross join crm_campaigns as c on c.id = r.record
     cross join crm_campaign_members as m on m.source = c.source and m.campaign_id = c.record_id
     cross join person_touches as t on t.origin = 'crm_campaign_members' and t.origin_id = m.id
     where r.target = 'crm_campaigns'";

/// People of touched companies; only segments look from a person at the company.
const COMPANY_PEOPLE: &str = "select p.person from touched_rows as t
     cross join crm_companies as c on c.id = t.record
     cross join persons as p on p.company_source = c.source and p.company_id = c.record_id
     where t.target = 'crm_companies'";

const DEALS: [&str; 8] = [
    "select r.deal from touched_rows as t
     cross join crm_deal_people as x on x.id = t.record
     cross join crm_deals as d on d.source = x.source and d.record_id = x.deal_id
     cross join deal_records as r on r.record = d.id
     where t.target = 'crm_deal_people'",
    "select r.deal from touched_rows as t
     cross join crm_changes as e on e.id = t.record and e.object = 'deal'
     cross join crm_deals as d on d.source = e.source and d.record_id = e.record_id
     cross join deal_records as r on r.record = d.id
     where t.target = 'crm_changes'",
    "select d.deal from touched_rows as t
     cross join crm_companies as c on c.id = t.record
     cross join deal_facts as d on d.source = c.source and d.company_id = c.record_id
     where t.target = 'crm_companies'",
    "select l.deal from touched_person as t
     cross join deal_people as l on l.person = t.id",
    // deals that a touched record names
    "select r.deal from touched_record as t
     cross join crm_people as p on p.id = t.id
     cross join json_each(id_list(coalesce(p.deal_ids, '') || ';' || coalesce(p.converted_deal_id, ''))) as i
     cross join crm_deals as d on d.source = p.source and d.record_id = i.value
     cross join deal_records as r on r.record = d.id",
    // deals that name a record of a touched person
    "select l.deal from touched_person as t
     cross join person_records as r on r.person = t.id
     cross join crm_people as p on p.id = r.record
     cross join deal_links as l on l.source = p.source and l.record_id = p.record_id",
    // deals that any record of a touched person names
    "select k.deal from touched_person as t
     cross join person_records as r on r.person = t.id
     cross join record_deals as l on l.record = r.record
     cross join crm_deals as d on d.source = l.source and d.record_id = l.deal_id
     cross join deal_records as k on k.record = d.id",
    // deals that know a touched person by address
    "select l.deal from touched_person as t
     cross join person_records as r on r.person = t.id
     cross join crm_people as p on p.id = r.record
     cross join json_each(id_list(coalesce(p.email, '') || ';' || coalesce(p.additional_emails, ''))) as i
     cross join deal_links as l on l.source = 0 and l.record_id = norm_email(i.value)",
];

/// People of the deals that were touched themselves, old and new.
const DEAL_PEOPLE: [&str; 5] = [
    "select l.person from touched_own_deal as t
     cross join deal_people as l on l.deal = t.id",
    "select r.person from touched_own_deal as t
     cross join deal_records as k on k.deal = t.id
     cross join crm_deals as d on d.id = k.record
     cross join json_each(id_list(coalesce(d.contact_ids, '') || ';' || coalesce(d.primary_contact_id, ''))) as i
     cross join crm_people as p on p.source = d.source and p.object in ('contact', 'lead') and p.record_id = i.value
     cross join person_records as r on r.record = p.id",
    "select r.person from touched_own_deal as t
     cross join deal_records as k on k.deal = t.id
     cross join crm_deals as d on d.id = k.record
     cross join crm_deal_people as x on x.source = d.source and x.deal_id = d.record_id
     cross join crm_people as p on p.source = d.source and p.object in ('contact', 'lead') and p.record_id = x.person_id
     cross join person_records as r on r.record = p.id",
    "select r.person from touched_own_deal as t
     cross join deal_records as k on k.deal = t.id
     cross join crm_deals as d on d.id = k.record
     cross join record_deals as l on l.source = d.source and l.deal_id = d.record_id
     cross join person_records as r on r.record = l.record",
    "select e.person from touched_own_deal as t
     cross join deal_records as k on k.deal = t.id
     cross join crm_deals as d on d.id = k.record
     cross join person_emails as e on e.email = norm_email(d.contact_email)",
];

pub(super) fn follow(conn: &Connection, settings: &Settings) -> Result<()> {
    conn.execute_batch(
        "create temp table if not exists touched_own_deal (id integer primary key);
         delete from touched_own_deal;",
    )?;
    for select in PEOPLE.iter().chain([&CAMPAIGN_PEOPLE]) {
        add(conn, "touched_person", select)?;
    }
    if !settings.written.segment.is_empty() {
        add(conn, "touched_person", COMPANY_PEOPLE)?;
    }
    for select in &DEALS[..4] {
        add(conn, "touched_deal", select)?;
    }
    add(conn, "touched_own_deal", "select id from touched_deal")?;
    for select in &DEALS[4..] {
        add(conn, "touched_deal", select)?;
    }
    for select in DEAL_PEOPLE {
        add(conn, "touched_person", select)?;
    }
    Ok(())
}

fn add(conn: &Connection, table: &str, select: &str) -> Result<()> {
    conn.prepare_cached(&format!("insert or ignore into {table} {select}"))
        .and_then(|mut statement| statement.execute([]))
        .map_err(|e| Error::failed("what a file reaches could not be followed").because(e))?;
    Ok(())
}

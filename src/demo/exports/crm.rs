//! HubSpot: contacts, companies and deals, every record every week.

use chrono::{NaiveDateTime, NaiveTime};

use super::Week;
use super::text::{Quote, Sheet, short_money};
use crate::demo::company::{Company, Deal, Duplicate, Outcome, Person};
use crate::demo::words::{DEAL_STAGES, SOURCES};

const LIFECYCLE: [&str; 5] =
    ["Lead", "Marketing Qualified Lead", "Sales Qualified Lead", "Opportunity", "Customer"];

fn minute(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%d %H:%M").to_string()
}

fn entered(moment: Option<NaiveDateTime>, cutoff: NaiveDateTime) -> String {
    moment.filter(|m| *m < cutoff).map(minute).unwrap_or_default()
}

fn contact_header() -> Vec<String> {
    let plain = [
        "Record ID",
        "First Name",
        "Last Name",
        "Email",
        "Additional email addresses",
        "Company name",
        "Lifecycle Stage",
        "Lead Status",
        "Contact owner",
        "Create Date",
        "Original Traffic Source",
        "Original Traffic Source Drill-Down 1",
        "Original Traffic Source Drill-Down 2",
        "Latest Traffic Source",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "How did you hear about us?",
    ];
    let mut header: Vec<String> = plain.map(str::to_owned).to_vec();
    header.extend(LIFECYCLE.map(|stage| format!("Date entered \"{stage} (Lifecycle Stage Pipeline)\"")));
    header.extend(["Merged object IDs", "Primary Associated Company ID"].map(str::to_owned));
    header
}

pub(super) fn contacts(company: &Company, week: &Week) -> Vec<u8> {
    let cutoff = week.cutoff();
    let mut sheet = Sheet::new(',', Quote::Always);
    sheet.row(&contact_header());
    for person in company.people.iter().filter(|p| p.created_at < cutoff) {
        if person.vanishes_at.is_some_and(|at| at < cutoff) {
            continue;
        }
        sheet.row(&contact_row(company, person, cutoff));
        if let Some(second) = &person.duplicate
            && second.created_at < cutoff
            && cutoff <= second.merged_at
        {
            sheet.row(&duplicate_row(person, second));
        }
    }
    sheet.utf8()
}

fn contact_row(company: &Company, person: &Person, cutoff: NaiveDateTime) -> Vec<String> {
    let account = person.account.map(|index| &company.accounts[index]);
    let source = &SOURCES[person.source];
    let campaign = person.campaign.clone().unwrap_or_default();
    let (utm_source, utm_medium) = source.utm.unwrap_or_default();
    let merged = person.duplicate.as_ref().filter(|d| d.merged_at < cutoff);
    let reached = (0..5).rev().find(|&s| person.entered[s].is_some_and(|at| at < cutoff));
    let second_detail =
        if campaign.is_empty() { String::new() } else { format!("{utm_source} / {utm_medium}") };
    let mut row = vec![
        person.record_id.to_string(),
        person.first_name.to_owned(),
        person.last_name.to_owned(),
        person.email.clone().unwrap_or_default(),
        merged.map(|d| d.email.clone()).unwrap_or_default(),
        account.map(|a| a.name.clone()).unwrap_or_default(),
        reached.map_or("Subscriber", |stage| LIFECYCLE[stage]).to_owned(),
        if person.unqualified && reached.is_some() { "Unqualified".to_owned() } else { String::new() },
        person.owner.to_owned(),
        minute(person.created_at),
        source.label.to_owned(),
        if campaign.is_empty() { source.detail.to_owned() } else { campaign.clone() },
        second_detail,
        SOURCES[person.latest_source].label.to_owned(),
        utm_source.to_owned(),
        utm_medium.to_owned(),
        campaign,
        person.answer.to_owned(),
    ];
    row.extend(person.entered.map(|at| entered(at, cutoff)));
    row.push(merged.map(|d| d.record_id.to_string()).unwrap_or_default());
    row.push(account.map(|a| a.record_id.to_string()).unwrap_or_default());
    row
}

fn duplicate_row(person: &Person, second: &Duplicate) -> Vec<String> {
    let mut row = vec![String::new(); contact_header().len()];
    let source = &SOURCES[second.source];
    let cells = [
        (0, second.record_id.to_string()),
        (1, person.first_name.to_owned()),
        (2, person.last_name.to_owned()),
        (3, second.email.clone()),
        (6, "Subscriber".to_owned()),
        (9, minute(second.created_at)),
        (10, source.label.to_owned()),
        (11, source.detail.to_owned()),
        (13, source.label.to_owned()),
    ];
    for (index, cell) in cells {
        row[index] = cell;
    }
    row
}

pub(super) fn companies(company: &Company, week: &Week) -> Vec<u8> {
    let mut sheet = Sheet::new(',', Quote::Always);
    sheet.row(&[
        "Record ID",
        "Company name",
        "Company Domain Name",
        "Industry",
        "Number of Employees",
        "Country/Region",
        "Create Date",
    ]);
    for account in company.accounts.iter().filter(|a| a.created_at < week.cutoff()) {
        sheet.row(&[
            account.record_id.to_string(),
            account.name.clone(),
            account.domain.clone(),
            account.industry.to_owned(),
            account.employees.to_string(),
            account.country.to_owned(),
            minute(account.created_at),
        ]);
    }
    sheet.utf8()
}

fn deal_header() -> Vec<String> {
    let plain = [
        "Record ID",
        "Deal Name",
        "Pipeline",
        "Deal Stage",
        "Amount",
        "Amount in company currency",
        "Currency",
        "Monthly recurring revenue",
        "Deal Type",
        "Create Date",
        "Close Date",
        "Is Closed Won",
        "Is Deal Closed?",
        "Deal probability",
        "Closed Lost Reason",
        "Original Source Type",
        "Deal owner",
        "Associated Company IDs (Primary)",
        "Associated Contact IDs",
        "Associated Contact",
    ];
    let mut header: Vec<String> = plain.map(str::to_owned).to_vec();
    let stages = DEAL_STAGES.into_iter().chain(["Closed Won", "Closed Lost"]);
    header.extend(stages.map(|stage| format!("Date entered \"{stage} (Sales Pipeline)\"")));
    header.extend(["Closed Won", "Closed Lost"].map(|s| format!("Date entered \"{s} (Renewals)\"")));
    header
}

pub(super) fn deals(company: &Company, week: &Week) -> Vec<u8> {
    let cutoff = week.cutoff();
    let mut sheet = Sheet::new(',', Quote::Always);
    sheet.row(&deal_header());
    for deal in company.deals.iter().filter(|d| d.created_at < cutoff) {
        sheet.row(&deal_row(company, deal, cutoff));
    }
    sheet.utf8()
}

/// The stage a deal stands in at that moment, and its chance of being won.
pub(crate) fn deal_stage(deal: &Deal, cutoff: NaiveDateTime) -> (&'static str, &'static str) {
    if deal.closes_at < cutoff {
        return match deal.outcome {
            Outcome::Won => ("Closed Won", "1"),
            Outcome::Lost => ("Closed Lost", "0"),
        };
    }
    if deal.renewal {
        return ("Renewal Due", "0.8");
    }
    let stage = (0..4).rev().find(|&s| deal.stage_at[s] < cutoff).unwrap_or(0);
    (DEAL_STAGES[stage], ["0.2", "0.4", "0.6", "0.9"][stage])
}

fn deal_row(company: &Company, deal: &Deal, cutoff: NaiveDateTime) -> Vec<String> {
    let (stage, probability) = deal_stage(deal, cutoff);
    let closed = deal.closes_at < cutoff;
    let won = closed && deal.outcome == Outcome::Won;
    let home = if deal.currency == company.shape.currencies[0] { 10 } else { 9 };
    let amount = |share: i64| deal.amount_cents.map(|c| short_money(c * share / 10)).unwrap_or_default();
    let people: Vec<&Person> = deal.people.iter().map(|&i| &company.people[i]).collect();
    let close_day = if closed { deal.closes_at } else { deal.closes_at + chrono::Duration::days(9) };
    let mut row = vec![
        deal.record_id.to_string(),
        deal.name.clone(),
        if deal.renewal { "Renewals" } else { "Sales Pipeline" }.to_owned(),
        stage.to_owned(),
        amount(10),
        amount(home),
        deal.currency.to_owned(),
        short_money(deal.mrr_cents),
        if deal.renewal { "Existing Business" } else { "New Business" }.to_owned(),
        minute(deal.created_at),
        minute(close_day.date().and_time(NaiveTime::MIN)),
        won.to_string(),
        closed.to_string(),
        probability.to_owned(),
        if closed && !won { deal.lost_reason.to_owned() } else { String::new() },
        SOURCES[people[0].source].label.to_owned(),
        deal.owner.to_owned(),
        deal.account.map(|a| company.accounts[a].record_id.to_string()).unwrap_or_default(),
        people.iter().map(|p| p.record_id.to_string()).collect::<Vec<_>>().join(";"),
        people.iter().map(|p| name_of(p)).collect::<Vec<_>>().join(";"),
    ];
    row.extend(deal_dates(deal, cutoff));
    row
}

fn name_of(person: &Person) -> String {
    let name = format!("{} {}", person.first_name, person.last_name);
    person.email.as_ref().map_or(name.clone(), |email| format!("{name} ({email})"))
}

fn deal_dates(deal: &Deal, cutoff: NaiveDateTime) -> Vec<String> {
    let closed = |renewal: bool, outcome: Outcome| {
        (deal.renewal == renewal && deal.outcome == outcome).then_some(deal.closes_at)
    };
    let mut dates: Vec<Option<NaiveDateTime>> =
        deal.stage_at.iter().map(|at| (!deal.renewal).then_some(*at)).collect();
    dates.extend([closed(false, Outcome::Won), closed(false, Outcome::Lost)]);
    dates.extend([closed(true, Outcome::Won), closed(true, Outcome::Lost)]);
    dates.into_iter().map(|at| entered(at, cutoff)).collect()
}

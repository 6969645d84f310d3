//! The sheets people fill in by hand: meetings, requests, costs, posts, targets and notes.

use chrono::{Datelike, Days, NaiveDateTime};

use super::Week;
use super::text::{Quote, Sheet, money};
use crate::demo::company::Company;

fn minute(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%d %H:%M").to_string()
}

fn email(company: &Company, person: usize) -> String {
    company.people[person].email.clone().unwrap_or_default()
}

pub(super) fn meetings(company: &Company, week: &Week) -> Vec<u8> {
    let mut sheet = Sheet::new(',', Quote::WhenNeeded);
    sheet.row(&["meeting_id", "email", "booked_at", "starts_at", "outcome"]);
    for meeting in company.meetings.iter().filter(|m| m.booked_at < week.cutoff()) {
        let past = meeting.starts_at < week.cutoff();
        sheet.row(&[
            meeting.id.clone(),
            email(company, meeting.person),
            minute(meeting.booked_at),
            minute(meeting.starts_at),
            if past { meeting.outcome } else { "scheduled" }.to_owned(),
        ]);
    }
    sheet.utf8()
}

pub(super) fn requests(company: &Company, week: &Week) -> Vec<u8> {
    let mut sheet = Sheet::new(',', Quote::WhenNeeded);
    sheet.row(&["request_id", "email", "requested_at", "first_response_at", "outcome"]);
    for request in company.requests.iter().filter(|r| r.requested_at < week.cutoff()) {
        let answered = request.answered_at.filter(|at| *at < week.cutoff());
        sheet.row(&[
            request.id.clone(),
            email(company, request.person),
            minute(request.requested_at),
            answered.map(minute).unwrap_or_default(),
            if answered.is_some() { request.outcome } else { "" }.to_owned(),
        ]);
    }
    sheet.utf8()
}

/// A cost is entered when it is over.
pub(super) fn spend(company: &Company, week: &Week) -> Vec<u8> {
    let mut sheet = Sheet::new(',', Quote::WhenNeeded);
    sheet.row(&["day_from", "day_to", "channel", "campaign", "category", "amount", "currency", "note"]);
    for cost in company.costs.iter().filter(|c| c.to < week.day) {
        sheet.row(&[
            cost.from.to_string(),
            cost.to.to_string(),
            cost.channel.to_owned(),
            cost.campaign.clone(),
            cost.category.to_owned(),
            money(cost.cents),
            "EUR".to_owned(),
            String::new(),
        ]);
    }
    sheet.utf8()
}

pub(super) fn posts(company: &Company, week: &Week) -> Vec<u8> {
    let mut sheet = Sheet::new(',', Quote::WhenNeeded);
    sheet.row(&[
        "platform",
        "post_id",
        "posted_on",
        "text",
        "impressions",
        "reactions",
        "comments",
        "shares",
        "clicks",
    ]);
    for post in company.posts.iter().filter(|p| p.posted_on < week.day) {
        let mut row = ["linkedin".to_owned(), post.id.clone(), post.posted_on.to_string()].to_vec();
        row.push(post.text.clone());
        let numbers = [post.impressions, post.reactions, post.comments, post.shares, post.clicks];
        row.extend(numbers.map(|n| n.to_string()));
        sheet.row(&row);
    }
    sheet.utf8()
}

/// Goals of the last whole month and of its quarter, whose counts are three times those of the month.
pub(super) fn targets(company: &Company) -> Vec<u8> {
    let last = company.shape.end().with_day(1).expect("every month has a first day") - Days::new(1);
    let quarter = format!("{}-Q{}", last.year(), last.month0() / 3 + 1);
    let month = last.format("%Y-%m").to_string();
    let mut sheet = Sheet::new(',', Quote::WhenNeeded);
    sheet.row(&["kpi", "period", "channel", "value", "note"]);
    let counts = [
        ("leads", 300, "OKR, \"more of the right ones\""),
        ("mqls", 105, ""),
        ("opportunities", 30, ""),
        ("won_deals", 8, ""),
        ("won_revenue", 110_000, ""),
    ];
    for (kpi, goal, note) in counts {
        sheet.row(&[kpi, &month, "All", &goal.to_string(), note]);
        sheet.row(&[kpi, &quarter, "All", &(3 * goal).to_string(), note]);
    }
    for period in [&month, &quarter] {
        sheet.row(&["cost_per_lead", period, "All", "105", ""]);
        sheet.row(&["cost_per_lead", period, "Paid search", "140", ""]);
        sheet.row(&["cac", period, "All", "4500", "Hedef: yıl sonu"]);
    }
    sheet.utf8()
}

pub(super) fn notes(company: &Company, week: &Week) -> Vec<u8> {
    let shape = &company.shape;
    let mut sheet = Sheet::new(',', Quote::WhenNeeded);
    sheet.row(&["day", "channel", "text"]);
    let notes = [
        (shape.start + Days::new(9), "", "New website live"),
        (
            shape.start + Days::new(7 * shape.weeks / 2),
            "Paid search",
            "Budget moved to brand, \"DACH\" first",
        ),
        (shape.end() - Days::new(20), "Event", "Expo Istanbul, stand 12 – Γεια σας!"),
    ];
    for (day, channel, text) in notes.into_iter().filter(|(day, _, _)| *day < week.day) {
        sheet.row(&[&day.to_string(), channel, text]);
    }
    sheet.utf8()
}

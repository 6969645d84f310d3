//! Mailchimp campaigns, Stripe's MRR per subscriber, and GA4's traffic acquisition by month.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::Week;
use super::text::{Quote, Sheet, money, ratio};
use crate::demo::company::{Company, Newsletter, Shape};

const MAILCHIMP_HEADER: [&str; 26] = [
    "Title",
    "Subject",
    "List",
    "Send Date",
    "Send Weekday",
    "Total Recipients",
    "Successful Deliveries",
    "Soft Bounces",
    "Hard Bounces",
    "Total Bounces",
    "Times Forwarded",
    "Forwarded Opens",
    "Unique Opens",
    "Open Rate",
    "Total Opens",
    "Unique Clicks",
    "Click Rate",
    "Total Clicks",
    "Unsubscribes",
    "Abuse Complaints",
    "Times Liked on Facebook",
    "Folder Id",
    "Unique Id",
    "Total Orders",
    "Total Gross Sales",
    "Total Revenue",
];

/// All campaigns ever sent; their figures stand when a fortnight has passed.
pub(super) fn mailchimp(company: &Company, week: &Week) -> Vec<u8> {
    let mut sheet = Sheet::new(',', Quote::Spaces).crlf();
    sheet.row(&MAILCHIMP_HEADER);
    for letter in company.newsletters.iter().filter(|n| n.sent_at < week.cutoff()) {
        sheet.row(&mailchimp_row(letter));
    }
    sheet.utf8()
}

fn mailchimp_row(letter: &Newsletter) -> Vec<String> {
    let delivered = letter.recipients - letter.bounces;
    let mut row = vec![
        letter.title.clone(),
        letter.subject.clone(),
        "Acme customers and friends".to_owned(),
        letter.sent_at.format("%b %d, %Y %I:%M %P").to_string(),
        letter.sent_at.format("%A").to_string(),
    ];
    let numbers = [letter.recipients, delivered, letter.bounces - letter.bounces / 3, letter.bounces / 3];
    row.extend(numbers.map(|n| n.to_string()));
    row.extend([letter.bounces, letter.forwards, letter.forwards / 2, letter.opens].map(|n| n.to_string()));
    row.push(format!("{}%", ratio(letter.opens * 100, delivered, 2)));
    row.extend([letter.opens * 3 / 2, letter.clicks].map(|n| n.to_string()));
    row.push(format!("{}%", ratio(letter.clicks * 100, delivered, 2)));
    row.extend([letter.clicks * 5 / 4, letter.unsubscribes, 0, 0].map(|n| n.to_string()));
    row.extend(["", letter.id.as_str(), "0", "0", "0"].map(str::to_owned));
    row
}

/// The months a billing export of that day shows: from half a year before the start to the last whole one.
pub fn mrr_months(shape: &Shape, day: NaiveDate) -> Vec<NaiveDate> {
    let first = shape.start.with_day(1).expect("every month has a first day") - Months::new(6);
    (0..36).map(|i| first + Months::new(i)).take_while(|month| *month + Months::new(1) <= day).collect()
}

/// One column per month.
pub(super) fn stripe(company: &Company, week: &Week) -> Vec<u8> {
    let this_month = week.day.with_day(1).expect("every month has a first day");
    let months = mrr_months(&company.shape, week.day);
    let mut sheet = Sheet::new(',', Quote::WhenNeeded);
    let mut header = ["Customer ID", "Customer", "Customer Email", "Currency"].map(str::to_owned).to_vec();
    header.extend(months.iter().map(|month| month.format("%Y-%m").to_string()));
    sheet.row(&header);
    for subscriber in &company.subscribers {
        let Some((since, _)) = subscriber.months.first() else { continue };
        if *since >= this_month {
            continue;
        }
        let mut row = vec![subscriber.customer_id.clone(), subscriber.name.clone(), subscriber.email.clone()];
        row.push("eur".to_owned());
        let mrr = |month: &NaiveDate| subscriber.months.iter().find(|(m, _)| m == month).map_or(0, |m| m.1);
        row.extend(months.iter().map(|month| money(mrr(month))));
        sheet.row(&row);
    }
    sheet.utf8()
}

/// The months that have ended since the last folder, one file each.
pub(super) fn analytics(company: &Company, week: &Week) -> Vec<(String, Vec<u8>)> {
    let seen = if week.number == 1 { NaiveDate::MIN } else { week.day - Days::new(7) };
    let mut months: Vec<NaiveDate> = company.web.iter().map(|row| row.month).collect();
    months.dedup();
    months.retain(|month| {
        let ended = *month + Months::new(1);
        seen < ended && ended <= week.day
    });
    let copy = |index: usize| if index == 0 { String::new() } else { format!(" ({index})") };
    let name = "Traffic_acquisition_Session_primary_channel_group_(Default_Channel_Group)";
    let files = months.into_iter().enumerate();
    files.map(|(i, month)| (format!("{name}{}.csv", copy(i)), analytics_month(company, month))).collect()
}

fn analytics_month(company: &Company, month: NaiveDate) -> Vec<u8> {
    let last = month + Months::new(1) - Days::new(1);
    let mut sheet = Sheet::new(',', Quote::WhenNeeded);
    sheet.line("# ----------------------------------------");
    sheet.line("# Traffic acquisition: Session primary channel group (Default Channel Group)");
    sheet.line("# Account: Acme, Ltd");
    sheet.line("# Property: www.acme.example");
    sheet.line("# ----------------------------------------");
    sheet.line("# ");
    sheet.line("# All Users");
    sheet.line(&format!("# Start date: {}", month.format("%Y%m%d")));
    sheet.line(&format!("# End date: {}", last.format("%Y%m%d")));
    sheet.row(&[
        "Session primary channel group (Default Channel Group)",
        "Sessions",
        "Engaged sessions",
        "Engagement rate",
        "Average engagement time per session",
        "Events per session",
        "Event count",
        "Key events",
        "Session key event rate",
        "Total revenue",
    ]);
    for row in company.web.iter().filter(|row| row.month == month) {
        sheet.row(&[
            row.channel.to_owned(),
            row.sessions.to_string(),
            row.engaged.to_string(),
            ratio(row.engaged, row.sessions, 12),
            "34.91581342434585".to_owned(),
            "4.5".to_owned(),
            (row.sessions * 9 / 2).to_string(),
            row.key_events.to_string(),
            ratio(row.key_events, row.sessions, 12),
            "0".to_owned(),
        ]);
    }
    sheet.unterminated().utf8()
}

//! Ad platforms: Google Ads, LinkedIn and Meta, each in its own dialect.

use chrono::{Datelike, Days, NaiveDate};

use super::text::{Quote, Sheet, money, ratio, short_money, thousands};
use super::{Week, report_ad_day};
use crate::demo::company::{AdDay, Campaign, Company, Platform};

/// Sums of what a row shows.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    impressions: i64,
    clicks: i64,
    cents: i64,
    conversions_hundredths: i64,
    leads: i64,
}

impl Sum {
    fn of<'a>(rows: impl Iterator<Item = &'a AdDay>) -> Sum {
        rows.fold(Sum::default(), |sum, row| Sum {
            impressions: sum.impressions + row.impressions,
            clicks: sum.clicks + row.clicks,
            cents: sum.cents + row.cents,
            conversions_hundredths: sum.conversions_hundredths + row.conversions_hundredths,
            leads: sum.leads + row.leads,
        })
    }
}

/// The rows of one platform that a report of this week shows, as known on its day.
fn reported(company: &Company, week: &Week, platform: Platform) -> Vec<AdDay> {
    let rows = company.ad_days.iter();
    rows.filter(|row| company.campaigns[row.campaign].platform == platform)
        .filter(|row| week.ads_from <= row.day && row.day < week.day)
        .map(|row| report_ad_day(&company.shape, row, week.day))
        .collect()
}

fn name_on(campaign: &Campaign, day: NaiveDate) -> &str {
    match &campaign.renamed {
        Some((since, name)) if *since <= day => name,
        _ => &campaign.name,
    }
}

/// Day and campaign of the rows, each once, in order.
fn campaign_days(rows: &[AdDay]) -> Vec<(NaiveDate, usize)> {
    let mut keys: Vec<_> = rows.iter().map(|row| (row.day, row.campaign)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The campaign report with days: UTF-16 with tabs in even weeks, UTF-8 with commas in odd ones.
pub(super) fn google(company: &Company, week: &Week) -> Vec<u8> {
    let rows = reported(company, week, Platform::Google);
    let excel = week.number.is_multiple_of(2);
    let mut sheet = Sheet::new(if excel { '\t' } else { ',' }, Quote::WhenNeeded);
    let last = week.day - Days::new(1);
    sheet.line("Campaign report");
    sheet.line(&format!("\"{} - {}\"", week.ads_from.format("%B %-d, %Y"), last.format("%B %-d, %Y")));
    sheet.row(&[
        "Day",
        "Campaign status",
        "Campaign",
        "Campaign ID",
        "Campaign type",
        "Currency code",
        "Impr.",
        "CTR",
        "Cost",
        "Clicks",
        "Conv. rate",
        "Conversions",
        "Avg. CPC",
        "Cost / conv.",
    ]);
    for (day, index) in campaign_days(&rows) {
        let campaign = &company.campaigns[index];
        let sum = Sum::of(rows.iter().filter(|r| r.day == day && r.campaign == index));
        let (day, id) = (day.to_string(), campaign.id.to_string());
        let name = name_on(campaign, week.day);
        google_row(&mut sheet, [&day, "Enabled", name, &id, campaign.kind], sum);
    }
    let total = Sum::of(rows.iter());
    google_row(&mut sheet, ["", "Total: Campaigns", "", "", ""], total);
    google_row(&mut sheet, ["", "Total: Account", "", "", ""], total);
    for kind in ["Display", "Performance Max", "Search"] {
        let of_kind = Sum::of(rows.iter().filter(|r| company.campaigns[r.campaign].kind == kind));
        google_row(&mut sheet, ["", &format!("Total: {kind}"), "", "", kind], of_kind);
    }
    if excel { sheet.utf16() } else { sheet.utf8() }
}

fn google_row(sheet: &mut Sheet, path: [&str; 5], sum: Sum) {
    let mut row = path.map(str::to_owned).to_vec();
    let conversions = sum.conversions_hundredths;
    row.extend([
        "EUR".to_owned(),
        thousands(sum.impressions),
        format!("{}%", ratio(sum.clicks * 100, sum.impressions, 2)),
        money(sum.cents),
        thousands(sum.clicks),
        format!("{}%", ratio(conversions, sum.clicks, 2)),
        format!("{}.{:02}", thousands(conversions / 100), conversions % 100),
        ratio(sum.cents, sum.clicks * 100, 2),
        ratio(sum.cents, conversions, 2),
    ]);
    sheet.row(&row);
}

const LINKEDIN_METRICS: [&str; 13] = [
    "Total Spent",
    "Impressions",
    "Clicks",
    "Click Through Rate",
    "Average CPM",
    "Average CPC",
    "Conversions",
    "Post-Click Conversions",
    "View-Through Conversions",
    "Leads",
    "Lead Forms Opened",
    "Cost per Lead",
    "Average Dwell Time (in Seconds)",
];

/// The campaign performance report: what was a campaign group is called a campaign, and a campaign an ad
/// set, in the later weeks.
pub(super) fn linkedin(company: &Company, week: &Week) -> Vec<u8> {
    let rows = reported(company, week, Platform::Linkedin);
    let renamed = week.number > company.shape.folders as usize * 6 / 10;
    let mut sheet = Sheet::new('\t', Quote::WhenNeeded);
    let last = week.day - Days::new(1);
    let title = if renamed { "Ad Set Performance Report" } else { "Campaign Performance Report" };
    sheet.line(&format!("{title} (in UTC)"));
    let quoted = |label: &str, day: NaiveDate, time: &str| {
        format!("\"{label}: {}, {time}\"", day.format("%B %-d, %Y"))
    };
    sheet.line(&quoted("Report Start", week.ads_from, "12:00 AM"));
    sheet.line(&quoted("Report End", last, "11:59 PM"));
    sheet.line(&quoted("Date Generated", week.day, "9:46 AM"));
    sheet.line("");
    if rows.is_empty() {
        return sheet.utf16();
    }
    let path = if renamed {
        ["Campaign ID", "Campaign Name", "Campaign Status", "Ad Set ID", "Ad Set Name", "Ad Set Objective"]
    } else {
        [
            "Campaign Group ID",
            "Campaign Group Name",
            "Campaign Group Status",
            "Campaign ID",
            "Campaign Name",
            "Campaign Objective",
        ]
    };
    let header = ["Start Date (in UTC)", "Account Name", "Currency"].into_iter().chain(path);
    sheet.row(&header.chain(LINKEDIN_METRICS).collect::<Vec<_>>());
    for row in &rows {
        sheet.row(&linkedin_row(company, week, row));
    }
    sheet.unterminated().utf16()
}

fn linkedin_row(company: &Company, week: &Week, row: &AdDay) -> Vec<String> {
    let campaign = &company.campaigns[row.campaign];
    let (group_id, group) = &campaign.groups[row.group];
    let conversions = (row.conversions_hundredths / 100).to_string();
    vec![
        format!("{}/{}/{}", row.day.month(), row.day.day(), row.day.year()),
        "Acme, Ltd".to_owned(),
        "EUR".to_owned(),
        campaign.id.to_string(),
        name_on(campaign, week.day).to_owned(),
        "Active".to_owned(),
        group_id.to_string(),
        group.clone(),
        "Lead generation".to_owned(),
        money(row.cents),
        row.impressions.to_string(),
        row.clicks.to_string(),
        format!("{}%", ratio(row.clicks * 100, row.impressions, 3)),
        ratio(row.cents * 10, row.impressions, 2),
        ratio(row.cents, row.clicks * 100, 2),
        conversions.clone(),
        conversions,
        "0".to_owned(),
        row.leads.to_string(),
        (row.leads + 2).to_string(),
        ratio(row.cents, row.leads * 100, 2),
        "3.4600000".to_owned(),
    ]
}

/// The Ads Reporting table by campaign and day: the first row is the account's total, the newest day first.
pub(super) fn meta(company: &Company, week: &Week) -> Vec<u8> {
    let rows = reported(company, week, Platform::Meta);
    let mut sheet = Sheet::new(',', Quote::Spaces);
    sheet.row(&[
        "Campaign name",
        "Day",
        "Objective",
        "Delivery status",
        "Delivery level",
        "Reach",
        "Impressions",
        "CPM (cost per 1,000 impressions)",
        "Link clicks",
        "Clicks (all)",
        "CTR (all)",
        "Result type",
        "Results",
        "Leads",
        "Cost per result",
        "Amount spent (EUR)",
        "Reporting starts",
        "Reporting ends",
    ]);
    if rows.is_empty() {
        return sheet.unterminated().utf8_with_mark();
    }
    let last = week.day - Days::new(1);
    let ends = [week.ads_from.to_string(), last.to_string()];
    meta_row(&mut sheet, ["", "", "", "", ""], Sum::of(rows.iter()), "mixed", &ends);
    for (day, index) in campaign_days(&rows).into_iter().rev() {
        let campaign = &company.campaigns[index];
        let sum = Sum::of(rows.iter().filter(|r| r.day == day && r.campaign == index));
        let day = day.to_string();
        let path = [name_on(campaign, week.day), &day, campaign.kind, "active", "campaign"];
        let kind = if sum.leads > 0 { "Leads" } else { "" };
        meta_row(&mut sheet, path, sum, kind, &[day.clone(), day.clone()]);
    }
    sheet.utf8_with_mark()
}

fn meta_row(sheet: &mut Sheet, path: [&str; 5], sum: Sum, kind: &str, ends: &[String; 2]) {
    let leads = if sum.leads > 0 { sum.leads.to_string() } else { String::new() };
    let results = if kind == "mixed" { String::new() } else { leads.clone() };
    let per_result = if results.is_empty() { String::new() } else { ratio(sum.cents, sum.leads * 100, 8) };
    let mut row = path.map(str::to_owned).to_vec();
    row.extend([
        (sum.impressions * 4 / 7).to_string(),
        sum.impressions.to_string(),
        ratio(sum.cents * 10, sum.impressions, 8),
        sum.clicks.to_string(),
        (sum.clicks + sum.clicks / 9).to_string(),
        ratio((sum.clicks + sum.clicks / 9) * 100, sum.impressions, 8),
        kind.to_owned(),
        results,
        leads,
        per_result,
        short_money(sum.cents),
    ]);
    row.extend(ends.clone());
    sheet.row(&row);
}

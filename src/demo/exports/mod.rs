//! Writes what happened as the files its platforms would have given, week by week.

mod ads;
mod crm;
mod sheets;
pub mod text;
mod web;

use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::company::{AdDay, Company, Shape};
use crate::error::Result;
pub use web::mrr_months;

/// One folder of exports: its number, the day it was downloaded, and the first day its ad reports show.
#[derive(Debug, Clone, Copy)]
pub struct Week {
    pub number: usize,
    pub day: NaiveDate,
    pub ads_from: NaiveDate,
}

impl Week {
    /// What happened before this moment is in the exports.
    pub fn cutoff(&self) -> NaiveDateTime {
        self.day.and_time(NaiveTime::MIN)
    }

    pub fn folder(&self) -> String {
        format!("week-{:02}-{}", self.number, self.day)
    }
}

/// The folders of a company; the first one's ad reports hold everything, the others the last 28 days.
pub fn list_weeks(shape: &Shape) -> Vec<Week> {
    let month = |day: NaiveDate| shape.start.max(day - Days::new(28));
    let days = shape.export_days();
    let week = |(index, day): (usize, NaiveDate)| Week {
        number: index + 1,
        day,
        ads_from: if index == 0 { shape.start } else { month(day) },
    };
    days.into_iter().enumerate().map(week).collect()
}

/// An ad group's day as the platform reports it on a later day: conversions keep arriving for weeks, and
/// what was charged for invalid clicks is given back after three days.
pub fn report_ad_day(shape: &Shape, row: &AdDay, on: NaiveDate) -> AdDay {
    let mut reported = row.clone();
    if shape.restated {
        let age = (on - row.day).num_days();
        let share = 62 + age.min(38);
        reported.conversions_hundredths = row.conversions_hundredths * share / 100;
        if row.leads > 0 {
            reported.leads = row.leads - i64::from(age < 6 && row.leads > 1);
            reported.conversions_hundredths = reported.leads * 100;
        }
        if age < 3 {
            reported.cents = row.cents + row.cents / 200;
        }
    }
    reported
}

/// Name and bytes of every file of one week.
pub fn list_files(company: &Company, week: &Week) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        (format!("hubspot-crm-exports-all-contacts-{}.csv", week.day), crm::contacts(company, week)),
        (format!("hubspot-crm-exports-all-companies-{}.csv", week.day), crm::companies(company, week)),
        (format!("hubspot-crm-exports-all-deals-{}-1.csv", week.day), crm::deals(company, week)),
        ("Campaign report.csv".to_owned(), ads::google(company, week)),
        ("account_512345678_campaign_performance_report.csv".to_owned(), ads::linkedin(company, week)),
        ("Untitled-report.csv".to_owned(), ads::meta(company, week)),
        ("campaigns.csv".to_owned(), web::mailchimp(company, week)),
        (format!("MRR_per_Subscriber__monthly_{}.csv", week.day), web::stripe(company, week)),
        ("meetings.csv".to_owned(), sheets::meetings(company, week)),
        ("requests.csv".to_owned(), sheets::requests(company, week)),
        ("spend.csv".to_owned(), sheets::spend(company, week)),
        ("posts.csv".to_owned(), sheets::posts(company, week)),
        ("notes.csv".to_owned(), sheets::notes(company, week)),
    ];
    if week.number == 1 {
        files.push(("targets.csv".to_owned(), sheets::targets(company)));
    }
    files.extend(web::analytics(company, week));
    files
}

/// Writes every week's folder below `dir` and returns the folders in order.
pub fn write_exports(company: &Company, dir: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for week in list_weeks(&company.shape) {
        let folder = dir.join(week.folder());
        std::fs::create_dir_all(&folder)?;
        for (name, bytes) in list_files(company, &week) {
            std::fs::write(folder.join(name), bytes)?;
        }
        folders.push(folder);
    }
    Ok(folders)
}

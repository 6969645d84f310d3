//! Which people and companies belong to a segment, such as the ideal customer profile.

use serde::Deserialize;

use super::channels::matches;
use super::{Words, fold};

/// A `[[segment]]`: every key given must match; `employees` is a range such as `50..`, `..200` or `50..200`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Segment {
    pub name: String,
    pub industry: Option<Words>,
    pub employees: Option<String>,
    pub country: Option<Words>,
    pub job_title: Option<Words>,
    pub company_type: Option<Words>,
    pub domain: Option<Words>,
}

/// What is known of a person and their company.
#[derive(Debug, Clone, Copy, Default)]
pub struct Profile<'a> {
    pub industry: &'a str,
    pub employees: Option<i64>,
    pub country: &'a str,
    pub job_title: &'a str,
    pub company_type: &'a str,
    pub domain: &'a str,
}

impl Segment {
    pub fn holds(&self, profile: &Profile) -> bool {
        let texts = [
            (&self.industry, profile.industry),
            (&self.country, profile.country),
            (&self.job_title, profile.job_title),
            (&self.company_type, profile.company_type),
            (&self.domain, profile.domain),
        ];
        texts.iter().all(|(words, value)| {
            words.as_ref().is_none_or(|w| {
                let value = fold(value);
                w.iter().any(|pattern| matches(&fold(pattern), &value))
            })
        }) && self
            .employees
            .as_ref()
            .is_none_or(|range| profile.employees.is_some_and(|n| in_range(range, n)))
    }
}

fn in_range(range: &str, n: i64) -> bool {
    let bound = |text: &str| text.trim().replace(['_', ',', '.'], "").parse::<i64>().ok();
    match range.split_once("..") {
        Some((low, high)) => {
            bound(low).is_none_or(|low| n >= low) && bound(high).is_none_or(|high| n <= high)
        }
        None => bound(range) == Some(n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_must_match() {
        let segment = Segment {
            industry: Some(Words::Many(vec!["Software".into(), "Bank*".into()])),
            employees: Some("50..".into()),
            ..Segment::default()
        };
        let profile = Profile { industry: "banking", employees: Some(50), ..Profile::default() };
        assert!(segment.holds(&profile));
        assert!(!segment.holds(&Profile { employees: Some(49), ..profile }));
        assert!(!segment.holds(&Profile { employees: None, ..profile }));
    }
}

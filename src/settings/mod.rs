//! The workspace's `funnelite.toml`: calendar, currency, channel and stage rules, and what counts as what.

pub mod calendar;
pub mod channels;
pub mod own;
pub mod segments;
pub mod stages;

use std::collections::BTreeMap;
use std::path::Path;

use chrono_tz::Tz;
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Error, Result, nearest};
use calendar::{Calendar, WeekStart};
use channels::{ChannelRule, Channels};
use own::Own;
use segments::Segment;
use stages::{StageRules, Stages};

const DEFAULTS: &str = include_str!("defaults.toml");

/// One word or several.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Words {
    One(String),
    Many(Vec<String>),
}

impl Words {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Words::One(word) => std::slice::from_ref(word).iter().map(String::as_str),
            Words::Many(words) => words.iter().map(String::as_str),
        }
    }
}

/// `funnelite.toml` as written; every part is optional.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Written {
    pub database: Option<String>,
    pub currency: Option<String>,
    pub timezone: Option<String>,
    pub week_start: WeekStart,
    pub fiscal_year_start: Option<u32>,
    pub locale: Option<String>,
    pub channel: Vec<ChannelRule>,
    pub stages: StageRules,
    pub campaign_alias: Vec<CampaignAlias>,
    pub deals: Deals,
    pub margin: Margin,
    pub segment: Vec<Segment>,
    pub exclude: Exclude,
    pub inbound: Inbound,
    pub business_hours: Option<BusinessHours>,
    pub import: Import,
    pub report: Report,
}

/// Another name under which a campaign appears, such as in the CRM or in `utm_campaign`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignAlias {
    pub alias: Words,
    pub campaign: String,
    pub platform: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deals {
    pub amount: AmountKind,
    pub won_date: WonDate,
    pub new_business: Option<Words>,
    /// The system whose deals count, where two CRMs hold the same ones.
    pub system: Option<String>,
}

/// What a deal's `Amount` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmountKind {
    #[default]
    OneOff,
    Arr,
    Mrr,
}

/// Which date a won or lost deal has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WonDate {
    #[default]
    Close,
    Stage,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Margin {
    /// 0–1; 1 where not given.
    pub gross: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exclude {
    pub domains: Vec<String>,
    pub emails: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inbound {
    pub forms: Vec<String>,
    pub target_minutes: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessHours {
    pub days: String,
    pub from: String,
    pub to: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Import {
    pub folders: Vec<String>,
    pub ignore: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Report {
    pub title: Option<String>,
    pub kpis: Vec<String>,
}

/// The settings in force: what was written, checked, over the defaults.
#[derive(Debug, Clone)]
pub struct Settings {
    pub written: Written,
    pub calendar: Calendar,
    pub channels: Channels,
    pub stages: Stages,
    /// KPIs and measures of the workspace.
    pub own: Own,
    /// The text they were read from; its hash says whether numbers must be derived again.
    pub text: String,
}

impl Default for Settings {
    fn default() -> Self {
        Settings::parse("").expect("the defaults are valid")
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    groups: BTreeMap<String, Vec<String>>,
    paid: Vec<String>,
    campaign_detail: BTreeMap<String, usize>,
    platforms: BTreeMap<String, Vec<String>>,
    channel: Vec<ChannelRule>,
    stages: StageRules,
}

impl Settings {
    /// Reads `funnelite.toml` beside the database, where the defaults hold without one, and the workspace's own KPIs.
    pub fn load(folder: &Path) -> Result<Settings> {
        let path = folder.join("funnelite.toml");
        let settings = match std::fs::read_to_string(&path) {
            Ok(text) => Settings::parse(&text)?,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => Settings::default(),
            Err(err) => {
                return Err(Error::failed(format!("`{}` could not be read", path.display())).because(err));
            }
        };
        Ok(Settings { own: Own::load(folder)?, ..settings })
    }

    pub fn parse(text: &str) -> Result<Settings> {
        let written: Written = toml::from_str(text).map_err(|err| explain(text, &err))?;
        let defaults: Defaults = toml::from_str(DEFAULTS).expect("defaults.toml is valid");
        let timezone = written.timezone.as_deref().unwrap_or("UTC");
        let calendar = Calendar {
            timezone: timezone.parse::<Tz>().map_err(|_| unknown_zone(timezone))?,
            week_start: written.week_start,
            fiscal_year_start: written.fiscal_year_start.unwrap_or(1),
        };
        if !(1..=12).contains(&calendar.fiscal_year_start) {
            return Err(Error::failed("`fiscal_year_start` in `funnelite.toml` is not a month from 1 to 12"));
        }
        if written.margin.gross.is_some_and(|m| !(0.0..=1.0).contains(&m)) {
            return Err(Error::failed(
                "`gross` under `[margin]` in `funnelite.toml` is not a share from 0 to 1",
            ));
        }
        let channels = Channels::new(&written.channel, &defaults)?;
        let stages = Stages::new(&written.stages, &defaults.stages)?;
        Ok(Settings { written, calendar, channels, stages, own: Own::default(), text: text.to_owned() })
    }

    /// The reporting currency where it is set, in upper case.
    pub fn currency(&self) -> Option<String> {
        self.written.currency.as_ref().map(|c| c.trim().to_uppercase()).filter(|c| !c.is_empty())
    }

    /// The gross margin, 0–1.
    pub fn margin(&self) -> f64 {
        self.written.margin.gross.unwrap_or(1.0)
    }

    /// Changes whenever a number could: the settings' text (not its comments), the built-in rules, own KPIs.
    pub fn fingerprint(&self) -> String {
        let text = format!("{:?}\n{DEFAULTS}\n{:?}", self.written, self.own.bodies());
        format!("{:032x}", xxh3_128(text.as_bytes()))
    }

    /// Whether an address belongs to own staff, tests or vendors, who are in no number.
    pub fn is_excluded(&self, email: &str) -> bool {
        let email = email.trim().to_lowercase();
        let exclude = &self.written.exclude;
        let domain = email.rsplit_once('@').map_or("", |(_, d)| d);
        exclude.emails.iter().any(|e| e.trim().eq_ignore_ascii_case(&email))
            || self.is_excluded_domain(domain)
    }

    pub fn has_segment(&self, name: &str) -> bool {
        self.written.segment.iter().any(|s| s.name == name)
    }

    pub fn is_excluded_domain(&self, domain: &str) -> bool {
        !domain.is_empty()
            && self.written.exclude.domains.iter().any(|d| {
                let d = d.trim().trim_start_matches('@').to_lowercase();
                domain == d || domain.strip_suffix(&d).is_some_and(|rest| rest.ends_with('.'))
            })
    }
}

fn unknown_zone(name: &str) -> Error {
    let error = Error::failed(format!(
        "`timezone` in `funnelite.toml` is \"{name}\", expected a name like Europe/Istanbul"
    ));
    match nearest(name, chrono_tz::TZ_VARIANTS.iter().map(|z| z.name())) {
        Some(zone) => error.hint(format!("did you mean `{zone}`?")),
        None => error,
    }
}

/// Turns the parser's message into ours, with the nearest key where a key is unknown.
fn explain(text: &str, err: &toml::de::Error) -> Error {
    let line = err.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let message = err.message();
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match (message.starts_with("unknown field"), words.split_first()) {
        (true, Some((key, known))) => {
            let error = Error::failed(format!("`funnelite.toml` line {line}: unknown key `{key}`"));
            let listed = known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
            match nearest(key, known.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`? The keys known here are {listed}")),
                None => error.hint(format!("the keys known here are {listed}")),
            }
        }
        _ => Error::failed(format!("`funnelite.toml` line {line} could not be read")).because(message),
    }
}

/// The form in which names are compared: NFC, lower case, `_` as a space, blanks collapsed.
pub fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let mut folded = String::with_capacity(text.len());
    for word in text.nfc().collect::<String>().to_lowercase().replace('_', " ").split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let err = Settings::parse("currency = \"EUR\"\ntime_zone = \"UTC\"\n").unwrap_err();
        assert_eq!(err.message, "`funnelite.toml` line 2: unknown key `time_zone`");
        assert!(err.hint.unwrap().starts_with("did you mean `timezone`?"));
    }

    #[test]
    fn comments_do_not_change_the_numbers() {
        let bare = Settings::parse("currency = \"EUR\"\n").unwrap();
        let commented = Settings::parse("# ours\ncurrency = \"EUR\"\n").unwrap();
        assert_eq!(bare.fingerprint(), commented.fingerprint());
        assert_ne!(bare.fingerprint(), Settings::default().fingerprint());
    }

    #[test]
    fn own_staff_are_excluded_with_subdomains() {
        let settings = Settings::parse("[exclude]\ndomains = [\"own.example\"]\n").unwrap();
        assert!(settings.is_excluded(" Ann@OWN.example"));
        assert!(settings.is_excluded("ann@mail.own.example"));
        assert!(!settings.is_excluded("ann@known.example"));
    }
}

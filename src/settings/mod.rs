//! The workspace's `funnelite.toml`: calendar, currency, channel and stage rules, and what counts as what.

pub mod calendar;
pub mod channels;
pub mod own;
pub mod segments;
pub mod stages;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

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
    /// Where `new_business` is not given: words of pipelines and types that are none.
    pub existing_business: Vec<String>,
    /// The system whose deals count, where two CRMs hold the same ones.
    pub system: Option<String>,
}

impl Deals {
    pub fn is_new_business(&self, pipeline: &str, deal_type: &str) -> bool {
        let (pipeline, deal_type) = (fold(pipeline), fold(deal_type));
        match &self.new_business {
            Some(rules) => rules.iter().any(|rule| match rule.split_once(':') {
                Some(("type", value)) => fold(value) == deal_type,
                Some(("pipeline", value)) => fold(value) == pipeline,
                _ => fold(rule) == pipeline,
            }),
            None => ![pipeline, deal_type].iter().any(|said| is_among(&self.existing_business, said)),
        }
    }
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

/// What asks for sales. A list that is written takes the place of the built-in one; `*` stands for any text.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inbound {
    /// The forms that do; without them every form but `other_forms`.
    pub forms: Vec<String>,
    pub other_forms: Vec<String>,
    /// Sources of a CRM's leads that are a form, a chat or a call.
    pub sources: Vec<String>,
    pub target_minutes: Option<f64>,
}

impl Inbound {
    fn over(self, built_in: Inbound) -> Inbound {
        Inbound {
            forms: own_words(self.forms, built_in.forms),
            other_forms: own_words(self.other_forms, built_in.other_forms),
            sources: own_words(self.sources, built_in.sources),
            target_minutes: self.target_minutes.or(built_in.target_minutes),
        }
    }

    /// A request without a form (a chat, a call, a sheet) always asks for sales.
    pub fn asks_by_form(&self, form: &str) -> bool {
        let form = fold(form);
        if self.forms.is_empty() {
            return !is_among(&self.other_forms, &form);
        }
        form.is_empty() || is_among(&self.forms, &form)
    }

    /// A lead whose source is one of them, or a form that asks.
    pub fn asks_by_source(&self, source: &str) -> bool {
        let source = fold(source);
        is_among(&self.sources, &source) || is_among(&self.forms, &source)
    }
}

/// The workspace's words, else the built-in ones, folded.
fn own_words(own: Vec<String>, built_in: Vec<String>) -> Vec<String> {
    let words = if own.is_empty() { built_in } else { own };
    words.iter().map(|word| fold(word)).collect()
}

/// Whether a folded value is one of the folded words, in which `*` stands for any text.
fn is_among(words: &[String], value: &str) -> bool {
    words.iter().any(|word| channels::matches(word, value))
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
    pub channels: Lazy<Channels>,
    pub stages: Lazy<Stages>,
    /// KPIs and measures of the workspace.
    pub own: Own,
    /// The text they were read from; its hash says whether numbers must be derived again.
    pub text: String,
}

/// Rules made ready when they are first asked for: most commands ask for none.
type Lazy<T> = Arc<LazyLock<T, Box<dyn FnOnce() -> T + Send>>>;

/// What a person wrote is made ready at once, so that a mistake is told.
fn lazily<T: Send + 'static>(
    is_written: bool,
    make: impl Fn() -> Result<T> + Send + 'static,
) -> Result<Lazy<T>> {
    let made = is_written.then(&make).transpose()?;
    let make = move || made.unwrap_or_else(|| make().expect("the defaults are valid"));
    Ok(Arc::new(LazyLock::new(Box::new(make))))
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
    inbound: Inbound,
    deals: Deals,
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
        let mut written: Written = toml::from_str(text).map_err(|err| explain(text, &err))?;
        let mut defaults: Defaults = toml::from_str(DEFAULTS).expect("defaults.toml is valid");
        written.inbound = written.inbound.over(std::mem::take(&mut defaults.inbound));
        let deals = &mut written.deals;
        let built_in = std::mem::take(&mut defaults.deals.existing_business);
        deals.existing_business = own_words(std::mem::take(&mut deals.existing_business), built_in);
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
        let built_in = Arc::new(defaults);
        let (rules, defaults) = (written.channel.clone(), built_in.clone());
        let channels = lazily(!rules.is_empty(), move || Channels::new(&rules, &defaults))?;
        let rules = written.stages.clone();
        let has_rules = rules != StageRules::default();
        let stages = lazily(has_rules, move || Stages::new(&rules, &built_in.stages))?;
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
    /// Whether nobody is left out, whatever the address.
    pub fn excludes_nobody(&self) -> bool {
        self.written.exclude.emails.is_empty() && self.written.exclude.domains.is_empty()
    }

    pub fn is_excluded(&self, email: &str) -> bool {
        if self.excludes_nobody() {
            return false;
        }
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

/// The form in which names are compared: NFC, lower case, `_` as a space, blanks collapsed; one letter i, because capitals
/// do not tell the Turkish ones apart.
pub fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let mut folded = String::with_capacity(text.len());
    // most names, and most rules, are ASCII
    if text.is_ascii() {
        for word in text.split(|c: char| c == '_' || c.is_whitespace()).filter(|word| !word.is_empty()) {
            if !folded.is_empty() {
                folded.push(' ');
            }
            folded.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        }
        return folded;
    }
    let mut lower = text.nfc().collect::<String>().to_lowercase().replace('_', " ");
    lower = lower.replace("i\u{307}", "i").replace('ı', "i");
    for word in lower.split_whitespace() {
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

    #[test]
    fn renewals_are_no_new_business() {
        let is_new = |text: &str, pipeline: &str, deal_type: &str| {
            Settings::parse(text).unwrap().written.deals.is_new_business(pipeline, deal_type)
        };
        assert!(is_new("", "Sales Pipeline", "New Business"));
        assert!(!is_new("", "Renewals", ""));
        for deal_type in ["existingbusiness", "Verlängerung", "Ek satış", "Perpanjangan", "تجديد"] {
            assert!(!is_new("", "Sales Pipeline", deal_type), "{deal_type}");
        }
        let named = "[deals]\nnew_business = [\"pipeline:Sales Pipeline\"]\n";
        assert!(is_new(named, "sales pipeline", "Existing Business"));
        assert!(!is_new(named, "Other", ""));
        let words = "[deals]\nexisting_business = [\"Land*\"]\n";
        assert!(is_new(words, "Renewals", ""));
        assert!(!is_new(words, "Landing zone", ""));
    }

    #[test]
    fn newsletters_ask_for_nothing() {
        let inbound = |text: &str| Settings::parse(text).unwrap().written.inbound;
        let built_in = inbound("");
        assert!(!built_in.asks_by_form("Newsletter sign-up"));
        assert!(built_in.asks_by_form("Contact sales"));
        assert!(built_in.asks_by_form(""));
        assert!(built_in.asks_by_source("Web Form"));
        assert!(!built_in.asks_by_source("Trade show"));
        let own = inbound("[inbound]\nforms = [\"Demo*\"]\nsources = [\"Partner portal\"]\n");
        assert!(!own.asks_by_form("Contact us"));
        assert!(own.asks_by_form("demo request"));
        assert!(own.asks_by_form(""));
        assert!(own.asks_by_source("partner portal"));
        assert!(!own.asks_by_source("Web Form"));
        assert_eq!(own.target_minutes, Some(3.0));
    }
}

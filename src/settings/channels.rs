//! Which channel a source belongs to: ordered rules, first match wins, the workspace's before the built-in ones.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Defaults, Words, fold};
use crate::error::{Error, Result, nearest};

/// A `[[channel]]` rule: every key given must match, case-insensitively, `*` standing for any text.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelRule {
    pub system: Option<Words>,
    pub source: Option<Words>,
    pub detail: Option<Words>,
    pub utm_source: Option<Words>,
    pub utm_medium: Option<Words>,
    pub utm_campaign: Option<Words>,
    pub platform: Option<Words>,
    pub campaign_type: Option<Words>,
    pub campaign: Option<Words>,
    pub form: Option<Words>,
    pub landing_page: Option<Words>,
    pub channel: String,
    pub group: Option<String>,
    pub paid: Option<bool>,
}

/// What a rule looks at, in the order of [`Keys`].
pub const KEYS: [&str; 11] = [
    "system",
    "source",
    "detail",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "platform",
    "campaign_type",
    "campaign",
    "form",
    "landing_page",
];

/// The values of one record, each with its alternatives (two drill-downs are two values of `detail`).
#[derive(Debug, Clone, Default)]
pub struct Keys {
    values: [Vec<String>; KEYS.len()],
}

impl Keys {
    /// Adds a value under a key of [`KEYS`]; empty values are left out.
    pub fn add(&mut self, key: &str, value: &str) {
        let folded = fold(value);
        if let (Some(at), false) = (KEYS.iter().position(|k| *k == key), folded.is_empty()) {
            self.values[at].push(folded);
        }
    }

    /// Whether anything but the system is known.
    pub fn is_empty(&self) -> bool {
        self.values[1..].iter().all(Vec::is_empty)
    }
}

#[derive(Debug, Clone)]
struct Rule {
    patterns: Vec<(usize, Vec<String>)>,
    channel: String,
}

/// A channel's group, and whether it is bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    pub group: String,
    pub paid: bool,
}

#[derive(Debug, Clone)]
pub struct Channels {
    rules: Vec<Rule>,
    known: BTreeMap<String, Channel>,
    /// Folded pattern of a site → ad platform.
    sites: Vec<(String, String)>,
    campaign_detail: BTreeMap<String, usize>,
}

pub const UNKNOWN: &str = "Unknown";

impl Channels {
    pub(super) fn new(written: &[ChannelRule], defaults: &Defaults) -> Result<Channels> {
        let Defaults { groups, paid, campaign_detail, channel: built_in, .. } = defaults;
        let mut known = BTreeMap::new();
        for (group, names) in groups {
            for name in names {
                known.insert(name.clone(), Channel { group: group.clone(), paid: paid.contains(name) });
            }
        }
        let mut rules = Vec::new();
        for rule in written {
            let channel = known.keys().find(|k| fold(k) == fold(&rule.channel)).cloned();
            let channel = channel.unwrap_or_else(|| rule.channel.trim().to_owned());
            introduce(&mut known, &channel, rule)?;
            rules.push(compile(rule, channel)?);
        }
        for rule in built_in {
            rules.push(compile(rule, rule.channel.clone())?);
        }
        let sites = defaults.platforms.iter().flat_map(|(platform, patterns)| {
            patterns.iter().map(|pattern| (fold(pattern), platform.clone()))
        });
        Ok(Channels { rules, known, sites: sites.collect(), campaign_detail: campaign_detail.clone() })
    }

    /// The channel of a record, or nothing where no rule covers what it says.
    pub fn channel_of(&self, keys: &Keys) -> Option<&str> {
        let rule = self.rules.iter().find(|r| {
            r.patterns.iter().all(|(at, patterns)| {
                keys.values[*at].iter().any(|value| patterns.iter().any(|p| matches(p, value)))
            })
        });
        rule.map(|r| r.channel.as_str())
    }

    /// The channel of a name given by hand: the known spelling, else the name itself.
    pub fn named(&self, name: &str) -> Option<String> {
        let folded = fold(name);
        if folded.is_empty() {
            return None;
        }
        self.known.keys().find(|k| fold(k) == folded).cloned()
    }

    /// The ad platform that a utm_source or a network's name stands for.
    pub fn platform_of_site(&self, site: &str) -> Option<&str> {
        let site = fold(site);
        self.sites.iter().find(|(pattern, _)| matches(pattern, &site)).map(|(_, platform)| platform.as_str())
    }

    /// Which of the two details of a source, 1 or 2, names the campaign of a visit by this channel.
    pub fn campaign_detail(&self, channel: &str) -> Option<usize> {
        self.campaign_detail.get(channel).copied()
    }

    /// The group of a channel; a channel nobody described is in the Unknown group.
    pub fn group_of(&self, channel: &str) -> &str {
        self.known.get(channel).map_or(UNKNOWN, |c| c.group.as_str())
    }

    pub fn all(&self) -> impl Iterator<Item = (&str, &Channel)> {
        self.known.iter().map(|(name, channel)| (name.as_str(), channel))
    }
}

fn introduce(known: &mut BTreeMap<String, Channel>, name: &str, rule: &ChannelRule) -> Result<()> {
    if name.is_empty() {
        return Err(Error::failed("a `[[channel]]` rule in `funnelite.toml` names no `channel`"));
    }
    let group = match (&rule.group, known.get(name)) {
        (Some(group), _) => group.clone(),
        (None, Some(channel)) => channel.group.clone(),
        (None, None) => {
            let error =
                Error::failed(format!("the channel `{name}` in `funnelite.toml` is new and has no `group`"));
            let hint = match nearest(name, known.keys().map(String::as_str)) {
                Some(near) => format!(
                    "did you mean `{near}`? Otherwise add `group = \"Inbound\"` or another group to the rule"
                ),
                None => "add `group = \"Inbound\"` or another group to the rule".to_owned(),
            };
            return Err(error.hint(hint));
        }
    };
    let paid = rule.paid.unwrap_or_else(|| known.get(name).is_some_and(|c| c.paid));
    known.insert(name.to_owned(), Channel { group, paid });
    Ok(())
}

fn compile(rule: &ChannelRule, channel: String) -> Result<Rule> {
    let given = [
        &rule.system,
        &rule.source,
        &rule.detail,
        &rule.utm_source,
        &rule.utm_medium,
        &rule.utm_campaign,
        &rule.platform,
        &rule.campaign_type,
        &rule.campaign,
        &rule.form,
        &rule.landing_page,
    ];
    let patterns: Vec<(usize, Vec<String>)> = given
        .iter()
        .enumerate()
        .filter_map(|(at, words)| words.as_ref().map(|w| (at, w.iter().map(fold).collect())))
        .collect();
    if patterns.is_empty() {
        return Err(Error::failed(format!("a `[[channel]]` rule for `{channel}` says nothing to match"))
            .hint(format!("give it one of {}", KEYS.map(|k| format!("`{k}`")).join(", "))));
    }
    Ok(Rule { patterns, channel })
}

/// Whether a folded value matches a folded pattern with `*`.
pub(super) fn matches(pattern: &str, value: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == value;
    };
    let Some(mut left) = value.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or("");
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn channel(settings: &Settings, pairs: &[(&str, &str)]) -> String {
        let mut keys = Keys::default();
        for (key, value) in pairs {
            keys.add(key, value);
        }
        settings.channels.channel_of(&keys).unwrap_or("no rule").to_owned()
    }

    #[test]
    fn built_in_rules_know_the_usual_words() {
        let s = Settings::default();
        let cases: &[(&[(&str, &str)], &str)] = &[
            (&[("source", "ORGANIC_SEARCH")], "Organic search"),
            (&[("source", "Offline Sources")], "Unknown"),
            (
                &[("source", "Offline Sources"), ("utm_medium", "cpc"), ("utm_source", "google")],
                "Paid search",
            ),
            (&[("source", "Trade Show")], "Event"),
            (&[("source", "Webinar")], "Webinar"),
            (&[("source", "Purchased List")], "Outbound"),
            (&[("utm_source", "linkedin"), ("utm_medium", "paid_social")], "Paid social"),
            (&[("utm_source", "chatgpt.com")], "AI assistant"),
            (&[("platform", "google_ads"), ("campaign_type", "Performance Max")], "Paid search"),
            (&[("platform", "google_ads"), ("campaign_type", "Demand Gen")], "Display"),
            (&[("platform", "linkedin_ads")], "Paid social"),
            (&[("source", "Karma Points")], "no rule"),
        ];
        for (pairs, want) in cases {
            assert_eq!(channel(&s, pairs), *want, "{pairs:?}");
        }
    }

    #[test]
    fn the_workspace_comes_first_and_wildcards_match() {
        let s = Settings::parse("[[channel]]\nsource = \"karma*\"\nchannel = \"Partner\"\n").unwrap();
        assert_eq!(channel(&s, &[("source", "Karma Points")]), "Partner");
        assert_eq!(s.channels.group_of("Partner"), "Partner");
        assert!(matches("*ads*2026", "google ads spring 2026"));
        assert!(!matches("*ads*2026", "google ads spring 2025"));
    }

    #[test]
    fn a_new_channel_needs_its_group() {
        let err = Settings::parse("[[channel]]\nsource = \"x\"\nchannel = \"Podcast\"\n").unwrap_err();
        assert!(err.message.contains("`Podcast`"), "{err}");
    }
}

//! Rules that are missing from `funnelite.toml`, as text to look through: commented, with counts and nearest guesses.

use rusqlite::Connection;

use crate::db::checks::{self, Finding};
use crate::error::Result;

/// The vocabulary that ships; its words are what guesses are made from.
const DEFAULTS: &str = include_str!("../../settings/defaults.toml");

const HEAD: &str = "\
# Rules that `funnelite check` misses. Look through them, correct the guesses, take the `#` away from what is right,
# and put it into funnelite.toml; the next command applies it without importing again.
";

/// The rules as TOML, all of them commented.
pub fn write(conn: &Connection) -> Result<String> {
    let mut text = HEAD.to_owned();
    write_channels(&find(conn, "unmapped-sources")?, &mut text);
    write_stages(&find(conn, "unmapped-stages")?, &mut text);
    write_aliases(&find(conn, "twin-campaigns")?, &mut text);
    write_aliases(&find(conn, "unmatched-campaigns")?, &mut text);
    if text == HEAD {
        text = "# No rule is missing.\n".to_owned();
    }
    Ok(text)
}

fn find(conn: &Connection, name: &str) -> Result<Finding> {
    checks::run(conn, checks::find(name)?)
}

fn rows(finding: &Finding) -> std::ops::Range<usize> {
    0..finding.rows.rows.len()
}

fn write_channels(finding: &Finding, text: &mut String) {
    let known = known_sources();
    for row in rows(finding) {
        let value = finding.text(row, "value");
        let (guess, why) = match nearest_pair(value, &known) {
            Some((word, channel)) => (channel, format!("nearest known: {}", quote(word))),
            None => ("Other", "nothing known is near".to_owned()),
        };
        text.push_str(&format!(
            "\n# {}; {why}\n# [[channel]]\n# {} = {}\n# channel = {}\n",
            finding.text(row, "finding"),
            finding.text(row, "key"),
            quote(value),
            quote(guess)
        ));
    }
}

fn write_stages(finding: &Finding, text: &mut String) {
    let known = known_stage_values();
    let mut guesses: Vec<(&str, Vec<usize>)> = Vec::new();
    for row in rows(finding) {
        let guess = nearest_pair(finding.text(row, "value"), &known).map_or("ignored", |(_, stage)| stage);
        match guesses.iter_mut().find(|(stage, _)| *stage == guess) {
            Some((_, rows)) => rows.push(row),
            None => guesses.push((guess, vec![row])),
        }
    }
    if !guesses.is_empty() {
        text.push_str("\n# [stages]\n");
    }
    for (stage, rows) in guesses {
        text.push_str(&format!("# {stage} = [\n"));
        for row in rows {
            let line =
                format!("#     {},  # {}\n", quote(finding.text(row, "rule")), finding.text(row, "finding"));
            text.push_str(&line);
        }
        text.push_str("# ]\n");
    }
}

fn write_aliases(finding: &Finding, text: &mut String) {
    for row in rows(finding) {
        let value = finding.text(row, "value");
        let other = match finding.text(row, "other") {
            "" => nearest_name(value, finding.text(row, "others")),
            other => other,
        };
        text.push_str(&format!(
            "\n# {}\n# [[campaign_alias]]\n# alias = {}\n# campaign = {}\n",
            finding.text(row, "finding"),
            quote(value),
            quote(other)
        ));
    }
}

/// Of names separated by the unit separator, the one that is most like a name.
fn nearest_name<'a>(name: &str, others: &'a str) -> &'a str {
    let score = |other: &str| strsim::sorensen_dice(&name.to_lowercase(), &other.to_lowercase());
    others.split('\u{1f}').max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or_default()
}

/// The source words of the built-in channel rules with their channel.
fn known_sources() -> Vec<(String, String)> {
    let defaults = read_defaults();
    let rules = defaults.get("channel").and_then(|c| c.as_array()).into_iter().flatten();
    let mut pairs = Vec::new();
    for rule in rules {
        let channel = rule.get("channel").and_then(|c| c.as_str()).unwrap_or_default();
        pairs.extend(words(rule.get("source")).map(|word| (word.replace('*', ""), channel.to_owned())));
    }
    pairs
}

/// The values of the built-in stage rules with their stage.
fn known_stage_values() -> Vec<(String, String)> {
    let defaults = read_defaults();
    let stages = defaults.get("stages").and_then(|s| s.as_table()).into_iter().flatten();
    let mut pairs = Vec::new();
    for (stage, values) in stages {
        let value_of = |word: &str| word.rsplit([':', '/']).next().unwrap_or(word).replace('*', "");
        pairs.extend(words(Some(values)).map(|word| (value_of(word), stage.clone())));
    }
    pairs
}

fn read_defaults() -> toml::Table {
    DEFAULTS.parse().expect("the settings that ship are TOML")
}

/// One word or a list of them.
fn words(value: Option<&toml::Value>) -> impl Iterator<Item = &str> {
    let list = value.and_then(|v| v.as_array()).map(Vec::as_slice).unwrap_or_default();
    value.and_then(|v| v.as_str()).into_iter().chain(list.iter().filter_map(|v| v.as_str()))
}

/// The pair whose word is nearest to a value, if one is near.
fn nearest_pair<'a>(value: &str, known: &'a [(String, String)]) -> Option<(&'a str, &'a str)> {
    let value = value.to_lowercase();
    let score = |word: &str| {
        let word = word.to_lowercase();
        let inside = word.len() > 3 && value.contains(&word);
        if inside { 1.0 } else { strsim::jaro_winkler(&value, &word) }
    };
    let scored = known.iter().map(|(word, meaning)| (score(word), word, meaning));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.len().cmp(&b.1.len())))?;
    (best.0 > 0.78).then_some((best.1.as_str(), best.2.as_str()))
}

/// A TOML basic string.
fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_near_or_absent() {
        let known = [("Trade show", "Event"), ("Paid search", "Paid search")]
            .map(|(word, channel)| (word.to_owned(), channel.to_owned()));
        assert_eq!(nearest_pair("Tradeshow 2026", &known), Some(("Trade show", "Event")));
        assert_eq!(nearest_pair("paid search brand", &known), Some(("Paid search", "Paid search")));
        assert_eq!(nearest_pair("Karma", &known), None);
        assert_eq!(nearest_name("Zahn – Search", "Brand\u{1f}Generic – Search"), "Generic – Search");
        assert_eq!(quote("say \"hi\"\\"), r#"'say "hi"\'"#);
    }
}

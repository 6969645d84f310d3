//! A regular expression that is compiled when it is first asked: a file meets few of all formats' patterns.

use std::sync::OnceLock;

use regex::{Captures, Regex};

use crate::error::{Error, Result};

/// What `{how did you hear about us}` in a pattern stands for: the question, in the words of many languages.
const HEARD: &str = include_str!("heard.txt");

fn expand(text: &str) -> String {
    let questions: Vec<&str> = HEARD.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    text.replace("{how did you hear about us}", &format!("[¿ ]*(?:{})", questions.join("|")))
}

#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// A pattern of a built-in format; a test compiles them all.
    pub fn trusted(text: &str) -> Pattern {
        Pattern { text: expand(text), compiled: OnceLock::new() }
    }

    /// A pattern of a person's own format, compiled at once so that a mistake is told.
    pub fn checked(format: &str, text: &str) -> Result<Pattern> {
        let text = expand(text);
        let regex = Regex::new(&text).map_err(|e| {
            Error::failed(format!("the format `{format}` has a pattern that cannot be read")).because(e)
        })?;
        Ok(Pattern { text, compiled: OnceLock::from(regex) })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.regex().is_match(text)
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.regex().captures(text)
    }

    /// What its group `value` finds, or all of it where it has none.
    pub fn value_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        // to find groups takes several times as long as to find a match
        if !self.text.contains("(?<value>") {
            return self.regex().find(text).map(|m| m.as_str());
        }
        let found = self.captures(text)?;
        found.name("value").or_else(|| found.get(0)).map(|m| m.as_str())
    }

    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        self.regex().capture_names().flatten()
    }

    fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| Regex::new(&self.text).expect("patterns of built-in formats compile"))
    }
}

//! A regular expression that is compiled when it is first asked: a file meets few of all formats' patterns.

use std::sync::OnceLock;

use regex::{Captures, Regex};

use crate::error::{Error, Result};

/// What `{how did you hear about us}` in a pattern stands for: the question, in the words of many languages.
const HEARD: &str = include_str!("heard.txt");

/// Compiles a pattern in which digits are those that dates and numbers are read with, and a run of letters holds any
/// character beyond ASCII: the classes that Unicode has for them take ten times as long to compile, and of a pattern with
/// many as long as everything else that a small file costs.
pub fn compile(text: &str) -> std::result::Result<Regex, regex::Error> {
    const LETTER: &str = r"[A-Za-z\x{80}-\x{10FFFF}]";
    let mut plain = String::with_capacity(2 * text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escaped) = rest.split_at(at);
        plain.push_str(before);
        let (instead, length) = if escaped.starts_with(r"\d") {
            ("[0-9٠-٩۰-۹]", 2)
        } else if escaped.starts_with(r"\p{L}+") || escaped.starts_with(r"\p{L}{") {
            (LETTER, r"\p{L}".len())
        } else {
            let length = 1 + escaped[1..].chars().next().map_or(0, char::len_utf8);
            (&escaped[..length], length)
        };
        plain.push_str(instead);
        rest = &escaped[length..];
    }
    plain.push_str(rest);
    Regex::new(&plain)
}

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
        let regex = compile(&text).map_err(|e| {
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
        self.compiled.get_or_init(|| compile(&self.text).expect("patterns of built-in formats compile"))
    }
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn classes_find_what_they_are_meant_to() {
        for (pattern, text, found) in [
            (r"\d{2}[\d.,]+", "ab 12.345,6!", Some("12.345,6")),
            (r"\d{4}", "١٢ في ٢٠٢٦", Some("٢٠٢٦")),
            (r"\p{L}{3,} \d+", "am 3. März 26", Some("März 26")),
            (r"\p{L}+", "12 Ağu", Some("Ağu")),
            (r"\\d", r"1\d", Some(r"\d")),
            (r"(?:^|[^\p{L}])lead", "– lead", Some(" lead")),
            (r"\d", "eins", None),
        ] {
            let regex = compile(pattern).unwrap();
            assert_eq!(regex.find(text).map(|m| m.as_str()), found, "{pattern}");
        }
        assert!(compile(r"a\").is_err());
    }
}

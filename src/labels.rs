//! Names of KPIs, stages, channels and words in the languages of their readers, from `sql/labels.csv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::catalog;

/// A language that labels exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Language {
    #[default]
    En,
    Tr,
    Id,
    Ar,
}

/// One name in all languages; `review` names those that a native reader has not confirmed.
#[derive(Debug, serde::Deserialize)]
pub struct Label {
    pub kind: String,
    pub key: String,
    pub en: String,
    pub tr: String,
    pub id: String,
    pub ar: String,
    pub review: String,
}

static LABELS: LazyLock<HashMap<(String, String), Label>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(catalog::sql_file("labels.csv").as_bytes());
    reader
        .deserialize()
        .map(|row: Result<Label, csv::Error>| row.expect("the labels that ship have all columns"))
        .map(|label| ((label.kind.clone(), label.key.clone()), label))
        .collect()
});

/// The label of a `kpi`, `stage`, `channel`, `group` or `word`.
pub fn find(kind: &str, key: &str) -> Option<&'static Label> {
    LABELS.get(&(kind.to_owned(), key.to_owned()))
}

/// The name in a language; the key itself where there is none.
pub fn name<'a>(kind: &str, key: &'a str, language: Language) -> &'a str {
    find(kind, key).map_or(key, |label| label.name(language))
}

impl Label {
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Tr => &self.tr,
            Language::Id => &self.id,
            Language::Ar => &self.ar,
        }
    }

    /// Whether a native reader still has to look at the name in this language.
    pub fn awaits_review(&self, language: Language) -> bool {
        let code = match language {
            Language::En => return false,
            Language::Tr => "tr",
            Language::Id => "id",
            Language::Ar => "ar",
        };
        self.review.split(' ').any(|r| r == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_complete_and_marked() {
        for label in LABELS.values() {
            for name in [&label.en, &label.tr, &label.id, &label.ar] {
                assert!(!name.trim().is_empty() && !name.contains('†'), "{}: {name}", label.key);
            }
        }
        assert_eq!(name("kpi", "roi", Language::Tr), "Yatırım getirisi (ROI)");
        assert_eq!(name("kpi", "nothing", Language::Tr), "nothing");
        let mqls = find("kpi", "mqls").unwrap();
        assert!(mqls.awaits_review(Language::Ar) && !mqls.awaits_review(Language::Tr));
    }

    #[test]
    fn known_mistranslations_are_absent() {
        for label in LABELS.values() {
            let all = format!("{} {} {}", label.tr, label.id, label.ar);
            for slip in
                ["Nişan", "Kurşun", "İçeri girer", "Memimpin masuk", "برنامج المقارنات", "وحدات مراقبة"]
            {
                assert!(!all.contains(slip), "{}", label.key);
            }
        }
    }
}

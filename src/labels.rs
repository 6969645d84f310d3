//! Names of KPIs, stages, channels and words in the languages of their readers, from `sql/labels.csv`, and the
//! definitions of KPIs from `sql/definitions.csv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::catalog;
use crate::output::{Cell, ResultSet};

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

/// A KPI's definition; the English one stands in the catalogue.
#[derive(Debug, serde::Deserialize)]
pub struct Definition {
    pub kpi: String,
    pub tr: String,
    pub id: String,
    pub ar: String,
    /// The languages in which a native reader still has to look at it.
    pub review: String,
}

static DEFINITIONS: LazyLock<HashMap<String, Definition>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(catalog::sql_file("definitions.csv").as_bytes());
    reader
        .deserialize()
        .map(|row: Result<Definition, csv::Error>| row.expect("the definitions that ship have all columns"))
        .map(|definition| (definition.kpi.clone(), definition))
        .collect()
});

/// A KPI's definition in a language other than English, where there is one.
pub fn definition(kpi: &str, language: Language) -> Option<&'static str> {
    let definition = DEFINITIONS.get(kpi)?;
    match language {
        Language::En => None,
        Language::Tr => Some(&definition.tr),
        Language::Id => Some(&definition.id),
        Language::Ar => Some(&definition.ar),
    }
}

/// Whether a native reader still has to look at a KPI's name or definition in a language.
pub fn awaits_review(kpi: &str, language: Language) -> bool {
    let name = find("kpi", kpi).is_some_and(|label| label.awaits_review(language));
    let definition = DEFINITIONS.get(kpi).is_some_and(|d| is_listed(&d.review, language));
    name || definition
}

fn is_listed(review: &str, language: Language) -> bool {
    let code = match language {
        Language::En => return false,
        Language::Tr => "tr",
        Language::Id => "id",
        Language::Ar => "ar",
    };
    review.split(' ').any(|r| r == code)
}

/// Puts the names of an answer into a language: headers, KPIs, channels and stages. What has no name stays.
pub fn translate(result: &mut ResultSet, language: Language) {
    if language == Language::En {
        return;
    }
    let kpi_at = result.columns.iter().position(|column| column.name == "kpi");
    for (at, column) in result.columns.iter_mut().enumerate() {
        let kinds: &[&str] = match column.name.as_str() {
            "label" => &["kpi"],
            "name" | "channel" | "channel_group" | "tracked_channel" => &["channel", "group"],
            "step" | "stage" | "furthest_stage" => &["stage"],
            _ => &[],
        };
        for row in result.rows.iter_mut().filter(|_| !kinds.is_empty()) {
            let key = match (column.name.as_str(), kpi_at) {
                ("label", Some(kpi)) => row[kpi].clone(),
                _ => row[at].clone(),
            };
            let Cell::Text(key) = key else { continue };
            if let Some(label) = kinds.iter().find_map(|kind| find(kind, &key)) {
                row[at] = Cell::from(label.name(language));
            }
        }
        let label = find("word", &column.name).or_else(|| find("kpi", &column.name));
        if let Some(label) = label.filter(|_| column.name != "kpi" && column.name != "unit") {
            column.name = label.name(language).to_owned();
        }
    }
}

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
        is_listed(&self.review, language)
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
    fn definitions_are_complete() {
        for definition in DEFINITIONS.values() {
            for text in [&definition.tr, &definition.id, &definition.ar] {
                assert!(text.trim().len() > 10, "{}: {text}", definition.kpi);
            }
        }
        assert!(definition("mqls", Language::Tr).unwrap().contains("MQL"));
        assert!(awaits_review("mqls", Language::Tr), "its definition does");
        assert!(!awaits_review("mqls", Language::En));
    }

    #[test]
    fn an_answer_is_put_into_a_language() {
        let row =
            vec![Cell::from("Leads"), Cell::from("Organic search"), Cell::from(3_i64), Cell::from("leads")];
        let mut result = ResultSet::new(["label", "channel", "mrr", "kpi"], vec![row]);
        translate(&mut result, Language::Id);
        let names: Vec<&str> = result.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names[2..], ["Pendapatan berulang bulanan (MRR)", "kpi"]);
        assert_eq!(result.rows[0][..2], [Cell::from("Prospek"), Cell::from("Pencarian organik")]);
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

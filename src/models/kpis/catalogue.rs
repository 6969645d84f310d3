//! The KPI catalogue of `sql/kpis/*.toml`.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::super::expression::Expression;
use crate::catalog;
use crate::error::{Error, Result};
use crate::settings::calendar::Grain;

/// How a KPI's periods come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KpiKind {
    Flow,
    Stock,
    Ratio,
    Median,
    Composite,
}

impl KpiKind {
    pub fn name(self) -> &'static str {
        match self {
            KpiKind::Flow => "flow",
            KpiKind::Stock => "stock",
            KpiKind::Ratio => "ratio",
            KpiKind::Median => "median",
            KpiKind::Composite => "composite",
        }
    }
}

/// One entry of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kpi {
    pub id: String,
    pub label: String,
    /// count, money, rate, days, months, minutes or ratio
    pub unit: String,
    /// higher or lower
    pub better: String,
    pub kind: KpiKind,
    pub definition: String,
    pub formula: String,
    pub source: String,
    pub numerator: String,
    pub denominator: Option<String>,
    pub scale: Option<f64>,
    pub grains: Option<Vec<String>>,
    /// A quarter or year shows the value of its last month.
    #[serde(default)]
    pub last_month: bool,
    /// Nothing is shown after the last month in which this measure has a row: what is not known yet is no carry-over.
    pub known_by: Option<String>,
    /// A stock known only now, such as weighted pipeline.
    #[serde(default)]
    pub latest_only: bool,
    /// Not split by channel.
    #[serde(default)]
    pub whole: bool,
    /// The entry holds where this measure has rows.
    pub when: Option<String>,
    /// The entry holds where this measure has none.
    pub unless: Option<String>,
    pub numerator_unit: Option<String>,
    pub denominator_unit: Option<String>,
}

impl Kpi {
    pub fn has_grain(&self, grain: Grain) -> bool {
        self.grains.as_ref().is_none_or(|names| names.iter().any(|n| n == grain.name()))
    }

    pub(in crate::models) fn top(&self) -> Result<Expression> {
        Expression::parse(&self.numerator)
    }

    pub(in crate::models) fn bottom(&self) -> Result<Option<Expression>> {
        self.denominator.as_deref().map(Expression::parse).transpose()
    }

    /// What the numerator is divided by to be in major units.
    pub(in crate::models) fn numerator_unit(&self) -> f64 {
        match self.numerator_unit.as_deref() {
            Some("money") => 1e6,
            Some(_) => 1.0,
            None if self.unit == "money" => 1e6,
            None => 1.0,
        }
    }

    pub(in crate::models) fn denominator_unit(&self) -> f64 {
        if self.denominator_unit.as_deref() == Some("money") { 1e6 } else { 1.0 }
    }

    /// Changes with anything that could change a value or its meaning.
    pub fn version(&self) -> String {
        blake3::hash(format!("{self:?}").as_bytes()).to_hex()[..16].to_owned()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kpi: Vec<Kpi>,
}

/// Every entry, in the order of the files; an id may stand twice with `when` and `unless`.
pub fn catalogue() -> Result<Vec<Kpi>> {
    let mut kpis = Vec::new();
    for text in catalog::kpis() {
        let file: File = toml::from_str(text.body).map_err(|e| {
            Error::failed(format!("the KPI file `{}.toml` could not be read", text.name)).because(e)
        })?;
        kpis.extend(file.kpi);
    }
    Ok(kpis)
}

/// The names a formula uses.
pub(in crate::models) fn names(expression: &Expression) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    expression.visit(&mut |leaf| {
        if let Expression::Name(name) | Expression::Call(_, name, _) = leaf {
            names.insert(name.clone());
        }
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_complete() {
        let kpis = catalogue().unwrap();
        for kpi in &kpis {
            let id = &kpi.id;
            kpi.top().unwrap();
            kpi.bottom().unwrap();
            assert_eq!(
                kpi.kind == KpiKind::Ratio,
                kpi.denominator.is_some(),
                "{id}: a ratio has a denominator"
            );
            assert!(["higher", "lower"].contains(&kpi.better.as_str()), "{id}: better is `{}`", kpi.better);
            let units = ["count", "money", "rate", "days", "months", "minutes", "ratio"];
            assert!(units.contains(&kpi.unit.as_str()), "{id}: unit is `{}`", kpi.unit);
            assert!(kpi.definition.len() > 25, "{id}: the definition says too little");
            let twins = kpis.iter().filter(|k| k.id == *id).count();
            assert!(twins == 1 || kpi.when.is_some() || kpi.unless.is_some(), "{id} stands twice");
        }
    }
}

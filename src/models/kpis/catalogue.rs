//! The KPI catalogue of `sql/kpis/*.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::super::expression::Expression;
use crate::catalog;
use crate::error::{Error, Result, nearest};
use crate::settings::Settings;
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
    /// The exports it rests on, by name in `sql/inputs.toml`.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// The same in words; those of `inputs` where it has some.
    #[serde(default)]
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
    /// The value is unknown as long as this measure has no rows: without any spend, a lead does not cost 0.
    pub needs: Option<String>,
    /// Whether what it needs is there.
    #[serde(skip, default = "is_known_at_first")]
    pub is_known: bool,
    pub numerator_unit: Option<String>,
    pub denominator_unit: Option<String>,
    /// Changes with anything that could change a value or its meaning.
    #[serde(skip)]
    pub version: String,
    /// The numerator and the denominator, read.
    #[serde(skip, default = "nothing")]
    pub(in crate::models) top: Expression,
    #[serde(skip)]
    pub(in crate::models) bottom: Option<Expression>,
}

fn is_known_at_first() -> bool {
    true
}

fn nothing() -> Expression {
    Expression::Number(0.0)
}

const UNITS: [&str; 7] = ["count", "money", "rate", "days", "months", "minutes", "ratio"];

impl Kpi {
    pub fn has_grain(&self, grain: Grain) -> bool {
        self.grains.as_ref().is_none_or(|names| names.iter().any(|n| n == grain.name()))
    }

    /// The names its formulas use.
    pub(in crate::models) fn names(&self) -> BTreeSet<&str> {
        let mut used = names(&self.top);
        used.extend(self.bottom.as_ref().map(names).unwrap_or_default());
        used
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

    /// Reads its formulas.
    fn complete(&mut self) -> Result<()> {
        self.version = format!("{:016x}", xxh3_64(format!("{self:?}").as_bytes()));
        self.top = Expression::parse(&self.numerator)?;
        self.bottom = self.denominator.as_deref().map(Expression::parse).transpose()?;
        Ok(())
    }

    /// Whether its fields fit together.
    fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::failed(format!("the KPI `{}` {what}", self.id)));
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.id.is_empty() || !self.id.chars().all(is_name) {
            return wrong("is no name of small letters, digits and `_`".to_owned());
        }
        if (self.kind == KpiKind::Ratio) != self.denominator.is_some() {
            return wrong("is a ratio without a denominator, or the other way round".to_owned());
        }
        if !["higher", "lower"].contains(&self.better.as_str()) {
            return wrong(format!("has `better = \"{}\"`, expected higher or lower", self.better));
        }
        if !UNITS.contains(&self.unit.as_str()) {
            return wrong(format!("has `unit = \"{}\"`, expected one of {}", self.unit, UNITS.join(", ")));
        }
        Ok(())
    }

    /// Its inputs as one sentence.
    fn say_inputs(&mut self) -> Result<()> {
        let known = inputs()?;
        let mut says = Vec::new();
        for name in &self.inputs {
            let Some(input) = known.get(name) else {
                let error =
                    Error::failed(format!("the KPI `{}` rests on the unknown input `{name}`", self.id));
                return Err(match nearest(name, known.keys().map(String::as_str)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error,
                });
            };
            says.push(input.says.as_str());
        }
        if !says.is_empty() {
            self.source = says.join("; ");
        }
        Ok(())
    }
}

/// An export with the columns that KPIs rest on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What to bring, in words.
    pub says: String,
    /// The SQL condition that it has come.
    pub when: String,
}

/// What KPIs may rest on, read once.
pub fn inputs() -> Result<&'static BTreeMap<String, Input>> {
    static INPUTS: OnceLock<BTreeMap<String, Input>> = OnceLock::new();
    if let Some(inputs) = INPUTS.get() {
        return Ok(inputs);
    }
    let inputs = serde_json::from_str(catalog::sql_file("inputs.toml"))
        .map_err(|e| unreadable("inputs.toml", Error::failed(e.to_string())))?;
    Ok(INPUTS.get_or_init(|| inputs))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kpi: Vec<Kpi>,
}

/// The built-in entries, read once.
fn built_in() -> Result<&'static [Kpi]> {
    static BUILT_IN: OnceLock<Vec<Kpi>> = OnceLock::new();
    if let Some(kpis) = BUILT_IN.get() {
        return Ok(kpis);
    }
    let mut kpis = Vec::new();
    for text in catalog::kpis() {
        let read = || complete(serde_json::from_str(text.body).map_err(|e| Error::failed(e.to_string()))?);
        kpis.extend(read().map_err(|e| unreadable(&format!("{}.toml", text.name), e))?);
    }
    Ok(BUILT_IN.get_or_init(|| kpis))
}

/// Every entry, in the order of the files; an id may stand twice with `when` and `unless`. Those of the workspace's
/// `kpis/*.toml` come last, and take the place of a built-in one of their id.
pub fn catalogue(settings: &Settings) -> Result<Vec<Kpi>> {
    let mut kpis = built_in()?.to_vec();
    let mut own: Vec<Kpi> = Vec::new();
    for text in &settings.own.kpis {
        let path = text.path.display().to_string();
        own.extend(read(&text.body).map_err(|e| unreadable(&path, e))?);
    }
    kpis.retain(|kpi| own.iter().all(|o| o.id != kpi.id));
    kpis.extend(own.iter().cloned());
    for kpi in &own {
        check_names(kpi, &kpis, settings)?;
    }
    Ok(kpis)
}

fn read(body: &str) -> Result<Vec<Kpi>> {
    complete(toml::from_str(body).map_err(|e| Error::failed(e.message().to_owned()))?)
}

fn complete(mut file: File) -> Result<Vec<Kpi>> {
    for kpi in &mut file.kpi {
        kpi.say_inputs()?;
        kpi.complete()?;
        kpi.check()?;
    }
    Ok(file.kpi)
}

fn unreadable(file: &str, error: Error) -> Error {
    Error::failed(format!("the KPI file `{file}` could not be read")).because(error.message)
}

/// Refuses a formula over a name that nothing counts, which would never have a value.
fn check_names(kpi: &Kpi, kpis: &[Kpi], settings: &Settings) -> Result<()> {
    let mut known = catalog::measures_named();
    let texts = settings.own.measures.iter().map(|text| text.body.as_str());
    known.extend(texts.flat_map(|body| body.split('\'').skip(1).step_by(2).map(str::to_owned)));
    known.extend(catalog::sql("samples").into_iter().map(|text| text.name.to_owned()));
    if kpi.kind == KpiKind::Composite {
        known = kpis.iter().map(|k| k.id.clone()).collect();
    }
    known.push("margin".to_owned());
    for name in kpi.names() {
        if !known.iter().any(|k| k == name) && !known.contains(&format!("{name}@")) {
            let error = Error::failed(format!("the KPI `{}` uses `{name}`, which nothing counts", kpi.id));
            return Err(match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("a file of `measures/` counts it"),
            });
        }
    }
    Ok(())
}

/// The names a formula uses.
fn names(expression: &Expression) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    expression.visit(&mut |leaf| {
        if let Expression::Name(name) | Expression::Call(_, name, _) = leaf {
            names.insert(name.as_str());
        }
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_complete() {
        let kpis = catalogue(&Settings::default()).unwrap();
        for kpi in &kpis {
            let id = &kpi.id;
            assert!(kpi.definition.len() > 25, "{id}: the definition says too little");
            assert!(!kpi.inputs.is_empty(), "{id} rests on nothing");
            let twins = kpis.iter().filter(|k| k.id == *id).count();
            assert!(twins == 1 || kpi.when.is_some() || kpi.unless.is_some(), "{id} stands twice");
            check_names(kpi, &kpis, &Settings::default()).unwrap();
        }
        let is_used = |name: &String| kpis.iter().any(|kpi| kpi.inputs.contains(name));
        assert!(inputs().unwrap().keys().all(is_used), "an input that no KPI rests on");
    }
}

//! Which funnel stage a CRM's words mean: `system:field:value` rules, the workspace's before the built-in ones.

use std::collections::HashMap;

use serde::Deserialize;

use super::channels::matches;
use super::fold;
use crate::error::{Error, Result};

/// `[stages]`: for each stage the values that mean it, as `system:field:value`; `*` stands for any text.
/// For deals the value may be `Pipeline/Stage`. `ignored` values mean no stage and are not listed as unmapped.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StageRules {
    pub contact: Vec<String>,
    pub lead: Vec<String>,
    pub mql: Vec<String>,
    pub sql: Vec<String>,
    pub opportunity: Vec<String>,
    pub won: Vec<String>,
    pub lost: Vec<String>,
    pub open: Vec<String>,
    pub disqualified: Vec<String>,
    pub ignored: Vec<String>,
}

impl StageRules {
    fn lists(&self) -> [(&'static str, &[String]); 10] {
        [
            ("contact", &self.contact),
            ("lead", &self.lead),
            ("mql", &self.mql),
            ("sql", &self.sql),
            ("opportunity", &self.opportunity),
            ("won", &self.won),
            ("lost", &self.lost),
            ("open", &self.open),
            ("disqualified", &self.disqualified),
            ("ignored", &self.ignored),
        ]
    }
}

/// The stages that people enter, in order. A stage counts as reached with any later one.
pub const FUNNEL: [&str; 5] = ["lead", "mql", "sql", OPPORTUNITY, WON];
/// Leaves the funnel.
pub const DISQUALIFIED: &str = "disqualified";

/// Where a lead begins, where its conversion leads, and what deals make of their people: places in [`FUNNEL`].
pub const CREATED_AS_LEAD: usize = 0;
pub const CONVERTED: usize = 2;
pub const DEAL_OPPORTUNITY: usize = 3;
pub const DEAL_WON: usize = 4;

/// What becomes of deals.
pub const OPPORTUNITY: &str = "opportunity";
pub const WON: &str = "won";
pub const LOST: &str = "lost";
pub const OPEN: &str = "open";

/// The fields a rule can name, with their short forms.
const FIELDS: [(&str, &str); 5] = [
    ("lifecycle", "lifecycle_stage"),
    ("lead status", "lead_status"),
    ("deal stage", "deal_stage"),
    ("deal status", "deal_status"),
    ("stage", "stage"),
];

#[derive(Debug, Clone)]
struct Rule {
    system: String,
    field: &'static str,
    value: String,
    stage: &'static str,
}

#[derive(Debug, Clone)]
pub struct Stages {
    exact: HashMap<(&'static str, String), Vec<usize>>,
    wild: Vec<usize>,
    rules: Vec<Rule>,
    /// So many of them are the workspace's.
    written: usize,
    /// Whether the workspace says which deal stages make an opportunity.
    pub qualifying: bool,
}

impl Stages {
    pub(super) fn new(written: &StageRules, built_in: &StageRules) -> Result<Stages> {
        let compiled = |source: &StageRules| {
            let values =
                source.lists().into_iter().flat_map(|(s, values)| values.iter().map(move |v| (v, s)));
            values.map(|(value, stage)| compile(value, stage)).collect::<Result<Vec<Rule>>>()
        };
        let mut rules = compiled(written)?;
        let own = rules.len();
        rules.extend(compiled(built_in)?);
        let qualifying = written
            .opportunity
            .iter()
            .any(|v| compile(v, "opportunity").is_ok_and(|r| r.field == "deal_stage"));
        let mut exact: HashMap<_, Vec<usize>> = HashMap::new();
        let mut wild = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            if rule.value.contains('*') {
                wild.push(at);
            } else {
                exact.entry((rule.field, rule.value.clone())).or_default().push(at);
            }
        }
        Ok(Stages { exact, wild, rules, written: own, qualifying })
    }

    /// The stage a value means: contact, lead, mql, sql, opportunity, won, lost, open, disqualified or ignored.
    /// Nothing where no rule covers it.
    pub fn stage_of(&self, system: &str, field: &str, value: &str, pipeline: &str) -> Option<&'static str> {
        let field = field_of(field)?;
        let value = bare(value);
        if value.is_empty() {
            return None;
        }
        let full = format!("{}/{value}", fold(pipeline));
        let system = fold(system);
        let fits = |at: &usize| {
            let rule = &self.rules[*at];
            matches(&rule.system, &system)
        };
        let exact = [&value, &full]
            .into_iter()
            .filter_map(|v| self.exact.get(&(field, v.clone())))
            .flatten()
            .copied()
            .filter(|at| fits(at))
            .min();
        let wild = self.wild.iter().copied().find(|at| {
            let rule = &self.rules[*at];
            rule.field == field && fits(at) && (matches(&rule.value, &value) || matches(&rule.value, &full))
        });
        // the workspace's rules come first, and a whole value before one with a wildcard
        let rank = |at: &usize| (*at >= self.written, self.rules[*at].value.contains('*'), *at);
        [exact, wild].into_iter().flatten().min_by_key(rank).map(|at| self.rules[at].stage)
    }
}

/// A value as it is compared: folded, and without the pictures that people put beside it (`Won 🎉`).
fn bare(value: &str) -> String {
    let is_picture = |c: char| !c.is_ascii() && !c.is_alphanumeric();
    fold(value.trim_matches(|c: char| is_picture(c) || c.is_whitespace()))
}

fn field_of(name: &str) -> Option<&'static str> {
    let folded = fold(name);
    let is_spelled = |long: &str| long.split('_').eq(folded.split(' '));
    FIELDS.iter().find(|(short, long)| *short == folded || is_spelled(long)).map(|(_, long)| *long)
}

fn compile(text: &str, stage: &'static str) -> Result<Rule> {
    let mut parts = text.splitn(3, ':');
    let (system, field, value) = (parts.next(), parts.next(), parts.next());
    match (system, field.and_then(field_of), value) {
        (Some(system), Some(field), Some(value)) => {
            Ok(Rule { system: fold(system), field, value: bare(value), stage })
        }
        _ => Err(Error::failed(format!("\"{text}\" under `{stage}` in `[stages]` names no system, field and value"))
            .hint("write it like \"hubspot:lifecycle:Product Qualified\"; the fields are `lifecycle`, `lead_status`, `deal_stage`, `deal_status`, `stage`")),
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    #[test]
    fn words_mean_stages() {
        let s = Settings::default().stages;
        let stage = |system, field, value| s.stage_of(system, field, value, "").unwrap_or("no rule");
        assert_eq!(stage("hubspot", "lifecycle_stage", "Marketing Qualified Lead"), "mql");
        assert_eq!(stage("hubspot", "lifecycle_stage", "salesqualifiedlead"), "sql");
        assert_eq!(stage("hubspot", "lifecycle_stage", "Kunde"), "won");
        assert_eq!(stage("salesforce", "lead_status", "MQL"), "mql");
        assert_eq!(stage("salesforce", "lead_status", "Closed - Not Converted"), "disqualified");
        assert_eq!(stage("salesforce", "lead_status", "Open - Not Contacted"), "ignored");
        assert_eq!(stage("salesforce", "lead_status", "Warm"), "no rule");
        assert_eq!(stage("pipedrive", "deal_status", "Gewonnen"), "won");
        assert_eq!(stage("attio", "deal_stage", "Won 🎉"), "won");
        assert_eq!(stage("attio", "deal_stage", "❌ Lost"), "lost");
        assert_eq!(stage("pipedrive", "deal_status", "Menang"), "won");
        assert_eq!(stage("sheet", "deal_status", "خاسرة"), "lost");
        assert_eq!(stage("sheet", "deal_status", "KAYBEDİLDİ"), "lost");
        assert_eq!(stage("sheet", "deal_status", "AÇIK"), "open");
        assert_eq!(stage("zoho", "lead_status", "Sales Qualified"), "sql");
        assert_eq!(stage("zoho", "lead_status", "Sales Qualified Opportunity"), "opportunity");
    }

    #[test]
    fn the_workspace_maps_pipelines_and_values() {
        let text = "[stages]\nmql = [\"salesforce:lead_status:Warm\"]\nopportunity = [\"hubspot:deal_stage:Sales Pipeline/Qualified To Buy\"]\n";
        let s = Settings::parse(text).unwrap().stages;
        assert!(s.qualifying);
        assert_eq!(s.stage_of("salesforce", "lead_status", "warm", ""), Some("mql"));
        assert_eq!(
            s.stage_of("hubspot", "deal_stage", "Qualified to buy", "Sales Pipeline"),
            Some("opportunity")
        );
        assert_ne!(s.stage_of("hubspot", "deal_stage", "Qualified to buy", "Renewals"), Some("opportunity"));
    }
}

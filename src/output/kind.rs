//! What kind of number a column holds, told by its name: the one place that knows.

use super::{Cell, ColumnKind};

const MONEY: &[&str] = &[
    "spend", "cost", "costs", "amount", "revenue", "mrr", "arr", "cpc", "cpm", "cpl", "cac", "arpc", "cltv",
    "pipeline", "budget", "price", "velocity",
];
const MONEY_NAMES: &[&str] = &["average_deal_size", "lead_value", "lead_lifetime_value", "customer_value"];
/// Words that turn a money name into a count, a ratio or a duration: `cac_payback_months`, `cltv_to_cac`.
const NOT_MONEY: &[&str] = &[
    "to",
    "days",
    "months",
    "count",
    "deals",
    "customers",
    "without",
    "micros",
    "share",
    "currency",
    "rows",
];
const RATE: &[&str] = &["rate", "share", "ctr", "roi", "attainment", "coverage", "change", "percent"];
const DATE: &[&str] = &["day", "date", "month", "week", "period", "starts", "ends", "on", "at", "quarter"];
/// Numbers that name something; nobody wants thousands marks in them.
const NAMES: &[&str] = &["id", "ids", "year", "line", "file", "version", "hash", "rank"];
const FLAGS: &[&str] = &["is", "has"];
/// Columns of sentences: better read on several lines than cut.
const PROSE: &[&str] = &[
    "title",
    "holds",
    "definition",
    "needs",
    "reason",
    "note",
    "text",
    "finding",
    "what_to_do",
    "why",
    "how to get it",
];
/// Columns whose numbers are of the kind that the row's `unit` says.
const BY_UNIT: &[&str] = &[
    "value",
    "previous",
    "year_ago",
    "target",
    "actual",
    "before",
    "after",
    "difference",
    "expected",
    "forecast",
];

/// The kind of a column: by its name, else numbers where all cells are numbers.
pub(super) fn infer<'a>(name: &str, cells: impl Iterator<Item = &'a Cell>) -> ColumnKind {
    let by_name = of_name(name);
    let mut some = false;
    let mut flags = true;
    for cell in cells.filter(|cell| **cell != Cell::Null) {
        if cell.number().is_none() {
            return by_name
                .filter(|kind| matches!(kind, ColumnKind::Date | ColumnKind::Prose))
                .unwrap_or(ColumnKind::Text);
        }
        some = true;
        flags &= matches!(cell, Cell::Integer(0 | 1));
    }
    match by_name {
        Some(ColumnKind::Date | ColumnKind::Prose) if some => ColumnKind::Number,
        Some(ColumnKind::Flag) if !flags => ColumnKind::Number,
        Some(kind) => kind,
        None if some => ColumnKind::Number,
        None => ColumnKind::Text,
    }
}

fn of_name(name: &str) -> Option<ColumnKind> {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let last = words.last()?;
    let any = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if NAMES.contains(last) {
        Some(ColumnKind::Text)
    } else if PROSE.contains(&lower.as_str()) {
        Some(ColumnKind::Prose)
    } else if words.len() > 1 && FLAGS.contains(&words[0]) || lower == "icp" {
        Some(ColumnKind::Flag)
    } else if any(RATE) && !any(&["exchange", "currency", "fx"]) {
        Some(ColumnKind::Rate)
    } else if MONEY_NAMES.contains(&lower.as_str()) || (any(MONEY) && !any(NOT_MONEY)) {
        Some(ColumnKind::Money)
    } else if DATE.contains(last) || (words.len() == 2 && words[0] == "day") {
        Some(ColumnKind::Date)
    } else {
        None
    }
}

/// The kind of one cell where a row says its own unit, as the rows of KPIs do.
pub(super) fn of_row(name: &str, kind: ColumnKind, unit: Option<&Cell>) -> ColumnKind {
    match unit {
        Some(Cell::Text(unit)) if kind == ColumnKind::Number && BY_UNIT.contains(&name) => {
            match unit.as_str() {
                "money" => ColumnKind::Money,
                "rate" => ColumnKind::Rate,
                _ => kind,
            }
        }
        _ => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kinds() {
        let kind = |name| infer(name, [Cell::Integer(1)].iter());
        for name in ["win_rate_amount", "ctr", "lead_to_mql_rate", "mql_icp_share", "roi"] {
            assert_eq!(kind(name), ColumnKind::Rate, "{name}");
        }
        for name in ["spend", "cost_per_mql", "cac", "won_revenue", "new_mrr", "sum(amount)", "lead_value"] {
            assert_eq!(kind(name), ColumnKind::Money, "{name}");
        }
        for name in ["cltv_to_cac", "cac_payback_months", "mqls", "value", "exchange_rate", "spend_micros"] {
            assert_eq!(kind(name), ColumnKind::Number, "{name}");
        }
        for name in ["deal_id", "id", "fiscal_year"] {
            assert_eq!(kind(name), ColumnKind::Text, "{name}");
        }
        assert_eq!(infer("cohort_month", [Cell::from("2026-10-01")].iter()), ColumnKind::Date);
        assert_eq!(kind("is_mature"), ColumnKind::Flag);
        assert_eq!(infer("is_mature", [Cell::Integer(2)].iter()), ColumnKind::Number);
        assert_eq!(infer("pipeline", [Cell::from("Sales")].iter()), ColumnKind::Text);
    }
}

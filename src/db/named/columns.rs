//! How people read a column of a result, told by its name: queries name rates `_rate` and money by what it is.

use crate::output::{Cell, ColumnKind};

const MONEY: &[&str] = &[
    "spend", "revenue", "amount", "cost", "cac", "cpc", "cpm", "mrr", "arr", "arpc", "cltv", "pipeline", "value",
    "opening", "closing", "expansion", "contraction", "churn", "reactivation", "new_business", "deal_size", "velocity",
    "credit", "budget",
];
const RATES: &[&str] = &["rate", "share", "ctr", "change", "attainment", "roi", "effect", "elapsed"];
const COUNTS: &[&str] = &["deals", "customers", "people", "per_month", "days", "months", "minutes", "index", "records"];

/// Text and dates by what the cells hold, numbers by the words of the column's name.
pub fn column_kind<'a>(name: &str, cells: impl Iterator<Item = &'a Cell>) -> ColumnKind {
    let mut numeric = false;
    let mut dates = true;
    for cell in cells {
        match cell {
            Cell::Integer(_) | Cell::Real(_) => numeric = true,
            Cell::Text(text) if !is_date(text) => return ColumnKind::Text,
            Cell::Text(_) => return if dates { ColumnKind::Date } else { ColumnKind::Text },
            Cell::Blob(_) => return ColumnKind::Text,
            Cell::Null => continue,
        }
        dates = false;
        if matches!(cell, Cell::Integer(_)) && !has_word(name, MONEY) && !has_word(name, RATES) {
            return ColumnKind::Number;
        }
    }
    let last_word_counts = COUNTS.iter().any(|c| ends_with_word(name, c));
    match () {
        () if !numeric => ColumnKind::Text,
        () if last_word_counts => ColumnKind::Number,
        () if has_word(name, RATES) => ColumnKind::Rate,
        () if has_word(name, MONEY) => ColumnKind::Money,
        () => ColumnKind::Number,
    }
}

fn has_word(name: &str, words: &[&str]) -> bool {
    words.iter().any(|w| match name.find(w) {
        Some(at) => {
            let after = name.as_bytes().get(at + w.len());
            (at == 0 || name.as_bytes()[at - 1] == b'_') && after.is_none_or(|b| *b == b'_')
        }
        None => false,
    })
}

fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, cell: Cell) -> ColumnKind {
        column_kind(name, [Cell::Null, cell].iter())
    }

    #[test]
    fn names_tell_money_from_rates_and_counts() {
        assert_eq!(kind("spend", Cell::Real(1.5)), ColumnKind::Money);
        assert_eq!(kind("cost_per_mql", Cell::Real(1.5)), ColumnKind::Money);
        assert_eq!(kind("won_deals", Cell::Integer(3)), ColumnKind::Number);
        assert_eq!(kind("average_sales_cycle_days", Cell::Real(45.0)), ColumnKind::Number);
        assert_eq!(kind("lead_to_mql_rate", Cell::Real(0.3)), ColumnKind::Rate);
        assert_eq!(kind("win_rate_amount", Cell::Real(0.4)), ColumnKind::Rate);
        assert_eq!(kind("spend_share", Cell::Real(0.4)), ColumnKind::Rate);
        assert_eq!(kind("period", Cell::Text("2026-10-01".into())), ColumnKind::Date);
        assert_eq!(kind("channel", Cell::Text("Email".into())), ColumnKind::Text);
    }
}

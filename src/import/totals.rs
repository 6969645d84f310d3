//! Rows that are not data: totals, which are checksums first, and footers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::cells::Cells;
use crate::format::Format;
use crate::format::bind::{AD_PATH, Binding};
use crate::format::pattern::Pattern;
use crate::format::spec::Totals;
use crate::format::value::{self, Kind};

/// How a table's totals and footers are recognised.
#[derive(Debug, Clone)]
pub struct TotalRules<'f> {
    format: &'f Format,
    /// The words with which labels of totals begin, in lower case.
    prefixes: Vec<String>,
    /// Columns that say what a row is about; a total fills none of them but the one with its label.
    identity: Vec<usize>,
    /// Columns that split rows further; a total may repeat for each of their values.
    segments: Vec<usize>,
    blank: Vec<usize>,
    width: usize,
}

/// What a row that is no data turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoData {
    Footer,
    /// A total, with its label and whether it is of one segment only.
    Total {
        label: String,
        of: TotalOf,
        is_segment: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalOf {
    /// The listed rows.
    Rows,
    /// The whole account, shown or not.
    Account,
    /// The listed rows, which are the whole account.
    Both,
    /// Something else.
    Part,
}

/// Of which rows labels are those of totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// Those above all data.
    Start,
    /// Those below all data.
    End,
    Anywhere,
}

/// The label of a row: its first cell that says what the row is of, where that is called like a total.
#[derive(Debug, Clone)]
pub struct Label {
    text: String,
    position: usize,
    /// A part is what only begins like a total.
    pub of: TotalOf,
}

fn is_empty(cells: &Cells, position: usize) -> bool {
    cells.get(position).is_none_or(|c| value::is_placeholder(value::trim(c)))
}

fn plain(cell: &str) -> Cow<'_, str> {
    let cell = value::trim(cell);
    if cell.is_ascii() { cell.into() } else { cell.replace(['\u{a0}', '\u{202f}'], " ").into() }
}

impl<'f> TotalRules<'f> {
    pub fn new(binding: &Binding<'f>) -> TotalRules<'f> {
        let spec = &binding.format.spec.totals;
        // Terms and places are listed, and a total's label stands among them; only what splits every row is passed over.
        let partial = &binding.partial_positions;
        let segments: Vec<usize> = binding
            .breakdown
            .iter()
            .map(|(_, p)| *p)
            .filter(|p| !partial.contains(p))
            .chain(
                ["day", "week", "month", "quarter", "year", "day_from", "day_to"]
                    .iter()
                    .flat_map(|d| binding.column(d))
                    .flat_map(|c| c.positions.clone()),
            )
            // A total of money says its currency; an ad account has one, so that its totals are not of a part.
            .chain(
                binding
                    .columns
                    .iter()
                    .filter(|c| c.kind == Kind::Currency && binding.format.spec.target != "ads")
                    .flat_map(|c| c.positions.clone()),
            )
            .collect();
        let is_path =
            |target: &str| AD_PATH.iter().any(|p| target == *p || target.strip_suffix("_id") == Some(p));
        let is_ads = binding.format.spec.target == "ads";
        let identity = binding
            .columns
            .iter()
            .filter(|c| if is_ads { is_path(&c.target) } else { matches!(c.kind, Kind::Text | Kind::Id) })
            .flat_map(|c| c.positions.clone())
            .chain(partial.iter().copied())
            .filter(|p| !segments.contains(p))
            .collect();
        let mut blank = binding.positions(&spec.blank);
        if !spec.blank.is_empty() {
            blank.extend(binding.breakdown.iter().map(|(_, p)| *p));
        }
        TotalRules {
            prefixes: spec.prefix.iter().map(|p| p.to_lowercase()).collect(),
            identity,
            segments,
            blank,
            width: binding.headers.len(),
            format: binding.format,
        }
    }

    fn spec(&self) -> &'f Totals {
        &self.format.spec.totals
    }

    /// Which of the rows that are labelled like totals are such.
    pub fn block(&self) -> Block {
        match self.spec().at.as_deref() {
            Some("start") => Block::Start,
            Some("end") => Block::End,
            _ => Block::Anywhere,
        }
    }

    pub fn has_footers(&self) -> bool {
        !self.spec().footer.is_empty()
    }

    /// True if there are columns whose emptiness marks a total.
    pub fn has_blank(&self) -> bool {
        !self.blank.is_empty()
    }

    pub fn is_footer(&self, cells: &Cells) -> bool {
        if !self.has_footers() {
            return false;
        }
        let Some(first) = cells.iter().map(value::trim).find(|c| !c.is_empty()) else { return false };
        self.spec().footer.iter().any(|f| first.starts_with(f.as_str()))
    }

    pub fn fills_blank(&self, cells: &Cells) -> bool {
        self.blank.iter().any(|p| !is_empty(cells, *p))
    }

    /// The label of a row that looks like a total: its first cell that is neither empty nor a segment (unless that is a
    /// known label), if it says so and the row names nothing else.
    pub fn label(&self, cells: &Cells) -> Option<Label> {
        // nearly every row names several things, which no total does
        let mut named = self.identity.iter().filter(|p| !is_empty(cells, **p));
        if named.next().is_some_and(|first| named.any(|other| other != first)) {
            return None;
        }
        let known = |label: &str| {
            let is = |pattern: &Option<Pattern>| pattern.as_ref().is_some_and(|p| p.is_match(label));
            match () {
                () if is(&self.format.total_of_account) => Some(TotalOf::Account),
                () if is(&self.format.total_of_rows) => Some(TotalOf::Rows),
                () => None,
            }
        };
        let names_only =
            |position: usize| self.identity.iter().filter(|p| **p != position).all(|p| is_empty(cells, *p));
        let in_segment = |p: usize| {
            let cell = value::trim(&cells[p]);
            names_only(p) && cell.starts_with(char::is_alphabetic) && known(&plain(cell)).is_some()
        };
        let mut filled = (0..cells.len()).filter(|p| !is_empty(cells, *p));
        let position = filled.find(|p| !self.segments.contains(p) || in_segment(*p))?;
        if !names_only(position) {
            return None;
        }
        let label = plain(cells.get(position)?);
        let known = known(&label);
        let is_prefixed = !self.prefixes.is_empty() && {
            let lower = value::lower(&label);
            self.prefixes.iter().any(|p| lower.starts_with(p.as_str()))
        };
        if known.is_none() && !is_prefixed {
            return None;
        }
        // Where the label stands in the only column that names things, a campaign may be called "Total …".
        let is_sure = known.is_some() || !self.identity.contains(&position) || self.identity.len() > 1;
        (is_sure || self.spec().at.is_some()).then(|| Label {
            text: label.into_owned(),
            position,
            of: known.unwrap_or(TotalOf::Part),
        })
    }

    /// Says what a row is if it is no data. `label` is that of a total; some row `fills_blank` columns.
    pub fn judge(&self, cells: &Cells, label: Option<Label>, fills_blank: bool) -> Option<NoData> {
        if self.is_footer(cells) {
            return Some(NoData::Footer);
        }
        if let Some(Label { text: label, position, of }) = label {
            let segments = self.segments.iter().filter(|p| **p != position && !is_empty(cells, **p));
            let segments: Vec<&str> = segments.filter_map(|p| cells.get(*p)).map(value::trim).collect();
            let is_segment = !segments.is_empty();
            // `Total EUR` and `Total USD` are parts of one total
            let label =
                segments.iter().fold(label, |label, segment| label.replace(segment, "").trim().to_owned());
            return Some(NoData::Total { label, of, is_segment });
        }
        if self.has_blank() && fills_blank && !self.fills_blank(cells) {
            let of = match self.spec().blank_is.as_deref() {
                Some("account") => TotalOf::Both,
                Some("rows") => TotalOf::Rows,
                _ => TotalOf::Part,
            };
            return Some(NoData::Total { label: "total".to_owned(), of, is_segment: false });
        }
        // A single cell below a wider table is a remark.
        let is_short = self.width >= 3 && cells.len() < self.width;
        (is_short && cells.iter().filter(|c| !value::trim(c).is_empty()).count() == 1)
            .then_some(NoData::Footer)
    }
}

/// Totals by target column.
type Amounts = BTreeMap<String, i128>;

/// Sums of the loaded rows against the totals that the file gives.
#[derive(Debug, Default)]
pub struct Checksum {
    sums: BTreeMap<String, i128>,
    /// Of the listed rows: label → (segment totals added up, the total of all segments).
    rows: BTreeMap<String, (Amounts, Option<Amounts>)>,
    account: Option<Amounts>,
    count: Option<(u64, u64)>,
}

impl Checksum {
    pub fn add(&mut self, column: &str, amount: i128) {
        *self.sums.entry(column.to_owned()).or_default() += amount;
    }

    pub fn total(&mut self, label: &str, of: TotalOf, is_segment: bool, amounts: &[(String, i64)]) {
        let amounts: BTreeMap<String, i128> =
            amounts.iter().map(|(c, a)| (c.clone(), i128::from(*a))).collect();
        if matches!(of, TotalOf::Rows | TotalOf::Both) {
            let entry = self.rows.entry(label.to_owned()).or_default();
            if is_segment {
                for (column, amount) in &amounts {
                    *entry.0.entry(column.clone()).or_default() += amount;
                }
            } else {
                entry.1 = Some(amounts.clone());
            }
        }
        if matches!(of, TotalOf::Account | TotalOf::Both) && !is_segment {
            self.account = Some(amounts);
        }
    }

    pub fn rows_promised(&mut self, promised: u64, found: u64) {
        self.count = Some((promised, found));
    }

    /// `agrees`, `differs: …`, or nothing to compare with.
    pub fn verdict(&self) -> Option<String> {
        if let Some((promised, found)) = self.count
            && promised != found
        {
            return Some(format!("differs: the file promises {promised} rows and holds {found}"));
        }
        let verdicts: Vec<Option<String>> = self
            .rows
            .values()
            .map(|(segments, all)| self.difference(all.as_ref().unwrap_or(segments)))
            .collect();
        if verdicts.is_empty() {
            return self.count.map(|_| "agrees".to_owned());
        }
        if verdicts.iter().any(Option::is_none) {
            return Some("agrees".to_owned());
        }
        verdicts.into_iter().flatten().next().map(|d| format!("differs: {d}"))
    }

    /// True if the rows add up to what the file gives for the whole account.
    pub fn is_whole_account(&self) -> bool {
        self.account.as_ref().is_some_and(|account| self.difference(account).is_none())
    }

    fn difference(&self, total: &BTreeMap<String, i128>) -> Option<String> {
        total.iter().filter(|(c, _)| COMPARED.contains(&target_of(c))).find_map(|(column, amount)| {
            let sum = self.sums.get(column).copied().unwrap_or(0);
            // Rows shown with two decimals may miss their exact total by half a cent each.
            let is_close = target_of(column).ends_with("_micros") && (sum - amount).abs() <= 20_000;
            (sum != *amount && !is_close).then(|| {
                let (name, shown, given) = readable(column, sum, *amount);
                format!("`{name}` is {shown} in the rows and {given} in the total")
            })
        })
    }
}

/// What of a total is held against the rows.
const COMPARED: [&str; 10] = [
    "spend_micros",
    "impressions",
    "clicks",
    "sessions",
    "views",
    "amount_micros",
    "mrr_micros",
    "reactions",
    "comments",
    "shares",
];

/// The name under which one of several columns of a target is added up: `mrr_micros@2026-01`.
pub fn summed_as(target: &str, header: &str) -> String {
    format!("{target}@{header}")
}

fn target_of(column: &str) -> &str {
    column.split_once('@').map_or(column, |(target, _)| target)
}

fn readable(column: &str, sum: i128, total: i128) -> (&str, String, String) {
    let target = target_of(column);
    let header = column.split_once('@').map(|(_, header)| header);
    match target.strip_suffix("_micros") {
        Some(name) => (header.unwrap_or(name), money(sum), money(total)),
        None => (header.unwrap_or(target), sum.to_string(), total.to_string()),
    }
}

fn money(micros: i128) -> String {
    format!("{}.{:02}", micros / 1_000_000, (micros % 1_000_000).abs() / 10_000)
}

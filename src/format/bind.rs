//! A format tied to one table's header: which position feeds which target column, and what nobody takes.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::few::Few;
use super::pattern::Pattern;
use super::value::{Kind, Reading, Unit};
use super::{ColumnRule, Format, Header, header};
use crate::error::{Error, Result};
use crate::hash::ByNumber;

/// The columns of the record tables: name → is it an INTEGER.
pub type Schema = HashMap<String, Table>;

#[derive(Debug, Clone, Default)]
pub struct Table {
    pub columns: Vec<(String, bool)>,
    /// Those whose texts are kept in `texts`.
    pub interned: Vec<String>,
    /// The columns of its unique key, without `source`.
    pub key: Vec<String>,
    /// Of those, the ones without a default.
    pub required: Vec<String>,
    /// Whether its records tell the file that last held them.
    pub tells_file: bool,
}

/// The numbers of an ad report; they are not columns of one table.
pub const AD_NUMBERS: [&str; 5] =
    ["spend_micros", "impressions", "clicks", "conversions_millionths", "leads_millionths"];
/// From shallow to deep.
pub const AD_PATH: [&str; 4] = ["campaign", "ad_group", "ad", "item"];

#[derive(Debug)]
pub struct BoundColumn<'f> {
    pub target: String,
    pub rule: &'f ColumnRule,
    pub positions: Vec<usize>,
    pub kind: Kind,
    pub reading: Reading,
    pub header: String,
    /// The cell counts only where this holds.
    pub condition: Option<Condition>,
    pub null: HashSet<String, ByNumber>,
    pub values: HashMap<String, String, ByNumber>,
    /// One cell is read as it stands: nothing of the rule changes it.
    pub is_plain: bool,
}

/// Where the cells are (of those present) of which one has to match the rule's condition.
#[derive(Debug)]
pub struct Condition {
    pub positions: Vec<usize>,
    pub said: RefCell<Few<bool>>,
}

#[derive(Debug)]
pub struct BoundUnpivot<'f> {
    pub rule: &'f super::UnpivotRule,
    pub position: usize,
    pub header: String,
    /// The target columns that the cell goes to, and how it is read for each.
    pub cells: Vec<(String, Kind)>,
    pub reading: Reading,
    pub target: String,
    /// Target columns whose text is in the header or constant.
    pub fixed: Vec<(String, String)>,
}

impl BoundColumn<'_> {
    /// What it says in a row follows from one cell alone, and more has to be done for it than to take the cell.
    pub fn depends_on_one_cell(&self) -> bool {
        let spec = &self.rule.spec;
        let is_free = matches!(self.kind, Kind::Text | Kind::Id) || self.kind.is_number();
        let is_one =
            self.positions.len() == 1 && self.condition.is_none() && !spec.list && spec.times.is_none();
        is_one && !(is_free && self.is_plain)
    }
}

/// A format tied to a header.
#[derive(Debug)]
pub struct Binding<'f> {
    pub format: &'f Format,
    pub headers: Vec<String>,
    pub columns: Vec<BoundColumn<'f>>,
    pub unpivots: Vec<BoundUnpivot<'f>>,
    /// Target columns with one text for the whole table.
    pub constants: BTreeMap<String, String>,
    pub unmapped: Vec<String>,
    /// Breakdown headers present, in a stable order, with their positions.
    pub breakdown: Vec<(String, usize)>,
    /// Positions of the breakdown headers that leave out part of the traffic.
    pub partial_positions: Vec<usize>,
    /// Rows equal in both of these positions are furniture.
    pub same: Option<(usize, usize)>,
    pub skip_when: Vec<(usize, Vec<String>)>,
    pub skip_matching: Vec<(usize, Pattern)>,
}

impl Binding<'_> {
    pub fn column(&self, target: &str) -> Option<&BoundColumn<'_>> {
        self.columns.iter().find(|c| c.target == target)
    }

    /// Headers that stand there more than once and feed one column of which one cell counts.
    pub fn doubled(&self) -> impl Iterator<Item = &str> {
        let one = self.columns.iter().filter(|c| !c.rule.spec.list && !c.rule.spec.sum);
        let mut found: Vec<&str> = Vec::new();
        for column in one {
            let names: Vec<&str> =
                column.positions.iter().filter_map(|p| self.headers.get(*p)).map(String::as_str).collect();
            for (at, name) in names.iter().enumerate() {
                if names[..at].contains(name) && !found.contains(name) {
                    found.push(name);
                }
            }
        }
        found.into_iter()
    }

    /// The amount of a row, by which its currency may be known.
    pub fn amount(&self) -> Option<&BoundColumn<'_>> {
        self.columns.iter().find(|c| c.kind == Kind::Money)
    }

    pub fn has(&self, target: &str) -> bool {
        self.column(target).is_some() || self.constants.contains_key(target)
    }

    /// Positions of the columns with these target names or raw headers, of those present.
    pub fn positions(&self, names: &[String]) -> Vec<usize> {
        names.iter().flat_map(|n| position_of(&self.columns, &self.headers, n)).collect()
    }
}

fn position_of(columns: &[BoundColumn], headers: &[String], name: &str) -> Option<usize> {
    let bound = columns.iter().find(|c| c.target == name).and_then(|c| c.positions.first().copied());
    let names: Vec<String> = name.split('|').map(header::normalize).collect();
    bound.or_else(|| headers.iter().position(|h| names.contains(&header::normalize(h))))
}

/// Ties a format to a header row. Fails where the format names a column that its target lacks.
pub fn bind<'f>(format: &'f Format, cells: &[&str], schema: &Schema) -> Result<Binding<'f>> {
    let names = Header::new(cells);
    let mut constants = format.spec.set.clone();
    let mut taken: HashSet<usize> = HashSet::new();
    let mut columns = Vec::new();
    for rule in &format.columns {
        if !rule.spec.present.is_empty() {
            constants.insert(rule.target.clone(), present_labels(format, rule, &names));
            continue;
        }
        match find_rule(rule, &names, &mut constants) {
            Some((rule, positions)) => {
                taken.extend(&positions);
                let mut column = bind_column(format, rule, positions, cells, &names, schema)?;
                column.reading.zone = constants.remove("zone").and_then(|zone| zone.parse().ok());
                taken.extend(column.condition.iter().flat_map(|condition| &condition.positions));
                columns.push(column);
            }
            None => {
                if let Some(default) = &rule.spec.default {
                    constants.insert(rule.target.clone(), default.clone());
                }
            }
        }
    }
    let unpivots = bind_unpivots(format, &names, cells, schema, &mut taken)?;
    let headers: Vec<String> = cells.iter().map(|c| c.trim().to_owned()).collect();
    let breakdown = find_all(&format.spec.ads.breakdown, &names);
    let partial = find_all(&format.spec.ads.partial_breakdown, &names);
    taken.extend(breakdown.iter().chain(&partial).map(|(_, p)| *p));
    let skip_when = positions_for(&format.spec.skip.when, &columns, &headers)
        .map(|(p, values)| (p, values.iter().map(|v| v.to_lowercase()).collect()))
        .collect();
    let mut skip_matching = Vec::new();
    for (position, pattern) in positions_for(&format.spec.skip.matching, &columns, &headers) {
        skip_matching.push((position, Pattern::checked(&format.name, pattern)?));
    }
    let same = match format.spec.skip.same.as_slice() {
        [a, b] => position_of(&columns, &headers, a).zip(position_of(&columns, &headers, b)),
        _ => None,
    };
    let unmapped = (0..headers.len())
        .filter(|_| format.spec.target != "nothing")
        .filter(|p| !taken.contains(p) && !headers[*p].is_empty())
        .map(|p| headers[p].clone());
    Ok(Binding {
        format,
        unmapped: unmapped.collect(),
        partial_positions: partial.iter().map(|(_, p)| *p).collect(),
        breakdown: breakdown.into_iter().chain(partial).collect(),
        headers,
        columns,
        unpivots,
        constants,
        same,
        skip_when,
        skip_matching,
    })
}

fn positions_for<'m, V>(
    map: &'m BTreeMap<String, V>,
    columns: &[BoundColumn],
    headers: &[String],
) -> impl Iterator<Item = (usize, &'m V)> {
    map.iter().filter_map(|(name, v)| Some((position_of(columns, headers, name)?, v)))
}

/// The labels of the listed columns that the header has.
fn present_labels(format: &Format, rule: &ColumnRule, names: &Header) -> String {
    let is_there = |name: &str| {
        let by_rule = format.columns.iter().any(|c| c.target == name && c.is_in(names));
        by_rule || name.split('|').any(|n| names.has(&header::normalize(n)))
    };
    let labels: Vec<&str> = rule
        .spec
        .present
        .iter()
        .filter(|(name, _)| is_there(name))
        .map(|(_, label)| label.as_str())
        .collect();
    if labels.is_empty() { rule.spec.default.clone().unwrap_or_default() } else { labels.join("+") }
}

/// The rule, or its fallback, that the header serves, and the positions that feed it.
fn find_rule<'f>(
    rule: &'f ColumnRule,
    names: &Header,
    constants: &mut BTreeMap<String, String>,
) -> Option<(&'f ColumnRule, Vec<usize>)> {
    let found = find_positions(rule, names, constants);
    if !found.is_empty() {
        return Some((rule, found));
    }
    find_rule(rule.fallback.as_deref()?, names, constants)
}

/// Every header that feeds the column, in the order of its aliases. The first that holds something counts,
/// unless they are summed or listed.
fn find_positions(rule: &ColumnRule, names: &Header, constants: &mut BTreeMap<String, String>) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for alias in &rule.headers {
        let named = |p: &usize| names.names[*p] == *alias && !names.names[*p].is_empty();
        // two aliases may be spellings of one header
        let new: Vec<usize> = (0..names.names.len()).filter(named).filter(|p| !found.contains(p)).collect();
        found.extend(new);
    }
    for pattern in rule.patterns.iter() {
        for (position, straight) in names.straight().iter().enumerate().filter(|_| found.is_empty()) {
            let Some(captures) = pattern.captures(straight) else { continue };
            for group in pattern.group_names() {
                if let Some(text) = captures.name(group) {
                    constants.insert(group.to_owned(), text.as_str().to_owned());
                }
            }
            // a header without a name in it may come in several languages
            let others =
                (position + 1..names.straight().len()).filter(|_| pattern.group_names().next().is_none());
            found.push(position);
            found.extend(others.filter(|p| pattern.is_match(&names.straight()[*p])));
            break;
        }
    }
    found
}

fn bind_column<'f>(
    format: &'f Format,
    rule: &'f ColumnRule,
    positions: Vec<usize>,
    cells: &[&str],
    names: &Header,
    schema: &Schema,
) -> Result<BoundColumn<'f>> {
    let kind = kind_of(format, &format.spec.target, &rule.target, schema)?;
    let spec = &rule.spec;
    let is_changed = spec.list || spec.sum || spec.offset || spec.times.is_some() || spec.default.is_some();
    let is_mapped = !spec.null.is_empty() || !spec.values.is_empty() || rule.extract.is_some();
    Ok(BoundColumn {
        target: rule.target.clone(),
        is_plain: positions.len() == 1 && rule.condition.is_none() && !is_changed && !is_mapped,
        header: cells[positions[0]].trim().to_owned(),
        positions,
        kind,
        reading: reading(&spec.zone, &spec.midnight, &spec.unit, &spec.date, spec.key.as_deref()),
        condition: rule.condition.as_ref().map(|(headers, _)| Condition {
            positions: (0..names.names.len()).filter(|p| headers.contains(&names.names[*p])).collect(),
            said: RefCell::default(),
        }),
        null: spec.null.iter().map(|n| n.to_lowercase()).collect(),
        values: spec.values.iter().map(|(k, v)| (k.to_lowercase(), v.clone())).collect(),
        rule,
    })
}

fn bind_unpivots<'f>(
    format: &'f Format,
    names: &Header,
    cells: &[&str],
    schema: &Schema,
    taken: &mut HashSet<usize>,
) -> Result<Vec<BoundUnpivot<'f>>> {
    let mut bound = Vec::new();
    for rule in &format.unpivots {
        let target = rule.spec.target.clone().unwrap_or_else(|| format.spec.target.clone());
        let mut kinds = Vec::new();
        for cell in &rule.spec.cell.0 {
            kinds.push((cell.clone(), kind_of(format, &target, cell, schema)?));
        }
        for (position, straight) in names.straight().iter().enumerate() {
            let Some(captures) = rule.header.captures(straight) else { continue };
            let mut fixed: Vec<(String, String)> = rule.spec.set.clone().into_iter().collect();
            for group in rule.header.group_names() {
                fixed.extend(captures.name(group).map(|m| (group.to_owned(), m.as_str().to_owned())));
            }
            taken.insert(position);
            let s = &rule.spec;
            bound.push(BoundUnpivot {
                rule,
                position,
                header: cells[position].trim().to_owned(),
                cells: kinds.clone(),
                reading: reading(&s.zone, &s.midnight, &s.unit, &s.date, None),
                target: target.clone(),
                fixed,
            });
        }
    }
    Ok(bound)
}

fn find_all(wanted: &[String], names: &Header) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = wanted
        .iter()
        .filter_map(|w| {
            let aliases: Vec<String> = w.split('|').map(header::normalize).collect();
            let position = names.names.iter().position(|n| aliases.contains(n))?;
            Some((aliases[0].clone(), position))
        })
        .collect();
    found.sort();
    found
}

fn reading(
    zone: &Option<String>,
    midnight: &Option<String>,
    unit: &Option<String>,
    date: &Option<String>,
    key: Option<&str>,
) -> Reading {
    Reading {
        utc: zone.as_deref() == Some("utc"),
        midnight_is_date: midnight.as_deref() == Some("date"),
        unit: match unit.as_deref() {
            Some("minor") => Unit::Minor,
            Some("percent") => Unit::Percent,
            Some("milliseconds") => Unit::Milliseconds,
            Some("minutes") => Unit::Minutes,
            Some("hours") => Unit::Hours,
            _ => Unit::Major,
        },
        zone: None,
        widen_ids: key == Some("salesforce"),
        order: match date.as_deref() {
            Some("mdy") => Some(super::date::Order::MonthFirst),
            Some("dmy") => Some(super::date::Order::DayFirst),
            _ => None,
        },
    }
}

/// How cells of a target column are read; an error where the target has no such column.
fn kind_of(format: &Format, table: &str, column: &str, schema: &Schema) -> Result<Kind> {
    if matches!(table, "ads" | "nothing")
        || matches!(column, "account" | "day" | "week" | "month" | "quarter" | "year")
            && !schema_has(schema, table, column)
    {
        let is_integer = AD_NUMBERS.contains(&column) || matches!(column, "impressions" | "clicks");
        return Ok(if matches!(column, "quarter" | "year") {
            Kind::Day
        } else {
            Kind::of(column, is_integer)
        });
    }
    let columns = &schema.get(table).ok_or_else(|| {
        Error::failed(format!("the format `{}` has an unknown target `{table}`", format.name))
    })?;
    match columns.columns.iter().find(|(name, _)| name == column) {
        Some((_, is_integer)) => Ok(Kind::of(column, *is_integer)),
        None => Err(Error::failed(format!(
            "the format `{}` fills `{column}`, which `{table}` does not have",
            format.name
        ))),
    }
}

fn schema_has(schema: &Schema, table: &str, column: &str) -> bool {
    schema.get(table).is_some_and(|t| t.columns.iter().any(|(name, _)| name == column))
}

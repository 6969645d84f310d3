//! The records that medians and distinct counts are taken of, each with its day, scope and number.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::cells::Scope;
use crate::catalog;
use crate::error::{Error, Result};
use crate::settings::calendar::{date_of, parse_day};

/// Wide enough for any day (0001 to 9999).
const ALL_DAYS: (i32, i32) = (-719_162, 2_932_896);

/// The number of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Number {
    Integer(i64),
    /// The bits of a real number.
    Real(u64),
}

impl Number {
    fn read(value: ValueRef) -> Option<Number> {
        match value {
            ValueRef::Integer(n) => Some(Number::Integer(n)),
            ValueRef::Real(x) => Some(Number::Real(x.to_bits())),
            _ => None,
        }
    }

    pub fn real(self) -> f64 {
        match self {
            Number::Integer(n) => n as f64,
            Number::Real(bits) => f64::from_bits(bits),
        }
    }
}

/// By day and channel, without totals.
pub(super) type Days = BTreeMap<i32, HashMap<Scope, Vec<Number>>>;

/// Samples that were read as a whole, for the next grain to read again.
#[derive(Debug, Default)]
pub(super) struct Samples(RefCell<HashMap<String, Rc<Days>>>);

impl Samples {
    /// A sample's records; where only some days are asked for, perhaps no others.
    pub fn days(&self, conn: &Connection, name: &str, between: Option<(i32, i32)>) -> Result<Rc<Days>> {
        if let Some(days) = self.0.borrow().get(name) {
            return Ok(Rc::clone(days));
        }
        let days = Rc::new(read(conn, name, between.unwrap_or(ALL_DAYS))?);
        if between.is_none() {
            self.0.borrow_mut().insert(name.to_owned(), Rc::clone(&days));
        }
        Ok(days)
    }
}

fn read(conn: &Connection, name: &str, (first, last): (i32, i32)) -> Result<Days> {
    let sample = catalog::sql("samples").into_iter().find(|t| t.name == name);
    let sample = sample.ok_or_else(|| Error::failed(format!("the sample `{name}` does not exist")))?;
    let body = sample.body.trim().trim_end_matches(';');
    let mut statement = conn.prepare_cached(&format!(
        "select day, channel_group, channel, value from (\n{body}\n) where day between ?1 and ?2"
    ))?;
    let mut days = Days::new();
    let mut scopes: HashMap<String, Scope> = HashMap::new();
    let mut asked = String::new();
    let mut rows = statement.query([date_of(first).to_string(), date_of(last).to_string()])?;
    while let Some(row) = rows.next()? {
        let Some(day) = row.get_ref(0)?.as_str_or_null().ok().flatten().and_then(parse_day) else { continue };
        let Some(number) = Number::read(row.get_ref(3)?) else { continue };
        let text = |at: usize| row.get_ref(at).ok().and_then(|v| v.as_str().ok()).unwrap_or("Unknown");
        let (group, channel) = (text(1), text(2));
        asked.clear();
        asked.push_str(group);
        asked.push('\u{1f}');
        asked.push_str(channel);
        if !scopes.contains_key(&asked) {
            scopes.insert(asked.clone(), (group.to_owned(), channel.to_owned()));
        }
        let scope = &scopes[&asked];
        let cells = days.entry(day).or_default();
        match cells.get_mut(scope) {
            Some(numbers) => numbers.push(number),
            None => {
                cells.insert(scope.clone(), vec![number]);
            }
        }
    }
    Ok(days)
}

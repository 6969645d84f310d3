//! The days a query looks at: `--from`, `--to`, `--period` and `--grain` resolved together.

use chrono::NaiveDate;
use rusqlite::types::Value;

use super::params::{Moment, read_choice};
use super::{NamedQuery, Param, ParamKind};
use crate::error::{Error, Result};
use crate::period::{Calendar, Grain, Period};

/// The days a query looks at.
#[derive(Debug, Default)]
pub(super) struct Range {
    grain: Option<Grain>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    periods: Vec<(String, Period)>,
}

impl Range {
    pub(super) fn resolve<'a>(
        query: &NamedQuery,
        typed: &impl Fn(&str) -> Option<&'a str>,
        moment: &Moment,
    ) -> Result<Range> {
        let mut range = Range { grain: Self::typed_grain(query, typed)?, ..Range::default() };
        let default_grain =
            query.param("grain").and_then(|p| p.default.as_deref()).and_then(Grain::from_name);
        let whole = typed("period").map(|text| moment.clock.parse(text)).transpose()?;
        if query.param("from").is_some() && query.param("period").is_none() {
            range.resolve_days(query, typed, moment, whole, default_grain)?;
        } else {
            let of_period = whole.and_then(|p| p.grain).filter(|g| *g != Grain::Day);
            range.grain = range.grain.or(of_period).or(default_grain);
        }
        let named = query.params.iter().filter(|p| p.kind == ParamKind::Period);
        for param in named {
            let period = range.resolve_period(param, typed(&param.name), moment)?;
            if let Some(period) = period {
                range.periods.push((param.name.clone(), period));
            }
        }
        Ok(range)
    }

    fn typed_grain<'a>(
        query: &NamedQuery,
        typed: &impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Grain>> {
        match (query.param("grain"), typed("grain")) {
            (Some(param), Some(text)) => Ok(Grain::from_name(&read_choice(param, text)?)),
            _ => Ok(None),
        }
    }

    fn resolve_days<'a>(
        &mut self,
        query: &NamedQuery,
        typed: &impl Fn(&str) -> Option<&'a str>,
        moment: &Moment,
        whole: Option<Period>,
        default_grain: Option<Grain>,
    ) -> Result<()> {
        if whole.is_some() && (typed("from").is_some() || typed("to").is_some()) {
            return Err(Error::usage("`--period` already says where it begins and ends")
                .hint("give either `--period`, or `--from` and `--to`"));
        }
        let within = whole.and_then(|p| p.grain).filter(|g| *g != Grain::Day);
        self.grain = self.grain.or(match (default_grain, within) {
            (Some(default), Some(period)) => Some(default.min(period)),
            (default, _) => default,
        });
        let day = |name: &str, end: bool, fallback: Option<Period>, calendar: Calendar| -> Result<_> {
            let period = match (typed(name), fallback, query.param(name).and_then(|p| p.default.as_deref())) {
                (Some(text), _, _) => Some(moment.clock.parse(text)?),
                (None, Some(period), _) => Some(period),
                (None, None, Some(default)) => Some(calendar.parse(&fill_grain(default, self.grain))?),
                (None, None, None) => None,
            };
            Ok(period.map(|p| if end { p.to } else { p.from }))
        };
        let open_to = typed("from").is_some() && typed("to").is_none();
        let to = day("to", true, whole, moment.defaults(None))?;
        // from a given day on: as far as the data goes, the running period included
        let to = if open_to { to.max(moment.known_to) } else { to };
        let to_given = typed("to").and(to);
        let from = day("from", false, whole, moment.defaults(to_given))?;
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Error::usage(format!("nothing lies between {from} and {to}"))
                .hint("`--from` must not be after `--to`, or after the last day of the data"));
        }
        let aligned =
            |day: NaiveDate| self.grain.and_then(|g| moment.clock.around(g, day)).map_or(day, |p| p.from);
        self.from = from.map(aligned);
        self.to = to;
        Ok(())
    }

    /// One calendar period: of the grain asked for, around the first day of what was typed.
    fn resolve_period(&self, param: &Param, text: Option<&str>, moment: &Moment) -> Result<Option<Period>> {
        let (text, calendar) = match (text, param.default.as_deref()) {
            (Some(text), _) => (text.to_owned(), moment.clock),
            (None, Some(default)) => (fill_grain(default, self.grain), moment.defaults(None)),
            (None, None) => return Ok(None),
        };
        let period = calendar.parse(&text)?;
        let Some(grain) = self.grain.or(period.grain) else {
            return Err(Error::usage(format!("`{text}` is not one week, month, quarter or year"))
                .hint(format!("`--{}` takes 2026-10, 2026-Q4, 2026-W41, 2026, last-month, …", param.name)));
        };
        if period.grain.is_none() && calendar.around(grain, period.from).is_none_or(|p| p.to < period.to) {
            return Err(Error::usage(format!("`{text}` is more than one {}", grain.name()))
                .hint(format!("`--{}` takes one period; `--grain` says how long", param.name)));
        }
        let found = calendar.around(grain, period.from);
        match (found, moment.known_to) {
            (Some(p), Some(known)) if p.from > known && !param.may_lie_ahead => {
                Err(Error::usage(format!("nothing is known of `{text}` yet")).hint(format!(
                    "the last complete {} of the data is {}",
                    grain.name(),
                    moment.last_complete(grain).from
                )))
            }
            _ => Ok(found),
        }
    }

    pub(super) fn bind(self, query: &NamedQuery, values: &mut Vec<(String, Value)>) {
        let text = |day: NaiveDate| Value::Text(day.to_string());
        for param in &query.params {
            let name = param.name.clone();
            match param.kind {
                ParamKind::From => values.push((name, self.from.map_or(Value::Null, text))),
                ParamKind::To => values.push((name, self.to.map_or(Value::Null, text))),
                ParamKind::Grain => {
                    values.push((name, self.grain.map_or(Value::Null, |g| Value::Text(g.name().to_owned()))));
                }
                ParamKind::Period => {
                    let period = self.periods.iter().find(|(n, _)| *n == name).map(|(_, p)| *p);
                    values.push((format!("{name}_ends"), period.map_or(Value::Null, |p| text(p.to))));
                    values.push((name, period.map_or(Value::Null, |p| text(p.from))));
                }
                _ => {}
            }
        }
    }
}

fn fill_grain(default: &str, grain: Option<Grain>) -> String {
    default.replace("{grain}", grain.unwrap_or(Grain::Month).name())
}

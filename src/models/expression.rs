//! The small arithmetic of the KPI catalogue: `new_business_revenue * margin - spend`, `1 / mean_full_months(x, 6)`.

use crate::error::{Error, Result};

/// A parsed formula over names.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Number(f64),
    Name(String),
    /// A function of a name: `closing(x)`, `mean_full_months(x, 6)`.
    Call(String, String, f64),
    Binary(char, Box<Expression>, Box<Expression>),
}

impl Expression {
    pub fn parse(text: &str) -> Result<Expression> {
        let mut parser = Parser { rest: text };
        let parsed = parser.sum();
        match (parsed, parser.rest.trim()) {
            (Some(expression), "") => Ok(expression),
            _ => Err(Error::failed(format!("`{text}` is no formula"))),
        }
    }

    /// The value, where `look_up` gives what names and calls stand for; null spreads, and so does a division by zero.
    pub fn value<'e>(&'e self, look_up: &dyn Fn(&'e Expression) -> Option<f64>) -> Option<f64> {
        self.value_of(&|leaf| match leaf {
            Expression::Number(n) => Some(*n),
            leaf => look_up(leaf),
        })
    }

    fn value_of<'e>(&'e self, look_up: &dyn Fn(&'e Expression) -> Option<f64>) -> Option<f64> {
        match self {
            Expression::Binary(op, left, right) => {
                let (left, right) = (left.value_of(look_up)?, right.value_of(look_up)?);
                match op {
                    '+' => Some(left + right),
                    '-' => Some(left - right),
                    '*' => Some(left * right),
                    _ => (right != 0.0).then(|| left / right),
                }
            }
            leaf => look_up(leaf),
        }
    }

    /// What the formula makes of one unit of a name alone: 1 and -1 in `a - b`, the margin in `a * margin`. Constants
    /// that only change units may be left out: `seconds / 60` is 1 then.
    pub fn weight_of(&self, name: &str, with_units: bool, look_up: &dyn Fn(&str) -> Option<f64>) -> f64 {
        let weigh = |amount: f64| {
            self.value_of(&|leaf| match leaf {
                Expression::Number(n) => Some(if with_units { *n } else { 1.0 }),
                Expression::Name(leaf) | Expression::Call(_, leaf, _) if leaf == name => Some(amount),
                Expression::Name(leaf) => look_up(leaf).or(Some(0.0)),
                _ => Some(0.0),
            })
        };
        weigh(1.0).unwrap_or(0.0) - weigh(0.0).unwrap_or(0.0)
    }

    /// Calls `visit` with every name and call.
    pub fn visit<'e>(&'e self, visit: &mut dyn FnMut(&'e Expression)) {
        match self {
            Expression::Number(_) => {}
            Expression::Binary(_, left, right) => {
                left.visit(visit);
                right.visit(visit);
            }
            leaf => visit(leaf),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn eat(&mut self, wanted: &[char]) -> Option<char> {
        let trimmed = self.rest.trim_start();
        let first = trimmed.chars().next().filter(|c| wanted.contains(c))?;
        self.rest = &trimmed[1..];
        Some(first)
    }

    fn sum(&mut self) -> Option<Expression> {
        let mut left = self.product()?;
        while let Some(op) = self.eat(&['+', '-']) {
            left = Expression::Binary(op, Box::new(left), Box::new(self.product()?));
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Expression> {
        let mut left = self.leaf()?;
        while let Some(op) = self.eat(&['*', '/']) {
            left = Expression::Binary(op, Box::new(left), Box::new(self.leaf()?));
        }
        Some(left)
    }

    fn leaf(&mut self) -> Option<Expression> {
        if self.eat(&['(']).is_some() {
            let inner = self.sum()?;
            self.eat(&[')'])?;
            return Some(inner);
        }
        let word = self.word()?;
        if let Ok(number) = word.parse() {
            return Some(Expression::Number(number));
        }
        if self.eat(&['(']).is_none() {
            return Some(Expression::Name(word));
        }
        let argument = self.word()?;
        let number = if self.eat(&[',']).is_some() { self.word()?.parse().ok()? } else { 0.0 };
        self.eat(&[')'])?;
        Some(Expression::Call(word, argument, number))
    }

    fn word(&mut self) -> Option<String> {
        let trimmed = self.rest.trim_start();
        let end =
            trimmed.find(|c: char| !(c.is_alphanumeric() || "_.@".contains(c))).unwrap_or(trimmed.len());
        let (word, rest) = trimmed.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<f64> {
        Expression::parse(text).unwrap().value(&|leaf| match leaf {
            Expression::Name(name) if name == "a" => Some(6.0),
            Expression::Call(name, of, n) if name == "mean" && of == "a" => Some(*n),
            _ => None,
        })
    }

    #[test]
    fn formulas_follow_precedence_and_null() {
        assert_eq!(value("(a - 2) * 3 / 2"), Some(6.0));
        assert_eq!(value("a - 2 * 3"), Some(0.0));
        assert_eq!(value("1 / (a - 6)"), None);
        assert_eq!(value("a + missing"), None);
        assert_eq!(value("1 / mean(a, 4)"), Some(0.25));
        assert!(Expression::parse("a +").is_err());
    }

    #[test]
    fn a_name_weighs_what_it_adds() {
        let weight = |text: &str, name: &str| {
            let margin = |n: &str| (n == "margin").then_some(0.8);
            Expression::parse(text).unwrap().weight_of(name, false, &margin)
        };
        assert_eq!(weight("revenue * margin - spend", "revenue"), 0.8);
        assert_eq!(weight("revenue * margin - spend", "spend"), -1.0);
        assert_eq!(weight("seconds / 60", "seconds"), 1.0);
        assert_eq!(weight("opening(customers)", "customers"), 1.0);
    }
}

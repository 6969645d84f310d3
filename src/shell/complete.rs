//! What Tab offers: by where the cursor stands.

use std::path::Path;
use std::sync::{Arc, RwLock};

use clap::ValueEnum;
use reedline::{Completer, CompletionResult, Span, Suggestion};

use super::dot::{self, Takes};
use super::words::Words;
use crate::db::lexer::{self, Token, TokenKind};
use crate::db::mistake::{KEYWORDS, is_keyword};
use crate::db::query::Relation;
use crate::output::Shape;

pub(super) struct SqlCompleter {
    pub words: Arc<RwLock<Words>>,
}

impl Completer for SqlCompleter {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        let Ok(words) = self.words.read() else { return CompletionResult::fresh(Vec::new()) };
        let (start, offers) = offers(&words, line, pos);
        let suggestion = |offer: Offer| Suggestion {
            span: Span::new(start, pos),
            append_whitespace: offer.goes_on,
            value: offer.text,
            description: offer.about,
            ..Suggestion::default()
        };
        CompletionResult::fresh(offers.into_iter().map(suggestion).collect::<Vec<_>>())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    text: String,
    about: Option<String>,
    /// Whether a space follows.
    goes_on: bool,
}

fn offer(text: impl Into<String>, about: &str) -> Offer {
    let about = (!about.is_empty()).then(|| about.to_owned());
    Offer { text: text.into(), about, goes_on: true }
}

/// Where the word at the cursor begins, and what it may become, likeliest first.
pub(super) fn offers(words: &Words, line: &str, pos: usize) -> (usize, Vec<Offer>) {
    let before = &line[..pos];
    if let Some(command) = before.strip_prefix('.') {
        return dot_offers(words, before, command);
    }
    sql_offers(words, line, pos)
}

fn starting_with(offers: impl IntoIterator<Item = Offer>, typed: &str) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let mut fitting: Vec<Offer> = Vec::new();
    for offer in offers {
        if offer.text.to_lowercase().starts_with(&typed) && !fitting.iter().any(|o| o.text == offer.text) {
            fitting.push(offer);
        }
    }
    fitting
}

fn dot_offers(words: &Words, before: &str, command: &str) -> (usize, Vec<Offer>) {
    let Some((name, args)) = command.split_once(char::is_whitespace) else {
        let commands = dot::COMMANDS.iter().map(|c| offer(format!(".{}", c.name), c.help));
        return (0, starting_with(commands, before));
    };
    let word = args.rsplit(char::is_whitespace).next().unwrap_or_default();
    let start = before.len() - word.len();
    let takes = dot::find(name).map_or(Takes::Nothing, |c| c.takes);
    let list = |texts: &[String]| texts.iter().map(|text| offer(text, "")).collect::<Vec<_>>();
    let offers = match takes {
        Takes::Relation if is_statement(args) => return sql_in_command(words, before, args),
        Takes::Relation => words.relations.iter().map(|r| offer(&r.name, kind_of(r.is_view))).collect(),
        Takes::Mode => Shape::value_variants()
            .iter()
            .filter_map(|shape| Some(offer(shape.to_possible_value()?.get_name(), "")))
            .collect(),
        Takes::Switch => list(&["on".to_owned(), "off".to_owned()]),
        Takes::File => return (start, files(word)),
        Takes::Query | Takes::Kpi => return verb_offers(words, takes, before, args),
        Takes::Sql => return sql_in_command(words, before, args),
        Takes::Nothing | Takes::Free => Vec::new(),
    };
    (start, starting_with(offers, word))
}

fn is_statement(args: &str) -> bool {
    ["select ", "with "].iter().any(|word| starts(args, word))
}

fn sql_in_command(words: &Words, before: &str, args: &str) -> (usize, Vec<Offer>) {
    let sql = before.len() - args.len();
    let (start, offers) = sql_offers(words, args, args.len());
    (sql + start, offers)
}

/// A query or KPI, then its flags and what each of them takes.
fn verb_offers(words: &Words, takes: Takes, before: &str, args: &str) -> (usize, Vec<Offer>) {
    let (at, word) = last_word(args);
    let start = before.len() - args.len() + at;
    let earlier = dot::split_words(&args[..at]);
    let Some(first) = earlier.first() else {
        let names: Vec<Offer> = match takes {
            Takes::Kpi => words.kpis().iter().map(|kpi| offer(kpi, "")).collect(),
            _ => words.queries.iter().map(|query| offer(&query.name, &query.title)).collect(),
        };
        return (start, starting_with(names, word));
    };
    let flags = match takes {
        Takes::Kpi => Some(&words.kpi_flags),
        _ => words.queries.iter().find(|query| query.name == *first).map(|query| &query.flags),
    };
    let flags = flags.map(Vec::as_slice).unwrap_or_default();
    let given = earlier.last().and_then(|last| flags.iter().find(|flag| flag.name == *last));
    let offers: Vec<Offer> = match given {
        Some(flag) if !flag.takes.is_empty() => {
            flag.takes.iter().map(|value| offer(quoted(value), "")).collect()
        }
        Some(flag) if flag.column.is_some() => words
            .values_of(flag.column.unwrap_or_default())
            .iter()
            .map(|value| offer(quoted(value), ""))
            .collect(),
        _ => flags.iter().map(|flag| offer(&flag.name, &flag.about)).collect(),
    };
    let typed = word.trim_start_matches(['\'', '"']);
    let fitting = offers.into_iter().filter(|o| starts(o.text.trim_start_matches('\''), typed)).collect();
    (start, fitting)
}

fn starts(text: &str, typed: &str) -> bool {
    text.to_lowercase().starts_with(&typed.to_lowercase())
}

/// Where the last word of a command line begins, a quote before it included.
fn last_word(args: &str) -> (usize, &str) {
    let mut start = 0;
    let mut quote = None;
    for (index, c) in args.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, c) if c.is_whitespace() => start = index + c.len_utf8(),
            _ => {}
        }
    }
    (start, &args[start..])
}

/// A value as one word of a command line.
fn quoted(value: &str) -> String {
    if value.contains(char::is_whitespace) { format!("'{value}'") } else { value.to_owned() }
}

fn kind_of(is_view: bool) -> &'static str {
    if is_view { "view" } else { "table" }
}

fn files(word: &str) -> Vec<Offer> {
    let (folder, start) = word.rsplit_once('/').map_or(("", word), |(folder, start)| (folder, start));
    let shown = if word.contains('/') { format!("{folder}/") } else { String::new() };
    let folder = if shown.is_empty() { "." } else { shown.as_str() };
    let Ok(entries) = std::fs::read_dir(Path::new(folder)) else { return Vec::new() };
    let mut offers: Vec<Offer> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !start.starts_with('.');
            let is_folder = entry.path().is_dir();
            let text = format!("{shown}{name}{}", if is_folder { "/" } else { "" });
            (name.starts_with(start) && !hidden).then_some(Offer { text, about: None, goes_on: !is_folder })
        })
        .collect();
    offers.sort_by(|a, b| a.text.cmp(&b.text));
    offers
}

fn sql_offers(words: &Words, line: &str, pos: usize) -> (usize, Vec<Offer>) {
    let tokens = lexer::tokens(line);
    let before: Vec<&Token> = tokens.iter().filter(|t| t.range.start < pos).collect();
    let typed = before.last().copied().filter(|t| t.range.end >= pos);
    let (start, word) = match typed {
        Some(t) if t.kind == TokenKind::Comment => return (pos, Vec::new()),
        Some(t) if t.kind == TokenKind::Text => {
            return text_offers(words, line, &tokens[..before.len() - 1], t.range.start + 1, pos);
        }
        Some(t) if t.kind == TokenKind::Word => (t.range.start, &line[t.range.start..pos]),
        _ => (pos, ""),
    };
    let earlier: Vec<&Token> =
        before.into_iter().filter(|t| t.range.end <= start && t.is_meaningful()).collect();
    let statement = current_statement(&tokens, line, start);
    let scope = Scope::of(words, line, &statement);
    let offers = match earlier.as_slice() {
        [.., name, dot] if dot.kind == TokenKind::Mark('.') => {
            scope.columns_of(words, &name.name(line).unwrap_or_default())
        }
        [.., last] if ["from", "join", "into", "update", "table"].iter().any(|w| last.is_word(line, w)) => {
            scope.relations(words)
        }
        [] => keywords(),
        [.., last] if last.kind == TokenKind::Mark(';') => keywords(),
        [.., last] if last.kind == TokenKind::Mark(',') && in_from(&earlier, line) => scope.relations(words),
        _ if word.is_empty() => scope.columns(words),
        _ => {
            let functions = words
                .functions
                .iter()
                .map(|f| Offer { goes_on: false, ..offer(format!("{f}("), "function") });
            let mut all = scope.columns(words);
            all.extend(keywords());
            all.extend(scope.relations(words));
            all.extend(functions);
            all
        }
    };
    (start, starting_with(offers, word))
}

fn keywords() -> Vec<Offer> {
    KEYWORDS.iter().map(|word| offer(*word, "")).collect()
}

/// Whether the list the cursor is in began with `from`.
fn in_from(earlier: &[&Token], line: &str) -> bool {
    let clause = ["select", "from", "where", "group", "order", "by", "on", "set", "having"];
    let opened = earlier.iter().rev().find(|t| clause.iter().any(|word| t.is_word(line, word)));
    opened.is_some_and(|t| t.is_word(line, "from"))
}

/// Inside quotes after `kpi =` or `channel in (`: what that column holds.
fn text_offers(words: &Words, line: &str, before: &[Token], start: usize, pos: usize) -> (usize, Vec<Offer>) {
    let column = lexer::compared_column(line, before);
    let values = column.and_then(|t| words.values.iter().find(|(name, _)| t.is_word(line, name)));
    let Some((_, values)) = values else { return (pos, Vec::new()) };
    let quoted =
        |value: &String| Offer { goes_on: false, ..offer(format!("{}'", value.replace('\'', "''")), "") };
    (start, starting_with(values.iter().map(quoted), &line[start..pos.max(start)]))
}

/// The meaningful tokens of the statement around a place.
fn current_statement<'a>(tokens: &'a [Token], line: &str, at: usize) -> Vec<&'a Token> {
    let ends = |t: &&Token| t.kind == TokenKind::Mark(';');
    let start = tokens.iter().filter(ends).map(|t| t.range.end).rfind(|end| *end <= at).unwrap_or(0);
    let end = tokens.iter().filter(ends).map(|t| t.range.start).find(|end| *end >= at).unwrap_or(line.len());
    tokens.iter().filter(|t| t.is_meaningful() && t.range.start >= start && t.range.end <= end).collect()
}

/// The tables a statement names, by the names it gives them.
struct Scope {
    /// Name or alias, and the relation.
    named: Vec<(String, String)>,
    /// What `with` defines.
    defined: Vec<Relation>,
}

impl Scope {
    fn of(words: &Words, line: &str, statement: &[&Token]) -> Self {
        let mut scope = Scope { named: Vec::new(), defined: Vec::new() };
        let mut index = 0;
        while let Some(token) = statement.get(index) {
            index += 1;
            let Some(name) = token.name(line) else { continue };
            let rest = &statement[index..];
            if let Some(columns) = scope.defined_columns(words, line, rest) {
                scope.defined.push(Relation { name, is_view: false, columns });
            } else if let Some(relation) = scope.relation(words, &name) {
                let relation = relation.name.clone();
                let alias = if rest.first().is_some_and(|t| t.is_word(line, "as")) { 1 } else { 0 };
                let alias = rest.get(alias).and_then(|t| t.name(line)).filter(|alias| !is_keyword(alias));
                scope.named.extend(alias.map(|alias| (alias, relation.clone())));
                scope.named.push((name, relation));
            }
        }
        scope
    }

    /// The columns of `name as (select …)`, whose tokens after the name these are; none where it is something else.
    fn defined_columns(&self, words: &Words, line: &str, rest: &[&Token]) -> Option<Vec<String>> {
        let mark = |token: &&Token, mark| token.kind == TokenKind::Mark(mark);
        let listed =
            rest.first().filter(|t| mark(t, '(')).and_then(|_| rest.iter().position(|t| mark(t, ')')));
        let after = listed.map_or(0, |end| end + 1);
        let [keyword, opening, body @ ..] = rest.get(after..)? else { return None };
        if !keyword.is_word(line, "as") || !mark(opening, '(') {
            return None;
        }
        if let Some(end) = listed {
            return Some(rest[..end].iter().filter_map(|t| t.name(line)).collect());
        }
        let mut depth = 0;
        let mut columns = Vec::new();
        let mut last: Option<&Token> = None;
        for token in body.iter().skip(1) {
            match token.kind {
                TokenKind::Mark('(') => depth += 1,
                TokenKind::Mark(')') => depth -= 1,
                _ => {}
            }
            let ends = depth < 0 || depth == 0 && (mark(token, ',') || token.is_word(line, "from"));
            if !ends {
                last = Some(token);
                continue;
            }
            match last.take() {
                Some(star) if star.kind == TokenKind::Mark('*') => {
                    columns.extend(self.columns_read(words, line, body))
                }
                last => columns.extend(last.and_then(|token| token.name(line))),
            }
            if !mark(token, ',') {
                break;
            }
        }
        Some(columns)
    }

    /// All columns of what the body of a definition reads, up to its closing bracket.
    fn columns_read(&self, words: &Words, line: &str, body: &[&Token]) -> Vec<String> {
        let end = body.iter().position(|t| t.kind == TokenKind::Mark(')')).unwrap_or(body.len());
        let names = body[..end].iter().filter_map(|token| token.name(line));
        names.filter_map(|name| Some(self.relation(words, &name)?.columns.clone())).flatten().collect()
    }

    /// What a name stands for: what the statement defines goes before what the database holds.
    fn relation<'a>(&'a self, words: &'a Words, name: &str) -> Option<&'a Relation> {
        let own = self.defined.iter().find(|relation| relation.name.eq_ignore_ascii_case(name));
        own.or_else(|| words.relation(name))
    }

    fn columns_of(&self, words: &Words, name: &str) -> Vec<Offer> {
        let relation =
            self.named.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, relation)| relation);
        let relation = self.relation(words, relation.map_or(name, String::as_str));
        match relation {
            Some(relation) => relation.columns.iter().map(|c| offer(c, &relation.name)).collect(),
            // an alias that is yet to be given
            None if self.named.is_empty() => self.columns(words),
            None => Vec::new(),
        }
    }

    fn columns(&self, words: &Words) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Vec::new();
        for (_, relation) in self.named.iter().rev() {
            offers.extend(self.columns_of(words, relation));
        }
        for relation in &self.defined {
            offers.extend(self.columns_of(words, &relation.name));
        }
        // before `from` is written, any public column may be meant
        if self.named.is_empty() && self.defined.is_empty() {
            for view in words.relations.iter().filter(|r| r.is_view) {
                offers.extend(self.columns_of(words, &view.name));
            }
        }
        starting_with(offers, "")
    }

    fn relations(&self, words: &Words) -> Vec<Offer> {
        let defined = self.defined.iter().map(|relation| offer(&relation.name, "defined here"));
        defined.chain(words.relations.iter().map(|r| offer(&r.name, kind_of(r.is_view)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{Flag, Query};
    use super::*;

    fn complete(line: &str) -> Vec<String> {
        let relation = |name: &str, is_view, columns: &[&str]| Relation {
            name: name.to_owned(),
            is_view,
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        };
        let flag = |name: &str, takes: &[&str], column| Flag {
            name: name.to_owned(),
            about: String::new(),
            takes: takes.iter().map(|t| (*t).to_owned()).collect(),
            column,
        };
        let words = Words {
            relations: vec![
                relation("deals", true, &["deal_id", "amount", "channel"]),
                relation("people", true, &["person_id", "channel"]),
            ],
            functions: vec!["sum".to_owned(), "total".to_owned()],
            values: vec![
                ("kpi", vec!["mqls".to_owned(), "mrr".to_owned()]),
                ("channel", vec!["Paid search".to_owned()]),
            ],
            queries: vec![Query {
                name: "funnel".to_owned(),
                title: String::new(),
                flags: vec![
                    flag("--by", &["channel", "month"], None),
                    flag("--basis", &[], None),
                    flag("--channel", &[], Some("channel")),
                ],
            }],
            kpi_flags: vec![flag("--rows", &[], None)],
        };
        let pos = line.find('|').unwrap_or(line.len());
        let (start, offers) = offers(&words, &line.replace('|', ""), pos);
        assert!(start <= pos, "{line}");
        offers.into_iter().map(|offer| offer.text).collect()
    }

    #[test]
    fn offers_fit_the_place() {
        assert_eq!(complete("select * from "), ["deals", "people"]);
        assert_eq!(complete("select p.| from people as p"), ["person_id", "channel"]);
        assert_eq!(complete("select d.am| from people p join deals d"), ["amount"]);
        assert_eq!(complete("select am| from deals"), ["amount"]);
        assert_eq!(complete("select am"), ["amount"]);
        assert_eq!(complete("select p.am"), ["amount"]);
        assert_eq!(complete("select x.am| from people as p"), [""; 0]);
        assert_eq!(complete("select su| from deals"), ["sum("]);
        assert_eq!(complete("with won as (select 1) select * from w"), ["won"]);
        let won = "with won as (select deal_id, sum(amount) as total from deals group by 1)";
        assert_eq!(complete(&format!("{won} select w.| from won w")), ["deal_id", "total"]);
        assert_eq!(complete(&format!("{won} select to| from won")), ["total", "to", "total("]);
        assert_eq!(complete("with a as (select * from people) select a.ch| from a"), ["channel"]);
        assert_eq!(complete("with a(x, y) as (select 1, 2) select a.| from a"), ["x", "y"]);
        assert_eq!(complete("select * from kpi_monthly where kpi = 'm"), ["mqls'", "mrr'"]);
        assert_eq!(complete("select * from people where channel in ('Pa"), ["Paid search'"]);
        assert_eq!(complete("select 1; sel"), ["select"]);
        assert_eq!(complete(".sc"), [".schema"]);
        assert_eq!(complete(".schema pe"), ["people"]);
        assert_eq!(complete(".query fu"), ["funnel"]);
        assert_eq!(complete(".query funnel --b"), ["--by", "--basis"]);
        assert_eq!(complete(".query funnel --by "), ["channel", "month"]);
        assert_eq!(complete(".query funnel --channel pai"), ["'Paid search'"]);
        assert_eq!(complete(".query funnel --channel 'Paid s"), ["'Paid search'"]);
        assert_eq!(complete(".kpi mq"), ["mqls"]);
        assert_eq!(complete(".summarize pe"), ["people"]);
        assert_eq!(complete(".summarize select am| from deals"), ["amount"]);
        assert_eq!(complete(".kpi mqls --"), ["--rows"]);
        assert_eq!(complete(".explain select * from pe"), ["people"]);
        assert_eq!(complete("select -- fr"), [""; 0]);
    }
}

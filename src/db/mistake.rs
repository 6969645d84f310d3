//! What SQLite says about a wrong statement, with the place and the word that was probably meant.

use rusqlite::ErrorCode;

use super::lexer::{self, TokenKind};
use super::query::Relation;
use crate::error::{Error, INTERRUPTED, nearest};

/// What SQLite said, where it said it, and the nearest name there is.
pub(super) fn explain_error(
    error: rusqlite::Error,
    sql: &str,
    relations: impl Fn() -> Vec<Relation>,
) -> Error {
    let (message, offset) = match &error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => (msg.clone(), usize::try_from(*offset).ok()),
        rusqlite::Error::SqliteFailure(e, _) if e.code == ErrorCode::OperationInterrupted => {
            return Error::failed(INTERRUPTED);
        }
        rusqlite::Error::SqliteFailure(e, Some(message)) if e.code == ErrorCode::Unknown => {
            (message.clone(), None)
        }
        _ => return error.into(),
    };
    let (message, quoting) = match message.split_once(" - should this be") {
        Some((message, _)) => (message.to_owned(), true),
        None => (message, false),
    };
    let explained = Error::failed(match offset {
        Some(offset) if offset < sql.len() => format!("{message}\n{}", point_at(sql, offset)),
        _ => message.clone(),
    });
    let hint = if quoting {
        Some("text stands in single quotes: 'like this'; double quotes are for names".to_owned())
    } else {
        suggest(&message, sql, &relations)
    };
    match hint {
        Some(hint) => explained.hint(hint),
        None => explained,
    }
}

/// A text that its column's vocabulary does not hold, and the nearest that it does.
pub(super) fn unknown_value(sql: &str, values: impl Fn(&str) -> Vec<String>) -> Option<String> {
    let tokens = lexer::tokens(sql);
    for (index, token) in tokens.iter().enumerate().filter(|(_, t)| t.kind == TokenKind::Text && t.closed) {
        let Some(column) = lexer::compared_column(sql, &tokens[..index]) else { continue };
        let column = column.text(sql).to_lowercase();
        let text = token.text(sql).trim_matches('\'').replace("''", "'");
        let known = values(&column);
        if known.is_empty() || known.contains(&text) || text.contains(['%', '*']) {
            continue;
        }
        let near = nearest(&text, known.iter().map(String::as_str));
        let meant = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        return Some(format!("no `{column}` is `{text}`{meant}"));
    }
    None
}

/// The line of the statement, and a mark below the place.
fn point_at(sql: &str, offset: usize) -> String {
    let offset = (0..=offset).rev().find(|index| sql.is_char_boundary(*index)).unwrap_or(0);
    let start = sql[..offset].rfind('\n').map_or(0, |index| index + 1);
    let line: String = sql[start..].lines().next().unwrap_or_default().replace('\t', " ");
    let before = unicode_width::UnicodeWidthStr::width(&sql[start..offset]);
    let around: String = if before > 90 {
        return format!(
            "  … {}\n    ^",
            line.chars().skip(sql[start..offset].chars().count()).take(70).collect::<String>()
        );
    } else {
        line.chars().take(140).collect()
    };
    format!("  {around}\n  {:before$}^", "")
}

fn suggest(message: &str, sql: &str, relations: &impl Fn() -> Vec<Relation>) -> Option<String> {
    let meant = |word: &str| format!("did you mean `{word}`?");
    if let Some(name) = message.strip_prefix("no such table: ") {
        let relations = relations();
        let name = name.trim_start_matches("main.");
        let near = |is_view| {
            nearest(name, relations.iter().filter(|r| r.is_view == is_view).map(|r| r.name.as_str()))
        };
        // the public views are what people ask; tables are how they come about
        return near(true).or_else(|| near(false)).map(meant).or_else(|| {
            Some("`.views` in the shell, or `select name from sqlite_schema`, lists what there is".to_owned())
        });
    }
    if let Some(name) = message.strip_prefix("no such column: ") {
        let name = name.rsplit('.').next().unwrap_or(name);
        return suggest_column(name, sql, &relations());
    }
    if let Some(name) = message.strip_prefix("no such function: ") {
        let other = ELSEWHERE.iter().find(|(word, _)| word.eq_ignore_ascii_case(name));
        let near = || nearest(name, FUNCTIONS.iter().copied()).map(meant);
        return other.map(|(_, here)| format!("here it is {here}")).or_else(near);
    }
    if let Some(rest) = message.strip_prefix("near \"") {
        let word = rest.split('"').next().unwrap_or_default();
        let keywords = KEYWORDS.iter().copied().filter(|keyword| !keyword.eq_ignore_ascii_case(word));
        return nearest(word, keywords).filter(|_| word.len() > 2).map(meant);
    }
    None
}

/// The nearest column of the tables that the statement names; where none is near, all of them.
fn suggest_column(name: &str, sql: &str, relations: &[Relation]) -> Option<String> {
    let named: Vec<String> = lexer::tokens(sql).iter().filter_map(|token| token.name(sql)).collect();
    let used = || relations.iter().filter(|r| named.iter().any(|name| name.eq_ignore_ascii_case(&r.name)));
    let columns = || used().flat_map(|r| r.columns.iter().map(String::as_str));
    if let Some(near) = nearest(name, columns()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let elsewhere =
        relations.iter().find(|r| r.is_view && r.columns.iter().any(|c| c.eq_ignore_ascii_case(name)));
    if let Some(relation) = elsewhere {
        return Some(format!("`{}` has a column `{name}`", relation.name));
    }
    // what `with` defines has its columns in the statement itself
    let tokens = lexer::tokens(sql);
    let words: Vec<&lexer::Token> = tokens.iter().filter(|token| token.is_meaningful()).collect();
    let defined =
        words.windows(2).filter(|pair| pair[0].is_word(sql, "as")).filter_map(|pair| pair[1].name(sql));
    let defined: Vec<String> = defined.collect();
    if let Some(near) = nearest(name, defined.iter().map(String::as_str)) {
        return Some(format!("did you mean `{near}`?"));
    }
    let listed: Vec<&str> = columns().take(40).collect();
    (!listed.is_empty()).then(|| format!("columns here: {}", listed.join(", ")))
}

/// What other databases call what SQLite does in its own way.
const ELSEWHERE: &[(&str, &str)] = &[
    ("date_trunc", "`date(day, 'start of month')`; weeks and quarters stand in the view `periods`"),
    ("datediff", "`julianday(later) - julianday(earlier)`"),
    ("date_diff", "`julianday(later) - julianday(earlier)`"),
    ("dateadd", "`date(day, '+7 days')`"),
    ("date_add", "`date(day, '+7 days')`"),
    ("date_part", "`strftime('%m', day)`"),
    ("extract", "`strftime('%m', day)`"),
    ("year", "`strftime('%Y', day)`"),
    ("month", "`strftime('%Y-%m', day)`"),
    ("to_char", "`strftime('%Y-%m', day)`"),
    ("now", "`date()`, or the view `workspace` for how far the data reaches"),
    ("getdate", "`date()`, or the view `workspace` for how far the data reaches"),
    ("today", "`date()`, or the view `workspace` for how far the data reaches"),
    ("nvl", "`coalesce(a, b)`"),
    ("isnull", "`coalesce(a, b)`"),
    ("greatest", "`max(a, b)`"),
    ("least", "`min(a, b)`"),
    ("countif", "`count(*) filter (where …)`"),
    ("count_if", "`count(*) filter (where …)`"),
    ("sumif", "`sum(a) filter (where …)`"),
    ("safe_divide", "`1.0 * a / nullif(b, 0)`"),
    ("div0", "`1.0 * a / nullif(b, 0)`"),
    ("split_part", "`substr(text, 1, instr(text, '@') - 1)`"),
    ("left", "`substr(text, 1, 3)`"),
    ("right", "`substr(text, -3)`"),
    ("len", "`length(text)`"),
    ("charindex", "`instr(text, part)`"),
    ("strpos", "`instr(text, part)`"),
    ("listagg", "`group_concat(a, ', ')`"),
    ("array_agg", "`group_concat(a, ', ')`"),
];

/// What people mostly call, for suggestions; the shell completes all there are.
const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "coalesce",
    "concat",
    "count",
    "date",
    "datetime",
    "first_value",
    "group_concat",
    "iif",
    "ifnull",
    "instr",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "lower",
    "ltrim",
    "max",
    "min",
    "ntile",
    "nullif",
    "percent_rank",
    "rank",
    "dense_rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "strftime",
    "string_agg",
    "substr",
    "sum",
    "total",
    "trim",
    "upper",
];

/// Words of the language, for colours, completion and suggestions.
pub(crate) const KEYWORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "group",
    "order",
    "by",
    "having",
    "limit",
    "offset",
    "join",
    "left",
    "right",
    "full",
    "inner",
    "outer",
    "cross",
    "natural",
    "on",
    "using",
    "as",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "like",
    "glob",
    "between",
    "exists",
    "case",
    "when",
    "then",
    "else",
    "end",
    "distinct",
    "all",
    "union",
    "intersect",
    "except",
    "with",
    "recursive",
    "values",
    "insert",
    "into",
    "update",
    "set",
    "delete",
    "create",
    "table",
    "view",
    "index",
    "temp",
    "temporary",
    "drop",
    "alter",
    "add",
    "column",
    "rename",
    "to",
    "if",
    "unique",
    "primary",
    "key",
    "default",
    "check",
    "references",
    "foreign",
    "strict",
    "without",
    "rowid",
    "begin",
    "commit",
    "rollback",
    "explain",
    "query",
    "plan",
    "pragma",
    "cast",
    "collate",
    "nocase",
    "asc",
    "desc",
    "nulls",
    "first",
    "last",
    "over",
    "partition",
    "window",
    "rows",
    "range",
    "groups",
    "unbounded",
    "preceding",
    "following",
    "current",
    "row",
    "filter",
    "escape",
    "returning",
    "trigger",
    "materialized",
    "true",
    "false",
    "replace",
    "conflict",
    "do",
    "nothing",
];

/// Whether a word is one of the language's.
pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

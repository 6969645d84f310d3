//! SQL text into tokens: enough to split a script, to colour a line and to know what a cursor stands in.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Space,
    Comment,
    /// Keywords and names.
    Word,
    /// A name in `"…"`, `` `…` `` or `[…]`.
    QuotedName,
    Text,
    Number,
    /// `:name`, `@name`, `$name`, `?1`.
    Parameter,
    /// One character of punctuation.
    Mark(char),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub range: Range<usize>,
    /// Whether a quote or block comment has its end.
    pub closed: bool,
}

impl Token {
    pub(crate) fn text<'a>(&self, sql: &'a str) -> &'a str {
        &sql[self.range.clone()]
    }

    pub(crate) fn is_meaningful(&self) -> bool {
        !matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }

    /// Whether this is the keyword or bare name `word`, in any case.
    pub(crate) fn is_word(&self, sql: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(sql).eq_ignore_ascii_case(word)
    }

    /// The name that a bare or quoted word stands for.
    pub(crate) fn name(&self, sql: &str) -> Option<String> {
        let text = self.text(sql);
        match self.kind {
            TokenKind::Word => Some(text.to_owned()),
            TokenKind::QuotedName if self.closed => Some(text[1..text.len() - 1].to_owned()),
            _ => None,
        }
    }
}

/// All tokens of a text, without gaps.
pub(crate) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = sql[start..].chars().next() {
        let (kind, length, closed) = read_token(&sql[start..], first);
        tokens.push(Token { kind, range: start..start + length, closed });
        start += length;
    }
    tokens
}

fn read_token(rest: &str, first: char) -> (TokenKind, usize, bool) {
    let run = |fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    match first {
        c if c.is_whitespace() => (TokenKind::Space, run(char::is_whitespace), true),
        '-' if rest.starts_with("--") => (TokenKind::Comment, rest.find('\n').unwrap_or(rest.len()), true),
        '/' if rest.starts_with("/*") => match rest[2..].find("*/") {
            Some(end) => (TokenKind::Comment, end + 4, true),
            None => (TokenKind::Comment, rest.len(), false),
        },
        '\'' => quoted(rest, '\'', TokenKind::Text),
        '"' => quoted(rest, '"', TokenKind::QuotedName),
        '`' => quoted(rest, '`', TokenKind::QuotedName),
        '[' => match rest.find(']') {
            Some(end) => (TokenKind::QuotedName, end + 1, true),
            None => (TokenKind::QuotedName, rest.len(), false),
        },
        '0'..='9' => (TokenKind::Number, run(|c| c.is_alphanumeric() || c == '.' || c == '_'), true),
        '?' | ':' | '@' | '$' => {
            let length = rest[1..].find(|c| !word(c)).unwrap_or(rest.len() - 1);
            (TokenKind::Parameter, length + 1, true)
        }
        c if word(c) => (TokenKind::Word, rest.find(|c| !word(c)).unwrap_or(rest.len()), true),
        c => (TokenKind::Mark(c), c.len_utf8(), true),
    }
}

/// A doubled quote inside stands for itself.
fn quoted(rest: &str, quote: char, kind: TokenKind) -> (TokenKind, usize, bool) {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((index, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return (kind, index + 1, true);
        }
    }
    (kind, rest.len(), false)
}

/// The column that a text is compared with: `kpi` before the text in `kpi = 'mqls'` or `kpi in ('mqls', 'mrr')`.
/// `before` are the tokens up to the text.
pub(crate) fn compared_column<'a>(sql: &str, before: &'a [Token]) -> Option<&'a Token> {
    let between = ["in", "like", "not", "is", "between", "and"];
    let passed = |t: &&Token| match t.kind {
        TokenKind::Space | TokenKind::Comment | TokenKind::Text => true,
        TokenKind::Mark(mark) => "=<>!(,".contains(mark),
        TokenKind::Word => between.iter().any(|word| t.is_word(sql, word)),
        _ => false,
    };
    let column = before.iter().rev().find(|token| !passed(token))?;
    let is_compared = before.iter().rev().take_while(|t| passed(t)).any(Token::is_meaningful);
    (column.kind == TokenKind::Word && is_compared).then_some(column)
}

/// The statements of a script, without their semicolons; a last one that has none counts too.
pub(crate) fn statements(sql: &str) -> Vec<&str> {
    let (mut ranges, rest) = split(sql);
    ranges.push(rest);
    let meaningful = |range: &Range<usize>| tokens(&sql[range.clone()]).iter().any(Token::is_meaningful);
    ranges.into_iter().filter(meaningful).map(|range| sql[range].trim()).collect()
}

/// Whether the text ends a statement, or holds none.
pub(crate) fn is_complete(sql: &str) -> bool {
    let (_, rest) = split(sql);
    let rest = tokens(&sql[rest]);
    rest.iter().all(|token| !token.is_meaningful() && token.closed)
}

/// Ranges of the statements that end with a semicolon, and of what follows the last one.
fn split(sql: &str) -> (Vec<Range<usize>>, Range<usize>) {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut words: Vec<&str> = Vec::new();
    let mut before = [""; 2];
    for token in tokens(sql).iter().filter(|token| token.is_meaningful()) {
        let text = token.text(sql);
        if token.kind == TokenKind::Word && words.len() < 3 {
            words.push(text);
        }
        // the semicolons inside a trigger belong to it; it ends with `; end;`
        let closes = before[0] == ";" && before[1].eq_ignore_ascii_case("end");
        if token.kind == TokenKind::Mark(';') && (!is_trigger(&words) || closes) {
            ranges.push(start..token.range.start);
            start = token.range.end;
            words.clear();
        }
        before = [before[1], text];
    }
    (ranges, start..sql.len())
}

/// `create trigger`, `create temp trigger`, `create temporary trigger`.
fn is_trigger(words: &[&str]) -> bool {
    words.first().is_some_and(|word| word.eq_ignore_ascii_case("create"))
        && words.iter().any(|word| word.eq_ignore_ascii_case("trigger"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_split_where_statements_end() {
        let script = "-- first; not the end\nselect ';' as \"a;b\" /* ; */; ;\nselect 2";
        assert_eq!(statements(script), ["-- first; not the end\nselect ';' as \"a;b\" /* ; */", "select 2"]);
        let trigger = "create temp trigger t after insert on x begin delete from y; select case when 1 then 2 end; end; select 3;";
        assert_eq!(statements(trigger).len(), 2);
        assert_eq!(statements(" -- nothing\n;"), [""; 0]);
    }

    #[test]
    fn a_statement_goes_on_until_its_semicolon() {
        for complete in ["", "select 1;", "select 1; -- done", "  "] {
            assert!(is_complete(complete), "{complete}");
        }
        for open in ["select 1", "select ';", "select 1; /* more", "select 'it''s;", "select 1; select"] {
            assert!(!is_complete(open), "{open}");
        }
    }

    #[test]
    fn a_text_is_compared_with_a_column() {
        let column = |sql: &str| {
            let tokens = tokens(sql);
            let text = tokens.iter().rposition(|t| t.kind == TokenKind::Text).unwrap();
            compared_column(sql, &tokens[..text]).map(|t| t.text(sql).to_owned())
        };
        assert_eq!(column("where k.kpi = 'x'").as_deref(), Some("kpi"));
        assert_eq!(column("where channel not in ('a', 'x').").as_deref(), Some("channel"));
        assert_eq!(column("select kpi, lower('x')").as_deref(), Some("lower"));
        assert_eq!(column("select kpi 'x'"), None);
        assert_eq!(column("'x'"), None);
    }

    #[test]
    fn tokens_cover_any_text() {
        for text in ["'", "\"", "[x", "`", "/*", "-", "é'ü", "1e5.x", ":a?", "💡 select", "\u{0}"] {
            let covered: usize = tokens(text).iter().map(|t| t.range.len()).sum();
            assert_eq!(covered, text.len(), "{text}");
        }
    }
}

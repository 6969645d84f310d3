//! Colours for what is typed.

use std::sync::{Arc, RwLock};

use nu_ansi_term::{Color, Style};
use reedline::{Highlighter, StyledText};

use super::words::Words;
use crate::db::lexer::{self, TokenKind};
use crate::db::mistake::is_keyword;

pub(super) struct SqlHighlighter {
    pub words: Arc<RwLock<Words>>,
    pub color: bool,
}

impl Highlighter for SqlHighlighter {
    fn highlight(&self, line: &str, _cursor: usize) -> StyledText {
        let mut styled = StyledText::new();
        if !self.color {
            styled.push((Style::new(), line.to_owned()));
            return styled;
        }
        if line.starts_with('.') {
            let (name, rest) = line.split_at(line.find(char::is_whitespace).unwrap_or(line.len()));
            styled.push((Color::Cyan.bold(), name.to_owned()));
            styled.push((Style::new(), rest.to_owned()));
            return styled;
        }
        for token in lexer::tokens(line) {
            let text = token.text(line);
            styled.push((self.style_of(token.kind, token.closed, text), text.to_owned()));
        }
        styled
    }
}

impl SqlHighlighter {
    fn style_of(&self, kind: TokenKind, closed: bool, text: &str) -> Style {
        match kind {
            TokenKind::Text if closed => Color::Green.normal(),
            TokenKind::Text | TokenKind::QuotedName if !closed => Color::Red.normal(),
            TokenKind::Number => Color::Yellow.normal(),
            TokenKind::Comment => Style::new().dimmed(),
            TokenKind::Parameter => Color::Magenta.normal(),
            TokenKind::Word if self.is_relation(text) => Color::Cyan.normal(),
            TokenKind::Word if is_keyword(text) => Color::Blue.bold(),
            _ => Style::new(),
        }
    }

    fn is_relation(&self, text: &str) -> bool {
        self.words.read().is_ok_and(|words| words.relation(text).is_some())
    }
}

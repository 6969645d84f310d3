//! Text over several lines, broken between words.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The lines of a text within a width; a word that is longer than a line is broken. At least one line.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    if text.width() <= width {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => push_word(&mut lines, word, width),
        }
    }
    lines
}

/// Adds a word on lines of its own.
fn push_word(lines: &mut Vec<String>, word: &str, width: usize) {
    let mut line = String::new();
    for c in word.chars() {
        if !line.is_empty() && line.width() + c.width().unwrap_or(0) > width {
            lines.push(std::mem::take(&mut line));
        }
        line.push(c);
    }
    lines.push(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(lines("what a new customer costs", 11), ["what a new", "customer", "costs"]);
        assert_eq!(lines("", 5), [""]);
        assert_eq!(lines("広告キャンペーン", 7), ["広告キ", "ャンペ", "ーン"]);
        assert_eq!(lines("a abcdefgh b", 3), ["a", "abc", "def", "gh", "b"]);
        assert_eq!(lines("株", 1), ["株"]);
    }
}

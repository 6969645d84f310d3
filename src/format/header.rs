//! Header names made comparable: case, spaces, quotes, direction marks and composition do not matter.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// NFC, lower case, one letter i, spaces collapsed, `_` as space, straight quotes, no direction marks, no trailing `*`.
pub fn normalize(header: &str) -> String {
    // rows far longer than a header are made comparable as well, until one is; most are composed already
    if is_nfc_quick(header.chars()) == IsNormalized::Yes {
        return normalize_chars(header.chars());
    }
    normalize_chars(header.nfc())
}

fn normalize_chars(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::with_capacity(chars.size_hint().1.unwrap_or(0));
    let mut pending_space = false;
    for c in chars {
        if c.is_ascii_alphanumeric() {
            if std::mem::take(&mut pending_space) {
                out.push(' ');
            }
            out.push(c.to_ascii_lowercase());
            continue;
        }
        let c = match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                continue;
            }
            '“' | '”' | '„' | '«' | '»' => '"',
            '‘' | '’' | '‚' => '\'',
            '–' | '—' => '-',
            c if c == '_' || c.is_whitespace() => {
                pending_space = !out.is_empty();
                continue;
            }
            c => c,
        };
        if std::mem::take(&mut pending_space) {
            out.push(' ');
        }
        // one letter i: capitals do not tell the Turkish ones apart
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else if matches!(c, 'İ' | 'ı') {
            out.push('i');
        } else {
            out.extend(c.to_lowercase());
        }
    }
    while out.ends_with('*') || out.ends_with(' ') {
        out.pop();
    }
    out
}

/// The header with quotes straightened and spaces collapsed, but its case kept: what header patterns see.
pub fn straighten(header: &str) -> String {
    let straight: String = header
        .nfc()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .map(|c| match c {
            '“' | '”' | '„' | '«' | '»' => '"',
            '‘' | '’' | '‚' => '\'',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    straight.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn spelling_differences_that_do_not_matter() {
        for other in ["Record_ID", " record  id ", "RECORD ID*", "\u{200f}Record ID\u{feff}"] {
            assert_eq!(normalize(other), "record id", "{other:?}");
        }
        assert_eq!(normalize("FIRSAT ADI"), normalize("Fırsat Adı"));
        assert_eq!(normalize("İÇERİK"), "içerik");
        assert_eq!(normalize("Date entered “Lead”"), "date entered \"lead\"");
    }
}

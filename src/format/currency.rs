//! Currencies as people and platforms write them: codes, signs and names.

/// Code, signs, and the names that systems show, in lower case. `$` and `kr` belong to many and are read as the first.
const KNOWN: &[(&str, &[&str])] = &[
    ("EUR", &["€", "euro", "euros", "avro"]),
    (
        "USD",
        &[
            "$",
            "us$",
            "usd$",
            "us dollar",
            "us-dollar",
            "u.s. dollar",
            "united states dollar",
            "dólar estadounidense",
            "dólar americano",
            "dollar américain",
            "dollar des états-unis",
            "abd doları",
            "amerikan doları",
            "dolar as",
            "dolar amerika",
            "dolar amerika serikat",
            "دولار أمريكي",
            "دولار أميركي",
        ],
    ),
    (
        "GBP",
        &[
            "£",
            "pound sterling",
            "british pound",
            "uk pound sterling",
            "britisches pfund",
            "libra esterlina",
            "livre sterling",
            "ingiliz sterlini",
            "poundsterling",
        ],
    ),
    ("TRY", &["₺", "tl", "turkish lira", "türk lirası", "türkische lira", "lira turca", "livre turque"]),
    ("IDR", &["rp", "rp.", "indonesian rupiah", "rupiah", "rupiah indonesia"]),
    ("SAR", &["ر.س", "ر.س.", "sr", "saudi riyal", "ريال سعودي", "الريال السعودي"]),
    ("AED", &["د.إ", "د.إ.", "dhs", "uae dirham", "united arab emirates dirham", "درهم إماراتي", "درهم"]),
    ("EGP", &["ج.م", "ج.م.", "e£", "egyptian pound", "جنيه مصري"]),
    (
        "CHF",
        &[
            "fr",
            "fr.",
            "sfr.",
            "swiss franc",
            "schweizer franken",
            "franco suizo",
            "franc suisse",
            "i̇sviçre frangı",
        ],
    ),
    ("JPY", &["¥", "jp¥", "japanese yen", "japanischer yen", "yen"]),
    ("CNY", &["cn¥", "chinese yuan", "yuan renminbi", "chinese yuan renminbi"]),
    (
        "CAD",
        &[
            "c$",
            "ca$",
            "can$",
            "canadian dollar",
            "kanadischer dollar",
            "dollar canadien",
            "dólar canadiense",
        ],
    ),
    (
        "AUD",
        &["a$", "au$", "australian dollar", "australischer dollar", "dollar australien", "dólar australiano"],
    ),
    ("NZD", &["nz$", "new zealand dollar"]),
    ("SGD", &["s$", "sg$", "singapore dollar", "dolar singapura"]),
    ("HKD", &["hk$", "hong kong dollar"]),
    ("MXN", &["mx$", "mex$", "mexican peso", "peso mexicano", "mexikanischer peso"]),
    ("BRL", &["r$", "brazilian real", "real", "real brasileiro", "real brasileño", "réal brésilien"]),
    ("INR", &["₹", "rs", "rs.", "indian rupee", "indische rupie"]),
    ("KRW", &["₩", "south korean won", "korean won"]),
    ("ILS", &["₪", "israeli new shekel", "israeli shekel"]),
    ("PLN", &["zł", "zloty", "polish zloty", "polnischer zloty", "złoty"]),
    ("CZK", &["kč", "czech koruna", "tschechische krone"]),
    ("HUF", &["ft", "hungarian forint", "forint"]),
    ("RON", &["lei", "romanian leu"]),
    ("BGN", &["лв", "bulgarian lev"]),
    ("RUB", &["₽", "russian ruble"]),
    ("UAH", &["₴", "ukrainian hryvnia"]),
    ("SEK", &["swedish krona", "schwedische krone"]),
    ("NOK", &["norwegian krone", "norwegische krone"]),
    ("DKK", &["danish krone", "dänische krone"]),
    ("ZAR", &["south african rand"]),
    ("MYR", &["rm", "malaysian ringgit"]),
    ("THB", &["฿", "thai baht"]),
    ("VND", &["₫", "vietnamese dong"]),
    ("PHP", &["₱", "philippine peso"]),
    ("NGN", &["₦", "nigerian naira"]),
    ("MAD", &["moroccan dirham", "dirham marocain", "درهم مغربي"]),
    ("ARS", &["argentine peso", "peso argentino"]),
    ("CLP", &["chilean peso", "peso chileno"]),
    ("COP", &["colombian peso", "peso colombiano"]),
    ("PEN", &["s/", "s/.", "peruvian sol"]),
];

/// The ISO code of what a currency column holds: a code, a sign, a name, or a name with its code (`Euro (EUR)`).
pub fn read(cell: &str) -> Option<String> {
    let cell = cell.trim();
    if cell.len() == 3 && cell.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Some(cell.to_ascii_uppercase());
    }
    let code_within = || {
        let words = cell.split(|c: char| !c.is_ascii_alphanumeric());
        let mut codes = words.filter(|word| KNOWN.iter().any(|(code, _)| code == word));
        codes.next().filter(|_| codes.next().is_none())
    };
    named(cell).or_else(code_within).map(str::to_owned)
}

fn named(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    KNOWN.iter().find(|(_, names)| names.contains(&lower.as_str())).map(|(code, _)| *code)
}

/// The code of a sign, a name or a code in capitals beside a number.
fn beside(text: &str) -> Option<String> {
    let is_code = text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
    if is_code { Some(text.to_owned()) } else { named(text).map(str::to_owned) }
}

/// Whether what stands before or behind a number is a currency.
pub fn is_beside(text: &str) -> bool {
    text == "kr" || beside(text).is_some()
}

/// The ISO code that an amount is written with: `€24,000.00`, `USD 10`, `1.000 TL`; nothing where it has none.
pub fn of_amount(cell: &str) -> Option<String> {
    let bytes = cell.as_bytes();
    if bytes.first()?.is_ascii_digit() && bytes.last()?.is_ascii_digit() {
        return None;
    }
    let amount = Amount::split(cell)?;
    beside(amount.prefix).or_else(|| beside(amount.suffix))
}

/// A number with what stands around it.
pub struct Amount<'a> {
    pub is_negative: bool,
    pub prefix: &'a str,
    pub number: &'a str,
    pub suffix: &'a str,
}

impl<'a> Amount<'a> {
    /// `-$1,200.50`, `(1.200,50 €)`, `.5`; nothing where there is no digit.
    pub fn split(cell: &'a str) -> Option<Amount<'a>> {
        let inner = cell.strip_prefix('(').and_then(|c| c.strip_suffix(')'));
        let text = inner.unwrap_or(cell);
        let is_minus = |c: char| matches!(c, '-' | '−');
        let is_blank = |c: char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}');
        let mut start = text.find(char::is_numeric)?;
        let last = text.char_indices().rfind(|(_, c)| c.is_numeric())?;
        let bare = |text: &'a str| text.trim_matches(|c| is_minus(c) || c == '+' || is_blank(c));
        let mut prefix = bare(&text[..start]);
        if prefix.ends_with(['.', ',']) && !is_beside(prefix) && text[..start].ends_with(['.', ',']) {
            start -= 1;
            prefix = bare(&text[..start]);
        }
        Some(Amount {
            is_negative: inner.is_some() != text[..start].contains(is_minus),
            prefix,
            number: &text[start..last.0 + last.1.len_utf8()],
            suffix: text[last.0 + last.1.len_utf8()..].trim_matches(is_blank),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_signs_and_names() {
        for (cell, code) in [
            ("eur", Some("EUR")),
            ("€", Some("EUR")),
            ("US Dollar", Some("USD")),
            ("Türk Lirası", Some("TRY")),
            ("ريال سعودي", Some("SAR")),
            ("Euro (EUR)", Some("EUR")),
            ("IDR - Indonesian Rupiah", Some("IDR")),
            ("EUR/USD", None),
            ("Bitcoin", None),
        ] {
            assert_eq!(read(cell).as_deref(), code, "{cell}");
        }
    }

    #[test]
    fn an_amount_says_its_currency() {
        for (cell, code) in [
            ("€24,000.00", Some("EUR")),
            ("24.000,00 €", Some("EUR")),
            ("-$10", Some("USD")),
            ("($1,200)", Some("USD")),
            ("USD 10,000.00", Some("USD")),
            ("1.000 TL", Some("TRY")),
            ("Rp1.234.500", Some("IDR")),
            ("MX$ 5", Some("MXN")),
            ("١٬٢٣٤٫٥٠ ر.س", Some("SAR")),
            ("24000", None),
            ("58.8k", None),
            ("12%", None),
            ("", None),
        ] {
            assert_eq!(of_amount(cell).as_deref(), code, "{cell}");
        }
    }
}

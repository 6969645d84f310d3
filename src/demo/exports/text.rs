//! Writes tables in the ways the platforms write them.

/// When a cell is put into quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    Always,
    WhenNeeded,
    /// Also around every cell with a space in it.
    Spaces,
}

/// A growing delimited text.
#[derive(Debug)]
pub struct Sheet {
    pub text: String,
    delimiter: char,
    quote: Quote,
    newline: &'static str,
}

impl Sheet {
    pub fn new(delimiter: char, quote: Quote) -> Self {
        Sheet { text: String::new(), delimiter, quote, newline: "\n" }
    }

    /// Lines end with CR LF.
    pub fn crlf(mut self) -> Self {
        self.newline = "\r\n";
        self
    }

    /// A line as it stands, outside the table.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str(self.newline);
    }

    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.text.push(self.delimiter);
            }
            self.cell(cell.as_ref());
        }
        self.text.push_str(self.newline);
    }

    fn cell(&mut self, cell: &str) {
        let needed = cell.contains([self.delimiter, ',', '"', '\n', '\r']);
        let quoted = match self.quote {
            Quote::Always => true,
            Quote::WhenNeeded => needed,
            Quote::Spaces => needed || cell.contains(' '),
        };
        if quoted {
            self.text.push('"');
            self.text.push_str(&cell.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(cell);
        }
    }

    pub fn utf8(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    pub fn utf8_with_mark(self) -> Vec<u8> {
        format!("\u{feff}{}", self.text).into_bytes()
    }

    /// UTF-16, little endian, with a byte order mark.
    pub fn utf16(self) -> Vec<u8> {
        format!("\u{feff}{}", self.text).encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    /// The last line ends without a line break, as some platforms do it.
    pub fn unterminated(mut self) -> Self {
        let length = self.text.trim_end_matches(['\r', '\n']).len();
        self.text.truncate(length);
        self
    }
}

/// `123456` cents → `1234.56`.
pub fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// `123450` cents → `1234.5`, as JavaScript prints numbers.
pub fn short_money(cents: i64) -> String {
    money(cents).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `1234567` → `1,234,567`.
pub fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// a ÷ b with so many decimals, rounded half up; 0 where b is 0.
pub fn ratio(a: i64, b: i64, decimals: u32) -> String {
    let scale = 10_i64.pow(decimals);
    let value = if b == 0 { 0 } else { (a * scale + b / 2) / b };
    if decimals == 0 {
        return value.to_string();
    }
    format!("{}.{:0width$}", value / scale, value % scale, width = decimals as usize)
}

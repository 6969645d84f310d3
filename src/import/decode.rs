//! Bytes to UTF-8 text with `\n` line ends: the encoding is decided by content, never by extension.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1254, WINDOWS_1256};
use memchr::memchr2;

const CHUNK: usize = 64 * 1024;

/// What the whole file showed of its encoding, byte by byte, while it was hashed.
#[derive(Debug)]
pub struct Sniffer {
    head: Vec<u8>,
    pending: Vec<u8>,
    is_utf8: bool,
    letters: Letters,
}

/// What the bytes of a file that is no UTF-8 would be as letters.
#[derive(Debug, Default)]
struct Letters {
    /// `ğ ı ş Ğ İ Ş` of Windows-1254, which are Icelandic letters in Windows-1252.
    turkish: u64,
    /// Other letters with a mark that Turkish does not have.
    western: u64,
    /// Letters above ASCII that follow one another, as in Arabic words and nowhere in Western ones.
    neighbours: u64,
}

impl Letters {
    fn see(&mut self, bytes: &[u8]) {
        let mut run = 0;
        for byte in bytes {
            run = if *byte >= 0xc0 { run + 1 } else { 0 };
            self.neighbours += u64::from(run > 2);
            match byte {
                0xd0 | 0xdd | 0xde | 0xf0 | 0xfd | 0xfe => self.turkish += 1,
                0xc2 | 0xc7 | 0xce | 0xd6 | 0xdb | 0xdc | 0xe2 | 0xe7 | 0xee | 0xf6 | 0xfb | 0xfc => {}
                0xc0..=0xff => self.western += 1,
                _ => {}
            }
        }
    }

    fn encoding(&self) -> &'static Encoding {
        if self.neighbours > (self.turkish + self.western) / 4 {
            WINDOWS_1256
        } else if self.turkish > self.western {
            WINDOWS_1254
        } else {
            WINDOWS_1252
        }
    }
}

impl Default for Sniffer {
    fn default() -> Self {
        Sniffer { head: Vec::new(), pending: Vec::new(), is_utf8: true, letters: Letters::default() }
    }
}

impl Sniffer {
    pub fn see(&mut self, bytes: &[u8]) {
        if self.head.len() < 1024 {
            self.head.extend(&bytes[..bytes.len().min(1024)]);
        }
        if Encoding::for_bom(&self.head).is_some() || self.is_workbook() {
            return;
        }
        if !self.is_utf8 {
            self.letters.see(bytes);
            return;
        }
        let joined: Vec<u8>;
        let text = if self.pending.is_empty() {
            bytes
        } else {
            joined = [self.pending.as_slice(), bytes].concat();
            &joined
        };
        match std::str::from_utf8(text) {
            Ok(_) => self.pending.clear(),
            Err(e) if e.error_len().is_none() => self.pending = text[e.valid_up_to()..].to_vec(),
            Err(_) => {
                self.is_utf8 = false;
                self.letters.see(text);
            }
        }
    }

    /// A modern or an old workbook.
    pub fn is_workbook(&self) -> bool {
        self.head.starts_with(b"PK\x03\x04") || self.head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
    }

    /// A byte-order mark, then the pattern of zero bytes, then strict UTF-8, then Windows-1252 or its Turkish or Arabic sister.
    pub fn encoding(&self) -> &'static Encoding {
        if let Some((encoding, _)) = Encoding::for_bom(&self.head) {
            return encoding;
        }
        let zeros = |parity: usize| self.head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
        let half = self.head.len() / 2;
        if half > 4 && zeros(1) * 10 > half * 8 && zeros(0) * 10 < half {
            return UTF_16LE;
        }
        if half > 4 && zeros(0) * 10 > half * 8 && zeros(1) * 10 < half {
            return UTF_16BE;
        }
        if self.is_utf8 && self.pending.is_empty() { UTF_8 } else { self.letters.encoding() }
    }
}

/// Reads any encoding as UTF-8 without BOM, with `\n` line ends and one at the end of the last line.
pub struct TextReader<R> {
    inner: R,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    out: Vec<u8>,
    start: usize,
    at_start: bool,
    at_end: bool,
    last: u8,
    pending_cr: bool,
}

impl<R: Read> TextReader<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        TextReader {
            inner,
            decoder: (encoding != UTF_8).then(|| encoding.new_decoder()),
            raw: Vec::new(),
            out: Vec::new(),
            start: 0,
            at_start: true,
            at_end: false,
            last: b'\n',
            pending_cr: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.start = 0;
        let raw = if self.decoder.is_some() { &mut self.raw } else { &mut self.out };
        raw.resize(CHUNK, 0);
        let count = self.inner.read(raw)?;
        raw.truncate(count);
        let is_last = count == 0;
        if let Some(decoder) = &mut self.decoder {
            let mut text = String::with_capacity(decoder.max_utf8_buffer_length(count).unwrap_or(4 * CHUNK));
            let _ = decoder.decode_to_string(&self.raw, &mut text, is_last);
            self.out = text.into_bytes();
        }
        if self.at_start && !self.out.is_empty() {
            self.at_start = false;
            if self.out.starts_with("\u{feff}".as_bytes()) {
                self.start = 3;
            }
        }
        self.unify_line_ends(is_last);
        if let Some(last) = self.out.last() {
            self.last = *last;
        }
        if is_last && !self.at_end {
            self.at_end = true;
            if self.last != b'\n' && !self.at_start {
                self.out.push(b'\n');
            }
        }
        Ok(())
    }

    /// `\r\n` and a lone `\r` become `\n`; NUL bytes go.
    fn unify_line_ends(&mut self, is_last: bool) {
        let mut rest = &self.out[self.start..];
        if !self.pending_cr && memchr2(b'\r', 0, rest).is_none() {
            return;
        }
        let mut unified = Vec::with_capacity(rest.len() + 1);
        let end_line = |unified: &mut Vec<u8>, rest: &mut &[u8]| {
            unified.push(b'\n');
            *rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        };
        if !rest.is_empty() && std::mem::take(&mut self.pending_cr) {
            end_line(&mut unified, &mut rest);
        }
        while let Some(at) = memchr2(b'\r', 0, rest) {
            let is_line_end = rest[at] == b'\r';
            unified.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            self.pending_cr = is_line_end && rest.is_empty();
            if is_line_end && !self.pending_cr {
                end_line(&mut unified, &mut rest);
            }
        }
        unified.extend_from_slice(rest);
        if is_last && std::mem::take(&mut self.pending_cr) {
            unified.push(b'\n');
        }
        self.out = unified;
        self.start = 0;
    }
}

impl<R: Read> BufRead for TextReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.start >= self.out.len() && !self.at_end {
            self.fill()?;
        }
        Ok(&self.out[self.start..])
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
    }
}

impl<R: Read> Read for TextReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buf)?;
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let mut sniffer = Sniffer::default();
        for chunk in bytes.chunks(3) {
            sniffer.see(chunk);
        }
        let mut out = String::new();
        TextReader::new(bytes, sniffer.encoding()).read_to_string(&mut out).expect("reads");
        out
    }

    #[test]
    fn every_encoding_reads_as_the_same_text() {
        let utf16: Vec<u8> = "\u{feff}Süd;1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16_be: Vec<u8> = "Sued;1,2,3\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&utf16), "Süd;1\n");
        assert_eq!(text(&utf16_be), "Sued;1,2,3\n");
        assert_eq!(text("\u{feff}Süd;1".as_bytes()), "Süd;1\n");
        assert_eq!(text(b"S\xfcd;1\r\nx\r\n"), "Süd;1\nx\n");
        assert_eq!(text(b"S\xfcd;N\xe9e;Nov\xfd\n"), "Süd;Née;Nový\n");
        assert_eq!(text(b"Y\xfdll\xfdk \xfccret;G\xf6steri\xfe\n"), "Yıllık ücret;Gösteriş\n");
        assert_eq!(text(b"\xc7\xe1\xcd\xe3\xe1\xc9,\xc7\xe1\xed\xe6\xe3,12\n"), "الحملة,اليوم,12\n");
        assert_eq!(text(b"a\rb"), "a\nb\n");
        assert_eq!(text(b""), "");
    }
}

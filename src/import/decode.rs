//! Bytes of any encoding to UTF-8 text with `\n` line ends.

use std::io::{self, BufRead, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr2;

const CHUNK: usize = 64 * 1024;
/// UTF-8 takes at most three bytes for a byte or a unit of what is decoded.
const MOST: usize = 3;
/// Bytes seen at once.
const BLOCK: usize = size_of::<u128>();

/// How bytes that are no UTF-8 become it. Whole buffers are decoded, ASCII many bytes at once, because most of any export
/// is ASCII.
enum Decoding {
    Utf16 {
        is_big: bool,
    },
    /// One byte is one character; those above ASCII are listed.
    SingleByte(Box<[Letter; 128]>),
}

/// A character in UTF-8, and how many bytes it takes.
type Letter = ([u8; 4], usize);

impl Decoding {
    fn of(encoding: &'static Encoding) -> Option<Decoding> {
        if encoding == UTF_8 {
            return None;
        }
        if encoding == UTF_16LE || encoding == UTF_16BE {
            return Some(Decoding::Utf16 { is_big: encoding == UTF_16BE });
        }
        let letter_of = |at: usize| {
            let byte = [0x80 | at as u8];
            let letter = encoding.decode_without_bom_handling(&byte).0;
            let mut bytes = [0; 4];
            bytes[..letter.len()].copy_from_slice(letter.as_bytes());
            (bytes, letter.len())
        };
        Some(Decoding::SingleByte(Box::new(std::array::from_fn(letter_of))))
    }

    /// The room that the text of a chunk may take.
    fn room(&self) -> usize {
        match self {
            Decoding::Utf16 { .. } => MOST * CHUNK / 2 + MOST,
            // a block is copied whole, whatever counts of it
            Decoding::SingleByte(_) => MOST * CHUNK + BLOCK,
        }
    }

    /// Decodes bytes into a buffer with room for what they may become; says how many it took and how many it gave. Of a
    /// character whose end has not been read it takes nothing.
    fn decode(&self, bytes: &[u8], text: &mut [u8], is_last: bool) -> (usize, usize) {
        match self {
            Decoding::SingleByte(letters) => (bytes.len(), decode_single_bytes(letters, bytes, text)),
            Decoding::Utf16 { is_big } => decode_utf16(*is_big, bytes, text, is_last),
        }
    }
}

fn decode_utf16(is_big: bool, bytes: &[u8], text: &mut [u8], is_last: bool) -> (usize, usize) {
    // of ASCII one byte of each unit is zero, and the highest bit of the other
    let (beyond, shift) = if is_big { (0x80ff_80ff_80ff_80ff, 8) } else { (0xff80_ff80_ff80_ff80, 0) };
    let unit_of = |pair: &[u8; 2]| if is_big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let (mut from, mut to) = (0, 0);
    loop {
        if let Some(four) = bytes[from..].first_chunk().map(|four| u64::from_le_bytes(*four)) {
            let plain = ((four & beyond).trailing_zeros() / 16) as usize;
            let four = (four >> shift) & 0x007f_007f_007f_007f;
            let twos = (four | four >> 8) & 0x0000_ffff_0000_ffff;
            text[to..to + 4].copy_from_slice(&((twos | twos >> 16) as u32).to_le_bytes());
            (from, to) = (from + 2 * plain, to + plain);
            if plain == 4 {
                continue;
            }
        }
        let mut units = bytes[from..].as_chunks().0.iter().take(2).map(unit_of);
        let character = match char::decode_utf16(&mut units).next() {
            Some(Ok(character)) => character,
            // the other half of a character may follow
            Some(Err(_)) if !is_last && from + 3 >= bytes.len() => return (from, to),
            None if !is_last || from == bytes.len() => return (from, to),
            Some(Err(_)) | None => char::REPLACEMENT_CHARACTER,
        };
        from = bytes.len().min(from + 2 * character.len_utf16());
        to += character.encode_utf8(&mut text[to..]).len();
    }
}

fn decode_single_bytes(letters: &[Letter; 128], bytes: &[u8], text: &mut [u8]) -> usize {
    const HIGHEST: u128 = u128::from_le_bytes([0x80; BLOCK]);
    let (mut from, mut to) = (0, 0);
    let decode = |byte: u8, text: &mut [u8]| {
        let (letter, count) =
            if byte < 0x80 { ([byte, 0, 0, 0], 1) } else { letters[usize::from(byte & 0x7f)] };
        text[..4].copy_from_slice(&letter);
        count
    };
    while let Some(block) = bytes[from..].first_chunk::<BLOCK>() {
        text[to..to + BLOCK].copy_from_slice(block);
        let plain = ((u128::from_le_bytes(*block) & HIGHEST).trailing_zeros() / 8) as usize;
        (from, to) = (from + plain, to + plain);
        if plain < BLOCK {
            to += decode(bytes[from], &mut text[to..]);
            from += 1;
        }
    }
    for byte in &bytes[from..] {
        to += decode(*byte, &mut text[to..]);
    }
    to
}

/// Reads any encoding as UTF-8 without BOM, with `\n` line ends and one at the end of the last line.
pub struct TextReader<R> {
    inner: R,
    /// None where the bytes are UTF-8.
    decoding: Option<Decoding>,
    /// What is not decoded yet: so many bytes of the buffer.
    raw: Vec<u8>,
    held: usize,
    /// Decoded text, and which part of it is to be read.
    text: Vec<u8>,
    start: usize,
    end: usize,
    at_start: bool,
    at_end: bool,
    last: u8,
    after_return: bool,
}

impl<R: Read> TextReader<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoding = Decoding::of(encoding);
        let room = decoding.as_ref().map_or(CHUNK, Decoding::room);
        TextReader {
            inner,
            raw: if decoding.is_some() { vec![0; CHUNK] } else { Vec::new() },
            held: 0,
            // the last line may lack its end
            text: vec![0; room + 1],
            decoding,
            start: 0,
            end: 0,
            at_start: true,
            at_end: false,
            last: b'\n',
            after_return: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.start = 0;
        let count;
        if let Some(decoding) = &self.decoding {
            count = self.inner.read(&mut self.raw[self.held..])?;
            let read = self.held + count;
            let (taken, given) = decoding.decode(&self.raw[..read], &mut self.text, count == 0);
            self.raw.copy_within(taken..read, 0);
            (self.held, self.end) = (read - taken, given);
        } else {
            count = self.inner.read(&mut self.text[..CHUNK])?;
            self.end = count;
        }
        if self.at_start && self.end > 0 {
            self.at_start = false;
            if self.text[..self.end].starts_with("\u{feff}".as_bytes()) {
                self.start = 3;
            }
        }
        self.unify_line_ends();
        if let Some(last) = self.text[..self.end].last() {
            self.last = *last;
        }
        if count == 0 && !self.at_end {
            self.at_end = true;
            if self.last != b'\n' && !self.at_start {
                self.text[self.end] = b'\n';
                self.end += 1;
            }
        }
        Ok(())
    }

    /// `\r\n` and a lone `\r` become `\n`; NUL bytes go.
    fn unify_line_ends(&mut self) {
        let text = &mut self.text[..self.end];
        if self.after_return && self.start < text.len() {
            self.after_return = false;
            self.start += usize::from(text[self.start] == b'\n');
        }
        let next =
            |text: &[u8], from: usize| memchr2(b'\r', 0, &text[from..]).map_or(text.len(), |at| from + at);
        let mut from = next(text, self.start);
        let mut to = from;
        while from < text.len() {
            if text[from] == b'\r' {
                text[to] = b'\n';
                to += 1;
                self.after_return = from + 1 == text.len();
                from += usize::from(text.get(from + 1) == Some(&b'\n'));
            }
            from += 1;
            let end = next(text, from);
            text.copy_within(from..end, to);
            (from, to) = (end, to + end - from);
        }
        self.end = to;
    }
}

impl<R: Read> BufRead for TextReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.start >= self.end && !self.at_end {
            self.fill()?;
        }
        Ok(&self.text[self.start..self.end])
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
    use encoding_rs::{WINDOWS_1252, WINDOWS_1254, WINDOWS_1256};
    use proptest::prelude::*;

    use super::*;
    use crate::import::sniff::Sniffer;

    /// Gives as many bytes at once as it is told.
    struct Pieces<'b>(&'b [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let most = buf.len().min(self.1);
            self.0.read(&mut buf[..most])
        }
    }

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

    fn units() -> impl Strategy<Value = Vec<u16>> {
        let unit = prop_oneof![
            6 => 0x20..0x7f_u16,
            2 => Just(0x0d_u16),
            2 => Just(0x0a_u16),
            1 => Just(0_u16),
            1 => Just(0xfeff_u16),
            2 => 0xd800..0xe000_u16,
            2 => any::<u16>(),
        ];
        proptest::collection::vec(unit, 0..120)
    }

    proptest! {
        #[test]
        fn whole_buffers_are_decoded_like_characters(units in units(), is_odd: bool, at_once in 3..70_usize) {
            for encoding in [UTF_8, UTF_16LE, UTF_16BE, WINDOWS_1252, WINDOWS_1254, WINDOWS_1256] {
                let mut bytes: Vec<u8> = match encoding {
                    e if e == UTF_8 => String::from_utf16_lossy(&units).into_bytes(),
                    e if e == UTF_16LE => units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
                    e if e == UTF_16BE => units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
                    _ => units.iter().map(|unit| *unit as u8).collect(),
                };
                // half a character and half a unit are one mistake
                if is_odd && units.last().is_none_or(|unit| *unit < 0x80) {
                    bytes.push(b'x');
                }
                let whole = encoding.decode_without_bom_handling(&bytes).0;
                let unmarked = whole.strip_prefix('\u{feff}');
                let mut plain = unmarked.unwrap_or(&whole).replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
                if !plain.ends_with('\n') && (!plain.is_empty() || unmarked.is_some()) {
                    plain.push('\n');
                }
                let mut read = String::new();
                TextReader::new(Pieces(&bytes, at_once), encoding).read_to_string(&mut read).unwrap();
                prop_assert_eq!(read, plain, "{} {:?}", encoding.name(), bytes);
            }
        }
    }
}

//! What a file's bytes show of its encoding: it is decided by content, never by extension.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1254, WINDOWS_1256};

/// What the whole file showed of its encoding, byte by byte.
#[derive(Debug)]
pub struct Sniffer {
    head: Vec<u8>,
    pending: Vec<u8>,
    is_utf8: bool,
    letters: Letters,
}

/// What the bytes of a file that is no UTF-8 would be as letters.
#[derive(Debug, Default, PartialEq, Eq)]
struct Letters {
    /// `ğ ı ş Ğ İ Ş` of Windows-1254, which are Icelandic letters in Windows-1252.
    turkish: u64,
    /// Other letters with a mark that Turkish does not have.
    western: u64,
    /// Letters above ASCII that follow one another, as in Arabic words and nowhere in Western ones.
    neighbours: u64,
}

/// The highest bits of sixteen bytes; none of them is set in ASCII.
const HIGHEST: u128 = u128::from_ne_bytes([0x80; 16]);

impl Letters {
    fn see(&mut self, bytes: &[u8]) {
        let mut run = 0;
        let (blocks, rest) = bytes.as_chunks();
        for block in blocks {
            // of most texts most bytes are ASCII, which says nothing
            if u128::from_ne_bytes(*block) & HIGHEST == 0 {
                run = 0;
            } else {
                self.see_each(block, &mut run);
            }
        }
        self.see_each(rest, &mut run);
    }

    fn see_each(&mut self, bytes: &[u8], run: &mut u32) {
        for byte in bytes {
            *run = if *byte >= 0xc0 { *run + 1 } else { 0 };
            self.neighbours += u64::from(*run > 2);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn blocks_show_what_their_bytes_do(bytes in proptest::collection::vec(
            prop_oneof![3 => 0x20..0x80_u8, 1 => any::<u8>()], 0..200)) {
            let (mut by_blocks, mut by_bytes) = (Letters::default(), Letters::default());
            by_blocks.see(&bytes);
            by_bytes.see_each(&bytes, &mut 0);
            prop_assert_eq!(by_blocks, by_bytes);
        }
    }
}

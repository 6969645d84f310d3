//! The built-in formats as texts, and which headers each of them needs: a file has only those read that may fit it.

use xxhash_rust::xxh3::xxh3_64;

use super::Header;

/// A format file, and what the build found in it.
#[derive(Debug)]
pub struct BuiltIn {
    pub name: &'static str,
    pub text: &'static str,
    place: u16,
    /// A bit for each need that a name must meet; patterns may meet others.
    needs: u16,
    pub has_empty_line: bool,
    pub beside: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/built_in_formats.rs"));

/// Which needs of which format a row's names meet, by the place of the format.
pub struct Names([u16; BUILT_IN.len()]);

impl Names {
    pub fn of(header: &Header) -> Names {
        let mut met = [0; BUILT_IN.len()];
        for name in &header.names {
            let hash = xxh3_64(name.as_bytes());
            let from = NAMES.partition_point(|(other, ..)| *other < hash);
            for (_, format, needs) in NAMES[from..].iter().take_while(|(other, ..)| *other == hash) {
                met[usize::from(*format)] |= needs;
            }
        }
        Names(met)
    }

    pub fn may_be(&self, format: &BuiltIn) -> bool {
        self.0[usize::from(format.place)] == format.needs
    }
}

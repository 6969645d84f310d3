//! Hashing for keys that are numbers of our own making: ids, days, and hashes. Texts of files keep the standard
//! library's, which nobody can choose keys against. What it makes of the same numbers never changes: hashes of rows are
//! kept in the database.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

pub type ByNumber = BuildHasherDefault<Mixed>;

#[derive(Debug, Default, Clone)]
pub struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }

    fn write_i32(&mut self, n: i32) {
        self.write_u32(n.cast_unsigned());
    }

    fn write_u64(&mut self, n: u64) {
        // the golden ratio: neighbours end far apart
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_i64(&mut self, n: i64) {
        self.write_u64(n.cast_unsigned());
    }

    /// Of hashes, of which half is enough.
    fn write_u128(&mut self, n: u128) {
        self.write_u64(n as u64);
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

/// Values by key, of which the one asked for last is at hand.
#[derive(Debug)]
pub struct Latest<K, V> {
    places: HashMap<K, usize, ByNumber>,
    pub values: Vec<(K, V)>,
    last: usize,
}

impl<K, V> Default for Latest<K, V> {
    fn default() -> Self {
        Latest { places: HashMap::default(), values: Vec::new(), last: 0 }
    }
}

impl<K: Copy + Eq + Hash, V: Default> Latest<K, V> {
    pub fn at(&mut self, key: K) -> &mut V {
        let place = self.place(key);
        &mut self.values[place].1
    }

    /// Where its value stands among all.
    pub fn place(&mut self, key: K) -> usize {
        if self.values.get(self.last).is_none_or(|(last, _)| *last != key) {
            self.last = *self.places.entry(key).or_insert_with(|| {
                self.values.push((key, V::default()));
                self.values.len() - 1
            });
        }
        self.last
    }
}

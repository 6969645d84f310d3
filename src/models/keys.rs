//! Stable 64-bit hashes by which records find each other, kept in the database instead of the texts that they are of.

use xxhash_rust::xxh3::xxh3_64;

use super::functions::{norm_email, split_ids};

/// Of texts one after another.
pub(super) fn hash(parts: &[&str]) -> i64 {
    let length = parts.iter().map(|part| part.len() + 1).sum();
    // most are short: a heap of their own would cost more than the hash
    let (mut few, mut many) = ([0_u8; 96], Vec::new());
    let bytes = match few.get_mut(..length) {
        Some(few) => few,
        None => {
            many.resize(length, 0);
            many.as_mut_slice()
        }
    };
    let mut at = 0;
    for part in parts {
        bytes[at..at + part.len()].copy_from_slice(part.as_bytes());
        at += part.len() + 1;
    }
    xxh3_64(bytes).cast_signed()
}

/// The key of a normalised address.
pub(super) fn mail_key(email: &str) -> i64 {
    hash(&["mail", email])
}

/// The key under which deals and meetings name a person's record, whatever its object.
pub(super) fn person_key(source: i64, id: &str) -> i64 {
    hash(&["person", &source.to_string(), id])
}

pub(super) fn deal_key(source: i64, id: &str) -> i64 {
    hash(&["deal", &source.to_string(), id])
}

/// The key under which people and deals name a company's record.
pub(super) fn reference_key(source: i64, id: &str) -> i64 {
    hash(&["company", &source.to_string(), id])
}

/// The key of a company or a name: below 0, so that it is no number of a person or deal.
pub(super) fn text_key(text: &str) -> i64 {
    hash(&["text", text]) | i64::MIN
}

/// The addresses of a record, normalised.
pub(super) fn mails<'a>(
    email: &'a str,
    additional: &'a str,
) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
    norm_email(email).into_iter().chain(split_ids(additional).filter_map(norm_email))
}

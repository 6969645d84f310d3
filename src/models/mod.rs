//! Derived tables.

pub(crate) mod ads;
pub(crate) mod currency;

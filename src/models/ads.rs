//! Placeholder until the resolution of ad rows lands.

use rusqlite::Connection;

use crate::error::Result;

pub(crate) fn touch(_conn: &Connection) -> Result<()> {
    Ok(())
}

pub(crate) fn touch_all(_conn: &Connection) -> Result<()> {
    Ok(())
}

pub(crate) fn resolve(_conn: &Connection) -> Result<()> {
    Ok(())
}

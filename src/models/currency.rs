//! Placeholder until the currency step lands.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::error::Result;

pub(crate) fn reporting(_conn: &Connection, setting: Option<&str>) -> Result<Option<String>> {
    Ok(setting.map(str::to_owned))
}

pub(crate) fn register(conn: &Connection, setting: Option<&str>) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let currency = setting.map(str::to_owned);
    conn.create_scalar_function("reporting_currency", 0, flags, move |_| Ok(currency.clone()))?;
    conn.create_scalar_function("to_reporting", 3, flags, |ctx| ctx.get::<Option<i64>>(0))?;
    Ok(())
}

//! The SQL function `campaign_alias`: the campaign that a `[[campaign_alias]]` of the settings gives a name to.

use std::collections::HashMap;

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use serde_json::json;

use crate::error::Result;
use crate::settings::{Settings, fold};

/// Makes `campaign_alias(name)` callable: a JSON object with `campaign` and `platform` (null where not given), or null.
pub(crate) fn register(conn: &Connection, settings: &Settings) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    let mut means: HashMap<String, String> = HashMap::new();
    for rule in &settings.written.campaign_alias {
        let told = json!({ "campaign": rule.campaign, "platform": rule.platform }).to_string();
        for alias in rule.alias.iter() {
            means.entry(fold(alias)).or_insert_with(|| told.clone());
        }
    }
    conn.create_scalar_function("campaign_alias", 1, flags, move |ctx| {
        Ok(ctx.get::<Option<String>>(0)?.and_then(|name| means.get(&fold(&name)).cloned()))
    })?;
    Ok(())
}

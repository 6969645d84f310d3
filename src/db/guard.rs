//! What ad-hoc SQL may do: read everything; write nothing, or only tables of the user's own.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::catalog;
use crate::error::Result;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    /// Tables, indexes and views of the user's own; Funnelite's are refused.
    Write,
}

/// Why SQLite was told to refuse the statement being prepared.
#[derive(Debug, Clone, Default)]
pub struct Reason(Arc<Mutex<Option<String>>>);

impl Reason {
    /// The reason of the last refusal, once.
    pub fn take(&self) -> Option<String> {
        self.0.lock().ok().and_then(|mut reason| reason.take())
    }

    fn set(&self, text: String) {
        if let Ok(mut reason) = self.0.lock() {
            *reason = Some(text);
        }
    }
}

/// Pragmas that only tell something, some of them about the table in brackets.
const PRAGMAS: &[&str] = &[
    "collation_list",
    "compile_options",
    "database_list",
    "foreign_key_check",
    "foreign_key_list",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "module_list",
    "pragma_list",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];
/// Pragmas that tell without a value and change something with one.
const PRAGMAS_BARE: &[&str] = &[
    "application_id",
    "data_version",
    "encoding",
    "freelist_count",
    "journal_mode",
    "page_count",
    "page_size",
    "schema_version",
    "user_version",
];

/// Tables that the models are built on.
const MODEL_TABLES: &str = include_str!("../models/tables.sql");

/// Makes SQLite itself refuse what the access does not include, and strict about quotes: `"x"` is a name, never text.
pub fn guard(conn: &mut Connection, access: Access) -> Result<Reason> {
    for flag in [DbConfig::SQLITE_DBCONFIG_DQS_DML, DbConfig::SQLITE_DBCONFIG_DQS_DDL] {
        conn.set_db_config(flag, false)?;
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    let reason = Reason::default();
    let said = reason.clone();
    let own = if access == Access::Write { own_names()? } else { BTreeSet::new() };
    conn.authorizer(Some(move |context: AuthContext<'_>| match refusal(&context, access, &own) {
        None => Authorization::Allow,
        Some(text) => {
            said.set(text);
            Authorization::Deny
        }
    }))?;
    Ok(reason)
}

fn refusal(context: &AuthContext<'_>, access: Access, own: &BTreeSet<String>) -> Option<String> {
    let temporary = context.database_name == Some("temp");
    match &context.action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            Some("only this one file is open here; attaching others and `vacuum` are off".to_owned())
        }
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let name = pragma_name.to_ascii_lowercase();
            let tells = PRAGMAS.contains(&name.as_str())
                || (pragma_value.is_none() && PRAGMAS_BARE.contains(&name.as_str()));
            (!tells).then(|| format!("`pragma {name}` changes how the database works"))
        }
        AuthAction::Function { function_name: "load_extension" | "fts3_tokenizer" } => {
            Some("extensions are off".to_owned())
        }
        _ if temporary => None,
        action => {
            let target = written(action)?;
            match access {
                Access::Read => Some(
                    "this session only reads; `funnelite sql --write` changes tables of your own".to_owned(),
                ),
                Access::Write if own.contains(&target.to_ascii_lowercase()) => Some(format!(
                    "`{target}` is Funnelite's and follows from the imported files: what you change there would be lost or wrong"
                )),
                Access::Write => None,
            }
        }
    }
}

/// The object that an action changes, if it changes one.
fn written<'a>(action: &AuthAction<'a>) -> Option<&'a str> {
    match *action {
        AuthAction::Insert { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::CreateTable { table_name }
        | AuthAction::DropTable { table_name }
        | AuthAction::AlterTable { table_name, .. }
        | AuthAction::CreateIndex { table_name, .. }
        | AuthAction::DropIndex { table_name, .. }
        | AuthAction::CreateTrigger { table_name, .. }
        | AuthAction::DropTrigger { table_name, .. }
        | AuthAction::CreateVtable { table_name, .. }
        | AuthAction::DropVtable { table_name, .. }
        | AuthAction::Analyze { table_name } => Some(table_name),
        AuthAction::CreateView { view_name } | AuthAction::DropView { view_name } => Some(view_name),
        AuthAction::Reindex { index_name } => Some(index_name),
        AuthAction::Unknown { .. } => Some("this"),
        _ => None,
    }
}

/// The names of everything that Funnelite creates, in lower case.
pub(crate) fn own_names() -> Result<BTreeSet<String>> {
    let mut memory = Connection::open_in_memory()?;
    super::migrate(&mut memory)?;
    let mut names: BTreeSet<String> = memory
        .prepare("select lower(name) from sqlite_schema")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let created = regex::Regex::new(
        r"(?im)^\s*create\s+(?:table|view|(?:unique\s+)?index)\s+(?:if\s+not\s+exists\s+)?(\w+)",
    )
    .expect("a valid pattern");
    let folders = ["models", "measures", "views"].into_iter().flat_map(catalog::sql).map(|text| text.body);
    for text in folders.chain([MODEL_TABLES]) {
        names.extend(created.captures_iter(text).map(|found| found[1].to_ascii_lowercase()));
    }
    // rows of the schema table itself are written by `create table`; SQLite guards them
    names.retain(|name| !name.starts_with("sqlite_"));
    Ok(names)
}

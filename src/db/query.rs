//! Running SQL that people write: one statement at a time, with errors that say what was probably meant.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, InterruptHandle, Statement, ToSql};

use super::guard::{Access, Reason, guard};
use super::lexer::{self, TokenKind};
use crate::error::{Error, Result, nearest};
use crate::output::{Cell, ResultSet};

/// A database opened for ad-hoc SQL.
pub struct Session {
    conn: Connection,
    reason: Reason,
    pub access: Access,
}

/// What a statement gave: rows, or how many rows it changed.
#[derive(Debug)]
pub enum Answer {
    Rows(ResultSet),
    Changed(u64),
}

/// A table or view, for completion and suggestions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub name: String,
    pub is_view: bool,
    pub columns: Vec<String>,
}

impl Session {
    /// Opens an existing database under the guard of its access.
    pub fn open(path: &Path, access: Access) -> Result<Session> {
        let mut conn = match access {
            Access::Read => super::open_read_only(path)?,
            Access::Write => open_writable(path)?,
        };
        let reason = guard(&mut conn, access)?;
        Ok(Session { conn, reason, access })
    }

    /// Stops the running statement from another thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.conn.get_interrupt_handle()
    }

    /// Runs one statement and keeps all of its rows.
    pub fn run(&self, sql: &str) -> Result<Answer> {
        let mut all: Option<ResultSet> = None;
        let changed = self.stream(sql, usize::MAX, &mut |batch| {
            all = Some(batch);
            Ok(())
        })?;
        Ok(all.map_or(Answer::Changed(changed), Answer::Rows))
    }

    /// Runs one statement and hands its rows over in batches, at least one if it gives columns; returns how many rows
    /// it changed.
    pub fn stream(
        &self,
        sql: &str,
        batch: usize,
        take: &mut dyn FnMut(ResultSet) -> Result<()>,
    ) -> Result<u64> {
        let before = self.conn.total_changes();
        let mut statement = self.conn.prepare(sql).map_err(|e| self.explain_error(sql, e))?;
        stream_rows(&mut statement, batch, take).map_err(|e| match e {
            Failure::Sqlite(e) => self.explain_error(sql, e),
            Failure::Taker(e) => e,
        })?;
        Ok(self.conn.total_changes() - before)
    }

    /// The plan of a statement, as an indented tree.
    pub fn plan(&self, sql: &str) -> Result<String> {
        let explain = format!("explain query plan {sql}");
        let Answer::Rows(steps) = self.run(&explain)? else { return Ok(String::new()) };
        let mut depths = std::collections::BTreeMap::from([(0, 0)]);
        let mut tree = String::new();
        for step in &steps.rows {
            let [Cell::Integer(id), Cell::Integer(parent), _, Cell::Text(detail)] = step.as_slice() else {
                continue;
            };
            let depth = depths.get(parent).copied().unwrap_or(0);
            depths.insert(*id, depth + 1);
            tree.push_str(&format!("{:width$}{detail}\n", "", width = 2 * depth));
        }
        Ok(tree)
    }

    /// Every table and view but SQLite's own, views first.
    pub fn relations(&self) -> Result<Vec<Relation>> {
        let mut listed = self.conn.prepare(
            "select name, type = 'view' from pragma_table_list
             where schema in ('main', 'temp') and name not like 'sqlite\\_%' escape '\\' and type in ('table', 'view')
             order by type = 'view' desc, name",
        )?;
        let mut relations: Vec<Relation> = listed
            .query_map([], |row| {
                Ok(Relation { name: row.get(0)?, is_view: row.get(1)?, columns: Vec::new() })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut columns = self.conn.prepare("select name from pragma_table_info(?1)")?;
        for relation in &mut relations {
            // a view that reads a table which is gone has no columns, and is still listed
            let names = columns.query_map([&relation.name], |row| row.get(0)).and_then(Iterator::collect);
            relation.columns = names.unwrap_or_default();
        }
        Ok(relations)
    }

    /// The functions SQLite knows.
    pub fn functions(&self) -> Result<Vec<String>> {
        let mut listed =
            self.conn.prepare("select distinct name from pragma_function_list where name glob '[a-z]*'")?;
        let names = listed.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(names)
    }

    /// The distinct texts of one column, none where the column does not exist.
    pub fn values(&self, view: &str, column: &str) -> Vec<String> {
        let sql =
            format!("select distinct {column} from {view} where {column} is not null order by 1 limit 500");
        let read =
            || self.conn.prepare(&sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>();
        read().unwrap_or_default()
    }

    fn explain_error(&self, sql: &str, error: rusqlite::Error) -> Error {
        if let Some(reason) = self.reason.take() {
            return Error::failed(reason);
        }
        explain_error(error, sql, || self.relations().unwrap_or_default())
    }
}

/// Runs one statement of Funnelite's own or of a query file, with its parameters by name (`:from` → `from`).
pub fn run(conn: &Connection, sql: &str, params: &[(&str, Cell)]) -> Result<ResultSet> {
    let failed = |e| explain_error(e, sql, Vec::new);
    let mut statement = conn.prepare(sql).map_err(failed)?;
    for (name, value) in params {
        if let Some(index) = statement.parameter_index(&format!(":{name}"))? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    let mut result = ResultSet::default();
    stream_rows(&mut statement, usize::MAX, &mut |rows| {
        result = rows;
        Ok(())
    })
    .map_err(|e| match e {
        Failure::Sqlite(e) => failed(e),
        Failure::Taker(e) => e,
    })?;
    Ok(result)
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Null => ValueRef::Null,
            Cell::Integer(n) => ValueRef::Integer(*n),
            Cell::Real(x) => ValueRef::Real(*x),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
            Cell::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

enum Failure {
    Sqlite(rusqlite::Error),
    Taker(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Failure::Sqlite(error)
    }
}

fn stream_rows(
    statement: &mut Statement<'_>,
    batch: usize,
    take: &mut dyn FnMut(ResultSet) -> Result<()>,
) -> std::result::Result<(), Failure> {
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.raw_query();
    let mut kept = Vec::new();
    let mut handed_over = false;
    while let Some(row) = rows.next()? {
        let cells = (0..names.len()).map(|index| row.get_ref(index).map(Cell::from));
        kept.push(cells.collect::<rusqlite::Result<Vec<Cell>>>()?);
        if kept.len() == batch {
            handed_over = true;
            take(ResultSet::new(names.clone(), std::mem::take(&mut kept))).map_err(Failure::Taker)?;
        }
    }
    if !names.is_empty() && (!kept.is_empty() || !handed_over) {
        take(ResultSet::new(names, kept)).map_err(Failure::Taker)?;
    }
    Ok(())
}

fn open_writable(path: &Path) -> Result<Connection> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)
        .map_err(|e| Error::failed(format!("`{}` could not be opened", path.display())).because(e))?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(conn)
}

/// What SQLite said, where it said it, and the nearest name there is.
fn explain_error(error: rusqlite::Error, sql: &str, relations: impl Fn() -> Vec<Relation>) -> Error {
    let (message, offset) = match &error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => (msg.clone(), usize::try_from(*offset).ok()),
        rusqlite::Error::SqliteFailure(e, _) if e.code == ErrorCode::OperationInterrupted => {
            return Error::failed("interrupted");
        }
        rusqlite::Error::SqliteFailure(e, Some(message)) if e.code == ErrorCode::Unknown => {
            (message.clone(), None)
        }
        _ => return error.into(),
    };
    let (message, quoting) = match message.split_once(" - should this be") {
        Some((message, _)) => (message.to_owned(), true),
        None => (message, false),
    };
    let explained = Error::failed(match offset {
        Some(offset) if offset < sql.len() => format!("{message}\n{}", point_at(sql, offset)),
        _ => message.clone(),
    });
    let hint = if quoting {
        Some("text stands in single quotes: 'like this'; double quotes are for names".to_owned())
    } else {
        suggest(&message, sql, &relations)
    };
    match hint {
        Some(hint) => explained.hint(hint),
        None => explained,
    }
}

/// The line of the statement, and a mark below the place.
fn point_at(sql: &str, offset: usize) -> String {
    let offset = (0..=offset).rev().find(|index| sql.is_char_boundary(*index)).unwrap_or(0);
    let start = sql[..offset].rfind('\n').map_or(0, |index| index + 1);
    let line: String = sql[start..].lines().next().unwrap_or_default().replace('\t', " ");
    let before = unicode_width::UnicodeWidthStr::width(&sql[start..offset]);
    let around: String = if before > 90 {
        return format!(
            "  … {}\n    ^",
            line.chars().skip(sql[start..offset].chars().count()).take(70).collect::<String>()
        );
    } else {
        line.chars().take(140).collect()
    };
    format!("  {around}\n  {:before$}^", "")
}

fn suggest(message: &str, sql: &str, relations: &impl Fn() -> Vec<Relation>) -> Option<String> {
    let meant = |word: &str| format!("did you mean `{word}`?");
    if let Some(name) = message.strip_prefix("no such table: ") {
        let relations = relations();
        let name = name.trim_start_matches("main.");
        return nearest(name, relations.iter().map(|r| r.name.as_str())).map(meant).or_else(|| {
            Some("`.views` in the shell, or `select name from sqlite_schema`, lists what there is".to_owned())
        });
    }
    if let Some(name) = message.strip_prefix("no such column: ") {
        let name = name.rsplit('.').next().unwrap_or(name);
        return suggest_column(name, sql, &relations());
    }
    if let Some(rest) = message.strip_prefix("near \"") {
        let word = rest.split('"').next().unwrap_or_default();
        let keywords = KEYWORDS.iter().copied().filter(|keyword| !keyword.eq_ignore_ascii_case(word));
        return nearest(word, keywords).filter(|_| word.len() > 2).map(meant);
    }
    None
}

/// The nearest column of the tables that the statement names; where none is near, all of them.
fn suggest_column(name: &str, sql: &str, relations: &[Relation]) -> Option<String> {
    let named: Vec<String> = lexer::tokens(sql).iter().filter_map(|token| token.name(sql)).collect();
    let used = || relations.iter().filter(|r| named.iter().any(|name| name.eq_ignore_ascii_case(&r.name)));
    let columns = || used().flat_map(|r| r.columns.iter().map(String::as_str));
    if let Some(near) = nearest(name, columns()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let elsewhere =
        relations.iter().find(|r| r.is_view && r.columns.iter().any(|c| c.eq_ignore_ascii_case(name)));
    if let Some(relation) = elsewhere {
        return Some(format!("`{}` has a column `{name}`", relation.name));
    }
    let listed: Vec<&str> = columns().take(40).collect();
    (!listed.is_empty()).then(|| format!("columns here: {}", listed.join(", ")))
}

/// Words of the language, for colours, completion and suggestions.
pub(crate) const KEYWORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "group",
    "order",
    "by",
    "having",
    "limit",
    "offset",
    "join",
    "left",
    "right",
    "full",
    "inner",
    "outer",
    "cross",
    "natural",
    "on",
    "using",
    "as",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "like",
    "glob",
    "between",
    "exists",
    "case",
    "when",
    "then",
    "else",
    "end",
    "distinct",
    "all",
    "union",
    "intersect",
    "except",
    "with",
    "recursive",
    "values",
    "insert",
    "into",
    "update",
    "set",
    "delete",
    "create",
    "table",
    "view",
    "index",
    "temp",
    "temporary",
    "drop",
    "alter",
    "add",
    "column",
    "rename",
    "to",
    "if",
    "unique",
    "primary",
    "key",
    "default",
    "check",
    "references",
    "foreign",
    "strict",
    "without",
    "rowid",
    "begin",
    "commit",
    "rollback",
    "explain",
    "query",
    "plan",
    "pragma",
    "cast",
    "collate",
    "nocase",
    "asc",
    "desc",
    "nulls",
    "first",
    "last",
    "over",
    "partition",
    "window",
    "rows",
    "range",
    "groups",
    "unbounded",
    "preceding",
    "following",
    "current",
    "row",
    "filter",
    "escape",
    "returning",
    "trigger",
    "materialized",
    "true",
    "false",
    "replace",
    "conflict",
    "do",
    "nothing",
];

/// Whether a word is one of the language's.
pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// The statements of a script.
pub fn statements(sql: &str) -> Vec<&str> {
    lexer::statements(sql)
}

/// Whether a text ends a statement, or holds none.
pub fn is_complete(sql: &str) -> bool {
    lexer::is_complete(sql)
}

/// Whether a statement gives nothing away but its first meaningful word, such as `select`.
pub(crate) fn first_word(sql: &str) -> Option<String> {
    let tokens = lexer::tokens(sql);
    let first = tokens.iter().find(|token| token.is_meaningful())?;
    (first.kind == TokenKind::Word).then(|| first.text(sql).to_ascii_lowercase())
}

//! Running SQL that people write: one statement at a time, with errors that say what was probably meant.

use std::path::Path;

use rusqlite::{Connection, InterruptHandle, OptionalExtension, Statement, ToSql};

use super::guard::{Access, Reason, guard};
use super::lexer::{self, TokenKind};
use super::mistake::{explain_error, unknown_value};
use crate::catalog;
use crate::error::{Error, Result};
use crate::output::{Cell, ResultSet};

/// Columns whose texts are a vocabulary, and the view that holds all of it.
pub(crate) const VOCABULARIES: &[(&str, &str)] =
    &[("kpi", "kpis"), ("channel", "kpi_yearly"), ("channel_group", "kpi_yearly")];

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

/// What the taker of a batch wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Continue,
    Stop,
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

    /// The reporting currency, where the data has one.
    pub fn currency(&self) -> Option<String> {
        currency(&self.conn)
    }

    /// Stops the running statement from another thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.conn.get_interrupt_handle()
    }

    /// Runs one statement and keeps all of its rows.
    pub fn run(&self, sql: &str) -> Result<Answer> {
        self.run_first(sql, usize::MAX - 1).map(|(answer, _)| answer)
    }

    /// Runs one statement and keeps its first rows; true where there are more.
    pub fn run_first(&self, sql: &str, most: usize) -> Result<(Answer, bool)> {
        let mut first: Option<ResultSet> = None;
        let changed = self.stream(sql, most + 1, &mut |batch| {
            first = Some(batch);
            Ok(Next::Stop)
        })?;
        let Some(mut rows) = first else { return Ok((Answer::Changed(changed), false)) };
        let is_cut = rows.rows.len() > most;
        rows.rows.truncate(most);
        Ok((Answer::Rows(rows), is_cut))
    }

    /// The names of the columns that a statement gives, without running it.
    pub fn columns(&self, sql: &str) -> Result<Vec<String>> {
        let statement = self.conn.prepare(sql).map_err(|e| self.explain_error(sql, e))?;
        Ok(statement.column_names().map(str::to_owned).collect())
    }

    /// Runs one statement and hands its rows over in batches, at least one if it gives columns; returns how many rows
    /// it changed.
    pub fn stream(
        &self,
        sql: &str,
        batch: usize,
        take: &mut dyn FnMut(ResultSet) -> Result<Next>,
    ) -> Result<u64> {
        let mut statement = self.conn.prepare(sql).map_err(|e| self.explain_error(sql, e))?;
        stream_rows(&mut statement, batch, take).map_err(|e| match e {
            Failure::Sqlite(e) => self.explain_error(sql, e),
            Failure::Taker(e) => e,
        })?;
        Ok(self.conn.changes())
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
        Ok(relations(&self.conn)?)
    }

    /// The functions SQLite knows.
    pub fn functions(&self) -> Result<Vec<String>> {
        let mut listed =
            self.conn.prepare("select distinct name from pragma_function_list where name glob '[a-z]*'")?;
        let names = listed.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(names)
    }

    /// The texts that a column of a known vocabulary holds; none where there is no such view yet.
    pub fn values(&self, column: &str) -> Vec<String> {
        let Some((_, view)) = VOCABULARIES.iter().find(|(name, _)| *name == column) else {
            return Vec::new();
        };
        let sql =
            format!("select distinct {column} from {view} where {column} is not null order by 1 limit 500");
        let read =
            || self.conn.prepare(&sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>();
        read().unwrap_or_default()
    }

    /// Whether money that a statement gives may be in other currencies than the reporting one: unless it reads
    /// public views alone, and none whose rows have a currency of their own.
    pub fn may_mix_money(&self, sql: &str) -> bool {
        let read = || -> rusqlite::Result<Vec<(String, bool)>> {
            let mut find = self.conn.prepare(
                "select s.name, exists (select 1 from pragma_table_info(s.name) as c where c.name = 'currency')
                 from sqlite_schema as s where s.type in ('table', 'view') and s.name = ?1 collate nocase",
            )?;
            let tokens = lexer::tokens(sql);
            let mut found = Vec::new();
            for name in tokens.iter().filter_map(|token| token.name(sql)) {
                found.extend(find.query_row([name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?);
            }
            Ok(found)
        };
        let read = read().unwrap_or_default();
        let views = catalog::sql("views");
        let is_plain = |(name, own): &(String, bool)| !own && views.iter().any(|view| view.name == name);
        read.is_empty() || !read.iter().all(is_plain)
    }

    /// Where an answer is empty because of a text that its column never holds: the nearest that it does.
    pub fn explain_nothing(&self, sql: &str) -> Option<String> {
        unknown_value(sql, |column| self.values(column))
    }

    fn explain_error(&self, sql: &str, error: rusqlite::Error) -> Error {
        if let Some(reason) = self.reason.take() {
            return Error::failed(reason);
        }
        explain_error(error, sql, || self.relations().unwrap_or_default())
    }
}

/// The reporting currency; a database without views has no money either.
pub fn currency(conn: &Connection) -> Option<String> {
    conn.query_row("select currency from workspace", [], |row| row.get(0)).unwrap_or_default()
}

/// Every table and view but SQLite's own, views first.
pub(super) fn relations(conn: &Connection) -> rusqlite::Result<Vec<Relation>> {
    let mut listed = conn.prepare(
        "select name, type = 'view' from pragma_table_list
         where schema in ('main', 'temp') and name not like 'sqlite\\_%' escape '\\' and type in ('table', 'view')
         order by type = 'view' desc, name",
    )?;
    let mut relations: Vec<Relation> = listed
        .query_map([], |row| Ok(Relation { name: row.get(0)?, is_view: row.get(1)?, columns: Vec::new() }))?
        .collect::<rusqlite::Result<_>>()?;
    let mut columns = conn.prepare("select name from pragma_table_info(?1)")?;
    for relation in &mut relations {
        // a view that reads a table which is gone has no columns, and is still listed
        let names = columns.query_map([&relation.name], |row| row.get(0)).and_then(Iterator::collect);
        relation.columns = names.unwrap_or_default();
    }
    Ok(relations)
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
        Ok(Next::Continue)
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
    take: &mut dyn FnMut(ResultSet) -> Result<Next>,
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
            let batch = ResultSet::new(names.clone(), std::mem::take(&mut kept));
            if take(batch).map_err(Failure::Taker)? == Next::Stop {
                return Ok(());
            }
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

//! Dot-commands about the database: what tables and views there are, how they are defined and read.

use super::{Flow, Shell};
use crate::db::query::Answer;
use crate::error::{Error, Result, nearest};
use crate::output::{Cell, ResultSet};

pub(super) fn relations(shell: &mut Shell, part: &str, views_only: bool) -> Result<Flow> {
    let part = part.trim_matches('%').to_lowercase();
    let listed = shell.session.relations()?;
    let definitions = definitions(shell)?;
    let rows = listed.iter().filter(|r| (r.is_view || !views_only) && r.name.to_lowercase().contains(&part));
    let rows = rows.map(|relation| {
        let sql = definitions.iter().find(|(name, _)| *name == relation.name).map(|(_, sql)| sql.as_str());
        let mut row = vec![Cell::from(relation.name.clone())];
        if !views_only {
            row.push(Cell::from(if relation.is_view { "view" } else { "table" }));
        }
        row.push(sql.and_then(title).map_or(Cell::from(""), Cell::from));
        row
    });
    let rows = rows.collect();
    let names: &[&str] = if views_only { &["view", "holds"] } else { &["name", "kind", "holds"] };
    print(shell, &ResultSet::new(names.iter().copied(), rows))
}

/// The first line of comment in a definition.
fn title(sql: &str) -> Option<String> {
    let line = sql.lines().find_map(|line| line.trim().strip_prefix("--"))?;
    Some(line.trim().to_owned())
}

fn definitions(shell: &Shell) -> Result<Vec<(String, String)>> {
    let Answer::Rows(result) = shell.session.run(
        "select name, sql from sqlite_schema where sql is not null and type <> 'index' and name not like 'sqlite\\_%' escape '\\'
         union all select name, sql from sqlite_temp_schema where sql is not null and type <> 'index'
         union all select tbl_name, sql from sqlite_schema where sql is not null and type = 'index'
         order by 1",
    )?
    else {
        return Ok(Vec::new());
    };
    let pair = |row: Vec<Cell>| match <[Cell; 2]>::try_from(row) {
        Ok([Cell::Text(name), Cell::Text(sql)]) => Some((name, sql)),
        _ => None,
    };
    Ok(result.rows.into_iter().filter_map(pair).collect())
}

pub(super) fn schema(shell: &mut Shell, name: &str) -> Result<Flow> {
    let name = name.trim_end_matches(';');
    let definitions = definitions(shell)?;
    let shown: Vec<String> = definitions
        .iter()
        .filter(|(own, _)| name.is_empty() || own.eq_ignore_ascii_case(name))
        .map(|(_, sql)| format!("{};\n", sql.trim_end().trim_end_matches(';')))
        .collect();
    if shown.is_empty() && !name.is_empty() {
        return Err(unknown_relation(shell, name));
    }
    shell.print_text(&shown.join("\n"))?;
    Ok(Flow::Continue)
}

fn unknown_relation(shell: &Shell, name: &str) -> Error {
    let error = Error::usage(format!("there is no table or view `{name}`"));
    let relations = shell.session.relations().unwrap_or_default();
    match nearest(name, relations.iter().map(|r| r.name.as_str())) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`.views` lists the public views"),
    }
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn columns(shell: &mut Shell, name: &str) -> Result<Flow> {
    let known = shell.session.relations()?.iter().any(|r| r.name.eq_ignore_ascii_case(name));
    if !known {
        return Err(unknown_relation(shell, name));
    }
    let sql =
        format!("select name as \"column\", lower(type) as type from pragma_table_info({})", quote(name));
    shell.answer(&sql)?;
    Ok(Flow::Continue)
}

pub(super) fn indexes(shell: &mut Shell, table: &str) -> Result<Flow> {
    let of =
        if table.is_empty() { "1".to_owned() } else { format!("tbl_name = {} collate nocase", quote(table)) };
    shell.answer(&format!(
        "select s.name as \"index\", s.tbl_name as \"table\", group_concat(c.name, ', ') as \"columns\"
         from sqlite_schema as s join pragma_index_info(s.name) as c
         where s.type = 'index' and {of}
         group by s.name order by s.tbl_name, s.name"
    ))?;
    Ok(Flow::Continue)
}

pub(super) fn explain(shell: &mut Shell, sql: &str) -> Result<Flow> {
    if sql.is_empty() {
        return Err(Error::usage("`.explain` takes a statement").hint("`.explain select * from people`"));
    }
    let plan = shell.session.plan(sql.trim_end_matches(';'))?;
    shell.print_text(&plan)?;
    Ok(Flow::Continue)
}

fn print(shell: &mut Shell, result: &ResultSet) -> Result<Flow> {
    shell.ctx.print(result)?;
    shell.ctx.append = shell.ctx.output.is_some();
    shell.end_once();
    Ok(Flow::Continue)
}

//! Dot-commands about the database: what tables and views there are, how they are defined and read.

use super::{Flow, Shell};
use crate::catalog;
use crate::db::guard;
use crate::db::query::{self, Answer};
use crate::error::{Error, Result, nearest};
use crate::output::{Cell, ResultSet};

pub(super) fn relations(shell: &mut Shell, part: &str, views_only: bool) -> Result<Flow> {
    let part = part.trim_matches('%').to_lowercase();
    let listed = shell.session.relations()?;
    let definitions = definitions(shell)?;
    let own = guard::own_names()?;
    let rows = listed.iter().filter(|r| (r.is_view || !views_only) && r.name.to_lowercase().contains(&part));
    let rows = rows.map(|relation| {
        let sql = definitions.iter().find(|(name, _)| *name == relation.name).map(|(_, sql)| sql.as_str());
        let mut row = vec![Cell::from(relation.name.clone())];
        if !views_only {
            let kind = if relation.is_view { "view" } else { "table" };
            let is_ours = own.contains(&relation.name.to_ascii_lowercase());
            row.push(Cell::from(if is_ours { kind.to_owned() } else { format!("your {kind}") }));
        }
        row.push(Cell::from(sql.map(catalog::first_sentence).unwrap_or_default()));
        row
    });
    let rows = rows.collect();
    let names: &[&str] = if views_only { &["view", "holds"] } else { &["name", "kind", "holds"] };
    print(shell, &ResultSet::new(names.iter().copied(), rows))
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

fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
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

/// Every column of a view or statement in one pass: how much of it is filled, how many values it has, and which.
pub(super) fn summarize(shell: &mut Shell, what: &str) -> Result<Flow> {
    let what = what.trim_end_matches(';');
    let is_statement = matches!(query::first_word(what).as_deref(), Some("select" | "with" | "values"));
    let source = if is_statement {
        format!("({what})")
    } else if what.is_empty() {
        return Err(Error::usage("`.summarize` takes a view or a statement").hint("`.summarize deals`"));
    } else if shell.session.relations()?.iter().any(|r| r.name.eq_ignore_ascii_case(what)) {
        quote_name(what)
    } else {
        return Err(unknown_relation(shell, what));
    };
    let names = shell.session.columns(&format!("select * from {source}"))?;
    let facts = names.iter().map(|name| {
        let name = quote_name(name);
        format!(
            "count({name}), count(distinct {name}), min({name}), max({name}), \
                 iif(sum(typeof({name}) in ('integer', 'real')) > 0, avg({name}), null)"
        )
    });
    let facts = facts.collect::<Vec<_>>().join(", ");
    let Answer::Rows(found) = shell.session.run(&format!("select count(*), {facts} from {source}"))? else {
        return Ok(Flow::Continue);
    };
    let mut cells = found.rows.into_iter().flatten();
    let rows = cells.next().and_then(|cell| cell.number()).unwrap_or(0.0);
    let columns = names.into_iter().map(|name| {
        let filled = cells.next().and_then(|cell| cell.number()).filter(|_| rows > 0.0);
        let mut row = vec![Cell::from(name), Cell::from(filled.map(|filled| filled / rows))];
        row.extend(cells.by_ref().take(4));
        row
    });
    let columns = columns.collect();
    print(shell, &ResultSet::new(["column", "filled_share", "values", "least", "most", "average"], columns))
}

fn print(shell: &mut Shell, result: &ResultSet) -> Result<Flow> {
    shell.ctx.print(result)?;
    shell.ctx.append = shell.ctx.output.is_some();
    shell.end_once();
    Ok(Flow::Continue)
}

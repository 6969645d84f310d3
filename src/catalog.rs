//! The knowledge embedded in the binary as SQL: models, measures, views, queries and checks; `format` has the formats.

include!(concat!(env!("OUT_DIR"), "/sql_files.rs"));

/// An embedded text: its file stem and its content.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    pub name: &'static str,
    pub body: &'static str,
}

/// The SQL files of one folder of `sql/` (models, measures, views, queries, checks), by name.
pub fn sql(folder: &str) -> Vec<Text> {
    list(folder, "sql")
}

/// The KPI catalogue's files, by subject, as JSON.
pub fn kpis() -> Vec<Text> {
    list("kpis", "toml")
}

/// The names that the built-in measures count under; that of a measure in parts ends with its `@`.
pub fn measures_named() -> Vec<String> {
    sql("measures").into_iter().flat_map(measures_of).collect()
}

/// The names that one measure's text counts under: what each of its selects begins with, or its columns where it is wide.
pub fn measures_of(text: Text) -> Vec<String> {
    let mut names = Vec::new();
    if text.body.contains("-- form:") {
        let columns = text.body.rsplit("\nselect\n").next().unwrap_or_default();
        for (_, column) in columns.lines().filter_map(|line| line.rsplit_once(" as ")) {
            let of_column =
                column.trim_matches([',', '"', ' ']).split(", ").filter(|name| !name.contains('.'));
            names.extend(of_column.map(|name| name.split('#').next().unwrap_or(name).to_owned()));
        }
        return names;
    }
    for select in text.body.split("select").skip(1) {
        let line = select.trim_start().lines().next().unwrap_or_default();
        let mut quoted = line.split('\'').skip(1).step_by(2).map(str::to_owned);
        match line.starts_with('\'') {
            true => names.extend(quoted.next()),
            false if line.starts_with("iif(") => names.extend(quoted),
            false => {}
        }
    }
    names
}

/// One file below `sql/`, such as `labels.csv`; one of TOML as JSON.
pub fn sql_file(path: &str) -> &'static str {
    SQL_FILES.iter().find(|(other, _)| *other == path).expect("an embedded file").1
}

/// The first sentence of the comment at the top of a definition, without its full stop.
pub fn first_sentence(sql: &str) -> String {
    let comment = |line: &&str| line.trim_start().starts_with("--");
    let lines = sql.lines().skip_while(|line| !comment(line)).take_while(comment);
    let mut sentence = String::new();
    for line in lines.map(|line| line.trim_start_matches([' ', '-']).trim_end()) {
        if line.starts_with("Grain:") || line.starts_with(':') {
            break;
        }
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(line);
        if let Some(end) = sentence.find(". ").or_else(|| sentence.strip_suffix('.').map(str::len)) {
            sentence.truncate(end);
            break;
        }
    }
    sentence
}

/// The files of one folder, by name.
fn list(folder: &str, extension: &str) -> Vec<Text> {
    let text = |(path, body): &(&'static str, &'static str)| {
        let name =
            path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(extension)?.strip_suffix('.')?;
        Some(Text { name, body })
    };
    SQL_FILES.iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_begins_with_a_sentence() {
        let view =
            "create view x as\n-- Deals with both\n-- currencies. More of it.\n-- Grain: one row.\nselect 1";
        assert_eq!(first_sentence(view), "Deals with both currencies");
        assert_eq!(first_sentence("-- Title without end\n-- Grain: one row.\nselect 1"), "Title without end");
        assert_eq!(first_sentence("select 1"), "");
    }
}

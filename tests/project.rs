//! The project's own promises: the README's lists are those of the catalogue, and the layers read in one direction.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use funnelite::settings::Settings;
use funnelite::{catalog, db, models};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The title line of a query and the grain of a view, from their headers.
fn title(body: &str) -> String {
    let line = body.lines().find(|l| l.starts_with("-- ")).unwrap_or("-- ?");
    line.trim_start_matches("-- ").trim_end_matches('.').to_owned()
}

fn grain(body: &str) -> String {
    let line = body.lines().find_map(|l| l.strip_prefix("-- Grain: "));
    line.unwrap_or("").trim_end_matches('.').to_owned()
}

fn block(name: &str, content: &str) -> String {
    format!("<!-- {name} -->\n{content}<!-- /{name} -->")
}

/// Puts a generated block between its markers.
fn replace(text: &str, name: &str, content: &str) -> String {
    let (start, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&start).expect("the opening marker");
    let (_, after) = rest.split_once(&end).expect("the closing marker");
    format!("{before}{}{after}", block(name, content))
}

/// `UPDATE_README=1 cargo test readme` writes them anew.
#[test]
fn the_lists_in_the_readme_are_those_of_the_catalogue() {
    let mut queries = String::from("\n| query | answers |\n|---|---|\n");
    for text in catalog::sql("queries") {
        writeln!(queries, "| `{}` | {} |", text.name, title(text.body)).unwrap();
    }
    let mut views = String::from("\n| view | holds | grain |\n|---|---|---|\n");
    let mut columns =
        String::from("\n<details><summary>Their columns</summary>\n\n| view | columns |\n|---|---|\n");
    let folder = tempfile::tempdir().unwrap();
    let mut conn = db::open(&folder.path().join("funnel.db")).unwrap();
    db::migrate(&mut conn).unwrap();
    models::prepare(&conn, &Settings::default()).unwrap();
    for text in catalog::sql("views") {
        let holds = catalog::first_sentence(text.body);
        writeln!(views, "| `{}` | {holds} | {} |", text.name, grain(text.body)).unwrap();
        let view = conn.prepare(&format!("select * from {}", text.name)).unwrap();
        let names: Vec<String> = view.column_names().map(|name| format!("`{name}`")).collect();
        writeln!(columns, "| `{}` | {} |", text.name, names.join(", ")).unwrap();
    }
    views.push_str(&format!("{columns}\n</details>\n"));
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let wanted = replace(&readme, "queries", &format!("{queries}\n"));
    let wanted = replace(&wanted, "views", &format!("{views}\n"));
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let is_current = readme == wanted || std::env::var_os("UPDATE_README").is_some();
    assert!(is_current, "README.md lists other queries or views: run `UPDATE_README=1 cargo test readme`");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// What no module of a layer may use: the layers above it.
#[test]
fn layers_read_in_one_direction() {
    let above: [(&str, &[&str]); 6] = [
        ("format", &["import", "models", "commands", "cli", "shell", "output"]),
        ("db", &["import", "commands", "shell"]),
        ("models", &["import", "commands", "cli", "shell", "output"]),
        ("settings", &["import", "models", "commands", "cli", "shell", "output"]),
        ("import", &["commands", "cli", "shell", "output"]),
        ("output", &["import", "models", "commands", "shell", "format"]),
    ];
    let mut wrong = String::new();
    for (layer, forbidden) in above {
        for path in rust_files(&root().join("src").join(layer)) {
            let text = std::fs::read_to_string(&path).unwrap();
            for name in forbidden.iter().filter(|n| text.contains(&format!("use crate::{n}::"))) {
                writeln!(wrong, "{} uses crate::{name}", path.strip_prefix(root()).unwrap().display())
                    .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A measure runs before and after the models change, so that it counts what a file touched; records are another matter.
#[test]
fn measures_read_models_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = db::open(&folder.path().join("funnel.db")).unwrap();
    db::migrate(&mut conn).unwrap();
    let mut names = conn.prepare("select name from sqlite_schema where type = 'table'").unwrap();
    let names: Vec<String> =
        names.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
    assert!(names.iter().any(|name| name == "crm_deals"), "the record tables are those of the migrations");
    let mut wrong = String::new();
    for text in catalog::sql("measures") {
        let code = text.body.lines().map(|line| line.split("--").next().unwrap_or_default());
        let code = code.collect::<Vec<_>>().join(" ").to_lowercase();
        let words: Vec<&str> = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        for name in names.iter().filter(|name| words.contains(&name.as_str())) {
            writeln!(
                wrong,
                "sql/measures/{}.sql reads `{name}`, which holds what exports said: let a model in sql/models derive what it counts",
                text.name
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Knowledge is data: the machine names no platform.
#[test]
fn the_machine_names_no_platform() {
    let platforms =
        ["hubspot", "google_ads", "linkedin", "pipedrive", "mailchimp", "stripe", "zoho", "meta_ads"];
    let mut wrong = String::new();
    for layer in ["format", "import", "models", "db", "output"] {
        let files = rust_files(&root().join("src").join(layer));
        for path in files.iter().filter(|p| !p.ends_with("tests.rs")) {
            let text = std::fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|l| !l.trim_start().starts_with("//"));
            for line in lines.filter(|l| platforms.iter().any(|p| l.to_lowercase().contains(p))) {
                writeln!(wrong, "{}: {}", path.strip_prefix(root()).unwrap().display(), line.trim()).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

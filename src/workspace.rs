//! Where things are: the database, and the settings, formats and queries beside it.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

const SETTINGS: &str = "funnelite.toml";
const DATABASE: &str = "funnel.db";

/// A database file and the folder it stands in; the file need not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub database: PathBuf,
    pub folder: PathBuf,
}

impl Workspace {
    /// The workspace of a database file.
    pub fn of(database: PathBuf) -> Self {
        let folder = match database.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        Workspace { database, folder }
    }

    pub fn settings(&self) -> PathBuf {
        self.folder.join(SETTINGS)
    }

    pub fn formats(&self) -> PathBuf {
        self.folder.join("formats")
    }

    pub fn queries(&self) -> PathBuf {
        self.folder.join("queries")
    }

    /// Refuses politely where there is no database yet.
    pub fn expect_database(&self) -> Result<()> {
        if self.database.exists() {
            return Ok(());
        }
        Err(Error::failed(format!("there is no database at `{}`", self.database.display())).hint(
            "`funnelite import PATH` makes one here; `--db FILE` names another; `funnelite demo` shows one",
        ))
    }
}

/// Finds the workspace: the file named, else what the nearest `funnelite.toml` upwards of `from` names, else
/// `funnel.db` in `from`.
pub fn locate(named: Option<&Path>, from: &Path) -> Result<Workspace> {
    if let Some(path) = named {
        return Ok(Workspace::of(path.to_path_buf()));
    }
    let settings = from.ancestors().map(|folder| folder.join(SETTINGS)).find(|file| file.is_file());
    let Some(settings) = settings else {
        return Ok(Workspace::of(PathBuf::from(DATABASE)));
    };
    let folder = settings.parent().unwrap_or(from);
    let database = folder.join(read_database_name(&settings)?.unwrap_or_else(|| DATABASE.to_owned()));
    Ok(Workspace::of(database.strip_prefix(from).map(Path::to_path_buf).unwrap_or(database)))
}

/// The `database` key alone; the rest of the file is checked where settings are read.
fn read_database_name(settings: &Path) -> Result<Option<String>> {
    let shown = settings.display();
    let unreadable =
        |e: &dyn std::fmt::Display| Error::failed(format!("`{shown}` could not be read")).because(e);
    let text = std::fs::read_to_string(settings).map_err(|e| unreadable(&e))?;
    let table: toml::Table = text.trim_start_matches('\u{feff}').parse().map_err(|e| unreadable(&e))?;
    match table.get("database") {
        None => Ok(None),
        Some(toml::Value::String(name)) => Ok(Some(name.clone())),
        Some(_) => {
            Err(Error::failed(format!("`database` in `{shown}` is no text, expected a file name in quotes")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_settings_upwards() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("exports/october");
        std::fs::create_dir_all(&inner).unwrap();
        assert_eq!(locate(None, &inner).unwrap(), Workspace::of("funnel.db".into()));
        std::fs::write(root.path().join(SETTINGS), "currency = 'EUR'\n").unwrap();
        assert_eq!(locate(None, &inner).unwrap().database, root.path().join("funnel.db"));
        std::fs::write(root.path().join(SETTINGS), "database = 'acme.db'\n").unwrap();
        assert_eq!(locate(None, &inner).unwrap().database, root.path().join("acme.db"));
        assert_eq!(locate(None, root.path()).unwrap().database, Path::new("acme.db"));
        let named = locate(Some(Path::new("other/x.db")), &inner).unwrap();
        assert_eq!(named.settings(), Path::new("other/funnelite.toml"));
    }
}

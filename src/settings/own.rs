//! What a workspace adds to the catalogue: KPIs in `kpis/*.toml`, and measures in `measures/*.sql`, beside the database.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// One file of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnText {
    pub path: PathBuf,
    pub body: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    pub kpis: Vec<OwnText>,
    pub measures: Vec<OwnText>,
}

impl Own {
    /// Reads both folders; one that does not exist adds nothing.
    pub fn load(folder: &Path) -> Result<Own> {
        Ok(Own {
            kpis: read_folder(&folder.join("kpis"), "toml")?,
            measures: read_folder(&folder.join("measures"), "sql")?,
        })
    }

    /// The texts that numbers follow from, in the order of their names.
    pub(super) fn bodies(&self) -> Vec<&str> {
        self.kpis.iter().chain(&self.measures).map(|text| text.body.as_str()).collect()
    }
}

fn read_folder(folder: &Path, extension: &str) -> Result<Vec<OwnText>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    paths.sort();
    let read = |path: PathBuf| match std::fs::read_to_string(&path) {
        Ok(body) => Ok(OwnText { body: body.trim_start_matches('\u{feff}').to_owned(), path }),
        Err(e) => Err(Error::failed(format!("`{}` could not be read", path.display())).because(e)),
    };
    paths.into_iter().map(read).collect()
}

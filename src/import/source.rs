//! What PATH arguments stand for: files, folders, archives and their members, standard input.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// Where the bytes of an input are.
#[derive(Debug, Clone)]
pub enum Content {
    File(PathBuf),
    Gzip(PathBuf),
    Member { archive: PathBuf, index: usize },
    Held(Arc<tempfile::NamedTempFile>),
}

impl Content {
    /// The bytes it takes on the disk; a member of an archive counts as the archive.
    pub fn size(&self) -> u64 {
        let metadata = match self {
            Content::File(path) | Content::Gzip(path) | Content::Member { archive: path, .. } => {
                std::fs::metadata(path)
            }
            Content::Held(file) => file.as_file().metadata(),
        };
        metadata.map_or(0, |m| m.len())
    }

    pub fn open(&self) -> Result<Box<dyn Read>> {
        match self {
            Content::File(path) => Ok(Box::new(open_file(path)?)),
            Content::Gzip(path) => Ok(Box::new(flate2::read::MultiGzDecoder::new(open_file(path)?))),
            Content::Held(file) => Ok(Box::new(file.reopen()?)),
            Content::Member { archive, index } => {
                let mut zip = open_zip(archive)?;
                let member = zip.by_index(*index).map_err(|e| unreadable(archive, e))?;
                let mut held = tempfile::tempfile()?;
                copy_limited(member, &mut held, archive)?;
                held.rewind()?;
                Ok(Box::new(held))
            }
        }
    }

    /// The lines of the member of the same archive and folder, or of the same folder, that says what this one holds.
    pub fn beside(&self, tells: &dyn Fn(&str) -> bool) -> Result<Option<String>> {
        let (archive, index) = match self {
            Content::Member { archive, index } => (archive, index),
            Content::File(path) => return beside_in_folder(path, tells),
            Content::Gzip(_) | Content::Held(_) => return Ok(None),
        };
        let mut zip = open_zip(archive)?;
        let folder = |name: &str| name.rsplit_once('/').map_or(String::new(), |(f, _)| f.to_owned());
        let mut names: Vec<String> = Vec::with_capacity(zip.len());
        for i in 0..zip.len() {
            let member = zip.by_index(i).map_err(|e| unreadable(archive, e))?;
            names.push(member.name().map_err(|e| unreadable(archive, e))?.into_owned());
        }
        let own = names[*index].clone();
        let found = names.iter().find(|n| {
            let file = nfc(n.rsplit('/').next().unwrap_or(n));
            **n != own && folder(n) == folder(&own) && tells(&file)
        });
        let Some(name) = found else { return Ok(None) };
        let mut text = String::new();
        let member = zip.by_name(name).map_err(|e| unreadable(archive, e))?;
        member.take(64 * 1024).read_to_string(&mut text)?;
        Ok(Some(text.trim_start_matches('\u{feff}').to_owned()))
    }
}

/// An archive that was unpacked: its members lie in one folder, with the same copy number ` (1)` if with any.
fn beside_in_folder(path: &Path, tells: &dyn Fn(&str) -> bool) -> Result<Option<String>> {
    let named =
        |p: &Path| p.file_name().map(|n| without_copy(&nfc(&n.to_string_lossy()))).unwrap_or_default();
    let (own, copy) = named(path);
    let Some(Ok(entries)) = path.parent().filter(|_| !tells(&own)).map(std::fs::read_dir) else {
        return Ok(None);
    };
    let found = entries.flatten().map(|e| e.path()).find(|p| {
        let (name, number) = named(p);
        number == copy && tells(&name)
    });
    let Some(found) = found else { return Ok(None) };
    let mut text = String::new();
    open_file(&found)?.take(64 * 1024).read_to_string(&mut text)?;
    Ok(Some(text.trim_start_matches('\u{feff}').to_owned()))
}

/// `Filters (1).csv` is `Filters.csv` and `1`.
fn without_copy(name: &str) -> (String, String) {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    match stem.strip_suffix(')').and_then(|s| s.rsplit_once(" (")) {
        Some((base, number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
            (format!("{base}.{extension}"), number.to_owned())
        }
        _ => (name.to_owned(), String::new()),
    }
}

/// One file as the fold sees it: a loose file, a member of an archive, or a workbook.
#[derive(Debug, Clone)]
pub struct Input {
    /// `archive.zip/member.csv`, or the file's name.
    pub name: String,
    /// Where it is, for people.
    pub path: String,
    /// Names that may hold a date, best first: the file's own, or its archive's and then its own, then folders upwards.
    pub dated_names: Vec<Vec<String>>,
    pub modified: Option<NaiveDateTime>,
    /// When the file, or the archive it is in, was written to this disk.
    pub written: Option<NaiveDateTime>,
    pub content: Content,
}

/// Something that is no data file, and why it was passed over.
#[derive(Debug, Clone)]
pub struct Skipped {
    pub path: String,
    pub reason: String,
}

#[derive(Debug, Default)]
pub struct Collected {
    pub inputs: Vec<Input>,
    pub skipped: Vec<Skipped>,
    /// Paths that could not be read at all.
    pub failed: Vec<(String, Error)>,
}

const NO_DATA: [&str; 20] = [
    "toml", "pdf", "png", "jpg", "jpeg", "gif", "doc", "docx", "ppt", "pptx", "html", "htm", "md", "json",
    "db", "sqlite", "sql", "ini", "lnk", "py",
];

/// Everything the paths hold, in a stable order.
pub fn collect(paths: &[PathBuf], ignore: &[String]) -> Collected {
    let mut collected = Collected::default();
    let ignore: Vec<glob::Pattern> = ignore.iter().filter_map(|i| glob::Pattern::new(i).ok()).collect();
    for path in expand_wildcards(paths) {
        if path.as_os_str() == "-" {
            match read_stdin() {
                Ok(input) => collected.inputs.push(input),
                Err(e) => collected.failed.push(("-".to_owned(), e)),
            }
            continue;
        }
        let folders = if path.is_dir() { folder_names(&path) } else { Vec::new() };
        visit(&path, &folders, path.is_dir(), &ignore, &mut collected);
    }
    collected
}

/// Shells of Windows hand `*.csv` on as it is.
fn expand_wildcards(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for path in paths {
        let text = path.to_string_lossy();
        if !path.exists() && text.contains(['*', '?']) {
            let found: Vec<PathBuf> =
                glob::glob(&text).into_iter().flatten().filter_map(|p| p.ok()).collect();
            if !found.is_empty() {
                out.extend(found);
                continue;
            }
        }
        out.push(path.clone());
    }
    out
}

/// The folder a PATH names, as its own name says it.
fn folder_names(path: &Path) -> Vec<String> {
    let absolute = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    absolute.file_name().map(|n| nfc(&n.to_string_lossy())).into_iter().collect()
}

fn nfc(text: &str) -> String {
    text.nfc().collect()
}

fn visit(path: &Path, folders: &[String], is_inside: bool, ignore: &[glob::Pattern], out: &mut Collected) {
    let name = path.file_name().map(|n| nfc(&n.to_string_lossy())).unwrap_or_default();
    let shown = path.display().to_string();
    if path.is_dir() {
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(e) => return out.failed.push((shown, e.into())),
        };
        let mut children: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
        children.sort();
        for child in children {
            let mut below = folders.to_vec();
            if child.is_dir() {
                below.insert(0, child.file_name().map(|n| nfc(&n.to_string_lossy())).unwrap_or_default());
            }
            visit(&child, &below, true, ignore, out);
        }
        return;
    }
    if is_inside && (ignore.iter().any(|i| i.matches(&name)) || !is_data_name(&name)) {
        out.skipped.push(Skipped { path: shown, reason: "no data file".to_owned() });
        return;
    }
    if let Err(e) = collect_file(path, &name, folders, out) {
        out.failed.push((shown, e));
    }
}

/// Names that can hold an export; a lock file of a spreadsheet program cannot.
fn is_data_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_lowercase());
    !name.starts_with('.')
        && !name.starts_with("~$")
        && !extension.is_some_and(|e| NO_DATA.contains(&e.as_str()) || e.starts_with("db-"))
}

fn collect_file(path: &Path, name: &str, folders: &[String], out: &mut Collected) -> Result<()> {
    let mut file = open_file(path)?;
    let mut magic = [0; 4];
    let count = file.read(&mut magic)?;
    let modified = file.metadata()?.modified().ok().map(|t| DateTime::<chrono::Utc>::from(t).naive_utc());
    let is_zip = count == 4 && &magic == b"PK\x03\x04";
    if is_zip && !is_workbook(path) {
        return collect_members(path, name, modified, folders, out);
    }
    let is_gzip = count >= 2 && magic[..2] == [0x1f, 0x8b];
    let name = if is_gzip { name.strip_suffix(".gz").unwrap_or(name) } else { name };
    out.inputs.push(Input {
        name: name.to_owned(),
        path: path.display().to_string(),
        dated_names: dated_names(vec![name.to_owned()], folders),
        modified,
        written: modified,
        content: if is_gzip { Content::Gzip(path.to_owned()) } else { Content::File(path.to_owned()) },
    });
    Ok(())
}

fn dated_names(own: Vec<String>, folders: &[String]) -> Vec<Vec<String>> {
    let mut names = vec![own];
    names.extend(folders.iter().map(|f| vec![f.clone()]));
    names
}

fn is_workbook(path: &Path) -> bool {
    open_zip(path).is_ok_and(|zip| zip.file_names().any(|n| n.is_ok_and(|n| n == "[Content_Types].xml")))
}

fn collect_members(
    path: &Path,
    archive: &str,
    written: Option<NaiveDateTime>,
    folders: &[String],
    out: &mut Collected,
) -> Result<()> {
    let mut zip = open_zip(path)?;
    for index in 0..zip.len() {
        let member = zip.by_index(index).map_err(|e| unreadable(path, e))?;
        if member.is_dir() {
            continue;
        }
        let inner = member.name().map_err(|e| unreadable(path, e))?.replace('\\', "/");
        let inner = nfc(&inner);
        let file_name = inner.rsplit('/').next().unwrap_or(&inner).to_owned();
        let shown = format!("{}/{inner}", path.display());
        if inner.starts_with("__MACOSX") || !is_data_name(&file_name) {
            out.skipped.push(Skipped { path: shown, reason: "no data file".to_owned() });
            continue;
        }
        let mut inner_folders: Vec<String> = inner.split('/').rev().skip(1).map(str::to_owned).collect();
        inner_folders.extend(folders.iter().cloned());
        out.inputs.push(Input {
            name: format!("{archive}/{inner}"),
            path: shown,
            dated_names: dated_names(vec![archive.to_owned(), file_name], &inner_folders),
            modified: member.last_modified().and_then(member_time),
            written,
            content: Content::Member { archive: path.to_owned(), index },
        });
    }
    Ok(())
}

fn member_time(time: zip::DateTime) -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(time.year().into(), time.month().into(), time.day().into())?.and_hms_opt(
        time.hour().into(),
        time.minute().into(),
        time.second().into(),
    )
}

fn open_zip(path: &Path) -> Result<zip::ZipArchive<File>> {
    zip::ZipArchive::new(open_file(path)?).map_err(|e| unreadable(path, e))
}

fn unreadable(path: &Path, e: impl std::fmt::Display) -> Error {
    Error::failed(format!("`{}` could not be read as an archive", path.display())).because(e)
}

/// Opens a file; one that another program holds is named as such.
fn open_file(path: &Path) -> Result<File> {
    File::open(path).map_err(|e| {
        let error = Error::failed(format!("`{}` could not be opened", path.display())).because(&e);
        match (e.kind(), e.raw_os_error()) {
            // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows
            (_, Some(32 | 33)) if cfg!(windows) => error.hint("close it in Excel and import it again"),
            (io::ErrorKind::NotFound, _) => error.hint("give the path of a file or folder that exists"),
            _ => error,
        }
    })
}

fn read_stdin() -> Result<Input> {
    let mut held = tempfile::NamedTempFile::new()?;
    io::copy(&mut io::stdin().lock(), &mut held)?;
    let mut magic = [0; 2];
    let is_gzip = held.reopen()?.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    if is_gzip {
        let mut plain = tempfile::NamedTempFile::new()?;
        copy_limited(flate2::read::MultiGzDecoder::new(held.reopen()?), plain.as_file_mut(), Path::new("-"))?;
        held = plain;
    }
    Ok(Input {
        name: "stdin".to_owned(),
        path: "-".to_owned(),
        dated_names: Vec::new(),
        modified: None,
        written: None,
        content: Content::Held(Arc::new(held)),
    })
}

/// Archives may claim little and hold much: 8 GiB a member is more than any export.
fn copy_limited(mut from: impl Read, to: &mut File, archive: &Path) -> Result<()> {
    const LIMIT: u64 = 8 << 30;
    let copied = io::copy(&mut from.by_ref().take(LIMIT), to).map_err(|e| unreadable(archive, e))?;
    if copied == LIMIT {
        return Err(Error::failed(format!("`{}` holds a file of more than 8 GiB", archive.display())));
    }
    Ok(())
}

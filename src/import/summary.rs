//! What became of each file, as people read it.

use super::dating::AsOf;
use super::mapper::RowError;
use super::outside::Period;

/// Rejected rows shown one by one; the rest are counted.
const SHOWN: usize = 5;

/// How one input ended.
#[derive(Debug)]
pub enum Ending {
    Imported,
    /// The same bytes were imported before.
    Known {
        id: i64,
        better_date: bool,
    },
    /// A preamble or header and nothing below it.
    Empty,
    NotRecognised {
        near: Vec<String>,
    },
    /// A known object of a recognised archive that nothing uses, or no data file.
    Skipped(String),
    Failed(crate::error::Error),
}

/// One file of an import.
#[derive(Debug)]
pub struct FileSummary {
    pub name: String,
    pub path: String,
    pub ending: Ending,
    pub id: Option<i64>,
    pub hash: String,
    pub format: String,
    pub note: Option<String>,
    pub as_of: Option<AsOf>,
    pub period: Option<Period>,
    pub read: u64,
    pub loaded: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub furniture: u64,
    pub rejected: Vec<RowError>,
    pub checksum: Option<String>,
    pub unmapped: Vec<String>,
    pub warnings: Vec<String>,
    /// An encoding that was guessed by the letters it gives.
    pub encoding: Option<&'static str>,
    /// The file sorted before others, which were folded again.
    pub slotted_in: bool,
}

impl FileSummary {
    /// Whether what is known may be different with it.
    pub fn changes_anything(&self) -> bool {
        matches!(self.ending, Ending::Imported | Ending::Empty | Ending::Known { better_date: true, .. })
    }

    pub fn new(name: &str, path: &str, ending: Ending) -> FileSummary {
        FileSummary {
            name: name.to_owned(),
            path: path.to_owned(),
            ending,
            id: None,
            hash: String::new(),
            format: String::new(),
            note: None,
            as_of: None,
            period: None,
            read: 0,
            loaded: 0,
            changed: 0,
            unchanged: 0,
            furniture: 0,
            rejected: Vec::new(),
            checksum: None,
            unmapped: Vec::new(),
            warnings: Vec::new(),
            encoding: None,
            slotted_in: false,
        }
    }

    /// The lines for this file; `verbose` names every unmapped column.
    pub fn render(&self, verbose: bool) -> String {
        let mut out = String::new();
        let hash = &self.hash[..self.hash.len().min(8)];
        match &self.ending {
            Ending::Imported => self.render_imported(&mut out, hash, verbose),
            Ending::Empty => {
                out += &format!("{}  {}, an empty report\n", self.name, self.format);
            }
            Ending::Known { id, better_date } => {
                let date = if *better_date { "; it now has a better date" } else { "" };
                out += &format!("{}  already imported as file {id}{date}\n", self.name);
            }
            Ending::NotRecognised { near } => {
                out += &format!("{}  not recognised, nothing loaded\n", self.name);
                for line in near {
                    out += &format!("    {line}\n");
                }
            }
            Ending::Skipped(reason) => out += &format!("{}  skipped: {reason}\n", self.name),
            Ending::Failed(error) => {
                out += &format!(
                    "{}  failed, nothing of it loaded\n  {}\n",
                    self.name,
                    error.to_string().replace("\n\n", "\n  ")
                );
            }
        }
        out
    }

    fn render_imported(&self, out: &mut String, hash: &str, verbose: bool) {
        let id = self.id.map_or(String::new(), |id| format!("file {id} "));
        *out += &format!("{}  {} ({id}{hash})\n", self.name, self.format);
        let mut facts: Vec<String> = Vec::new();
        if let Some((from, to)) = self.period {
            facts.push(if from == to { format!("{from}") } else { format!("{from} to {to}") });
        }
        if let Some(as_of) = &self.as_of {
            let how = match as_of.evidence.name() {
                "modified" => " by the file's modification time",
                "period" => " by the end of its period",
                _ => "",
            };
            facts.push(format!("as of {}{how}", as_of.moment.replace('T', " ")));
        }
        facts.extend(self.encoding.map(|encoding| format!("read as {encoding}")));
        let counts = format!(
            "{} rows: {} loaded ({} new or changed), {} furniture, {} rejected",
            thousands(self.read),
            thousands(self.loaded),
            thousands(self.changed),
            thousands(self.furniture),
            thousands(self.rejected.len() as u64),
        );
        facts.push(counts);
        match self.checksum.as_deref() {
            Some("agrees") => facts.push("agrees with its own total".to_owned()),
            Some(differs) => facts.push(format!("its own total {differs}")),
            None => {}
        }
        *out += &format!("    {}\n", facts.join(" · "));
        if self.slotted_in {
            *out += "    older than files already imported: they were folded again in order\n";
        }
        if !self.unmapped.is_empty() {
            let shown = if verbose { self.unmapped.len() } else { 6 };
            let names: Vec<String> = self.unmapped.iter().take(shown).map(|u| format!("`{u}`")).collect();
            let more = self.unmapped.len().saturating_sub(shown);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            let columns = if self.unmapped.len() == 1 { "column" } else { "columns" };
            *out += &format!("    {} {columns} not used: {}{rest}\n", self.unmapped.len(), names.join(", "));
        }
        for warning in self.warnings.iter().chain(&self.note) {
            *out += &format!("    note: {warning}\n");
        }
        self.render_rejected(out);
    }

    fn render_rejected(&self, out: &mut String) {
        for reject in self.rejected.iter().take(SHOWN) {
            *out += &format!("    {}:{}  {}\n", self.path, reject.line, reason(reject));
        }
        if self.rejected.len() > SHOWN {
            *out += &format!("    and {} more rejected rows\n", self.rejected.len() - SHOWN);
        }
    }
}

/// Why a row was rejected, in one line.
pub fn reason(reject: &RowError) -> String {
    let value = reject.value.as_ref().map(|v| {
        let short: String = v.chars().take(60).collect();
        if short.len() < v.len() { format!("{short}…") } else { short }
    });
    match (&reject.column, value) {
        (Some(column), Some(value)) if value.is_empty() => format!("`{column}` {}", reject.reason),
        (Some(column), Some(value)) => format!("`{column}` is \"{value}\", {}", reject.reason),
        (None, Some(value)) => format!("{}: \"{value}\"", reject.reason),
        (Some(column), None) => format!("`{column}` {}", reject.reason),
        (None, None) => reject.reason.clone(),
    }
}

/// `12,345`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Every file's lines, then what the whole import came to.
pub fn render(imported: &super::Imported, verbose: bool, dry_run: bool) -> String {
    let mut out = String::new();
    let mut known = 0;
    let mut skipped = 0;
    for file in &imported.files {
        match &file.ending {
            Ending::Known { better_date: false, .. } if !verbose => known += 1,
            Ending::Skipped(_) if !verbose => skipped += 1,
            _ => out += &file.render(verbose),
        }
    }
    let count = |wanted: fn(&Ending) -> bool| imported.files.iter().filter(|f| wanted(&f.ending)).count();
    let done = count(|e| matches!(e, Ending::Imported | Ending::Empty));
    let loaded: u64 = imported.files.iter().map(|f| f.loaded).sum();
    let changed: u64 = imported.files.iter().map(|f| f.changed).sum();
    let rejected: usize = imported.files.iter().map(|f| f.rejected.len()).sum();
    let verb = if dry_run { "would be imported" } else { "imported" };
    let files = if done == 1 { "1 file".to_owned() } else { format!("{done} files") };
    let mut parts = vec![format!(
        "{files} {verb}, {} loaded, {} of them new or changed",
        if loaded == 1 { "1 row".to_owned() } else { format!("{} rows", thousands(loaded)) },
        thousands(changed)
    )];
    let unknown = count(|e| matches!(e, Ending::NotRecognised { .. }));
    let failed = count(|e| matches!(e, Ending::Failed(_)));
    let also = [
        (known, "already imported"),
        (skipped, "skipped as no data"),
        (unknown, "not recognised"),
        (failed, "failed"),
        (rejected, if rejected == 1 { "row rejected" } else { "rows rejected" }),
    ];
    parts.extend(also.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    out += &format!("\n{}", parts.join("; "));
    if rejected > 0 && !dry_run {
        out += "\n\nhint: `funnelite rejects` lists rejected rows; correct the file and import it again";
    } else if unknown > 0 {
        out += "\n\nhint: `funnelite sources` lists what is known; `funnelite sources --new FILE` starts a format for a file that is not";
    }
    out
}

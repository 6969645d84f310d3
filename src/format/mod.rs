//! Formats: what exports look like, as data. Reading them, and finding the one that a header belongs to.

pub mod bind;
mod built_in;
pub mod currency;
pub mod date;
pub mod few;
pub mod header;
pub mod locale;
mod numeric_date;
pub mod pattern;
pub mod spec;
pub mod starting;
pub mod value;

use std::cell::OnceCell;
use std::path::Path;
use std::sync::OnceLock;

use built_in::{BUILT_IN, BuiltIn};

use crate::error::Result;
use pattern::Pattern;
use spec::{Column, Spec, Unpivot};

/// A format file with its patterns compiled and its headers made comparable.
#[derive(Debug)]
pub struct Format {
    pub name: String,
    pub is_builtin: bool,
    /// The file's text, whose first comment shows how to get the export.
    pub text: String,
    pub spec: Spec,
    pub columns: Vec<ColumnRule>,
    pub unpivots: Vec<UnpivotRule>,
    /// Labels of the total of the listed rows, and of the whole account's.
    pub total_of_rows: Option<Pattern>,
    pub total_of_account: Option<Pattern>,
    title_line: Option<Pattern>,
    forbid_line: Option<Pattern>,
    empty_line: Option<Pattern>,
    also: Vec<Vec<String>>,
    forbid: Vec<String>,
}

/// Where one target column comes from.
#[derive(Debug)]
pub struct ColumnRule {
    pub target: String,
    pub spec: Column,
    pub headers: Vec<String>,
    pub patterns: Vec<Pattern>,
    pub extract: Option<Pattern>,
    pub condition: Option<(Vec<String>, Pattern)>,
    pub fallback: Option<Box<ColumnRule>>,
}

#[derive(Debug)]
pub struct UnpivotRule {
    pub spec: Unpivot,
    pub header: Pattern,
}

/// What a header row turned out to be.
#[derive(Debug)]
pub enum Detection<'a> {
    Match(&'a Format),
    Ambiguous(Vec<&'a Format>),
    Unknown,
}

/// Names shown of the many that a wanted column may have.
const SHOWN_ALTERNATIVES: usize = 3;

/// A format that nearly matched, and what it misses.
#[derive(Debug)]
pub struct Near<'a> {
    pub format: &'a Format,
    pub found: usize,
    pub missing: Vec<String>,
}

/// Every format known in a workspace.
#[derive(Debug)]
pub struct Formats {
    /// Those of the workspace.
    own: Vec<Format>,
    /// Those built in, but for the ones that the workspace has of its own; read when they are first asked for.
    built_in: Vec<(&'static BuiltIn, OnceLock<Format>)>,
}

impl Formats {
    /// The built-in formats and those in the workspace's `formats/` folder.
    pub fn load(workspace: Option<&Path>) -> Result<Formats> {
        let mut own: Vec<Format> = Vec::new();
        if let Some(folder) = workspace.map(|w| w.join("formats")).filter(|f| f.is_dir()) {
            let mut paths: Vec<_> =
                std::fs::read_dir(&folder)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
            paths.sort();
            for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                own.push(compile(&name, &std::fs::read_to_string(path)?, false)?);
            }
        }
        let is_own = |name: &str| own.iter().any(|f| f.name == name);
        let built_in = BUILT_IN.iter().filter(|b| !is_own(b.name)).map(|b| (b, OnceLock::new())).collect();
        Ok(Formats { own, built_in })
    }

    /// All of them, which has all of them read.
    pub fn all(&self) -> impl Iterator<Item = &Format> {
        self.all_where(|_| true)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.own.iter().map(|f| f.name.as_str()).chain(self.built_in.iter().map(|(b, _)| b.name))
    }

    /// Those of the workspace, and of the built-in ones those that may be wanted.
    fn all_where(&self, is_wanted: impl Fn(&BuiltIn) -> bool) -> impl Iterator<Item = &Format> {
        self.own.iter().chain(self.built_in.iter().filter(move |(b, _)| is_wanted(b)).map(read))
    }

    /// The column rules that name a normalised header, each with its format.
    fn naming(&self, header: &str) -> impl Iterator<Item = (&Format, &ColumnRule)> {
        let columns = self.all().flat_map(|f| f.columns.iter().map(move |c| (f, c)));
        columns.filter(move |(_, column)| column.names().any(|name| name == header))
    }

    /// True for names of files that say what the files beside them hold, such as the filters of a report.
    pub fn is_beside(&self, name: &str) -> bool {
        let own = self.own.iter().flat_map(|f| f.spec.file.beside.iter().map(String::as_str));
        let built_in = self.built_in.iter().flat_map(|(b, _)| b.beside.iter().copied());
        let name = header::normalize(name);
        own.chain(built_in).any(|beside| header::normalize(beside) == name)
    }

    pub fn get(&self, name: &str) -> Option<&Format> {
        let own = self.own.iter().find(|f| f.name == name);
        own.or_else(|| self.built_in.iter().find(|(b, _)| b.name == name).map(read))
    }

    /// The format whose required headers a row of cells holds. `lines` are the lines above it.
    pub fn detect(&self, cells: &[&str], lines: &[String]) -> Detection<'_> {
        let header = Header::new(cells);
        let mut found: Vec<&Format> =
            self.candidates(&header).filter(|f| f.matches(&header, lines)).collect();
        if found.iter().any(|f| !f.is_builtin) {
            found.retain(|f| !f.is_builtin);
        }
        match found.len() {
            0 => Detection::Unknown,
            1 => Detection::Match(found[0]),
            _ => Detection::Ambiguous(found),
        }
    }

    /// Formats that the names in a row do not rule out.
    fn candidates<'a>(&'a self, header: &Header) -> impl Iterator<Item = &'a Format> {
        let names = built_in::Names::of(header);
        self.all_where(move |b| names.may_be(b))
    }

    /// The two formats that share most with a row of cells, and what each misses.
    pub fn nearest(&self, cells: &[&str], lines: &[String]) -> Vec<Near<'_>> {
        let header = Header::new(cells);
        let mut near: Vec<Near> = self
            .all()
            .filter(|format| format.shares_a_name(&header))
            .map(|format| {
                let found = format.columns.iter().filter(|c| c.is_in(&header)).count();
                Near { format, found, missing: format.missing(&header, lines) }
            })
            .collect();
        near.sort_by_key(|n| (n.missing.len(), usize::MAX - n.found, n.format.name.clone()));
        near.truncate(2);
        near
    }

    /// The format whose empty report consists of such lines and nothing else.
    pub fn titled(&self, lines: &[String]) -> Option<&Format> {
        let is_among = |p: &Option<Pattern>| p.as_ref().is_some_and(|p| lines.iter().any(|l| p.is_match(l)));
        let mut all = self.all_where(|b| b.has_empty_line);
        all.find(|f| is_among(&f.empty_line) && !is_among(&f.forbid_line))
    }
}

fn read<'a>((built_in, format): &'a (&BuiltIn, OnceLock<Format>)) -> &'a Format {
    format.get_or_init(|| {
        compile(built_in.name, built_in.text, true).expect("a test reads every built-in format")
    })
}

/// A header row made comparable.
pub struct Header<'c> {
    cells: &'c [&'c str],
    pub names: Vec<String>,
    straight: OnceCell<Vec<String>>,
}

impl<'c> Header<'c> {
    pub fn new(cells: &'c [&'c str]) -> Header<'c> {
        let names = cells.iter().map(|c| header::normalize(c)).collect();
        Header { cells, names, straight: OnceCell::new() }
    }

    /// What patterns see. The names rule out that most rows are a header.
    pub fn straight(&self) -> &[String] {
        self.straight.get_or_init(|| self.cells.iter().map(|c| header::straighten(c)).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }

    /// `*.id` is any header that ends in `.id`.
    fn has_like(&self, name: &str) -> bool {
        match name.strip_prefix('*') {
            Some(end) => self.names.iter().any(|n| n.ends_with(end)),
            None => self.has(name),
        }
    }
}

impl ColumnRule {
    /// The headers that it goes by, its fallback's included.
    fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        let fallback = self.fallback.iter().flat_map(|f| f.names());
        Box::new(self.headers.iter().map(String::as_str).chain(fallback))
    }

    /// False where no name of it is there, and no pattern might be.
    fn may_be_in(&self, header: &Header) -> bool {
        !self.patterns.is_empty()
            || self.headers.iter().any(|h| header.has(h))
            || self.fallback.as_ref().is_some_and(|f| f.may_be_in(header))
    }

    fn is_in(&self, header: &Header) -> bool {
        self.headers.iter().any(|h| header.has(h))
            || self.patterns.iter().any(|p| header.straight().iter().any(|s| p.is_match(s)))
            || self.fallback.as_ref().is_some_and(|f| f.is_in(header))
    }
}

impl Format {
    /// True if a column of the format goes by this header.
    pub fn takes(&self, name: &str) -> bool {
        let cells = [name];
        let header = Header::new(&cells);
        self.columns.iter().any(|c| c.is_in(&header))
            || self.unpivots.iter().any(|u| u.header.is_match(&header.straight()[0]))
    }

    /// The header and the row that the comment at its top shows.
    pub fn example(&self) -> Option<(Vec<String>, Vec<String>)> {
        let comment = self.text.lines().take_while(|l| l.starts_with('#'));
        let lines: Vec<&str> = comment.map(|l| l.trim_start_matches(['#', ' '])).collect();
        lines.windows(2).find_map(|pair| {
            let read = |line: &str| {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
                let record = reader.records().next()?.ok()?;
                Some(record.iter().map(str::to_owned).collect::<Vec<String>>())
            };
            let (header, row) = (read(pair[0])?, read(pair[1])?);
            let known = header.iter().filter(|h| self.takes(h)).count();
            (known >= 2 && header.len() == row.len()).then_some((header, row))
        })
    }

    /// The example's cells under a header, where this is a sheet that people fill in.
    pub fn example_under(&self, header: &[String]) -> Option<Vec<String>> {
        if !self.columns.iter().any(|c| c.spec.holds.is_some()) {
            return None;
        }
        let (names, row) = self.example()?;
        let under =
            |name: &String| names.iter().position(|n| header::normalize(n) == header::normalize(name));
        Some(header.iter().map(|name| under(name).map(|i| row[i].clone()).unwrap_or_default()).collect())
    }

    fn matches(&self, header: &Header, lines: &[String]) -> bool {
        // patterns are compiled when they are first asked, and most formats miss a name
        self.shares_a_name(header) && !self.misses_a_name(header) && self.missing(header, lines).is_empty()
    }

    /// Whether a header belongs to it; where it names none at all, what stands above the table tells it.
    fn shares_a_name(&self, header: &Header) -> bool {
        let mut names = self.columns.iter().flat_map(ColumnRule::names);
        let mut also = self.also.iter().flatten();
        self.columns.is_empty() && self.also.is_empty()
            || also.any(|name| header.has(name))
            || names.any(|name| header.has(name))
    }

    /// Whether names alone rule the format out: one of those that it needs is not there, or a forbidden one is.
    fn misses_a_name(&self, header: &Header) -> bool {
        let may_be = |need: &String| {
            let mut targets = need.split('|').map(str::trim);
            targets.any(|target| self.columns.iter().any(|c| c.target == target && c.may_be_in(header)))
        };
        !self.spec.need.iter().all(may_be)
            || self.also.iter().any(|alternatives| !alternatives.iter().any(|a| header.has(a)))
            || self.forbid.iter().any(|f| header.has_like(f))
    }

    /// What keeps this format from matching, as sentences' ends: "a column `Campaign`".
    fn missing(&self, header: &Header, lines: &[String]) -> Vec<String> {
        let mut missing = Vec::new();
        for need in &self.spec.need {
            let is_found = need
                .split('|')
                .any(|target| self.columns.iter().any(|c| c.target == target.trim() && c.is_in(header)));
            if !is_found {
                missing.push(format!("a column {}", self.need_names(need)));
            }
        }
        for (i, alternatives) in self.also.iter().enumerate() {
            if !alternatives.iter().any(|a| header.has(a)) {
                let names = self.spec.also[i].split('|').take(SHOWN_ALTERNATIVES);
                let names: Vec<String> = names.map(|n| format!("`{n}`")).collect();
                missing.push(format!("a column {}", names.join(" or ")));
            }
        }
        for forbidden in self.forbid.iter().filter(|f| header.has_like(f)) {
            missing.push(match forbidden.strip_prefix('*') {
                Some(end) => format!("a file without headers that end in `{end}`"),
                None => format!("a file without `{forbidden}`"),
            });
        }
        for unpivot in self.unpivots.iter().filter(|u| u.spec.need) {
            if !header.straight().iter().any(|s| unpivot.header.is_match(s)) {
                missing.push(format!(
                    "columns like `{}`",
                    unpivot.spec.like.as_ref().unwrap_or(&unpivot.spec.header)
                ));
            }
        }
        if let Some(title) = &self.title_line
            && !lines.iter().any(|l| title.is_match(l))
        {
            missing.push("the lines that stand above its table".to_owned());
        }
        if let Some(line) = &self.forbid_line
            && lines.iter().any(|l| line.is_match(l))
        {
            missing.push("a file without the title of another report".to_owned());
        }
        missing
    }

    fn need_names(&self, need: &str) -> String {
        let names: Vec<String> = need
            .split('|')
            .filter_map(|target| self.columns.iter().find(|c| c.target == target.trim()))
            .filter_map(|c| c.spec.headers.first().or(c.spec.pattern.0.first()))
            .map(|h| format!("`{h}`"))
            .collect();
        names.join(" or ")
    }
}

fn compile(name: &str, text: &str, is_builtin: bool) -> Result<Format> {
    let mut spec = spec::parse(name, text)?;
    let regex = |text: &str| {
        if is_builtin { Ok(Pattern::trusted(text)) } else { Pattern::checked(name, text) }
    };
    let mut columns = Vec::new();
    for (target, column) in std::mem::take(&mut spec.columns) {
        columns.push(compile_column(&target, column.full(), &regex)?);
    }
    let mut unpivots = Vec::new();
    for unpivot in std::mem::take(&mut spec.unpivot) {
        unpivots.push(UnpivotRule { header: regex(&unpivot.header)?, spec: unpivot });
    }
    let split = |names: &String| names.split('|').map(header::normalize).collect();
    Ok(Format {
        name: name.to_owned(),
        is_builtin,
        text: text.to_owned(),
        total_of_rows: spec.totals.rows.as_deref().map(regex).transpose()?,
        total_of_account: spec.totals.account.as_deref().map(regex).transpose()?,
        title_line: spec.title_line.as_deref().map(regex).transpose()?,
        forbid_line: spec.forbid_line.as_deref().map(regex).transpose()?,
        empty_line: spec.empty_line.as_deref().map(regex).transpose()?,
        also: spec.also.iter().map(split).collect(),
        forbid: spec.forbid.iter().flat_map(|f| f.split('|')).map(header::normalize).collect(),
        columns,
        unpivots,
        spec,
    })
}

fn compile_column(
    target: &str,
    mut column: Column,
    regex: &impl Fn(&str) -> Result<Pattern>,
) -> Result<ColumnRule> {
    let normalized = |headers: &[String]| headers.iter().map(|h| header::normalize(h)).collect();
    Ok(ColumnRule {
        target: target.to_owned(),
        headers: normalized(&column.headers),
        patterns: column.pattern.0.iter().map(|p| regex(p)).collect::<Result<_>>()?,
        extract: column.extract.as_deref().map(regex).transpose()?,
        condition: match &column.condition {
            Some(c) => Some((normalized(&c.headers), regex(&c.pattern)?)),
            None => None,
        },
        fallback: match column.fallback.take() {
            Some(fallback) => Some(Box::new(compile_column(target, fallback.full(), regex)?)),
            None => None,
        },
        spec: column,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_format_can_be_read() {
        let errors: Vec<String> = BUILT_IN
            .iter()
            .filter_map(|b| compile(b.name, b.text, false).err())
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }

    #[test]
    fn a_built_in_format_is_looked_at_where_the_names_that_it_needs_are_there() {
        for built_in in &BUILT_IN {
            let format = compile(built_in.name, built_in.text, true).unwrap();
            let column = |target: &str| format.columns.iter().find(|c| c.target == target.trim());
            // the names of each need that no pattern may meet
            let by_column = format.spec.need.iter().filter_map(|need| {
                let columns: Vec<&ColumnRule> = need.split('|').filter_map(column).collect();
                let is_open = columns.iter().any(|c| c.may_be_in(&Header::new(&[])));
                (!is_open).then(|| columns.into_iter().flat_map(ColumnRule::names).collect::<Vec<_>>())
            });
            let also = format.also.iter().map(|names| names.iter().map(String::as_str).collect());
            let needs: Vec<Vec<&str>> = by_column.chain(also).collect();
            let may_be = |header: &[&str]| built_in::Names::of(&Header::new(header)).may_be(built_in);
            for (i, need) in needs.iter().enumerate() {
                let others = needs.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, names)| names);
                let others: Vec<&str> =
                    others.flatten().copied().filter(|name| !need.contains(name)).collect();
                assert!(!may_be(&others), "{}: {need:?}", format.name);
            }
            let firsts: Vec<&str> = needs.iter().map(|names| names[0]).collect();
            let lasts: Vec<&str> = needs.iter().map(|names| names[names.len() - 1]).collect();
            assert!(may_be(&firsts) && may_be(&lasts), "{}: {firsts:?} {lasts:?}", format.name);
        }
    }
}

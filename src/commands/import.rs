//! Brings exports in.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::format::date::{self, Moment};
use crate::import::ledger::Flags;
use crate::import::{self, Imported, Offer, Options, summary};
use crate::settings::Settings;
use crate::store::Untouched;

const EXAMPLE: &str = "\
Examples:
  funnelite import ~/Downloads/exports
  funnelite import google-ads.csv --currency EUR --as-of 2026-10-05";

/// Import exports: files, folders, archives, or `-` for standard input
///
/// Each file is recognised by what it holds, not by its name. A file that was imported before is skipped, a newer one of the
/// same source corrects and completes what is known, and the order of importing makes no difference.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Files, folders (searched through) and archives: csv, tsv, txt, xlsx, xls, zip, gz; `-` reads standard input.
    /// Without a path: the folders under `[import]` in the settings
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Read the files as this format instead of recognising them (`funnelite sources` lists the formats)
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The account the files belong to, where several accounts of one system are imported
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// When the exports were made, where the files do not say: a date, or date and time
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Currency of amounts that carry none
    #[arg(long, value_name = "CUR")]
    pub currency: Option<String>,
    /// Order of dates such as 03/04/2026
    #[arg(long, value_name = "ORDER")]
    pub dates: Option<DateOrder>,
    /// Decimal mark of numbers such as 1.234
    #[arg(long, value_name = "MARK")]
    pub decimal: Option<DecimalMark>,
    /// Say what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Load nothing of a file in which a row is rejected
    #[arg(long)]
    pub strict: bool,
}

/// Which of day and month comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DateOrder {
    Dmy,
    Mdy,
}

/// What separates whole and broken parts of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DecimalMark {
    Comma,
    Dot,
}

impl DateOrder {
    fn name(self) -> &'static str {
        match self {
            DateOrder::Dmy => "dmy",
            DateOrder::Mdy => "mdy",
        }
    }
}

impl DecimalMark {
    fn name(self) -> &'static str {
        match self {
            DecimalMark::Comma => "comma",
            DecimalMark::Dot => "dot",
        }
    }
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let as_of = args.as_of.as_deref().map(read_as_of).transpose()?;
    let currency = args.currency.as_deref().map(read_currency).transpose()?;
    let found = Untouched::open(ctx.workspace()?)?;
    let paths = if args.paths.is_empty() { folders_of(&found.settings)? } else { args.paths };
    let offer = Offer::of(&paths, &found.settings);
    let options = Options {
        flags: Flags {
            source: args.source,
            account: args.account,
            currency,
            dates: args.dates.map(|d| d.name().to_owned()),
            decimal: args.decimal.map(|d| d.name().to_owned()),
            beside: None,
        },
        as_of,
        dry_run: args.dry_run,
        strict: args.strict,
        today: ctx.today,
        progress: !ctx.quiet,
    };
    let imported = import_offer(found, offer, &options, ctx)?;
    if !ctx.quiet {
        ctx.say(summary::render(&imported, ctx.verbose > 0, args.dry_run));
    }
    if imported.files.is_empty() {
        return Err(Error::failed("there is nothing to import there")
            .hint("give files, folders or archives that hold exports"));
    }
    if imported.has_failed() || (args.strict && imported.is_incomplete()) {
        return Ok(Outcome::Failed);
    }
    Ok(if imported.is_incomplete() { Outcome::Incomplete } else { Outcome::Done })
}

/// Opens the database for writing only where something is new.
fn import_offer(found: Untouched, mut offer: Offer, options: &Options, ctx: &Context) -> Result<Imported> {
    let known = if found.is_current { offer.known(&found.conn, options)? } else { None };
    if let Some(imported) = known {
        return Ok(imported);
    }
    let store = found.prepare()?;
    let imported = import::run_offer(&store.conn, &store.settings, &store.workspace.folder, offer, options)?;
    store.close(ctx)?;
    Ok(imported)
}

fn read_as_of(text: &str) -> Result<String> {
    match date::parse(text, None) {
        Some(Moment::Day(day)) => Ok(day.to_string()),
        Some(Moment::Local(t) | Moment::Utc(t)) => Ok(t.format("%Y-%m-%dT%H:%M:%S").to_string()),
        None => Err(Error::usage(format!("`--as-of {text}` is no date")).hint("write it like 2026-10-05")),
    }
}

fn read_currency(text: &str) -> Result<String> {
    let is_code = text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic());
    if is_code {
        return Ok(text.to_ascii_uppercase());
    }
    Err(Error::usage(format!("`--currency {text}` is no currency code")).hint("write it like EUR"))
}

/// Without a PATH: the folders that the settings name.
fn folders_of(settings: &Settings) -> Result<Vec<PathBuf>> {
    let folders = &settings.written.import.folders;
    if folders.is_empty() {
        return Err(Error::usage("nothing to import was named")
            .hint("give a file or folder, or set `folders` under `[import]` in funnelite.toml"));
    }
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    let expand = |folder: &String| match (folder.strip_prefix("~/"), &home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(folder),
    };
    Ok(folders.iter().map(expand).collect())
}

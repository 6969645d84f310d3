//! Brings exports in.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Examples:
  funnelite import ~/Downloads/exports
  funnelite import google-ads.csv --currency EUR --as-of 2026-10-05";

/// Import exports: files, folders, archives, or `-` for standard input
///
/// Each file is recognised by what it holds, not by its name. A file that was imported before is skipped, a newer one of the
/// same source corrects and completes what is known, and the order of importing makes no difference.
#[derive(Debug, clap::Args)]
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

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`import` is not available yet"))
}

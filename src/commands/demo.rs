//! A sample workspace of invented exports, imported, with the scorecard.

use std::path::{Path, PathBuf};

use chrono::{Datelike, Days};

use crate::cli::{Context, Outcome};
use crate::commands::query;
use crate::demo::{self, company::Shape};
use crate::error::{Error, Result};
use crate::import::summary;
use crate::import::{self, Imported, Options};
use crate::store::Store;
use crate::workspace::Workspace;

const EXAMPLE: &str = "\
Example:
  funnelite demo && cd funnelite-demo && funnelite query funnel";

const SETTINGS: &str = include_str!("../demo/funnelite.toml");

/// Make a sample workspace: several weeks of invented exports from many sources, imported
///
/// The company, its people and its numbers are invented, and the same every time. `exports/` holds one folder a
/// week, as the platforms would have written them; `funnelite.toml` shows what can be set.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Folder to make it in; it must be new or empty
    #[arg(default_value = "funnelite-demo", value_name = "DIR")]
    pub dir: PathBuf,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    expect_empty(&args.dir)?;
    let company = demo::simulate(demo::SEED, &Shape::demo());
    let folders = demo::write_exports(&company, &args.dir.join("exports"))?;
    std::fs::create_dir_all(args.dir.join("queries"))?;
    std::fs::write(args.dir.join("funnelite.toml"), SETTINGS)?;

    let database = args.dir.join("funnel.db");
    let store = Store::open(Workspace::of(database.clone()))?;
    let options = Options { today: ctx.today, progress: !ctx.quiet, ..Options::default() };
    let imported = import::run(&store.conn, &store.settings, &store.workspace.folder, &folders, &options)?;
    store.close(ctx)?;
    if imported.has_failed() || imported.is_incomplete() {
        ctx.say(summary::render(&imported, true, false));
        return Ok(if imported.has_failed() { Outcome::Failed } else { Outcome::Incomplete });
    }
    ctx.say(describe(&imported, folders.len()));

    let here = Context { db: Some(database), ..ctx.clone() };
    let params = vec![("period".to_owned(), last_month(&company.shape))];
    let scorecard = query::Args {
        name: Some("scorecard".into()),
        explain: false,
        chart: None,
        lang: Default::default(),
        params,
    };
    let outcome = query::run(scorecard, &here)?;
    ctx.say(format!("\nhint: `cd {}`, then `funnelite query funnel`", args.dir.display()));
    Ok(outcome)
}

fn expect_empty(dir: &Path) -> Result<()> {
    let occupied = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => dir.exists(),
    };
    if occupied {
        return Err(Error::failed(format!("`{}` is not empty", dir.display()))
            .hint("name a folder that does not exist yet, such as `funnelite demo acme`"));
    }
    Ok(())
}

/// The last whole month of the invented company, which lies long before today.
fn last_month(shape: &Shape) -> String {
    let first = shape.end().with_day(1).expect("every month has a first day");
    (first - Days::new(1)).format("%Y-%m").to_string()
}

fn describe(imported: &Imported, weeks: usize) -> String {
    let mut formats: Vec<&str> = imported.files.iter().map(|f| f.format.as_str()).collect();
    formats.sort_unstable();
    formats.dedup();
    format!("{weeks} weekly folders, {} files of {} kinds imported\n", imported.files.len(), formats.len())
}

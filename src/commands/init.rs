//! Starts a workspace: commented settings, a folder for queries, an empty database.

use std::path::PathBuf;

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};
use crate::workspace::Workspace;

const EXAMPLE: &str = "\
Example:
  funnelite init acme";

/// Start a workspace: a commented `funnelite.toml`, `queries/` and an empty database
///
/// Nothing that exists is overwritten. Everything works without a workspace, too.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Folder to make it in
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
}

const SETTINGS: &str = include_str!("../settings/commented.toml");

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let settings = args.dir.join("funnelite.toml");
    if settings.exists() {
        return Err(Error::failed(format!("`{}` is there already", settings.display()))
            .hint("edit it, or give another folder"));
    }
    std::fs::create_dir_all(args.dir.join("queries"))
        .map_err(|e| Error::failed(format!("`{}` could not be made", args.dir.display())).because(e))?;
    std::fs::write(&settings, SETTINGS)?;
    let store = crate::store::Store::open(Workspace::of(args.dir.join("funnel.db")))?;
    store.close(ctx)?;
    ctx.say(format!("a workspace is ready in {}", args.dir.display()));
    ctx.say(
        "\nhint: `funnelite import PATH` there brings exports in; `funnelite sources` says how to get them",
    );
    Ok(Outcome::Done)
}

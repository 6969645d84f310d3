//! Runs the whole fold again from the kept exports.

use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::format::Formats;
use crate::import::{Options, Session, refold, schema};

const EXAMPLE: &str = "\
Example:
  funnelite rebuild";

/// Derive everything again from the kept exports, with the settings and formats of today
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {}

pub fn run(_args: Args, ctx: &Context) -> Result<Outcome> {
    ctx.workspace()?.expect_database()?;
    let store = ctx.open_store()?;
    let formats = Formats::load(Some(&store.workspace.folder))?;
    let schema = schema::read(&store.conn)?;
    let options = Options { today: ctx.today, ..Options::default() };
    let session = Session {
        conn: &store.conn,
        settings: &store.settings,
        formats: &formats,
        schema: &schema,
        options: &options,
        begun: None,
    };
    let count = refold::rebuild(&session)?;
    ctx.say(format!("{count} kept exports were folded again"));
    store.close(ctx)?;
    Ok(Outcome::Done)
}

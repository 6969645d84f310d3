//! Takes a file's effect back.

use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::format::Formats;
use crate::import::{Options, Session, ledger, refold, schema};

const EXAMPLE: &str = "\
Example:
  funnelite undo 12";

/// Take a file's effect back, as if it had never been imported
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The file: its number, or the first characters of its hash (`funnelite files`)
    #[arg(value_name = "ID")]
    pub id: String,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    ctx.workspace()?.expect_database()?;
    let store = ctx.open_store()?;
    let file = ledger::find(&store.conn, &args.id)?;
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
    refold::undo(&session, &file)?;
    ctx.say(format!("file {} `{}` is taken back, as if it had never been imported", file.id, file.name));
    store.close(ctx)?;
    Ok(Outcome::Done)
}

//! The manual page.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::{Cli, Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite man import --output funnelite-import.1";

/// Write the manual page, of one command where it is named
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// A command, such as `import`
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let mut root = Cli::command();
    root.build();
    let command = match &args.command {
        None => root,
        Some(name) => root
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Error::usage(format!("there is no command `{name}`")))?
            .version(env!("CARGO_PKG_VERSION")),
    };
    ctx.write(|out| Ok(Man::new(command).render(out)?))?;
    Ok(Outcome::Done)
}

//! Completion scripts for the shells.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::{Cli, Context, Outcome};
use crate::error::Result;

const EXAMPLE: &str = "\
Examples:
  eval \"$(funnelite completions bash)\"             in ~/.bashrc
  funnelite completions zsh --output ~/.zfunc/_funnelite
  funnelite completions fish --output ~/.config/fish/completions/funnelite.fish

In the $PROFILE of PowerShell: `funnelite completions powershell | Out-String | Invoke-Expression`";

/// Write the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Whose script
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "funnelite", &mut script);
    ctx.write(|out| Ok(out.write_all(&script)?))?;
    Ok(Outcome::Done)
}

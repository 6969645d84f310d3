//! Long answers go through the person's pager.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr;

/// Shows a text: directly where it fits the screen or no pager runs, else in `$PAGER` or `less`.
pub(crate) fn show(text: &[u8]) -> io::Result<()> {
    if fits(text) || !page(text)? {
        let mut out = io::stdout().lock();
        out.write_all(text)?;
        out.flush()?;
    }
    Ok(())
}

fn fits(text: &[u8]) -> bool {
    let Some((width, height)) = terminal_size::terminal_size() else { return true };
    let text = String::from_utf8_lossy(text);
    text.lines().count() < usize::from(height.0)
        && text.lines().all(|line| plain_width(line) <= usize::from(width.0))
}

/// Columns of a line without its colours.
fn plain_width(line: &str) -> usize {
    let mut width = 0;
    for (index, part) in line.split("\u{1b}[").enumerate() {
        let text = if index == 0 { part } else { part.split_once('m').map_or(part, |(_, rest)| rest) };
        width += text.width();
    }
    width
}

/// Runs the pager; false where there is none.
fn page(text: &[u8]) -> io::Result<bool> {
    let mut command = match std::env::var("PAGER") {
        Ok(pager) if pager.trim().is_empty() || pager == "cat" => return Ok(false),
        Ok(pager) => through_shell(&pager),
        Err(_) if cfg!(windows) => return Ok(false),
        Err(_) => Command::new("less"),
    };
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", "-SRFX");
    }
    let Ok(mut child) = command.stdin(Stdio::piped()).spawn() else { return Ok(false) };
    if let Some(mut stdin) = child.stdin.take() {
        // a pager that was left before the end has seen enough
        let _ = stdin.write_all(text);
    }
    child.wait()?;
    Ok(true)
}

fn through_shell(line: &str) -> Command {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.arg(flag).arg(line);
    command
}

//! The interactive prompt: line editing, history, and Ctrl-C that stops a statement but not the session.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use nu_ansi_term::{Color, Style};
use reedline::{
    ColumnarMenu, DefaultHinter, EditCommand, Emacs, FileBackedHistory, InputMode, KeyCode, KeyModifiers,
    MenuBuilder, Prompt, PromptEditMode, PromptHistorySearch, Reedline, ReedlineEvent, ReedlineMenu, Signal,
    ValidationResult, Validator, default_emacs_keybindings,
};

use super::complete::SqlCompleter;
use super::highlight::SqlHighlighter;
use super::words::Words;
use super::{Flow, Shell};
use crate::cli::{paint_error, terminal_width};
use crate::db::guard::Access;
use crate::db::query;
use crate::error::{Error, Result};

const MENU: &str = "completion";
const HISTORY: usize = 5_000;

/// Reads and runs inputs until the person leaves.
pub fn run(shell: &mut Shell) -> Result<()> {
    shell.interactive = true;
    shell.ctx.pager = io::stdout().is_terminal() && shell.ctx.output.is_none();
    let interrupt = shell.session.interrupt_handle();
    let verbs = shell.ctx.interrupt.clone();
    let stop = move || {
        interrupt.interrupt();
        verbs.interrupt();
    };
    ctrlc::set_handler(stop).map_err(|e| Error::failed("Ctrl-C could not be taken over").because(e))?;
    let words = Arc::new(RwLock::new(Words::read(&shell.session)));
    let mut editor = editor(&words, shell.ctx.style.color)?;
    let prompt = SqlPrompt { write: shell.session.access == Access::Write };
    shell.ctx.say(format!(
        "{}: `.help` lists the commands, Tab completes, Ctrl-D leaves",
        shell.workspace.database.display()
    ));
    loop {
        let signal = match editor.read_line(&prompt) {
            // Ctrl-O with an editor that is not there
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                report(shell, &Error::failed("`$EDITOR` could not be started").because(error));
                continue;
            }
            signal => signal?,
        };
        match signal {
            Signal::Success(input) => {
                // written at once, so that a killed session keeps its history
                let _ = editor.sync_history();
                // the window may have changed its size
                if shell.ctx.style.width.is_some() {
                    shell.ctx.style.width = terminal_width();
                }
                match shell.execute(&input) {
                    Ok(Flow::Exit) => return Ok(()),
                    Ok(Flow::Continue) => {}
                    Err(error) => report(shell, &error),
                }
                if shell.session.access == Access::Write
                    && let Ok(mut words) = words.write()
                {
                    *words = Words::read(&shell.session);
                }
            }
            Signal::CtrlD => return Ok(()),
            _ => {}
        }
    }
}

fn report(shell: &mut Shell, error: &Error) {
    shell.end_once();
    if !error.is_broken_pipe() {
        let color = shell.ctx.style.color && io::stderr().is_terminal();
        let _ = writeln!(io::stderr(), "{}", paint_error(error, color));
    }
}

fn editor(words: &Arc<RwLock<Words>>, color: bool) -> Result<Reedline> {
    let mut keys = default_emacs_keybindings();
    let next = ReedlineEvent::UntilFound(vec![ReedlineEvent::Menu(MENU.to_owned()), ReedlineEvent::MenuNext]);
    keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, next);
    keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    let newline = ReedlineEvent::Edit(vec![EditCommand::InsertNewline]);
    keys.add_binding(KeyModifiers::ALT, KeyCode::Enter, newline);
    // the end of a statement closes the menu, so that Enter runs it instead of taking a suggestion
    for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
        let end = ReedlineEvent::Edit(vec![EditCommand::InsertChar(';')]);
        keys.add_binding(
            modifiers,
            KeyCode::Char(';'),
            ReedlineEvent::Multiple(vec![ReedlineEvent::Esc, end]),
        );
    }
    let plain = Style::new();
    let menu = ColumnarMenu::default()
        .with_name(MENU)
        // what stands after the cursor says which columns there are: `select | from people`
        .with_input_mode(InputMode::FullBuffer)
        .with_marker("> ")
        .with_columns(4)
        .with_column_padding(2);
    let menu = if color {
        menu.with_text_style(plain).with_selected_text_style(Style::new().reverse())
    } else {
        menu.with_text_style(plain)
            .with_match_text_style(plain)
            .with_selected_text_style(Style::new().reverse())
    };
    let mut editor = Reedline::create()
        .with_completer(Box::new(SqlCompleter { words: words.clone() }))
        .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
        .with_edit_mode(Box::new(Emacs::new(keys)))
        .with_highlighter(Box::new(SqlHighlighter { words: words.clone(), color }))
        .with_validator(Box::new(Statement))
        .with_partial_completions(true)
        .with_quick_completions(true)
        .use_bracketed_paste(true)
        .with_ansi_colors(color);
    if color {
        editor = editor.with_hinter(Box::new(DefaultHinter::default().with_style(Color::DarkGray.normal())));
    }
    if let Some(command) = text_editor() {
        let file = std::env::temp_dir().join(format!("funnelite-{}.sql", std::process::id()));
        editor = editor.with_buffer_editor(command, file);
    }
    if let Some(file) = history_file()
        && let Ok(history) = FileBackedHistory::with_file(HISTORY, file)
    {
        editor = editor.with_history(Box::new(history));
    }
    Ok(editor)
}

/// The person's own editor, for Ctrl-O.
fn text_editor() -> Option<std::process::Command> {
    let line = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok())?;
    let mut words = line.split_whitespace();
    let mut command = std::process::Command::new(words.next()?);
    command.args(words);
    Some(command)
}

/// Where the platform keeps such things; `FUNNELITE_HISTORY` names another file, empty keeps none.
fn history_file() -> Option<PathBuf> {
    if let Some(file) = std::env::var_os("FUNNELITE_HISTORY") {
        return (!file.is_empty()).then(|| PathBuf::from(file));
    }
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let state = if cfg!(windows) {
        folder("LOCALAPPDATA")?
    } else {
        folder("XDG_STATE_HOME").or_else(|| Some(std::env::home_dir()?.join(".local/state")))?
    };
    Some(state.join("funnelite").join("history.txt"))
}

/// Enter ends a dot-command, or a statement at its semicolon; else it begins a new line.
struct Statement;

impl Validator for Statement {
    fn validate(&self, line: &str) -> ValidationResult {
        if line.trim_start().starts_with('.') || query::is_complete(line) {
            ValidationResult::Complete
        } else {
            ValidationResult::Incomplete
        }
    }
}

struct SqlPrompt {
    write: bool,
}

impl Prompt for SqlPrompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed(if self.write { "funnelite (write)" } else { "funnelite" })
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed(if self.write { "              ...> " } else { "      ...> " })
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        Cow::Owned(format!(" (history: {}) ", search.term))
    }
}

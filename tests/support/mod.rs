//! A workspace in a temporary folder, and the binary run in it as a person would.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A temporary folder to run in; the day is fixed, and nothing of the machine's environment is seen.
pub struct TestEnv {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl TestEnv {
    pub fn new() -> Self {
        TestEnv { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// The same with `funnel.db` made by this SQL.
    pub fn with_database(sql: &str) -> Self {
        let env = TestEnv::new();
        rusqlite::Connection::open(env.path("funnel.db")).unwrap().execute_batch(sql).unwrap();
        env
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The binary with these arguments, ready to run in the folder.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_funnelite"));
        command.args(args).current_dir(self.folder()).env_clear();
        for kept in ["PATH", "SystemRoot", "TEMP", "TMP"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        command.env("HOME", self.folder()).env("FUNNELITE_TODAY", "2026-11-02").env("PAGER", "cat");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, args: &[&str]) -> CommandOutput {
        self.run_with_input(args, "")
    }

    /// Runs with a text on standard input.
    pub fn run_with_input(&self, args: &[&str], input: &str) -> CommandOutput {
        let mut command = self.command(args);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // a command that reads no input may be gone before it is written
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        CommandOutput::new(&child.wait_with_output().unwrap(), self.folder())
    }
}

/// What a person sees of a command: both streams and the exit code, with the temporary folder named `[DIR]`.
#[derive(Debug)]
pub struct CommandOutput {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl CommandOutput {
    fn new(output: &Output, folder: &Path) -> Self {
        let real = folder.canonicalize().unwrap();
        let clean = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
            let text =
                text.replace(real.to_str().unwrap(), "[DIR]").replace(folder.to_str().unwrap(), "[DIR]");
            text.replace("funnelite.exe", "funnelite")
        };
        CommandOutput {
            stdout: clean(&output.stdout),
            stderr: clean(&output.stderr),
            code: output.status.code(),
        }
    }

    /// Standard output of a command that must have succeeded.
    #[track_caller]
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{self}");
        self.stdout
    }
}

impl fmt::Display for CommandOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.stdout.is_empty() {
            write!(f, "{}", self.stdout)?;
            if !self.stdout.ends_with('\n') {
                writeln!(f, "[no newline]")?;
            }
        }
        if !self.stderr.is_empty() {
            writeln!(f, "--- stderr")?;
            write!(f, "{}", self.stderr)?;
        }
        match self.code {
            Some(code) => write!(f, "--- exit {code}"),
            None => write!(f, "--- killed"),
        }
    }
}

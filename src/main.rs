use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(funnelite::cli::main())
}

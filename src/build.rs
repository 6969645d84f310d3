//! Rebuilds the binary when a data folder changes: embedded folders are read by macros, which cargo does not watch.

fn main() {
    for folder in ["migrations", "sql", "src/formats", "src/settings"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}

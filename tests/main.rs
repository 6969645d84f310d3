//! The only integration binary: one module per subject, declared here.

mod support;

mod checks;
mod cli;
mod counting;
mod crms;
mod errors;
mod formats;
mod output;
mod own;
mod peers;
mod project;
mod queries;
mod reading;
mod series;
mod shell;
mod sql;
mod world;

/// A file that is not declared above would never run.
#[test]
fn every_test_file_is_declared() {
    let declared = include_str!("main.rs");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_module = path.extension().is_some_and(|e| e == "rs") || path.join("mod.rs").exists();
        if is_module && name != "main" {
            assert!(
                declared.contains(&format!("\nmod {name};\n")),
                "tests/{name} is not declared in tests/main.rs"
            );
        }
    }
}

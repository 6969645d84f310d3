//! A starting point for a format of one's own: an unknown file's header, with the guesses that it allows.

use super::{Formats, header};

/// Targets that a header can be guessed to feed, best known words first.
fn guess(formats: &Formats, name: &str) -> Option<(String, String)> {
    let normal = header::normalize(name);
    let known = formats.index.get(&normal)?;
    let (f, c) = known.first()?;
    let format = &formats.all[*f];
    Some((format.spec.target.clone(), format.columns[*c].target.clone()))
}

/// The text of a format file for a header row.
pub fn write(file: &str, cells: &[String], formats: &Formats) -> String {
    let guesses: Vec<Option<(String, String)>> = cells.iter().map(|c| guess(formats, c)).collect();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (target, _) in guesses.iter().flatten().filter(|(t, _)| t != "nothing") {
        match counts.iter_mut().find(|(t, _)| t == target) {
            Some((_, count)) => *count += 1,
            None => counts.push((target.clone(), 1)),
        }
    }
    let target = counts.iter().max_by_key(|(_, n)| *n).map_or("ads".to_owned(), |(t, _)| t.clone());
    let mut out = format!("# How to get this export: …\n# {}\n", cells.join(","));
    out += &format!("title = \"{}\"\n", file.replace(['"', '\\'], " "));
    out += "system = \"other\"                  # the platform or system it comes from\n";
    out += &format!(
        "target = \"{target}\"           # the record table its rows go to (`funnelite sql .tables` lists them)\n"
    );
    let mut used: Vec<&str> = Vec::new();
    let mut columns = String::new();
    for (cell, guess) in cells.iter().zip(&guesses) {
        let quoted = format!("[{:?}]", cell.trim());
        match guess {
            Some((t, column)) if *t == target && !used.contains(&column.as_str()) => {
                used.push(column);
                columns += &format!("{column} = {quoted}\n");
            }
            _ => columns += &format!("# … = {quoted}\n"),
        }
    }
    let need: Vec<String> = used.iter().take(3).map(|u| format!("\"{u}\"")).collect();
    out += &format!("need = [{}]   # columns that tell this file from every other\n", need.join(", "));
    out += "\n[columns]\n# target column = headers; options: { headers = [\"…\"], zone = \"utc\", unit = \"minor\" }\n";
    out + &columns
}

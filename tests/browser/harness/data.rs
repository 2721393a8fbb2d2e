//! Files to open, and what an independent program found in them.
//!
//! Small ones lie in `tests/data/browser`; the corpus is used where it stands beside the checkout.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The fixtures that every checkout has.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/browser").join(name)
}

/// The corpus of trace files, where it stands beside the checkout.
pub fn corpus() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    corpus.join("index.json").is_file().then_some(corpus)
}

/// A file of the corpus; says aloud when there is none.
pub fn from_corpus(name: &str) -> Option<PathBuf> {
    let file = corpus().map(|corpus| corpus.join(name)).filter(|file| file.is_file());
    if file.is_none() {
        println!("left out: {name} (../shared/corpus is not beside this checkout)");
    }
    file
}

/// What `tools/truth.py` found in a file.
pub fn truth(file: &Path) -> Value {
    let mut name = file.as_os_str().to_owned();
    name.push(".truth.json");
    read_json(Path::new(&name))
}

/// A JSON file.
pub fn read_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files of a corpus folder, by name, without the lists of expectations.
pub fn folder(name: &str) -> Vec<PathBuf> {
    let Some(corpus) = corpus() else {
        println!("left out: {name} (../shared/corpus is not beside this checkout)");
        return Vec::new();
    };
    let entries = fs::read_dir(corpus.join(name)).expect("a folder of the corpus");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.is_file() && !path.ends_with("expect.json"))
        .collect();
    files.sort();
    files
}

//! Keeps `ARCHITECTURE.md` and the documents true: the invariants that a grep can see.

#![allow(clippy::unwrap_used, reason = "a test program: a panic is the report")]

use std::fs;
use std::path::{Path, PathBuf};

use spanscope::engine::protocol::Request;
use spanscope::page::address::PARAMETERS;

/// Rooms from left to right with what each may name besides itself; `ARCHITECTURE.md` says why.
const ROOMS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("store", &["model"]),
    ("ingest", &["model", "store"]),
    ("traceql", &["model", "store"]),
    ("analysis", &["model", "store", "traceql"]),
    ("scene", &["model", "store", "analysis"]),
    ("engine", &["model", "store", "ingest", "traceql", "analysis", "scene"]),
    ("paint", &["scene", "model"]),
    ("web", &[]),
    ("worker", &["engine", "ingest", "web", "model"]),
    ("page", &["engine::protocol", "paint", "scene", "web", "model"]),
];

/// Rooms that know no browser.
const PLAIN: &[&str] = &["model", "store", "ingest", "traceql", "analysis", "scene", "engine"];

/// No source file is longer.
const LONGEST: usize = 500;

/// A source file, without its tests.
struct Source {
    path: String,
    text: String,
    /// Up to the tests module, without comments.
    code: Vec<(usize, String)>,
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![top().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources(folder: &str) -> Vec<Source> {
    let files = rust_files(folder);
    assert!(!files.is_empty(), "{folder}: no Rust file");
    let text_of = |file: &PathBuf| fs::read_to_string(file).unwrap();
    let tests: Vec<PathBuf> = files.iter().flat_map(|file| test_modules(file, &text_of(file))).collect();
    let source = |file: PathBuf| {
        let path = file.strip_prefix(top()).unwrap().to_string_lossy().replace('\\', "/");
        let text = text_of(&file);
        let is_test =
            tests.iter().any(|module| file.starts_with(module) || file == module.with_extension("rs"));
        let code = if is_test { Vec::new() } else { code_of(&text) };
        Source { path, text, code }
    };
    files.into_iter().map(source).collect()
}

/// The modules that a file declares for tests only, as folders: `src/store/tests` for `src/store/tests.rs`.
fn test_modules(file: &Path, text: &str) -> Vec<PathBuf> {
    let home = if file.ends_with("src/lib.rs") {
        file.parent().unwrap().to_owned()
    } else {
        file.with_extension("")
    };
    let lines: Vec<&str> = text.lines().collect();
    let declared = |pair: &[&str]| {
        let (_, name) = pair[1].strip_suffix(';')?.split_once("mod ")?;
        (pair[0] == "#[cfg(test)]").then(|| home.join(name))
    };
    lines.windows(2).filter_map(declared).collect()
}

/// Lines of code with their numbers: without comments, and without what is for tests only. A module of tests is the
/// last thing of its file.
fn code_of(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut for_tests = false;
    for (index, line) in text.lines().enumerate() {
        if for_tests && line.contains("mod ") && line.ends_with('{') {
            break;
        }
        for_tests = line == "#[cfg(test)]" || for_tests && line.starts_with('#');
        let code = line.split("//").next().unwrap_or_default();
        if !code.trim().is_empty() {
            lines.push((index + 1, code.to_owned()));
        }
    }
    lines
}

/// The room that a source file belongs to; none for the entry points.
fn room(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let name = inside.split('/').next()?.trim_end_matches(".rs");
    ROOMS.iter().map(|(room, _)| *room).find(|room| *room == name)
}

fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn rooms_name_only_what_they_may_know() {
    let mut wrong = Vec::new();
    for source in sources("src") {
        let Some(own) = room(&source.path) else { continue };
        let (_, may) = ROOMS.iter().find(|(room, _)| *room == own).unwrap();
        for (line, code) in &source.code {
            for (at, _) in code.match_indices("crate::") {
                let named = &code[at + "crate::".len()..];
                let starts = |room: &str| {
                    let rest = named.strip_prefix(room);
                    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
                };
                let is_room = ROOMS.iter().any(|(room, _)| starts(room));
                if is_room && !starts(own) && !may.iter().any(|allowed| starts(allowed)) {
                    wrong.push(format!("{}:{line}: {own} names crate::{}", source.path, named.trim()));
                }
            }
            // A list after `crate::{` hides its rooms from the search above.
            if code.contains("crate::{") {
                wrong.push(format!(
                    "{}:{line}: one `use crate::room…` a room, so that each can be found",
                    source.path
                ));
            }
        }
    }
    report(&wrong);
}

#[test]
fn plain_rooms_know_no_browser_and_no_clock() {
    let banned = [
        "web_sys",
        "js_sys",
        "wasm_bindgen",
        "leptos",
        "gloo",
        "std::time::Instant",
        "Instant::now",
        "SystemTime",
        "std::thread",
        "thread::spawn",
        "std::fs",
        "std::env",
        "std::net",
    ];
    let mut wrong = Vec::new();
    for source in
        sources("src").iter().filter(|source| room(&source.path).is_some_and(|room| PLAIN.contains(&room)))
    {
        for (line, code) in &source.code {
            for word in banned.iter().filter(|word| code.contains(**word)) {
                wrong.push(format!("{}:{line}: {word}", source.path));
            }
        }
    }
    report(&wrong);
}

#[test]
fn only_few_places_touch_the_network() {
    let mut wrong = Vec::new();
    for source in sources("src") {
        for (line, code) in &source.code {
            let fetches = code.contains("fetch_with")
                || code.contains("XmlHttpRequest")
                || code.contains("WebSocket::new");
            if fetches && source.path != "src/web/fetch.rs" {
                wrong.push(format!("{}:{line}: the one fetch is in web/fetch.rs", source.path));
            }
            if code.contains("inner_html")
                || code.contains("set_outer_html")
                || code.contains("insert_adjacent_html")
            {
                wrong.push(format!("{}:{line}: telemetry is text, never markup", source.path));
            }
        }
    }
    report(&wrong);
}

#[test]
fn no_path_can_panic_on_purpose() {
    let mut wrong = Vec::new();
    for source in sources("src") {
        for (line, code) in &source.code {
            for word in [".unwrap()", ".expect(\"", "unreachable!(", "todo!(", "unimplemented!("] {
                if code.contains(word) {
                    wrong.push(format!("{}:{line}: {word} outside tests", source.path));
                }
            }
        }
    }
    report(&wrong);
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut wrong = Vec::new();
    for source in sources("src")
        .into_iter()
        .chain(sources("tests"))
        .chain(sources("benches"))
        .chain(sources("examples"))
    {
        if !source.text.starts_with("//! ") {
            wrong.push(format!("{}: does not begin with what it is for (//!)", source.path));
        }
        let length = source.text.lines().count();
        if length > LONGEST {
            wrong.push(format!("{}: {length} lines, at most {LONGEST}", source.path));
        }
        if source.path.ends_with("/mod.rs") {
            wrong.push(format!("{}: foo.rs and a folder foo/, never mod.rs", source.path));
        }
    }
    report(&wrong);
}

#[test]
fn the_page_carries_its_policy_and_nothing_inline() {
    let page = read("index.html");
    let policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
                  worker-src 'self'; connect-src *; object-src 'none'; base-uri 'none'";
    assert!(page.contains(policy), "index.html: expected the policy {policy}");
    for inline in ["<style", " style=", " onload=", " onclick=", "<script>"] {
        assert!(!page.contains(inline), "index.html: {inline} is inline, which the policy forbids");
    }
    let foreign =
        page.split(['"', '\'']).find(|word| word.starts_with("http:") || word.starts_with("https:"));
    assert_eq!(foreign, None, "index.html names another host");
}

#[test]
fn every_dependency_has_its_reason() {
    let mut wrong = Vec::new();
    let (mut inside, mut before) = (false, String::new());
    for line in read("Cargo.toml").lines() {
        if line.starts_with('[') {
            // The web-sys table is one dependency; its reason stands in the room that uses it.
            inside = line.ends_with("dependencies]");
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') && line.contains(" = ") {
            let explained = before.starts_with('#')
                || line.contains('#')
                || before.contains(" = ") && together(&before, line);
            if !explained {
                wrong.push(format!("Cargo.toml: no comment above: {line}"));
            }
        }
        line.clone_into(&mut before);
    }
    report(&wrong);
}

/// Two lines under one comment: crates of one family (serde and serde_json) or of one feature.
fn together(before: &str, line: &str) -> bool {
    let name = |line: &str| line.split([' ', '-', '_']).next().unwrap_or_default().to_owned();
    name(before) == name(line)
        || before.contains("optional = true") && line.contains("optional = true")
        || (name(before).starts_with("wasm") || name(before) == "wasm") && name(line) == "js"
}

#[test]
fn the_documents_say_what_the_code_says() {
    let address = read("docs/url.md");
    let rows: Vec<(String, String)> = address
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let mut cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
            (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
        })
        .filter(|(name, _)| !name.starts_with("`#"))
        .collect();
    let expected: Vec<_> =
        PARAMETERS.iter().map(|(name, meaning)| (format!("`{name}`"), (*meaning).to_owned())).collect();
    assert_eq!(rows, expected, "the table of docs/url.md is page/address.rs' PARAMETERS");

    let door = read("docs/script-api.md");
    for word in Request::WORDS {
        assert!(
            door.contains(&format!("{{ask: \"{word}\"")),
            "docs/script-api.md does not tell of {{ask: \"{word}\""
        );
    }
    for call in ["version", "ready", "open", "ask", "idle", "cancel", "close"] {
        assert!(
            door.contains(&format!("spanscope.{call}")),
            "docs/script-api.md does not tell of spanscope.{call}"
        );
    }
}

#[test]
fn the_map_names_every_room() {
    let map = read("ARCHITECTURE.md");
    for (room, _) in ROOMS {
        assert!(map.contains(&format!("| `{room}` |")), "ARCHITECTURE.md: no row for {room}");
        assert!(top().join(format!("src/{room}.rs")).is_file(), "src/{room}.rs: no such room");
    }
}

#[test]
fn versions_that_must_agree_do() {
    let (manifest, trunk, entry) = (read("Cargo.toml"), read("Trunk.toml"), read("x"));
    let after = |text: &str, key: &str| {
        let tail = text.split_once(key).unwrap_or_else(|| panic!("no {key}")).1;
        tail.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect::<String>()
    };
    let bindgen = after(&manifest, "wasm-bindgen = \"=");
    assert_eq!(after(&trunk, "wasm_bindgen = \""), bindgen);
    assert_eq!(after(&entry, "BINDGEN="), bindgen);
    assert_eq!(after(&trunk, "wasm_opt = \"version_"), after(&entry, "BINARYEN="));
}

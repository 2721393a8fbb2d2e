//! Makes the tables of categories and scripts from the `regex-syntax` crate and holds the checked-in ones, and
//! case folding, to it.

use super::super::set::LAST;
use super::*;
use regex_syntax::hir::{Class, HirKind};

/// What `regex-syntax` says a pattern of one class contains.
fn source(pattern: &str) -> Vec<(u32, u32)> {
    match regex_syntax::parse(pattern).unwrap().into_kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect()
        }
        HirKind::Literal(literal) => {
            let c = std::str::from_utf8(&literal.0).unwrap().chars().next().unwrap();
            vec![(u32::from(c), u32::from(c))]
        }
        other => panic!("{pattern}: {other:?}"),
    }
}

/// The number of each code point's class; surrogates, which `regex-syntax` leaves out, get `surrogate`.
fn numbers<'n>(names: impl Iterator<Item = &'n str>, none: u8, surrogate: u8) -> Vec<u8> {
    let mut numbers = vec![none; LAST as usize + 1];
    for (number, name) in names.enumerate() {
        if name == "Cs" {
            continue;
        }
        for (low, high) in source(&format!(r"\p{{{name}}}")) {
            numbers[low as usize..=high as usize].fill(number as u8);
        }
    }
    numbers[0xD800..0xE000].fill(surrogate);
    numbers
}

fn runs(numbers: &[u8]) -> impl Iterator<Item = (u8, u32)> {
    numbers.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32))
}

fn varint(out: &mut Vec<u8>, mut n: u32) {
    while n > 127 {
        out.push(n as u8 | 128);
        n >>= 7;
    }
    out.push(n as u8);
}

fn check(file: &str, checked_in: &[u8], made: &[u8]) {
    if std::env::var_os("SPANSCOPE_BLESS").is_some() {
        std::fs::write(format!("{}/src/traceql/re2/unicode/{file}", env!("CARGO_MANIFEST_DIR")), made)
            .unwrap();
    } else {
        assert!(checked_in == made, "{file} differs from its source; SPANSCOPE_BLESS=1 writes it anew");
    }
}

#[test]
fn the_tables_equal_their_source() {
    let names: Vec<&str> = CATEGORIES.chunks(2).map(|name| std::str::from_utf8(name).unwrap()).collect();
    let place = |name: &str| names.iter().position(|n| *n == name).unwrap() as u8;
    let unassigned = place("Cn");
    let categories = numbers(names.iter().copied(), unassigned, place("Cs"));
    let mut bytes = Vec::new();
    for (number, len) in runs(&categories) {
        if len < 8 {
            bytes.push(number | (len as u8) << 5);
        } else {
            bytes.push(number);
            varint(&mut bytes, len - 8);
        }
    }
    check("categories.bin", CATEGORY_RUNS, &bytes);

    let mut scripts = numbers(SCRIPTS.lines(), u8::MAX, u8::MAX);
    for at in 0..scripts.len() {
        if categories[at] == unassigned {
            assert_eq!(scripts[at], u8::MAX, "{at:x} is not assigned but has a script");
            scripts[at] = scripts[at.saturating_sub(1)];
        }
    }
    let mut bytes = Vec::new();
    for (number, len) in runs(&scripts) {
        bytes.push(number);
        varint(&mut bytes, len);
    }
    check("scripts.bin", SCRIPT_RUNS, &bytes);
}

#[test]
fn properties_equal_their_source() {
    let names = CATEGORIES.chunks(2).map(|name| std::str::from_utf8(name).unwrap());
    let groups = ["L", "M", "N", "P", "S", "Z", "Any"];
    for name in names.filter(|n| *n != "Cs").chain(groups).chain(SCRIPTS.lines()) {
        let found = property(name).unwrap_or_else(|| panic!("{name} is not known"));
        assert_eq!(found, CharSet::new(source(&format!(r"\p{{{name}}}"))), "{name}");
    }
    assert_eq!(property("Cs").unwrap().ranges(), [(0xD800, 0xDFFF)]);
    for name in ["", "X", "Nope", "greek", "Lx", "Cc2", "LL"] {
        assert_eq!(property(name), None, "{name}");
    }
}

#[test]
fn letters_fold_as_their_source_says() {
    // The standard library may know a newer Unicode than the source.
    let unassigned = property("Cn").unwrap();
    let mut table = letters();
    table.retain(|(_, letter)| !unassigned.contains(*letter));
    let alike = |c: u32| -> CharSet {
        let own = table.iter().find(|(_, letter)| *letter == c).map_or(c, |(first, _)| *first);
        let same = table.iter().filter(|(first, _)| *first == own);
        CharSet::new(same.map(|(_, c)| (*c, *c)).chain([(c, c)]).collect())
    };
    // The source says for a whole block at once whether anything folds in it.
    let folds = |low: u32, high: u32| {
        let class = format!(r"[\x{{{low:X}}}-\x{{{high:X}}}]");
        source(&format!("(?i:{class})")) != source(&class)
    };
    for low in (0..CASELESS).step_by(16).filter(|low| !(0xD800..0xE000).contains(low)) {
        let block = low..low + 16;
        if !folds(low, low + 15) && !table.iter().any(|(_, c)| block.contains(c)) {
            continue;
        }
        for c in block {
            assert_eq!(alike(c), CharSet::new(source(&format!(r"(?i:\x{{{c:X}}})"))), "{c:x}");
        }
    }
    assert!(!folds(CASELESS, LAST));
}

#[test]
fn sets_close_over_case() {
    let mut folding = Folding::default();
    for pattern in ["[a-z]", "[k]", "[0-9_]", r"[\x{C0}-\x{FF}]", r"\p{Greek}", "[s-\u{17F}]"] {
        let set = CharSet::new(source(pattern));
        assert_eq!(folding.close(&set), CharSet::new(source(&format!("(?i:{pattern})"))), "{pattern}");
    }
}

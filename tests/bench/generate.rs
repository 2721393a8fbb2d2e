//! Files to measure with: by the seeded generator of `../shared/tools` where it stands beside the checkout, else by
//! the small one here. Made once and kept in the temporary folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::synthetic;

/// How spans are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Requests one after another.
    Protobuf,
    /// One request a line.
    JsonLines,
}

/// What a big trace looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Twenty children a span, forty levels.
    Mixed,
    /// A tenth of the spans stand below each other, the others hang on them.
    Deep,
    /// All spans but one are children of the same parent, at the same time.
    Wide,
}

impl Shape {
    /// The shape in a word, for tables and file names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Deep => "deep",
            Self::Wide => "wide",
        }
    }

    /// Children of a span at most, and levels.
    fn limits(self, count: u32) -> (u32, u32) {
        match self {
            Self::Mixed => (20, 40),
            Self::Deep => (2, (count / 10).max(2)),
            Self::Wide => (count, 2),
        }
    }
}

/// Makes files.
pub struct Data {
    folder: PathBuf,
    /// Python and the generator, where both are there.
    generator: Option<(PathBuf, PathBuf)>,
}

impl Data {
    /// Finds the generator and what it needs.
    pub fn prepare() -> Data {
        let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/gen_otlp.py");
        let python = generator.is_file().then(python_with_numpy).flatten();
        let maker = if python.is_some() { "shared" } else { "own" };
        let folder = env::temp_dir().join(format!("spanscope-bench-{maker}"));
        fs::create_dir_all(&folder).unwrap();
        Data { folder, generator: python.map(|python| (python, generator)) }
    }

    /// Who makes the files, for the table's head.
    pub fn maker(&self) -> &'static str {
        if self.generator.is_some() { "gen_otlp.py" } else { "the bench's own generator" }
    }

    /// A file of about so many spans with 12 attributes each, in traces of a dozen.
    pub fn spans(&self, count: u32, form: Form) -> PathBuf {
        let (word, extension) = match form {
            Form::Protobuf => ("pb", "pb"),
            Form::JsonLines => ("jsonl", "jsonl"),
        };
        self.file(&format!("spans-{count}.{extension}"), |path| match &self.generator {
            Some(generator) => {
                let count = count.to_string();
                run(generator, path, &["--format", word, "--spans", &count, "--attrs", "12", "--seed", "7"]);
            }
            None => synthetic::spans(path, count, form),
        })
    }

    /// A file with one trace of so many spans, in protobuf.
    pub fn one_trace(&self, count: u32, shape: Shape) -> PathBuf {
        let name = match shape {
            Shape::Mixed => format!("trace-{count}.pb"),
            _ => format!("trace-{}-{count}.pb", shape.word()),
        };
        let (children, levels) = shape.limits(count);
        self.file(&name, |path| match &self.generator {
            Some(generator) => {
                let [count, children, levels] = [count, children, levels].map(|n| n.to_string());
                let arguments =
                    ["--giant-trace", &count, "--fanout", &children, "--depth", &levels, "--seed", "102"];
                run(generator, path, &arguments);
            }
            None => synthetic::one_trace(path, count, shape),
        })
    }

    /// A file of the folder, made if it is not there. Made under another name first, so that a broken run
    /// leaves no half file behind.
    fn file(&self, name: &str, make: impl FnOnce(&Path)) -> PathBuf {
        let path = self.folder.join(name);
        if !path.is_file() {
            let fresh = self.folder.join(format!("{name}.new"));
            make(&fresh);
            fs::rename(&fresh, &path).unwrap();
        }
        path
    }
}

fn run((python, generator): &(PathBuf, PathBuf), path: &Path, arguments: &[&str]) {
    let status =
        Command::new(python).arg(generator).arg("-q").arg("-o").arg(path).args(arguments).status().unwrap();
    assert!(status.success(), "{}: {status}", generator.display());
}

/// A Python that has numpy: the system's, or one in an environment of its own, made here once.
fn python_with_numpy() -> Option<PathBuf> {
    let has_numpy = |python: &Path| {
        let tried = Command::new(python).args(["-c", "import numpy"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let system = PathBuf::from("python3");
    if has_numpy(&system) {
        return Some(system);
    }
    let home = env::temp_dir().join("spanscope-bench-python");
    let own = home.join("bin/python");
    if !has_numpy(&own) {
        println!("installing numpy into {}", home.display());
        let make = Command::new(&system).args(["-m", "venv"]).arg(&home).status();
        let install = Command::new(&own).args(["-m", "pip", "install", "--quiet", "numpy"]).status();
        if !(make.is_ok_and(|status| status.success()) && install.is_ok_and(|status| status.success())) {
            println!(
                "no numpy for gen_otlp.py (python3-venv and pip can install it): taking the bench's own generator"
            );
            return None;
        }
    }
    has_numpy(&own).then_some(own)
}

//! The browser benchmark: loading, memory, frames and first paint, printed as one table.
//!
//! What is measured, and why as a ratio to J (what `JSON.parse` of the same lines costs), is said in the README's
//! "bench". `SPANSCOPE_BENCH=small` takes a twentieth of the data: does it run, not how fast. Nothing is asserted:
//! times move with the machine.
#![allow(unreachable_pub, reason = "the modules of a program share their items with each other only")]
#![allow(clippy::unwrap_used, reason = "a program for developers: a panic is the report")]

#[path = "../browser/harness/chromium.rs"]
#[allow(dead_code, reason = "shared with the browser tests, of which this uses a part")]
mod chromium;
mod frames;
mod generate;
mod load;
mod page;
#[path = "../support/server.rs"]
mod server;
mod synthetic;

use generate::Data;

/// How much data is measured.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// S, the spans of the loading measures.
    pub spans: u32,
    /// The two sizes of the growth measure.
    pub growth: (u32, u32),
    /// Spans of the file during whose reading the page is watched.
    pub long: u32,
    /// Spans of the traces that are drawn.
    pub traces: [u32; 3],
    /// Pages of which the median is taken.
    pub rounds: usize,
}

const FULL: Scale = Scale {
    spans: 200_000,
    growth: (100_000, 1_000_000),
    long: 460_000,
    traces: [10_000, 100_000, 1_000_000],
    rounds: 3,
};
const SMALL: Scale =
    Scale { spans: 10_000, growth: (5_000, 50_000), long: 20_000, traces: [1_000, 5_000, 20_000], rounds: 1 };

/// One line of the table.
pub struct Line {
    /// What was measured.
    what: String,
    /// What came out.
    found: String,
    /// What is aimed at.
    budget: &'static str,
}

/// The table, filled as it goes and printed line by line, so that a broken run still tells what it saw.
#[derive(Default)]
pub struct Table(Vec<Line>);

impl Table {
    /// Adds a line.
    pub fn line(&mut self, what: impl Into<String>, found: impl Into<String>, budget: &'static str) {
        let line = Line { what: what.into(), found: found.into(), budget };
        eprintln!("  {}: {}", line.what, line.found);
        self.0.push(line);
    }

    fn print(&self) {
        println!("\n| what | found | budget |\n|---|---|---|");
        for line in &self.0 {
            println!("| {} | {} | {} |", line.what, line.found, line.budget);
        }
        println!();
    }
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[tokio::main]
async fn main() {
    let small = std::env::var("SPANSCOPE_BENCH").is_ok_and(|size| size == "small");
    let scale = if small { SMALL } else { FULL };
    // A part by name: `./x bench` runs all.
    let part = std::env::var("SPANSCOPE_BENCH_PART").unwrap_or_default();
    let wanted = |name: &str| part.is_empty() || part == name;
    let data = Data::prepare();
    let mut table = Table::default();
    println!(
        "{} data by {}; load average {}",
        if small { "small" } else { "full" },
        data.maker(),
        load_average()
    );
    if wanted("load") {
        load::first_visit(&mut table, scale).await;
        load::against_json_parse(&mut table, &data, scale).await;
        load::growth(&mut table, &data, scale).await;
        load::while_reading(&mut table, &data, scale).await;
    }
    if wanted("frames") {
        frames::measure(&mut table, &data, scale).await;
    }
    println!("load average {}", load_average());
    table.print();
}

/// How busy the machine is, where it says so.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

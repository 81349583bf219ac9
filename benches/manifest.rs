//! How fast manifests are read: `cargo bench --bench manifest -- [FILE OR FOLDER]…`.
//!
//! Reads what is below the given folders, `out/` if there are none, again and again,
//! with both readers in turn. Says how many MB a second of CPU each of them does, and
//! which share of the files and bytes the fast one reads by itself.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on fails"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use sioway::manifest::{Stream, read, read_slowly, reads_fast};

const ROUNDS: usize = 9;

/// Each round reads about so many bytes.
const BYTES: usize = 8 << 20;

fn main() {
    let mut texts = Vec::new();
    let arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let mut roots: Vec<String> = arguments.collect();
    if roots.is_empty() {
        roots.push("out".to_owned());
    }
    for root in &roots {
        collect(Path::new(root), &mut texts);
    }
    share("files", &texts, |_| 1);
    share("bytes", &texts, str::len);
    let fast: Vec<&String> = texts.iter().filter(|text| reads_fast(text)).collect();
    let all: Vec<&String> = texts.iter().collect();
    let complete = speed(&fast, read_slowly);
    println!("fast reader            {:>7.1} MB/s", speed(&fast, read));
    println!("complete, same files   {complete:>7.1} MB/s");
    println!("both, all files        {:>7.1} MB/s", speed(&all, read));
}

fn collect(path: &Path, texts: &mut Vec<String>) {
    if path.is_dir() {
        let mut paths: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in &paths {
            collect(path, texts);
        }
        return;
    }
    let is_yaml =
        path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
    if let Some(text) = is_yaml.then(|| fs::read_to_string(path).ok()).flatten() {
        texts.push(text);
    }
}

fn share(what: &str, texts: &[String], weight: fn(&str) -> usize) {
    let all: usize = texts.iter().map(|text| weight(text)).sum();
    let fast = texts.iter().filter(|text| reads_fast(text)).map(|text| weight(text));
    let fast: usize = fast.sum();
    println!(
        "{what} read fast        {fast:>7} of {all}: {:.1} %",
        100.0 * fast as f64 / all.max(1) as f64
    );
}

/// MB a second, in the median round.
fn speed<'t>(texts: &[&'t String], read: fn(&'t str) -> Stream<'t>) -> f64 {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let passes = BYTES / bytes.max(1) + 1;
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            for text in std::iter::repeat_n(texts, passes).flatten() {
                std::hint::black_box(read(text));
            }
            start.elapsed()
        })
        .collect();
    times.sort();
    (bytes * passes) as f64 / 1e6 / times[ROUNDS / 2].as_secs_f64()
}

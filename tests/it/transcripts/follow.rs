//! A page is followed: what it writes is written, what it types is typed, and what is printed is held against it.

use std::fmt::Write as _;
use std::fs;

use super::blocks::{Block, Mark, Step, steps};
use super::shell::Shell;
use crate::tools::root;

/// What is typed at a prompt, and what comes of it.
struct Typed {
    command: String,
    status: i32,
    printed: String,
}

/// What a block types: `$ ` begins a command, `> ` goes on with it, `? 1` is its exit status where that is not 0.
fn typed(text: &str) -> Vec<Typed> {
    let mut all: Vec<Typed> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            all.push(Typed { command: command.into(), status: 0, printed: String::new() });
            goes_on = true;
            continue;
        }
        let last = all.last_mut().expect("a transcript begins with a prompt");
        match (goes_on, line.strip_prefix("> "), line.strip_prefix("? ")) {
            (true, Some(more), _) => write!(last.command, "\n{more}").unwrap(),
            (true, _, Some(status)) => {
                last.status = status.parse().unwrap();
                goes_on = false;
            }
            _ => {
                last.printed.extend([line, "\n"]);
                goes_on = false;
            }
        }
    }
    all
}

/// Whether what was printed is what the page shows: `...` is any number of lines, `[..]` anything within one.
fn fits(shown: &str, printed: &str) -> bool {
    let quoted = |line: &str| {
        let parts: Vec<String> = line.trim_end().split("[..]").map(quoted).collect();
        parts.join(".*") + "[ ]*\n"
    };
    let lines = shown.trim_end().lines();
    let pattern: String = lines
        .map(|line| if line == "..." { "(?:.*\n)*?".to_owned() } else { quoted(line) })
        .collect();
    let pattern = regex_lite::Regex::new(&format!("^{pattern}$")).unwrap();
    let printed = printed.trim_end();
    pattern.is_match(&if printed.is_empty() { String::new() } else { format!("{printed}\n") })
}

fn quoted(text: &str) -> String {
    regex_lite::escape(text)
}

/// The block as it should be: what still fits stays, with its gaps.
fn transcript(block: &Block, shell: &Shell) -> String {
    let of_one = |one: &Typed| {
        let (status, printed) = shell.run(&one.command);
        let shown = if fits(&one.printed, &printed) { &one.printed } else { &printed };
        let code = if status == 0 { String::new() } else { format!("? {status}\n") };
        let command = one.command.replace('\n', "\n> ");
        let shown = shown.trim_end();
        let gap = if shown.is_empty() { "" } else { "\n" };
        format!("$ {command}\n{code}{shown}{gap}")
    };
    let all: Vec<String> = typed(&block.text).iter().map(of_one).collect();
    all.join("\n")
}

/// What a block without output came to, if that is not what the page promises.
fn script(block: &Block, wanted: i32, shell: &Shell) -> Option<String> {
    let (status, printed) = shell.run(&block.text);
    (status != wanted).then(|| format!("ends with {status}, not {wanted}:\n{printed}"))
}

/// Follows a page in a shell, and tells what is wrong with it. `event` does what its comments say that happens. With
/// `TRYCMD=overwrite` the page is made to show what is printed now.
pub(crate) fn follow(
    page: &str,
    shell: &Shell,
    mut event: impl FnMut(&str, &Shell),
) -> Vec<String> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let is_last =
        |step: &Step| matches!(step, Step::Block(Block { mark: Some(Mark::AtTheEnd), .. }));
    let (last, first): (Vec<_>, Vec<_>) = steps(&text).into_iter().partition(is_last);
    let (mut changed, mut wrong) = (Vec::new(), Vec::new());
    for step in first.into_iter().chain(last) {
        match step {
            Step::From(directory) => shell.copy(&directory),
            Step::Setup(command) => {
                let (status, printed) = shell.run(&command);
                assert_eq!(status, 0, "{page}: {command}: {printed}");
            }
            Step::Event(name) => event(&name, shell),
            Step::Elsewhere(_) => {}
            Step::Block(block) => match block_now(&block, shell) {
                None => {}
                Some(Ok(now)) if now.trim_end() == block.text.trim_end() => {}
                Some(Ok(now)) => changed.push((block, now)),
                Some(Err(why)) => wrong.push(format!("{page}:{} {why}", block.line)),
            },
        }
    }
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        overwrite(page, text, changed);
    } else {
        let told = |(block, now): &(Block, String)| format!("{page}:{}: now\n{now}", block.line);
        wrong.extend(changed.iter().map(told));
    }
    wrong
}

fn overwrite(page: &str, mut text: String, mut changed: Vec<(Block, String)>) {
    changed.sort_by_key(|(block, _)| std::cmp::Reverse(block.line));
    for (block, now) in &changed {
        text.replace_range(block.place.clone(), now);
    }
    if !changed.is_empty() {
        fs::write(root().join(page), text).unwrap();
    }
}

/// What a block that is run here should be, or what is wrong with it.
fn block_now(block: &Block, shell: &Shell) -> Option<Result<String, String>> {
    let status = match &block.mark {
        Some(Mark::NotRun(_) | Mark::RunBy(_)) => return None,
        Some(Mark::Write(file)) => {
            shell.write(file, &block.text);
            return None;
        }
        Some(Mark::Exits(status)) => *status,
        Some(Mark::AtTheEnd) | None => 0,
    };
    match block.language.as_str() {
        "console" => Some(Ok(transcript(block, shell))),
        _ if block.is_typed() => script(block, status, shell).map(Err),
        _ => None,
    }
}

#[test]
fn what_does_not_hold_is_seen() {
    let now = |language: &str, text: &str, mark| {
        let (language, text) = (language.to_owned(), text.to_owned());
        let block = Block { language, text, place: 0..0, line: 1, mark };
        block_now(&block, &Shell::new())
    };
    let console = |text| now("console", text, None).unwrap().unwrap();
    assert_eq!(console("$ echo a\nb\n"), "$ echo a\na\n");
    assert_eq!(console("$ false\n"), "$ false\n? 1\n");
    assert_eq!(
        console("$ echo a > f\n\n$ cat f\n> echo b\n...\n"),
        "$ echo a > f\n\n$ cat f\n> echo b\n...\n"
    );
    assert!(now("sh", "false\ntrue\n", None).unwrap().is_err(), "it ends at the first failure");
    assert!(now("sh", "exit 3\n", Some(Mark::Exits(3))).is_none());
    assert!(now("sh", "true\n", Some(Mark::Exits(1))).unwrap().is_err());
    assert!(now("toml", "a = 1\n", None).is_none());
}

#[test]
fn what_fits() {
    assert!(fits("a\n", "a\n") && fits("", "") && !fits("", "a\n") && !fits("a\n", ""));
    assert!(fits("a\n...\nz\n", "a\nb\nc\nz\n") && fits("a\n...\nz", "a\nz\n"));
    assert!(fits("in [..] ms\n", "in 12 ms\n") && !fits("in [..] ms", "in 12 s"));
    assert!(fits("...\n", "a.b\n") && !fits("a.b\n", "axb\n"));
}

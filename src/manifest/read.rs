//! Goes over a text, document by document, with the fast reader and the complete one.

use super::block::next_line;
use super::complaint;
use super::complete;
use super::fast;
use super::limits;
use super::stream::{Found, LineEnding, Problem, Root, Stream};
use super::tabs;
use super::tape::Tape;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a text: YAML with any number of documents, or JSON.
///
/// Every text gives a stream. What cannot be read is among its problems, and the other
/// documents are there: `---` at the beginning of a line begins a new one wherever it
/// stands.
///
/// ```
/// let stream = sioway::manifest::read("kind: Service\nmetadata:\n  name: chat # here\n");
/// let root = stream.document(0).and_then(|document| document.root()).unwrap();
/// let name = root.at(&["metadata", "name"]).unwrap();
/// assert_eq!(name.as_str(), Some("chat"));
/// assert_eq!(&stream.text()[name.span().start..name.span().end], "chat");
/// assert!(stream.problems.is_empty());
/// ```
pub fn read(text: &str) -> Stream<'_> {
    read_with(text, fast::document)
}

/// The same with the complete reader alone: what [`read`] is compared with.
#[doc(hidden)]
pub fn read_slowly(text: &str) -> Stream<'_> {
    read_with(text, |_, _| Err(fast::Unsure))
}

/// Whether the fast reader reads all of a text.
#[doc(hidden)]
pub fn reads_fast(text: &str) -> bool {
    let mut tape = Tape::new(text);
    let mut at = 0;
    while at < text.len() {
        match fast::document(&mut tape, at) {
            Ok((_, next)) => at = next,
            Err(fast::Unsure) => return false,
        }
    }
    true
}

type Fast = fn(&mut Tape, usize) -> Result<(Option<Root>, usize), fast::Unsure>;

fn read_with(text: &str, fast: Fast) -> Stream<'_> {
    let mut reader = Reader { tape: Tape::new(text), found: Vec::new(), problems: Vec::new() };
    if text.len() > limits::FILE {
        reader.problems.push(complaint::too_large(text));
    } else {
        reader.all(fast);
    }
    reader.tape.settled();
    Stream {
        tape: reader.tape,
        found: reader.found,
        problems: reader.problems,
        line_ending: LineEnding::of(text),
        byte_order_mark: text.starts_with(BYTE_ORDER_MARK),
        final_newline: text.ends_with('\n'),
    }
}

struct Reader<'t> {
    tape: Tape<'t>,
    found: Vec<Found>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn all(&mut self, fast: Fast) {
        let mut at = 0;
        while at < self.tape.text.len() {
            let moment = self.tape.moment();
            if let Ok((root, next)) = fast(&mut self.tape, at) {
                let span = (at..next).into();
                self.found.extend(root.map(|root| Found { span, root }));
                at = next;
                continue;
            }
            self.tape.go_back(moment);
            at = self.part(at);
            if self.problems.len() >= limits::PROBLEMS {
                self.problems.truncate(limits::PROBLEMS - 1);
                self.problems.push(complaint::enough(at));
                return;
            }
        }
    }

    /// Reads the documents up to the next `---` with the complete reader.
    fn part(&mut self, at: usize) -> usize {
        let text = self.tape.text;
        let end = part_end(text, at);
        let start = without_marks(&text[..end], at);
        let comments = self.tape.comments.len();
        let mut outcome = complete::documents(&mut self.tape, start..end);
        self.tape.sort_comments(comments);
        if outcome.found.is_empty()
            && text[at..].trim_start_matches(BYTE_ORDER_MARK).starts_with("---")
        {
            let root = Root::Empty;
            let span = (start..end).into();
            outcome.found.push(Found { span, root });
        }
        if let Some(first) = outcome.found.first_mut() {
            first.span.start = at;
        }
        let next = outcome.stopped.map_or(end, |stop| self.resume(stop, at, end));
        if let Some(last) = outcome.found.last_mut() {
            last.span.end = next;
        }
        outcome.problems.extend(tabs::refuse(&self.tape, at..next, &mut outcome.found));
        outcome.problems.sort_by_key(|problem| problem.span.start);
        self.problems.append(&mut outcome.problems);
        self.found.append(&mut outcome.found);
        next
    }

    /// Where to go on after an error: at the next document.
    fn resume(&self, stop: usize, at: usize, end: usize) -> usize {
        let text = self.tape.text;
        let mut line = text[..stop].rfind('\n').map_or(0, |end| end + 1).max(at);
        loop {
            if line > at && is_marker(text, line) {
                return line;
            }
            line = next_line(text, line);
            if line >= end {
                return end;
            }
        }
    }
}

/// Whether a document begins on the line at `line`.
fn is_marker(text: &str, line: usize) -> bool {
    let rest = text[line..].strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text[line..]);
    let after = rest.strip_prefix("---");
    after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t', '\n', '\r']))
}

/// Where the documents that can be read apart from the rest end: at the next `---`. A
/// directive stands before its `---`, so that from a line that may be one on, there is
/// nothing to read apart; nor in a file with the line ends of old.
fn part_end(text: &str, at: usize) -> usize {
    let mut from = at;
    let end = loop {
        let Some(found) = text[from..].find("---") else {
            break text.len();
        };
        let marker = from + found;
        let before = &text[at..marker];
        let line = before.strip_suffix(BYTE_ORDER_MARK).unwrap_or(before);
        let is_line = line.ends_with(['\n', '\r']);
        if is_line && is_marker(text, at + line.len()) {
            break at + line.len();
        }
        from = marker + 3;
    };
    let has_directive =
        |part: &str| part.starts_with('%') || part.contains("\n%") || part.contains("\r%");
    if has_directive(text[at..end].trim_start_matches(BYTE_ORDER_MARK)) {
        return text.len();
    }
    end
}

/// Steps over marks of byte order: at the beginning, and behind a `---` with nothing
/// else on its line, together with that line.
fn without_marks(text: &str, at: usize) -> usize {
    let start = at + if text[at..].starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
    let Some(after) = text[start..].strip_prefix("---") else {
        return start;
    };
    let body = after.trim_start_matches(' ');
    let body = body.strip_prefix("\r\n").or_else(|| body.strip_prefix('\n'));
    match body.and_then(|body| body.strip_prefix(BYTE_ORDER_MARK)) {
        Some(body) => text.len() - body.len(),
        None => start,
    }
}

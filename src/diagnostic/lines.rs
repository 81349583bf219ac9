//! Where the lines of a text begin: counted once, so that many places in one long text stay cheap.

use super::Position;

/// How many bytes lie between two marks.
const BLOCK: usize = 1024;

/// What a position is worked out from.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    /// The first byte of each line.
    starts: Vec<usize>,
    /// How many characters begin before each block: a line may be as long as its text.
    marks: Vec<usize>,
}

impl Lines {
    /// Counts a text.
    pub(super) fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1));
        let counts = text.as_bytes().chunks(BLOCK).scan(0, |seen, block| {
            *seen += characters(block);
            Some(*seen)
        });
        Self { starts: starts.collect(), marks: std::iter::once(0).chain(counts).collect() }
    }

    /// Where byte `offset` of the text that was counted is.
    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let before_line = self.before(text, self.starts[line - 1]);
        let column = self.before(text, offset) - before_line + 1;
        Position { line, column }
    }

    /// How many characters begin before a byte.
    fn before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.marks[block] + characters(&text.as_bytes()[block * BLOCK..offset])
    }
}

/// How many characters begin in some bytes of UTF-8: all but the continuations.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_counting_by_hand() {
        let text = "wide 漢字\r\n\n".repeat(300) + &"é".repeat(3 * BLOCK);
        let lines = Lines::of(&text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..offset];
            let by_hand = Position {
                line: before.matches('\n').count() + 1,
                column: before.rsplit('\n').next().unwrap().chars().count() + 1,
            };
            assert_eq!(lines.position(&text, offset), by_hand);
        }
        assert_eq!(Lines::of("").position("", 9), Position { line: 1, column: 1 });
    }
}

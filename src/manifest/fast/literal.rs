//! Literal blocks.

use super::super::block::Chomp;
use super::super::tape::Style;
use super::{Fast, Sure, Unsure};

/// A block that is being read.
struct Block {
    indent: usize,
    text: String,
    /// Line breaks that have not been written yet.
    breaks: usize,
    /// Where the last line with content ends.
    end: usize,
    /// Where the last line ends, empty or not.
    last: usize,
}

impl Fast<'_, '_> {
    /// Reads a literal block from its `|` on.
    pub(super) fn literal(&mut self) -> Sure<()> {
        let Some(parent) = self.levels.last().map(|level| level.indent) else {
            return Err(Unsure);
        };
        let start = self.at;
        self.at += 1;
        let chomp = self.chomp();
        self.header_end()?;
        let mut block = self.first_line(parent)?;
        while self.block_line(&mut block)? {}
        let end = match chomp {
            Chomp::Keep => block.last,
            Chomp::Clip | Chomp::Strip => block.end,
        };
        let breaks = match chomp {
            Chomp::Keep => block.breaks,
            Chomp::Clip => block.breaks.min(1),
            Chomp::Strip => 0,
        };
        block.text.extend(std::iter::repeat_n('\n', breaks));
        self.tape.scalar(start..end, Style::Literal, Some(block.text.into_boxed_str()))?;
        Ok(())
    }

    fn chomp(&mut self) -> Chomp {
        let chomp = match self.peek() {
            Some(b'-') => Chomp::Strip,
            Some(b'+') => Chomp::Keep,
            _ => return Chomp::Clip,
        };
        self.at += 1;
        chomp
    }

    fn header_end(&mut self) -> Sure<()> {
        if !matches!(self.peek(), Some(b' ' | b'\n' | b'\r')) {
            return Err(Unsure);
        }
        self.finish_line()
    }

    /// Finds the indentation, which the first line with content has.
    fn first_line(&mut self, parent: usize) -> Sure<Block> {
        let (mut breaks, mut widest) = (0, 0);
        loop {
            let line = self.at;
            self.skip_spaces();
            let indent = self.at - line;
            match self.peek() {
                Some(b'\n' | b'\r') => {
                    self.line_break()?;
                    breaks += 1;
                    widest = widest.max(indent);
                }
                Some(byte) if byte != b'\t' && indent > parent && indent >= widest => {
                    self.at = line;
                    return Ok(Block {
                        indent,
                        text: String::new(),
                        breaks,
                        end: line,
                        last: line,
                    });
                }
                _ => return Err(Unsure),
            }
        }
    }

    /// Takes in the next line, unless the block ends before it.
    fn block_line(&mut self, block: &mut Block) -> Sure<bool> {
        let line = self.at;
        let rest = &self.bytes[line..];
        let spaces = rest.iter().take(block.indent);
        let indent = spaces.take_while(|byte| **byte == b' ').count();
        let from = line + indent;
        match self.bytes.get(from) {
            None if indent > 0 => return Err(Unsure),
            None => return Ok(false),
            Some(b'\n' | b'\r') => {}
            Some(_) if indent < block.indent => return Ok(false),
            Some(_) => {}
        }
        let end = self.scan_line(from)?;
        self.at = end;
        self.line_break()?;
        block.last = end;
        if end > from {
            block.text.extend(std::iter::repeat_n('\n', block.breaks));
            block.text.push_str(&self.tape.text[from..end]);
            block.breaks = 0;
            block.end = end;
        }
        if self.at > end {
            block.breaks += 1;
        } else if self.bytes[from..end].iter().all(|byte| *byte == b' ') {
            return Err(Unsure);
        }
        Ok(true)
    }
}

//! Lists and maps in brackets, JSON among them.

use super::super::tape::Style;
use super::{Fast, Sure, Unsure};

impl Fast<'_, '_> {
    /// Reads a list or a map in brackets. The depth is bounded by the tree's own limit.
    pub(super) fn flow(&mut self) -> Sure<()> {
        let (style, close) = match self.peek() {
            Some(b'{') => (Style::FlowMap, b'}'),
            _ => (Style::FlowList, b']'),
        };
        self.tape.open(self.at, style)?;
        self.at += 1;
        self.skip_gap()?;
        while self.peek() != Some(close) {
            if style == Style::FlowMap {
                self.flow_key()?;
            }
            self.flow_value()?;
            self.skip_gap()?;
            match self.peek() {
                Some(b',') => self.next_item(close)?,
                Some(byte) if byte == close => {}
                _ => return Err(Unsure),
            }
        }
        self.at += 1;
        Ok(self.tape.close(Some(self.at))?)
    }

    /// Steps over a comma; another item must follow.
    fn next_item(&mut self, close: u8) -> Sure<()> {
        self.at += 1;
        self.skip_gap()?;
        if self.peek() == Some(close) {
            return Err(Unsure);
        }
        Ok(())
    }

    fn flow_key(&mut self) -> Sure<()> {
        let quoted = matches!(self.peek(), Some(b'"' | b'\''));
        let found = self.scan_flow_scalar()?;
        self.key(found)?;
        self.skip_spaces();
        if self.peek() != Some(b':') || !(quoted || self.is_gap(self.at + 1)) {
            return Err(Unsure);
        }
        self.at += 1;
        self.skip_gap()
    }

    fn flow_value(&mut self) -> Sure<()> {
        match self.peek() {
            Some(b'{' | b'[') => self.flow(),
            Some(_) => {
                let found = self.scan_flow_scalar()?;
                self.take(found)
            }
            None => Err(Unsure),
        }
    }

    /// Steps over spaces and line breaks.
    fn skip_gap(&mut self) -> Sure<()> {
        loop {
            self.skip_spaces();
            if !matches!(self.peek(), Some(b'\n' | b'\r')) {
                return Ok(());
            }
            self.line_break()?;
            // At the very left, it may be the marker of a document.
            if matches!(self.peek(), Some(b'-' | b'.' | 0xEF | b'%')) {
                return Err(Unsure);
            }
        }
    }
}

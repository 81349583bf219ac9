//! The complete reader: builds the tree from the events of granit-parser.
//!
//! The events say where tokens are; a few spans are mended to say where values are
//! (see `places`).

mod places;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};

use super::complaint;
use super::limits;
use super::stream::{Found, Problem, Root};
use super::tape::{Moment, PROPERTIES, Properties, Style, Tape, narrow};

/// What a part of a text holds.
pub(super) struct Outcome {
    pub(super) found: Vec<Found>,
    pub(super) problems: Vec<Problem>,
    /// Where reading stopped, if it was before the end.
    pub(super) stopped: Option<usize>,
}

/// Reads the documents of a part of the text.
pub(super) fn documents(tape: &mut Tape, part: Range<usize>) -> Outcome {
    let text = &tape.text[part.clone()];
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        max_buffered_comment_events: limits::COMMENTS,
        flow_nesting_limit: limits::DEPTH,
        block_nesting_limit: limits::DEPTH,
    };
    let mut complete = Complete {
        moment: tape.moment(),
        tape,
        part,
        outcome: Outcome { found: Vec::new(), problems: Vec::new(), stopped: None },
        document: None,
        is_broken: false,
        anchors: HashMap::new(),
        frames: Vec::new(),
        weight: 0,
        expanded: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => complete.event(event, span),
            Err(error) => complete.stop(&error),
        }
    }
    complete.outcome
}

/// A value that aliases can name.
#[derive(Clone, Copy)]
struct Anchored {
    cell: u32,
    /// How many values it is, aliases followed.
    weight: u64,
    /// How deep it is.
    height: usize,
}

/// A collection that is being read.
struct Frame {
    anchor: usize,
    cell: u32,
    weight: u64,
    height: usize,
}

struct Complete<'a, 't> {
    tape: &'a mut Tape<'t>,
    part: Range<usize>,
    outcome: Outcome,
    /// Where the document that is being read begins.
    document: Option<usize>,
    is_broken: bool,
    moment: Moment,
    anchors: HashMap<usize, Anchored>,
    frames: Vec<Frame>,
    /// Values so far, aliases followed.
    weight: u64,
    /// Values that aliases brought.
    expanded: u64,
}

impl<'t> Complete<'_, 't> {
    fn event(&mut self, event: Event<'t>, span: granit_parser::Span) {
        let span = self.in_file(span);
        match event {
            Event::DocumentStart(explicit, _) => self.start_document(&span, explicit),
            Event::DocumentEnd => self.end_document(&span),
            Event::Comment(..) => self.comment(span),
            Event::StreamStart | Event::StreamEnd => {}
            _ if self.is_broken => {}
            event => {
                let outcome = self.node(event, span);
                if let Err(problem) = outcome {
                    self.fail(problem);
                }
            }
        }
    }

    fn in_file(&self, span: granit_parser::Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or_default();
        self.part.start + range.start..self.part.start + range.end
    }

    fn start_document(&mut self, span: &Range<usize>, explicit: bool) {
        let start = match self.outcome.found.last_mut() {
            None => self.part.start,
            Some(last) if last.span.end != self.part.end => last.span.end,
            Some(last) => {
                last.span.end = if explicit { span.start } else { last.span.end };
                last.span.end
            }
        };
        self.document = Some(start);
        self.is_broken = false;
        self.moment = self.tape.moment();
        self.tape.reach = narrow(if explicit { span.end } else { start });
        self.anchors.clear();
        self.frames.clear();
    }

    fn end_document(&mut self, span: &Range<usize>) {
        let Some(start) = self.document.take() else {
            return;
        };
        let end = if span.is_empty() { self.part.end } else { span.end };
        let root = self.root();
        self.outcome.found.push(Found { span: (start..end).into(), root });
    }

    fn root(&mut self) -> Root {
        if self.is_broken {
            self.tape.forget_values(self.moment);
            return Root::Broken;
        }
        let first = self.moment.cells();
        match self.tape.cells.get(first) {
            None => Root::Empty,
            Some(cell)
                if cell.start == cell.end
                    && cell.flags & PROPERTIES == 0
                    && cell.style == Style::Plain =>
            {
                self.tape.forget_values(self.moment);
                Root::Empty
            }
            Some(_) => Root::Cell(narrow(first)),
        }
    }

    fn comment(&mut self, span: Range<usize>) {
        let before = self.tape.text[..span.start].trim_end_matches([' ', '\t', '\u{feff}']);
        let own_line = before.is_empty() || before.ends_with(['\n', '\r']);
        if let Err(problem) = self.tape.add_comment(span.into(), own_line) {
            self.fail(problem);
        }
    }

    /// The document cannot be read, but the parser can go on.
    fn fail(&mut self, problem: Problem) {
        if !self.is_broken {
            self.outcome.problems.push(problem);
        }
        self.is_broken = true;
    }

    /// The parser cannot go on.
    fn stop(&mut self, error: &granit_parser::ScanError) {
        let at = self.part.start + error.marker().byte_offset().unwrap_or(0);
        self.outcome.stopped = Some(at);
        if !self.is_broken {
            let problem = complaint::of(error, self.tape.text, self.part.start);
            self.outcome.problems.push(problem);
        }
        self.is_broken = true;
        if self.document.is_some() {
            self.end_document(&(self.part.end..self.part.end));
        } else if let Some(last) = self.outcome.found.last_mut() {
            last.root = Root::Broken;
        } else {
            self.document = Some(self.part.start);
            self.end_document(&(self.part.end..self.part.end));
        }
    }

    fn node(&mut self, event: Event<'t>, span: Range<usize>) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag, span),
            Event::SequenceStart(style, anchor, tag) => {
                let start = self.list_start(style, span.start);
                let style = match style {
                    StructureStyle::Block => Style::BlockList,
                    StructureStyle::Flow => Style::FlowList,
                };
                self.open(style, start, anchor, tag)
            }
            Event::MappingStart(style, anchor, tag) => {
                let style = match style {
                    StructureStyle::Block => Style::BlockMap,
                    StructureStyle::Flow => Style::FlowMap,
                };
                self.open(style, span.start, anchor, tag)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&span),
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => Err(complaint::unknown_alias(&name, span)),
            Event::Anchor(_, _) => {
                self.note_anchor(span);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The span of a block scalar is that of its content up to the next token; ours is
    /// from its `|` to the end of its last line.
    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'t, Tag>>,
        span: Range<usize>,
    ) -> Result<(), Problem> {
        let source = self.tape.text;
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let (span, decoded) = match style {
            Style::Plain if span.is_empty() && anchor == 0 && tag.is_none() => {
                (self.absent(span.start), None)
            }
            Style::Plain if span.is_empty() => (span, None),
            Style::Plain if has_comment(&source[span.clone()]) => {
                return Err(complaint::comment_in_text(span));
            }
            Style::Plain => (span.clone(), (source[span] != text).then_some(text)),
            Style::Single | Style::Double => {
                let inner = source.get(span.start + 1..span.end.saturating_sub(1));
                (span, (inner != Some(&*text)).then_some(text))
            }
            _ => {
                let text = self.as_go_ends_it(text, &span);
                (self.block_span(&span, &text), Some(text))
            }
        };
        let decoded = decoded.map(|text| text.into_owned().into_boxed_str());
        let cell = self.tape.scalar(span, style, decoded)?;
        self.weight += 1;
        self.properties(cell, tag);
        self.name(anchor, Anchored { cell, weight: 1, height: 0 });
        Ok(())
    }

    fn open(
        &mut self,
        style: Style,
        start: usize,
        anchor: usize,
        tag: Option<Cow<'t, Tag>>,
    ) -> Result<(), Problem> {
        if self.tape.key_is_next() {
            return Err(complaint::key_is_no_scalar(self.tape.text, start));
        }
        let cell = self.tape.open(start, style)?;
        self.frames.push(Frame { anchor, cell, weight: self.weight, height: 0 });
        self.weight += 1;
        self.properties(cell, tag);
        Ok(())
    }

    fn close(&mut self, span: &Range<usize>) -> Result<(), Problem> {
        self.tape.close((!span.is_empty()).then_some(span.end))?;
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let height = frame.height + 1;
        self.grow(height);
        self.name(
            frame.anchor,
            Anchored { cell: frame.cell, weight: self.weight - frame.weight, height },
        );
        Ok(())
    }

    /// The innermost collection contains something of that height.
    fn grow(&mut self, height: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.height = frame.height.max(height);
        }
    }

    /// Aliases can name the value from now on: before it is complete, they cannot.
    fn name(&mut self, anchor: usize, anchored: Anchored) {
        if anchor != 0 {
            self.anchors.insert(anchor, anchored);
        }
    }

    fn alias(&mut self, id: usize, span: Range<usize>) -> Result<(), Problem> {
        let Some(target) = self.anchors.get(&id).copied() else {
            return Err(complaint::contains_itself(span));
        };
        self.expanded += target.weight;
        self.weight += target.weight;
        if self.expanded > limits::EXPANDED {
            return Err(complaint::bomb(span));
        }
        if self.tape.depth() + target.height > limits::DEPTH {
            return Err(Problem::too_deep(span.start));
        }
        let is_scalar = self.tape.cells[target.cell as usize].style.is_scalar();
        if self.tape.key_is_next() && !is_scalar {
            return Err(complaint::key_is_no_scalar(self.tape.text, span.start));
        }
        self.grow(target.height);
        self.tape.alias(span, target.cell)?;
        Ok(())
    }

    fn properties(&mut self, cell: u32, tag: Option<Cow<'t, Tag>>) {
        let Some(tag) = tag else { return };
        let tag = match tag.core_suffix() {
            Some(suffix) => format!("!!{suffix}"),
            None => format!("{}{}", tag.handle(), tag.suffix()),
        };
        self.properties_mut(cell).tag = Some(tag);
    }

    /// The anchor of the value that was met last.
    fn note_anchor(&mut self, span: Range<usize>) {
        let last = self.tape.cells.len().checked_sub(1);
        if let Some(cell) = last {
            self.properties_mut(narrow(cell)).anchor = Some(span.into());
        }
    }

    fn properties_mut(&mut self, cell: u32) -> &mut Properties {
        self.tape.cells[cell as usize].flags |= PROPERTIES;
        let list = &mut self.tape.properties;
        if list.last().is_none_or(|last| last.cell != cell) {
            list.push(Properties { cell, anchor: None, tag: None });
        }
        let newest = list.len() - 1;
        &mut list[newest]
    }
}

/// Whether a comment is taken for text: the parser does so behind some tabs.
fn has_comment(plain: &str) -> bool {
    let starts_word = |at: usize| plain[..at].ends_with([' ', '\t', '\n', '\r']);
    plain.contains('\n') && plain.match_indices('#').any(|(at, _)| starts_word(at))
}

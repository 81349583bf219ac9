//! The directives of a text, with the bytes they were read from.
//!
//! A tree is built for any text. What nginx would refuse is in [`Tree::problems`]; what could be read in spite of it
//! is in the tree.

use super::lexer::{Comment, End, Lexer, Word};
use super::lua;
use super::problem::{Fault, Problem};
use crate::diagnostic::Span;

/// How deep blocks may nest. Trees are walked and dropped by recursion, which must end.
pub const DEPTH: usize = 100;

/// A text, read.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// The directives at top level.
    pub directives: Vec<Directive>,
    /// All comments, in the order of the text.
    pub comments: Vec<Comment>,
    /// What nginx would refuse, in the order of the text.
    pub problems: Vec<Problem>,
}

/// A name, arguments, and a `;` or a block.
#[derive(Debug, Clone)]
pub struct Directive {
    /// The first word.
    pub name: Word,
    /// The other words.
    pub arguments: Vec<Word>,
    /// What stands between its braces.
    pub block: Option<Box<Block>>,
    /// From the name to the `;` or the `}`, both contained.
    pub span: Span,
    /// The `;`; `None` if there is a block, or if it is missing.
    pub semicolon: Option<Span>,
}

/// What stands between two braces.
#[derive(Debug, Clone)]
pub struct Block {
    /// The `{`.
    pub open: Span,
    /// The `}`; `None` if it is missing.
    pub close: Option<Span>,
    /// The directives inside; none if it is [`raw`](Self::raw).
    pub directives: Vec<Directive>,
    /// Lua, which is not read.
    pub raw: Option<Span>,
}

impl Directive {
    /// The text of an argument, as nginx reads it; the first is 0.
    pub fn argument(&self, index: usize) -> Option<&str> {
        self.arguments.get(index).map(|word| &*word.text)
    }

    /// The directives of its block; none without a block.
    pub fn children(&self) -> &[Directive] {
        self.block.as_deref().map_or(&[], |block| &block.directives)
    }

    /// From the first argument to the last, without the space around them.
    pub fn value_span(&self) -> Option<Span> {
        let (first, last) = (self.arguments.first()?, self.arguments.last()?);
        Some((first.span.start..last.span.end).into())
    }

    /// The name and the arguments, without the `;` or the block.
    pub fn head_span(&self) -> Span {
        let end = self.value_span().map_or(self.name.span.end, |span| span.end);
        (self.name.span.start..end).into()
    }
}

impl Tree {
    /// All directives, outer ones before those they contain.
    pub fn walk(&self) -> impl Iterator<Item = &Directive> {
        let mut waiting: Vec<&Directive> = self.directives.iter().rev().collect();
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(next.children().iter().rev());
            Some(next)
        })
    }
}

/// Reads a text. Never fails: see [`Tree::problems`].
pub fn parse(text: &str) -> Tree {
    let mut parser = Parser {
        text,
        lexer: Lexer::new(text),
        open: Vec::new(),
        flattened: 0,
        done: Vec::new(),
        words: Vec::new(),
    };
    while parser.step() {}
    parser.finish()
}

struct Parser<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    /// The directives whose block is being read, and where in `done` that begins.
    open: Vec<(Directive, usize)>,
    /// How many blocks are open below the deepest that the tree keeps.
    flattened: usize,
    /// Those that are read, and not yet in a block.
    done: Vec<Directive>,
    /// Those of one directive, between two calls empty.
    words: Vec<Word>,
}

impl Parser<'_> {
    /// Reads up to the next `;` or brace; false at the end.
    fn step(&mut self) -> bool {
        let end = self.lexer.read(&mut self.words);
        let words = Directive::from_words(&mut self.words);
        match end {
            End::Semicolon(at) => self.semicolon(words, at),
            End::Open(at) => self.block(words, at),
            End::Close(at) => {
                self.unfinished(words);
                self.close(at);
            }
            End::Text => {
                self.unfinished(words);
                return false;
            }
        }
        true
    }

    fn semicolon(&mut self, directive: Option<Directive>, at: usize) {
        let Some(mut directive) = directive else {
            return self.lexer.report(at, at + 1, Fault::NothingBefore { byte: b';' });
        };
        directive.semicolon = Some((at..at + 1).into());
        directive.span.end = at + 1;
        self.done.push(directive);
    }

    fn unfinished(&mut self, directive: Option<Directive>) {
        if let Some(directive) = directive {
            let Span { start, end } = directive.span;
            // An open quote has swallowed the `;`: that was said.
            let quote = self.lexer.problems.iter().rev().take(2).any(|problem| {
                problem.fault == Fault::UnterminatedQuote && problem.span.start >= start
            });
            if !quote {
                self.lexer.report(start, end, Fault::MissingSemicolon);
            }
            self.done.push(directive);
        }
    }

    fn block(&mut self, directive: Option<Directive>, at: usize) {
        let mut directive = directive.unwrap_or_else(|| {
            self.lexer.report(at, at + 1, Fault::NothingBefore { byte: b'{' });
            Directive::nameless(at)
        });
        let open = (at..at + 1).into();
        let block = Block { open, close: None, directives: Vec::new(), raw: None };
        directive.block = Some(Box::new(block));
        directive.span.end = at + 1;
        if lua::is_lua(&directive.name.text) {
            return self.lua(directive, at + 1);
        }
        if self.open.len() == DEPTH {
            if self.flattened == 0 {
                self.lexer.report(at, at + 1, Fault::TooDeep);
            }
            self.flattened += 1;
            return self.done.push(directive);
        }
        self.open.push((directive, self.done.len()));
    }

    fn lua(&mut self, mut directive: Directive, start: usize) {
        let close = lua::closing_brace(self.text, start);
        let end = close.unwrap_or(self.text.len());
        if close.is_none() {
            self.lexer.report(start - 1, start, Fault::Unclosed);
        }
        if let Some(block) = &mut directive.block {
            block.raw = Some((start..end).into());
            block.close = close.map(|at| (at..at + 1).into());
        }
        directive.span.end = close.map_or(end, |at| at + 1);
        self.lexer.skip_to(directive.span.end);
        self.done.push(directive);
    }

    fn close(&mut self, at: usize) {
        if self.flattened > 0 {
            self.flattened -= 1;
        } else if self.open.is_empty() {
            self.lexer.report(at, at + 1, Fault::UnmatchedClose);
        } else {
            self.pop(Some(at));
        }
    }

    fn pop(&mut self, close: Option<usize>) {
        let Some((mut directive, start)) = self.open.pop() else {
            return;
        };
        let children: Vec<Directive> = self.done.drain(start..).collect();
        let last = children.last().map(|child| child.span.end);
        let end = close.map(|at| at + 1).or(last);
        directive.span.end = end.unwrap_or(directive.span.end);
        if let Some(block) = &mut directive.block {
            block.directives = children;
            block.close = close.map(|at| (at..at + 1).into());
        }
        self.done.push(directive);
    }

    fn finish(mut self) -> Tree {
        while let Some((directive, _)) = self.open.last() {
            let at = directive.block.as_deref().map_or(0, |block| block.open.start);
            self.lexer.report(at, at + 1, Fault::Unclosed);
            self.pop(None);
        }
        let mut problems = self.lexer.problems;
        problems.sort_by_key(|problem| problem.span.start);
        Tree { directives: self.done, comments: self.lexer.comments, problems }
    }
}

impl Directive {
    fn from_words(words: &mut Vec<Word>) -> Option<Self> {
        let mut words = words.drain(..);
        let name = words.next()?;
        let mut directive = Self {
            span: name.span,
            name,
            // As many as there are: most have one.
            arguments: words.collect(),
            block: None,
            semicolon: None,
        };
        directive.span = directive.head_span();
        Some(directive)
    }

    /// Holds the block of a `{` that has no directive.
    fn nameless(at: usize) -> Self {
        Self {
            name: Word { span: (at..at).into(), text: "".into(), quote: super::Quote::None },
            arguments: Vec::new(),
            block: None,
            span: (at..at).into(),
            semicolon: None,
        }
    }
}

//! Writes the changes of an nginx configuration, and reads the outcome again.

use crate::diagnostic::{Insertion, NginxChange, Span, Splice};
use crate::nginx::edits::{indentation, inner_indentation, line_break};
use crate::nginx::{Block, Directive, Tree, parse};

use super::Refused;
use super::splice::{Splices, applied};
use super::style::{line_end, next_line};

/// The step of the text of an [`NginxChange::Insert`].
const STEP: usize = 4;

/// The splices that carry out changes of a configuration.
pub(super) fn splices(text: &str, changes: &[&NginxChange]) -> Result<Vec<Splice>, Refused> {
    let tree = parse(text);
    if let Some(problem) = tree.problems.first() {
        let why = format!("nginx cannot read this: {}", problem.message);
        return Err(Refused::new(problem.span, why));
    }
    let mut writer = Writer { text, tree: &tree, splices: Splices::default(), removed: Vec::new() };
    for change in changes {
        writer.change(change)?;
    }
    let (splices, removed) = (writer.splices.settled(text)?, writer.removed);
    let new = parse(&applied(text, &splices));
    let place = splices.first().map_or((0..0).into(), |one| one.span);
    let refused = |why: &str| Refused::new(place, format!("cannot be edited in place: {why}"));
    if let Some(problem) = new.problems.first() {
        return Err(refused(&problem.message));
    }
    let wanted = Wanted { changes };
    if wanted.block(&tree.directives, None) != models(&new.directives) {
        return Err(refused("nginx would read the outcome as something else"));
    }
    let new_text = applied(text, &splices);
    wanted
        .has_comments(text, &tree, &new_text, &new, &removed)
        .then_some(splices)
        .ok_or_else(|| refused("a comment would be lost"))
}

struct Writer<'t> {
    text: &'t str,
    tree: &'t Tree,
    splices: Splices,
    removed: Vec<Span>,
}

impl<'t> Writer<'t> {
    fn change(&mut self, change: &NginxChange) -> Result<(), Refused> {
        match change {
            NginxChange::SetArguments { directive, text } => {
                let directive = self.find(*directive)?;
                if let Some(span) = directive.value_span() {
                    self.splices.push(0, span, text);
                } else {
                    let at = directive.name.span.end;
                    self.splices.push(0, at..at, format!(" {text}"));
                }
            }
            NginxChange::Replace { directive, text } => {
                let span = *directive;
                let directive = self.find(span)?;
                if directive.block.is_some() {
                    return Err(Refused::new(span, "this has a block, which would be lost"));
                }
                self.splices.push(0, directive.head_span(), text);
            }
            NginxChange::Remove { directive } => {
                let directive = self.find(*directive)?;
                self.remove(directive);
            }
            NginxChange::Insert { place, text } => self.insert(*place, text)?,
        }
        Ok(())
    }

    fn find(&self, span: Span) -> Result<&'t Directive, Refused> {
        let found = self.tree.walk().find(|one| one.span == span);
        found.ok_or_else(|| Refused::new(span, "there is no directive at this place"))
    }

    /// The block of a directive, which nginx reads.
    fn block(&self, span: Span) -> Result<&'t Block, Refused> {
        let block = self.find(span)?.block.as_deref();
        let block = block.filter(|block| block.raw.is_none() && block.close.is_some());
        block.ok_or_else(|| Refused::new(span, "this has no block of directives"))
    }

    /// The innermost block around a directive.
    fn around(&self, span: Span) -> Option<&'t Block> {
        let holds = |block: &&Block| {
            block.open.end <= span.start && block.close.is_some_and(|close| span.end <= close.start)
        };
        let blocks = self.tree.walk().filter_map(|one| one.block.as_deref());
        blocks.filter(holds).last()
    }

    /// Whether nothing but a comment follows on the line.
    fn ends_line(&self, at: usize) -> bool {
        let rest = self.text[at..line_end(self.text, at)].trim_start();
        rest.is_empty() || rest.starts_with('#')
    }

    fn begins_line(&self, at: usize) -> bool {
        self.text[self.line(at)..at].trim().is_empty()
    }

    fn line(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Whether nothing follows the line.
    fn is_last(&self, at: usize) -> bool {
        self.text[line_end(self.text, at)..].trim().is_empty()
    }

    fn remove(&mut self, directive: &Directive) {
        let Span { start, end } = directive.span;
        let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
        let span = match (self.begins_line(start), self.ends_line(end)) {
            // The last of all: the empty lines before it would end the text.
            (true, true) if self.is_last(end) && !self.text[..start].trim().is_empty() => {
                self.text[..start].trim_end().len()..line_end(self.text, end)
            }
            (true, true) => self.line(start)..next_line(self.text, end),
            (true, false) => start..end + blanks(&self.text[end..]),
            (false, _) => {
                let before = self.text[..start].trim_end_matches([' ', '\t']);
                let open = before.ends_with('{');
                (if open { start } else { before.len() })..end
            }
        };
        self.removed.push(span.clone().into());
        self.splices.push(0, span, "");
    }

    fn insert(&mut self, place: Insertion, text: &str) -> Result<(), Refused> {
        match place {
            Insertion::After(span) => {
                let directive = self.find(span)?;
                self.behind(directive, text, 2);
            }
            Insertion::Before(span) => {
                let directive = self.find(span)?;
                self.before(directive, text);
            }
            Insertion::End(Some(span)) | Insertion::Start(Some(span)) => {
                let block = self.block(span)?;
                let first = matches!(place, Insertion::Start(_));
                match block.directives.last() {
                    Some(last) if !first => self.behind(last, text, 1),
                    _ => self.open(block, text),
                }
            }
            Insertion::Start(None) | Insertion::End(None) => {
                let first = matches!(place, Insertion::Start(_));
                match (self.tree.directives.first(), self.tree.directives.last()) {
                    (Some(directive), _) if first => self.before(directive, text),
                    (_, Some(directive)) => self.behind(directive, text, 1),
                    _ => self.bottom(text),
                }
            }
        }
        Ok(())
    }

    /// A text of comments only.
    fn bottom(&mut self, text: &str) {
        let at = self.text.len();
        let eol = line_break(self.text, at);
        let before = if at == 0 || self.text.ends_with('\n') { "" } else { eol };
        let lines = self.lines(text, "", None).join(eol);
        self.splices.push(1, at..at, format!("{before}{lines}{eol}"));
    }

    fn behind(&mut self, directive: &Directive, text: &str, rank: usize) {
        let Span { start, end } = directive.span;
        if !self.ends_line(end) {
            let text = one_line(text);
            return self.splices.push(rank, end..end, format!(" {text}"));
        }
        let around = self.around(directive.span);
        let margin = match around {
            Some(block) if !self.begins_line(start) => inner_indentation(self.text, block),
            _ => indentation(self.text, start).to_owned(),
        };
        self.below(end, &margin, around, text, rank);
    }

    /// On lines of their own, below the line of a byte.
    fn below(&mut self, at: usize, margin: &str, block: Option<&Block>, text: &str, rank: usize) {
        let at = line_end(self.text, at);
        let eol = line_break(self.text, at);
        let lines = self.lines(text, margin, block);
        let text: String = lines.iter().flat_map(|line| [eol, line]).collect();
        self.splices.push(rank, at..at, text);
    }

    fn before(&mut self, directive: &Directive, text: &str) {
        let start = directive.span.start;
        if !self.begins_line(start) {
            let text = one_line(text);
            return self.splices.push(0, start..start, format!("{text} "));
        }
        let margin = indentation(self.text, start);
        let at = self.comments_above(self.line(start));
        let eol = line_break(self.text, at);
        let lines = self.lines(text, margin, self.around(directive.span));
        let text: String = lines.iter().flat_map(|line| [line, eol]).collect();
        self.splices.push(0, at..at, text);
    }

    /// Where the comments begin that stand right above a line.
    fn comments_above(&self, line: usize) -> usize {
        let mut start = line;
        while start > 0 {
            let above = self.line(start - 1);
            let at = above + indentation(self.text, above).len();
            let mut comments = self.tree.comments.iter();
            if !comments.any(|comment| comment.span.start == at && at < start) {
                break;
            }
            start = above;
        }
        start
    }

    /// First in a block.
    fn open(&mut self, block: &Block, text: &str) {
        let (open, close) = (block.open.end, block.close.map_or(block.open.end, |at| at.start));
        let inside = &self.text[open..close];
        let eol = line_break(self.text, open);
        let outer = indentation(self.text, block.open.start);
        if self.ends_line(open) {
            let margin = inner_indentation(self.text, block);
            let margin = if block.directives.is_empty() {
                format!("{outer}{}", self.unit(None))
            } else {
                margin
            };
            self.below(open, &margin, Some(block), text, 0);
        } else if !inside.trim().is_empty() {
            self.splices.push(0, open..open, format!(" {}", one_line(text)));
        } else if text.trim().contains('\n') {
            let margin = format!("{outer}{}", self.unit(None));
            let lines = self.lines(text, &margin, None);
            let lines: String = lines.iter().flat_map(|line| [eol, line]).collect();
            self.splices.push(0, open..close, format!("{lines}{eol}{outer}"));
        } else {
            self.splices.push(0, open..close, format!(" {} ", text.trim()));
        }
    }

    /// The lines of a text as they are to stand here.
    fn lines(&self, text: &str, margin: &str, block: Option<&Block>) -> Vec<String> {
        let unit = self.unit(block);
        let one = |line: &str| {
            let content = line.trim_start_matches(' ');
            let deep = line.len() - content.len();
            if content.is_empty() {
                return String::new();
            }
            let steps = unit.repeat(deep / STEP) + &" ".repeat(deep % STEP);
            format!("{margin}{steps}{content}")
        };
        text.trim_end().lines().map(one).collect()
    }

    /// One step of indentation: that of a block, or else of the first that has one.
    fn unit(&self, block: Option<&Block>) -> String {
        let of = |block: &Block| {
            let outer = indentation(self.text, block.open.start);
            let inner = inner_indentation(self.text, block);
            let unit = inner.strip_prefix(outer).filter(|unit| !unit.is_empty())?;
            block.directives.first().map(|_| unit.to_owned())
        };
        let mut blocks = self.tree.walk().filter_map(|one| one.block.as_deref());
        let unit = block.and_then(of).or_else(|| blocks.find_map(of));
        unit.unwrap_or_else(|| " ".repeat(STEP))
    }
}

fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// A directive without its places.
#[derive(Debug, PartialEq, Eq)]
struct Model {
    words: Vec<String>,
    block: Option<Vec<Model>>,
}

fn words(directive: &Directive) -> Vec<String> {
    let words = std::iter::once(&directive.name).chain(&directive.arguments);
    words.map(|word| word.text.to_string()).collect()
}

fn models(directives: &[Directive]) -> Vec<Model> {
    Wanted { changes: &[] }.block(directives, None)
}

/// What the changes are to make of a tree.
struct Wanted<'c> {
    changes: &'c [&'c NginxChange],
}

impl Wanted<'_> {
    /// The directives of a block; `of` is the directive that it belongs to.
    fn block(&self, directives: &[Directive], of: Option<Span>) -> Vec<Model> {
        let mut models = self.inserted(Insertion::Start(of));
        for directive in directives {
            let span = directive.span;
            models.extend(self.inserted(Insertion::Before(span)));
            models.extend(self.directive(directive));
            models.extend(self.inserted(Insertion::After(span)));
        }
        models.extend(self.inserted(Insertion::End(of)));
        models
    }

    fn directive(&self, directive: &Directive) -> Option<Model> {
        let mut words = words(directive);
        for change in self.changes {
            match change {
                NginxChange::Remove { directive: span } if *span == directive.span => return None,
                NginxChange::SetArguments { directive: span, text } if *span == directive.span => {
                    words.truncate(1);
                    let parsed = parse(&format!("x {text};"));
                    words.extend(
                        parsed.directives.first()?.arguments.iter().map(|one| one.text.to_string()),
                    );
                }
                NginxChange::Replace { directive: span, text } if *span == directive.span => {
                    words = self::words(parse(&format!("{text};")).directives.first()?);
                }
                _ => {}
            }
        }
        let block = directive.block.as_deref();
        let block = block.map(|block| self.block(&block.directives, Some(directive.span)));
        Some(Model { words, block })
    }

    fn inserted(&self, wanted: Insertion) -> Vec<Model> {
        let texts = self.changes.iter().filter_map(|change| match change {
            NginxChange::Insert { place, text } if *place == wanted => Some(text),
            _ => None,
        });
        texts.flat_map(|text| models(&parse(text).directives)).collect()
    }

    /// Whether all comments are there in their order, but for those of what was removed.
    fn has_comments(
        &self,
        old: &str,
        tree: &Tree,
        new: &str,
        outcome: &Tree,
        removed: &[Span],
    ) -> bool {
        let said = |text: &str, span: Span| text[span.start..span.end].trim_end().to_owned();
        let gone = |span: Span| {
            let mut removed = removed.iter();
            removed.any(|part| part.start <= span.start && span.start < part.end)
        };
        let kept = tree.comments.iter().filter(|one| !gone(one.span));
        let mut after = outcome.comments.iter().map(|one| said(new, one.span));
        let mut count = 0;
        for comment in kept {
            let comment = said(old, comment.span);
            count += 1;
            if !after.any(|next| next == comment) {
                return false;
            }
        }
        let inserted = self.changes.iter().map(|change| match change {
            NginxChange::Insert { text, .. } => parse(text).comments.len(),
            _ => 0,
        });
        outcome.comments.len() == count + inserted.sum::<usize>()
    }
}

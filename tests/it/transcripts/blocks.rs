//! What a page of the manual has to run: its fenced blocks, and the comments that say how they are tested. Readers do
//! not see those comments. Each stands on a line of its own:
//!
//! | comment | |
//! |---|---|
//! | `<!-- test: from DIRECTORY -->` | what lies there in this repository is copied to where the page is followed |
//! | `<!-- test: setup COMMAND -->` | a command that readers need not type |
//! | `<!-- test: step NAME -->` | something happens that no command of the page does; the test knows what |
//! | `<!-- test: write FILE -->` | the block below is what this file becomes |
//! | `<!-- test: at the end -->` | the block below shows what comes of the page: it is run when all else was |
//! | `<!-- test: exits N -->` | the block below, of commands without their output, ends so |
//! | `<!-- test: not run, REASON -->` | the block below is not run |
//! | `<!-- test: run by MODULE::FUNCTION -->` | the block below is run by that test |
//! | `<!-- test: page run by MODULE::FUNCTION -->` | that test follows the whole page |

use std::ops::Range;

/// One thing to do while a page is followed.
#[derive(Debug)]
pub(crate) enum Step {
    From(String),
    Setup(String),
    Event(String),
    Elsewhere(String),
    Block(Block),
}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) language: String,
    pub(crate) text: String,
    /// Where the text stands in the page.
    pub(crate) place: Range<usize>,
    /// The line of its fence.
    pub(crate) line: usize,
    pub(crate) mark: Option<Mark>,
}

/// How one block is tested.
#[derive(Debug)]
pub(crate) enum Mark {
    Write(String),
    AtTheEnd,
    Exits(i32),
    NotRun(String),
    RunBy(String),
}

impl Block {
    /// Whether readers may type what is in it.
    pub(crate) fn is_typed(&self) -> bool {
        ["console", "sh", "bash", "shell"].contains(&self.language.as_str())
    }
}

/// What a comment says of the page, or of the block below it.
enum Said {
    Step(Step),
    Mark(Mark),
}

type Makes<T> = fn(String) -> T;

fn said(words: &str) -> Said {
    let tells = |verb: &str| words.strip_prefix(verb).map(|rest| rest.trim().to_owned());
    let steps: [(&str, Makes<Step>); 4] = [
        ("from ", Step::From),
        ("setup ", Step::Setup),
        ("step ", Step::Event),
        ("page run by ", Step::Elsewhere),
    ];
    if let Some((rest, make)) = steps.iter().find_map(|(verb, make)| Some((tells(verb)?, make))) {
        return Said::Step(make(rest));
    }
    let marks: [(&str, Makes<Mark>); 5] = [
        ("write ", Mark::Write),
        ("at the end", |_| Mark::AtTheEnd),
        ("exits ", |status| Mark::Exits(status.parse().unwrap())),
        ("not run, ", Mark::NotRun),
        ("run by ", Mark::RunBy),
    ];
    let found = marks.iter().find_map(|(verb, make)| Some((tells(verb)?, make)));
    let (rest, make) = found.unwrap_or_else(|| panic!("`test: {words}` means nothing"));
    Said::Mark(make(rest))
}

/// What there is to do, in the order of the page.
pub(crate) fn steps(page: &str) -> Vec<Step> {
    let mut reader = Reader::default();
    let mut at = 0;
    for (index, line) in page.split_inclusive('\n').enumerate() {
        reader.line(line, at, index + 1);
        at += line.len();
    }
    assert!(reader.open.is_none(), "a fence is left open");
    assert!(reader.mark.is_none(), "no block follows a comment that speaks of one");
    reader.steps
}

/// The blocks alone.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let is_block = |step| if let Step::Block(block) = step { Some(block) } else { None };
    steps(page).into_iter().filter_map(is_block).collect()
}

#[derive(Default)]
struct Reader {
    steps: Vec<Step>,
    mark: Option<Mark>,
    /// The block that is being read, and the fence that closes it.
    open: Option<(Block, String)>,
}

impl Reader {
    fn line(&mut self, line: &str, at: usize, number: usize) {
        let text = line.trim();
        if let Some((block, fence)) = &mut self.open {
            if text == fence {
                let (block, _) = self.open.take().unwrap();
                self.steps.push(Step::Block(block));
            } else {
                block.text.push_str(line);
                block.place.end = at + line.len();
            }
        } else if text.starts_with("```") {
            let language = text.trim_start_matches('`');
            let fence = text[..text.len() - language.len()].to_owned();
            let start = at + line.len();
            let block = Block {
                language: language.to_owned(),
                text: String::new(),
                place: start..start,
                line: number,
                mark: self.mark.take(),
            };
            self.open = Some((block, fence));
        } else if let Some(words) = text.strip_prefix("<!-- test: ") {
            let words = words.strip_suffix("-->").expect("the comment is on one line").trim();
            self.comment(said(words), number);
        } else {
            assert!(
                text.is_empty() || self.mark.is_none(),
                "line {number}: the comment above speaks of a block, and here is none"
            );
        }
    }

    fn comment(&mut self, said: Said, number: usize) {
        match said {
            Said::Step(step) => self.steps.push(step),
            Said::Mark(mark) => {
                assert!(self.mark.replace(mark).is_none(), "line {number}: one comment a block");
            }
        }
    }
}

//! The files of one nginx, put together.
//!
//! `include` is resolved as nginx does: the lines of the other file take the place of the line. Each line keeps the
//! file it comes from. A file that nobody has is not guessed at: what it could change is said to be in doubt.

use std::sync::LazyLock;

use super::contexts::Context;
use super::directives::{Row, rows};
use super::index::{self, Index};
use super::tree::{DEPTH, Directive, Tree, parse};
use crate::diagnostic::Span;

/// A file, numbered by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub usize);

/// A directive of a [`Config`]; [`ROOT`] is the top level itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// The top level.
pub const ROOT: NodeId = NodeId(0);

/// How deep files may include each other.
const INCLUDES: usize = 16;

/// How many directives a configuration may have: files that include each other twice would have billions.
const DIRECTIVES: usize = 1_000_000;

/// Included files whose content is the same everywhere, and decides nothing that is asked here.
const STOCK: [&str; 9] = [
    "mime.types",
    "fastcgi_params",
    "fastcgi.conf",
    "uwsgi_params",
    "scgi_params",
    "modules-enabled/*.conf",
    "modules/*.conf",
    "koi-utf",
    "win-utf",
];

/// What an `include` brings.
#[derive(Debug, Clone)]
pub enum Included<'t> {
    /// These files, in this order; none if a pattern matches nothing.
    Files(Vec<(FileId, &'t Tree)>),
    /// Nobody knows.
    Unknown,
}

/// Which part of a configuration a text is, judged by what stands at its top level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A whole `nginx.conf`.
    Full,
    /// What belongs into `http { … }`, such as a file of `conf.d`.
    Http,
    /// What belongs into `server { … }`.
    Server,
    /// What belongs into `location … { … }`.
    Location,
    /// Lines that could stand in several places.
    Unknown,
}

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

/// Why an answer is not certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What is not known: lower case, no full stop.
    pub why: String,
    /// The line that makes it so.
    pub at: Option<NodeId>,
}

impl Doubt {
    pub(super) fn at(node: NodeId, why: impl Into<String>) -> Self {
        Self { why: why.into(), at: Some(node) }
    }

    /// One that no line is to blame for.
    pub(crate) fn bare(why: impl Into<String>) -> Self {
        Self { why: why.into(), at: None }
    }
}

#[derive(Debug, Clone)]
struct Node<'t> {
    file: FileId,
    directive: &'t Directive,
    parent: NodeId,
    children: Vec<NodeId>,
    /// Of the directives in its block.
    context: Option<Context>,
}

/// One nginx.
#[derive(Debug, Clone)]
pub struct Config<'t> {
    nodes: Vec<Node<'t>>,
    shape: Shape,
    unread: Vec<NodeId>,
    pub(super) index: Index<'t>,
}

impl<'t> Config<'t> {
    /// Puts a file and what it includes together. `includes` is asked with the argument of each `include`.
    pub fn assemble(file: FileId, root: &'t Tree, includes: &dyn Fn(&str) -> Included<'t>) -> Self {
        Self::assemble_all(Shape::of(root), &[(file, root)], includes)
    }

    /// Puts files together that somebody else includes one after the other, such as those of `conf.d`.
    pub fn assemble_all(
        shape: Shape,
        roots: &[(FileId, &'t Tree)],
        includes: &dyn Fn(&str) -> Included<'t>,
    ) -> Self {
        let mut assembly = Assembly {
            config: Self { nodes: Vec::new(), shape, unread: Vec::new(), index: Index::default() },
            includes,
        };
        assembly.config.nodes.push(Node {
            file: roots.first().map_or(FileId(0), |(file, _)| *file),
            directive: &NOTHING,
            parent: ROOT,
            children: Vec::new(),
            context: shape.context(),
        });
        for (file, root) in roots {
            assembly.take(*file, &root.directives, ROOT, Depth::default());
        }
        let mut config = assembly.config;
        config.index = Index::of(&config);
        config
    }

    /// A text that stands alone; what it includes is unknown.
    pub fn alone(root: &'t Tree) -> Self {
        Self::assemble(FileId(0), root, &|_| Included::Unknown)
    }

    /// Which part of a configuration this is.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Every directive, outer ones before those they contain.
    pub fn walk(&self) -> impl Iterator<Item = NodeId> + use<> {
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        (1..count).map(NodeId)
    }

    /// The directive; one without a name for [`ROOT`].
    pub fn directive(&self, node: NodeId) -> &'t Directive {
        self.node(node).directive
    }

    /// The first argument, as nginx reads it; empty if there is none.
    pub fn value(&self, node: NodeId) -> &'t str {
        self.directive(node).argument(0).unwrap_or_default()
    }

    /// The texts of all arguments.
    pub fn arguments(&self, node: NodeId) -> impl Iterator<Item = &'t str> + use<'t> {
        self.directive(node).arguments.iter().map(|word| &*word.text)
    }

    /// The name of the directive; empty for [`ROOT`].
    pub fn name(&self, node: NodeId) -> &'t str {
        &self.directive(node).name.text
    }

    /// The file a directive comes from.
    pub fn file(&self, node: NodeId) -> FileId {
        self.node(node).file
    }

    /// Where a directive stands: its name and its arguments.
    pub fn place(&self, node: NodeId) -> Place {
        Place { file: self.file(node), span: self.directive(node).head_span() }
    }

    /// What a directive stands in; `None` for [`ROOT`].
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        (node != ROOT).then(|| self.node(node).parent)
    }

    /// What stands in a block, included files resolved.
    pub fn children(&self, node: NodeId) -> &[NodeId] {
        &self.node(node).children
    }

    /// The directives of a name in a block.
    pub fn named(&self, node: NodeId, name: &str) -> impl Iterator<Item = NodeId> {
        let known = || self.index.children.get(&node)?.get(name);
        let all = match self.children(node) {
            few if few.len() <= index::FEW => few,
            _ => known().map(Vec::as_slice).unwrap_or_default(),
        };
        all.iter().copied().filter(move |child| self.name(*child) == name)
    }

    /// The directives of a name, wherever they stand, outer ones before those they contain.
    pub fn all_named(&self, name: &str) -> impl DoubleEndedIterator<Item = NodeId> {
        self.index.named(name).iter().map(|(_, node)| *node)
    }

    /// A block and those around it, the innermost first, [`ROOT`] last.
    pub fn levels(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(node), |node| self.parent(*node))
    }

    /// The context of the directives in a block; `None` if it is not known, or if they are no directives.
    pub fn context(&self, node: NodeId) -> Option<Context> {
        self.node(node).context
    }

    /// The `include` lines whose files are not known.
    pub fn unread(&self) -> &[NodeId] {
        &self.unread
    }

    /// An `include` in a block whose files are not known.
    pub fn unread_in(&self, node: NodeId) -> Option<NodeId> {
        self.index.unread.get(&node).copied()
    }

    /// The level that is nginx's `http`; `None` if the text is smaller than that, or has none.
    pub fn http(&self) -> Option<NodeId> {
        match self.shape {
            Shape::Full => self.named(ROOT, "http").next(),
            Shape::Http => Some(ROOT),
            _ => None,
        }
    }

    fn node(&self, node: NodeId) -> &Node<'t> {
        &self.nodes[node.0 as usize]
    }
}

/// The directive that stands for the top level.
static NOTHING: LazyLock<Directive> = LazyLock::new(|| {
    let mut tree = parse("'' {}");
    tree.directives.remove(0)
});

/// How deep the assembly is, in included files and in blocks; both end, as what reads it recurses.
#[derive(Clone, Copy, Default)]
struct Depth {
    includes: usize,
    blocks: usize,
}

struct Assembly<'a, 't> {
    config: Config<'t>,
    includes: &'a dyn Fn(&str) -> Included<'t>,
}

impl<'t> Assembly<'_, 't> {
    fn take(&mut self, file: FileId, directives: &'t [Directive], parent: NodeId, depth: Depth) {
        for directive in directives {
            let Some(node) = self.push(file, directive, parent) else {
                return;
            };
            if &*directive.name.text == "include" {
                self.include(node, directive, parent, depth);
            }
            let inner = Depth { blocks: depth.blocks + 1, ..depth };
            if inner.blocks <= DEPTH {
                self.take(file, directive.children(), node, inner);
            }
        }
    }

    fn push(&mut self, file: FileId, directive: &'t Directive, parent: NodeId) -> Option<NodeId> {
        let nodes = &mut self.config.nodes;
        if nodes.len() >= DIRECTIVES {
            return None;
        }
        let node = NodeId(u32::try_from(nodes.len()).ok()?);
        let outside = nodes[parent.0 as usize].context;
        nodes[parent.0 as usize].children.push(node);
        nodes.push(Node {
            file,
            directive,
            parent,
            children: Vec::new(),
            context: outside.and_then(|context| context.inside(&directive.name.text)),
        });
        Some(node)
    }

    fn include(&mut self, node: NodeId, directive: &Directive, parent: NodeId, depth: Depth) {
        let pattern = directive.argument(0).unwrap_or_default();
        match (self.includes)(pattern) {
            Included::Files(files)
                if depth.includes < INCLUDES && self.config.nodes.len() < DIRECTIVES =>
            {
                for (file, tree) in files {
                    let inner = Depth { includes: depth.includes + 1, ..depth };
                    self.take(file, &tree.directives, parent, inner);
                }
            }
            _ if STOCK.iter().any(|stock| is_file(pattern, stock)) => {}
            _ => self.config.unread.push(node),
        }
    }
}

fn is_file(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix(name)
        .is_some_and(|directory| directory.is_empty() || directory.ends_with('/'))
}

impl Shape {
    /// Which part of a configuration a text is.
    ///
    /// The contexts in which all known directives may stand are looked for. If there is none, as nothing is perfect,
    /// the widest that one of them cannot do without, such as `http` for an `upstream`; else the one that most of
    /// them may stand in, where a block says more than a line.
    pub fn of(tree: &Tree) -> Self {
        let shapes = [Self::Full, Self::Http, Self::Server, Self::Location];
        let known = || tree.directives.iter().filter(|one| weight(one) > 0);
        let fits = |shape: &Self| known().all(|one| shape.fits(one));
        let candidates: Vec<Self> = shapes.into_iter().filter(fits).collect();
        let has = |name: &str| tree.directives.iter().any(|one| &*one.name.text == name);
        match candidates.as_slice() {
            [only] => *only,
            [] => Self::needed(tree).unwrap_or_else(|| Self::heaviest(tree)),
            _ if has("location") => Self::Server,
            _ => Self::Unknown,
        }
    }

    /// The widest shape that a block at top level needs.
    fn needed(tree: &Tree) -> Option<Self> {
        let blocks = || tree.directives.iter().filter(|one| weight(one) == 3);
        let needs = |shape: Self, block: &Directive| {
            let others = [Self::Full, Self::Http, Self::Server, Self::Location];
            shape.fits(block) && others.iter().all(|other| *other == shape || !other.fits(block))
        };
        let mut shapes = [Self::Full, Self::Http].into_iter();
        shapes.find(|shape| blocks().any(|block| needs(*shape, block)))
    }

    fn heaviest(tree: &Tree) -> Self {
        let fitting = |shape: &Self| -> usize {
            let fits = tree.directives.iter().filter(|one| shape.fits(one));
            fits.map(weight).sum()
        };
        let shapes = [Self::Location, Self::Server, Self::Http, Self::Full];
        shapes.into_iter().max_by_key(fitting).unwrap_or(Self::Unknown)
    }

    /// The context of the directives at top level.
    pub fn context(self) -> Option<Context> {
        Some(match self {
            Self::Full => Context::Main,
            Self::Http => Context::Http,
            Self::Server => Context::Server,
            Self::Location => Context::Location,
            Self::Unknown => return None,
        })
    }

    fn fits(self, directive: &Directive) -> bool {
        let block = directive.block.is_some();
        let here = |row: &Row| {
            let allows = |context| row.allows(context) && row.block == block;
            self.context().is_some_and(allows)
        };
        rows(&directive.name.text).iter().any(here)
    }
}

/// How much a directive says about what it stands in; nothing if it is not known, or may stand anywhere.
fn weight(directive: &Directive) -> usize {
    match (&*directive.name.text, directive.block.is_some()) {
        ("include", _) => 0,
        (name, _) if rows(name).is_empty() => 0,
        (_, true) => 3,
        (_, false) => 1,
    }
}

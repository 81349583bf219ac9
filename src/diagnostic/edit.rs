//! What is to be changed in a text: data alone.
//!
//! Rules and comparisons say it, formats show it, [`fix`](crate::fix) carries it out. Nothing here knows how a
//! text is written.

use serde_json::Value;

use super::Span;
use crate::manifest::Path;

/// A change of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Of a value in YAML or JSON.
    Value {
        /// Where the object stands that the path begins at: the span of its map.
        object: Span,
        /// The change.
        change: ValueChange,
    },
    /// Of a value in YAML that is the text of a scalar, such as a patch in a kustomization.yaml.
    Within {
        /// The scalar.
        scalar: Span,
        /// Where the object stands in that text.
        object: Span,
        /// The change.
        change: ValueChange,
    },
    /// Of an nginx configuration. Its places are bytes of the configuration as nginx reads it.
    Nginx {
        /// The scalar of a manifest that holds the configuration; `None` if the text itself is one.
        scalar: Option<Span>,
        /// The change.
        change: NginxChange,
    },
}

/// A change of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueChange {
    /// The value at the path is to be this, and nothing else; absent parents are made.
    Set {
        /// Where.
        path: Path,
        /// What.
        value: Value,
    },
    /// There is to be nothing at the path.
    Remove {
        /// Where.
        path: Path,
    },
    /// The list at the path is to have one more item at its end; an absent list is made.
    Append {
        /// Where the list is.
        path: Path,
        /// The item.
        value: Value,
    },
    /// The list at the path is to have one more item.
    Insert {
        /// Where the list is.
        path: Path,
        /// Before which of its items.
        index: usize,
        /// The item.
        value: Value,
    },
    /// The key that the path ends with is to have another name.
    Rename {
        /// Where.
        path: Path,
        /// The new name.
        to: String,
    },
    /// The text at the path is JSON, in which the value at another path is to be this.
    SetJson {
        /// Where the text is.
        path: Path,
        /// Where in the JSON.
        inside: Path,
        /// What.
        value: Value,
    },
}

/// A change of an nginx configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NginxChange {
    /// A directive is to have these arguments.
    SetArguments {
        /// The whole directive.
        directive: Span,
        /// The arguments as nginx reads them, quotes and all.
        text: String,
    },
    /// Another directive without a block is to stand in the place of this one.
    Replace {
        /// The whole directive, which has no block.
        directive: Span,
        /// The other's name and arguments as nginx reads them, without the `;`.
        text: String,
    },
    /// There are to be more directives.
    Insert {
        /// Where.
        place: Insertion,
        /// One directive or several, one a line; what stands in a block is indented by four spaces. It is indented
        /// as the lines around it are.
        text: String,
    },
    /// A directive is to go, with all that it contains.
    Remove {
        /// The whole directive.
        directive: Span,
    },
}

/// Where directives are inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insertion {
    /// Right before this directive, and before the comments on the lines above it.
    Before(Span),
    /// Right behind this directive.
    After(Span),
    /// First in the block of this directive; `None` for the top level.
    Start(Option<Span>),
    /// Behind the last directive in the block of this one; `None` for the top level.
    End(Option<Span>),
}

impl Edit {
    /// The value at a path of an object is to be this.
    pub fn set(object: Span, path: Path, value: impl Into<Value>) -> Self {
        let value = value.into();
        let change = ValueChange::Set { path, value };
        Self::Value { object, change }
    }

    /// There is to be nothing at a path of an object.
    pub fn remove(object: Span, path: Path) -> Self {
        let change = ValueChange::Remove { path };
        Self::Value { object, change }
    }

    /// A change of the nginx configuration that is in a scalar, or is the text itself.
    pub fn nginx(scalar: Option<Span>, change: NginxChange) -> Self {
        Self::Nginx { scalar, change }
    }
}

/// A part of a text, and what is to stand there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The part that goes; empty for an insertion.
    pub span: Span,
    /// What comes.
    pub text: String,
}

impl Splice {
    /// `text` instead of what stands at `span`.
    pub fn new(span: impl Into<Span>, text: impl Into<String>) -> Self {
        let (span, text) = (span.into(), text.into());
        Self { span, text }
    }
}

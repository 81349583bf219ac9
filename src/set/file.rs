//! One file: what it is, and what it says.

use memchr::memmem;

use crate::diagnostic::{SourceId, Sources, Span};
use crate::kube::Object;
use crate::kustomize::is_kustomization;
use crate::manifest::{self, Stream, TemplateMark};
use crate::nginx::{self, Shape, Tree};

use super::{Place, patches};

/// A file that was given.
#[derive(Debug)]
pub struct File<'t> {
    /// Where diagnostics find its text.
    pub source: SourceId,
    /// Its path, as it is shown.
    pub name: &'t str,
    /// Its text.
    pub text: &'t str,
    /// What it says.
    pub content: Content<'t>,
    /// Whether it names Socket.IO at all.
    pub mentions_socketio: bool,
    /// The parts of manifests that it has as texts, each as if it were a file: see [`File::with_patches`].
    pub(super) patches: Vec<File<'t>>,
}

/// What a file says.
#[derive(Debug)]
pub enum Content<'t> {
    /// YAML or JSON.
    Manifest(Box<Stream<'t>>),
    /// An nginx configuration.
    Nginx(Tree),
    /// A template, from which something else will make a manifest: where that shows.
    Template(usize),
    /// Nothing that sioway reads.
    Other,
}

impl<'t> File<'t> {
    /// Reads a text. What it is shows in its name; in its text where `asked` says that somebody named this very
    /// file.
    pub fn read(source: SourceId, name: &'t str, text: &'t str, asked: bool) -> Self {
        let content = match language(name, text, asked) {
            Language::Yaml => manifest(name, text),
            Language::Nginx => Content::Nginx(nginx::parse(text)),
            Language::Other => Content::Other,
        };
        let mentions_socketio = mentions_socketio(text);
        Self { source, name, text, content, mentions_socketio, patches: Vec::new() }
    }

    /// Reads one of the texts that diagnostics point into.
    pub fn of(sources: &'t Sources, source: SourceId, asked: bool) -> Self {
        let text = sources.get(source);
        Self::read(source, &text.name, &text.text, asked)
    }

    /// Whether its text has some words, wherever: most files have not, and that is seen at once.
    pub fn has(&self, words: &str) -> bool {
        memmem::find(self.text.as_bytes(), words.as_bytes()).is_some()
    }

    /// A place in it.
    pub fn place(&self, span: Span) -> Place {
        Place { source: self.source, span }
    }

    /// The stream, if it is a manifest.
    pub fn stream(&self) -> Option<&Stream<'t>> {
        match &self.content {
            Content::Manifest(stream) => Some(stream),
            _ => None,
        }
    }

    /// The same with the patches that a kustomization.yaml has as texts, which are then among its objects.
    #[must_use]
    pub fn with_patches(mut self) -> Self {
        if is_kustomization(self.name) {
            self.patches = patches::of(&self);
        }
        self
    }

    /// The file, and each patch that it has as a text.
    pub fn parts(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.patches)
    }

    /// Whether it has patches as texts.
    pub fn has_patches(&self) -> bool {
        !self.patches.is_empty()
    }

    /// The objects in it.
    pub fn objects<'s>(&'s self) -> impl Iterator<Item = Object<'s>>
    where
        't: 's,
    {
        self.parts().flat_map(File::own_objects)
    }

    fn own_objects<'s>(&'s self) -> impl Iterator<Item = Object<'s>>
    where
        't: 's,
    {
        let stream: Option<&'s Stream<'s>> = self.stream();
        stream
            .into_iter()
            .flat_map(|stream| manifest::objects(stream))
            .filter_map(move |found| Object::new(self, &found))
    }
}

/// Whether a text names Socket.IO or Engine.IO in one of the ways that people do.
fn mentions_socketio(text: &str) -> bool {
    let after = |at: usize| text.as_bytes().get(at..).unwrap_or_default();
    let sockets = memmem::find_iter(text.as_bytes(), "ocket").map(|at| after(at + "ocket".len()));
    let named =
        |rest: &[u8]| [".io", "io", ".IO", "IO"].iter().any(|end| rest.starts_with(end.as_bytes()));
    sockets.into_iter().any(named) || memmem::find(text.as_bytes(), b"ngine.io").is_some()
}

enum Language {
    Yaml,
    Nginx,
    Other,
}

fn language(name: &str, text: &str, asked: bool) -> Language {
    let name = name.rsplit('/').next().unwrap_or(name);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "yaml" | "yml" => Language::Yaml,
        // Most JSON in a repository is no manifest, and much of it is large.
        "json" if text.contains("\"kind\"") && text.contains("\"apiVersion\"") => Language::Yaml,
        "json" => Language::Other,
        "conf" | "nginx" | "vhost" if is_nginx(text) => Language::Nginx,
        "template" if name.ends_with(".conf.template") && is_nginx(text) => Language::Nginx,
        _ if name == "nginx.conf" => Language::Nginx,
        _ if is_stream(name) && !is_nginx(text) => Language::Yaml,
        _ if asked => guess(text),
        _ => Language::Other,
    }
}

/// Whether what a text is called says that it came from a stream, such as `<stdin>`, and has no file.
pub fn is_stream(name: &str) -> bool {
    name.starts_with('<') && name.ends_with('>')
}

/// What somebody means who names a file that nothing else tells of.
fn guess(text: &str) -> Language {
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    if has("kind:") || has("apiVersion:") || manifest::looks_templated(text).is_some() {
        Language::Yaml
    } else if is_nginx(text) {
        Language::Nginx
    } else {
        Language::Other
    }
}

/// Whether a text is for nginx: other programs have files of the same name.
pub(super) fn is_nginx(text: &str) -> bool {
    const BLOCKS: [&str; 5] = ["server", "location", "upstream", "http", "events"];
    let first = |line: &str| {
        let word = line.split_whitespace().next().unwrap_or_default();
        BLOCKS.contains(&word.trim_end_matches(['{', ';']))
    };
    text.contains("proxy_pass ")
        || text.contains('{') && text.lines().any(first)
        || text.lines().any(is_line_of_nginx)
}

/// Whether a line can be nothing but nginx's: one that often fills a file of its own.
fn is_line_of_nginx(line: &str) -> bool {
    const LINES: [&str; 5] =
        ["limit_req_zone", "limit_conn_zone", "log_format", "set_real_ip_from", "real_ip_header"];
    let mut words = line.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match first {
        "map" | "geo" | "split_clients" => second.starts_with(['$', '"']) && line.contains('$'),
        "log_format" => !second.starts_with('='),
        _ => LINES.contains(&first) || first.starts_with("proxy_") && line.contains(';'),
    }
}

fn manifest<'t>(name: &str, text: &'t str) -> Content<'t> {
    if let Some(TemplateMark::Bare(at)) = manifest::looks_templated(text) {
        return Content::Template(at);
    }
    let stream = manifest::read(text);
    match stream.problems.first() {
        Some(problem) if is_named_template(name) => Content::Template(problem.span.start),
        _ => Content::Manifest(Box::new(stream)),
    }
}

/// Whether a file is for Terraform, Helm, Jinja or the like, by its name: what is no YAML in it is no mistake.
fn is_named_template(name: &str) -> bool {
    const EXTENSIONS: [&str; 7] = ["tpl", "tftpl", "tmpl", "gotmpl", "j2", "erb", "mustache"];
    let extension = name.rsplit('.').next().unwrap_or_default();
    EXTENSIONS.contains(&extension)
}

impl Content<'_> {
    /// The shape of an nginx configuration.
    pub fn nginx_shape(&self) -> Option<Shape> {
        match self {
            Self::Nginx(tree) => Some(Shape::of(tree)),
            _ => None,
        }
    }
}

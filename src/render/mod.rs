//! From a plan to files.
//!
//! Templates hold the words, this module holds the promises: values are escaped for the
//! language they land in (`yaml.rs`, `nginx_conf.rs`), a name that is not defined is an
//! error, and a loop that runs away ends. Same plan, same bytes.

mod check;
mod cloud;
mod embedded;
mod environment;
mod failure;
mod nginx_conf;
mod outputs;
pub(crate) mod yaml;

use camino::Utf8Path;
use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use embedded::{EMBEDDED, OwnTemplate, TemplateSet};
pub use failure::Failure;
pub use outputs::{ObjectId, Output, outputs};

use crate::plan::Plan;
use crate::spec::Layout;

/// The file that an app's whole stream goes into, where the layout is one file.
pub const ONE_FILE: &str = "manifests.yaml";

/// How manifests look, whatever the app.
#[derive(Debug, Clone, Default)]
pub struct Style {
    /// Whether they say why.
    pub comments: bool,
    /// How they lie in their directory.
    pub layout: Layout,
    /// What they are made from.
    pub templates: TemplateSet,
}

/// A rendered file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a directory.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Renders plans, one after the other or on several threads.
pub struct Renderer {
    environment: Environment<'static>,
    style: Style,
}

impl Renderer {
    /// A renderer for a style. Templates are compiled when they are first used.
    pub fn new(style: Style) -> Self {
        Self { environment: environment::new(&style), style }
    }

    /// The objects that an app's files define.
    ///
    /// Those of the embedded templates are known beforehand; what a template of the user's made is read.
    pub fn objects(&self, plan: &Plan, files: &[File]) -> Result<Vec<ObjectId>, Failure> {
        let templates = &self.style.templates;
        if !templates.is_users() {
            return Ok(outputs()
                .iter()
                .filter(|output| (output.when)(plan))
                .map(|output| output.object(plan))
                .collect());
        }
        let manifests =
            files.iter().filter(|file| Utf8Path::new(&file.name).extension() == Some("yaml"));
        let mut found: Vec<(&str, ObjectId)> = Vec::new();
        for file in manifests {
            let objects = check::objects(templates, &file.name, &file.text)?;
            found.extend(objects.into_iter().map(|object| (file.name.as_str(), object)));
        }
        match check::duplicate(templates, found.iter().map(|(file, object)| (*file, object))) {
            Some(failure) => Err(failure),
            None => Ok(found
                .into_iter()
                .map(|(_, object)| object)
                .filter(|object| object.kind != "Kustomization")
                .collect()),
        }
    }

    /// The files that the embedded templates make of an app, each with its object.
    pub fn embedded(plan: &Plan) -> Vec<(&'static str, ObjectId)> {
        let wanted = outputs().iter().filter(|output| (output.when)(plan));
        wanted.map(|output| (output.file, output.object(plan))).collect()
    }

    /// Whether templates of the user's own are in use: then the objects are known only from the files.
    pub fn has_own_templates(&self) -> bool {
        self.style.templates.is_users()
    }

    /// All files of an app. `header` names the file the app was described in.
    pub fn files(&self, plan: &Plan, header: &str) -> Result<Vec<File>, Failure> {
        match self.style.layout {
            Layout::Files => self.directory(plan, header, false),
            Layout::Kustomize => self.directory(plan, header, true),
            Layout::OneFile => {
                let stream = File { name: ONE_FILE.into(), text: self.stream(plan, header)? };
                let for_cloud = cloud::files(self, plan, header)?;
                Ok([stream].into_iter().chain(for_cloud).collect())
            }
        }
    }

    /// All objects of an app as one YAML stream, each document under its own `---`.
    pub fn stream(&self, plan: &Plan, header: &str) -> Result<String, Failure> {
        let job = Job::new(self, plan)?;
        let mut stream = String::new();
        for name in self.wanted(plan, false) {
            stream.push_str("---\n");
            push_header(&mut stream, header);
            stream.push_str(&job.manifest(name)?);
        }
        Ok(stream)
    }

    fn directory(&self, plan: &Plan, header: &str, generate: bool) -> Result<Vec<File>, Failure> {
        let job = Job::new(self, plan)?;
        let mut files = Vec::new();
        for name in self.wanted(plan, generate) {
            files.push(File::new(name, header, &job.manifest(name)?));
        }
        let resources: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        let generate = generate && plan.nginx.is_some();
        if let (true, Some(nginx)) = (generate, &plan.nginx) {
            files.push(File::new(nginx.file, header, &job.nginx_conf));
        }
        files.push(File::new(
            "kustomization.yaml",
            header,
            &job.kustomization(&resources, generate)?,
        ));
        files.extend(cloud::files(self, plan, header)?);
        Ok(files)
    }

    /// The names of the manifests that an app has; the user's own come last.
    fn wanted<'a>(&'a self, plan: &'a Plan, generate: bool) -> impl Iterator<Item = &'a str> {
        let ours = outputs()
            .iter()
            .filter(move |output| (output.when)(plan) && !(generate && output.generated));
        ours.map(|output| output.file).chain(self.style.templates.additional())
    }
}

impl File {
    fn new(name: &str, header: &str, body: &str) -> Self {
        let mut text = String::with_capacity(body.len() + 96);
        push_header(&mut text, header);
        text.push_str(body);
        Self { name: name.to_owned(), text }
    }
}

/// The rendering of one plan.
struct Job<'a> {
    renderer: &'a Renderer,
    context: Value,
    nginx_conf: String,
}

impl<'a> Job<'a> {
    fn new(renderer: &'a Renderer, plan: &Plan) -> Result<Self, Failure> {
        let bare = Value::from(Serde(plan));
        let nginx_conf = match &plan.nginx {
            Some(nginx) => {
                let template = if nginx.full { "nginx.conf" } else { "default.conf" };
                renderer.text(template, bare.clone())?
            }
            None => String::new(),
        };
        let has_dashboard = plan.monitoring.as_ref().is_some_and(|monitoring| monitoring.dashboard);
        let dashboard =
            has_dashboard.then(|| renderer.text("grafana-dashboard.json", bare.clone()));
        let dashboard_json = dashboard.transpose()?;
        if plan.nginx.is_none() && dashboard_json.is_none() {
            return Ok(Self { renderer, context: bare, nginx_conf });
        }
        let more = With {
            nginx_conf: plan.nginx.is_some().then_some(nginx_conf.as_str()),
            dashboard_json: dashboard_json.as_deref(),
        };
        Ok(Self { renderer, context: merged(bare, more), nginx_conf })
    }

    fn manifest(&self, name: &str) -> Result<String, Failure> {
        self.renderer.text(name, self.context.clone())
    }

    fn kustomization(&self, resources: &[String], generate: bool) -> Result<String, Failure> {
        #[derive(Serialize)]
        struct Listing<'a> {
            resources: &'a [String],
            generate: bool,
        }
        let context = merged(self.context.clone(), Listing { resources, generate });
        self.renderer.text("kustomization.yaml", context)
    }
}

#[derive(Serialize)]
struct With<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    nginx_conf: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dashboard_json: Option<&'a str>,
}

fn merged(base: Value, more: impl Serialize) -> Value {
    minijinja::value::merge_maps([Value::from(Serde(more)), base])
}

/// The hexadecimal SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let digest = Sha256::digest(bytes);
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Whoever opens the file learns where to change it. A path may hold anything, a comment ends at a line break.
fn push_header(text: &mut String, header: &str) {
    text.extend(["# ", &origin(header), "\n"]);
}

/// Where a file comes from, in one line.
fn origin(header: &str) -> String {
    let path: String = header.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    format!("Rendered by sioway from {path}. Change that file, then run: sioway render")
}

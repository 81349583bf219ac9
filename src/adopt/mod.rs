//! From manifests to the app.toml that describes them.
//!
//! The way back of `render`: for each app that some manifests hold, every key is derived whose value reproduces what
//! is there. What breaks sessions is not taken over: the healthy value is, with a comment that says what was there.
//! Then the app.toml is rendered and compared with the manifests, so that whatever it does not say is known and
//! listed, and nobody has to trust this module.
//!
//! | file | what it derives |
//! |---|---|
//! | `app` | which apps there are, and whose the objects are |
//! | `proxy` | the nginx of an app |
//! | `names` | `name`, `namespace`, `labels`, `annotations`, `[names]` |
//! | `front` | `host`, `[ingress]`, `[cdn]` |
//! | `session` | `[session]`, `[health]` |
//! | `nginx` | `port`, `[socketio]`, `[nginx]` |
//! | `pods` | `replicas`, `selector`, `[workload]` |
//! | `draft`, `text` | the app.toml as it is written, and its text |
//! | `remainder`, `kept` | what it does not say |

mod app;
mod draft;
mod faults;
mod front;
mod kept;
mod marked;
mod names;
mod nginx;
mod own_words;
mod pods;
mod proxy;
mod remainder;
mod session;
mod text;

use self::app::App;
use self::draft::{Draft, Settled};
use self::faults::Faults;
use self::remainder::{Comparison, is_same};
use crate::diagnostic::Sources;
use crate::path::Model;
use crate::render::{File as Rendered, Renderer};
use crate::spec::{Name, Profile};

pub use remainder::{Fate, Remainder};

/// What the user says of the app that is looked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'a> {
    /// What to call the app, or which of several is meant.
    pub name: Option<&'a Name>,
    /// The path that browsers ask for, where no file tells.
    pub path: Option<&'a str>,
}

/// An app that manifests hold.
#[derive(Debug, Clone)]
pub struct Adopted {
    /// Its name.
    pub name: String,
    /// The name of its Service.
    pub service: String,
    /// The files that describe it.
    pub files: Vec<String>,
    /// Whether nothing but its being alone behind the load balancer says that it carries sessions.
    pub is_guess: bool,
    /// Whether its host is made up: the files name none.
    pub lacks_host: bool,
    /// Why its app.toml is refused: what is there contradicts itself.
    pub refusal: Option<String>,
    /// What its app.toml does not say.
    pub remainder: Vec<Remainder>,
    /// Its objects that are there more than once, with nothing that tells which is meant: each as people say it, and
    /// the places, as `file:line:column`.
    pub doubles: Vec<(String, Vec<String>)>,
    draft: Draft,
}

impl Adopted {
    /// The text of its app.toml. `schema` is where editors find the schema.
    pub fn app_toml(&self, schema: &str) -> String {
        self.draft.text(schema)
    }
}

/// The apps that some manifests hold, by the names of their Services.
///
/// Each is laid on the profile whose Ingress class it has; on the first one otherwise. There must be one. `renderer`
/// renders as the workspace does: what it makes of each app.toml is compared with the manifests.
pub fn adopt(
    model: &Model<'_>,
    sources: &Sources,
    wish: Wish<'_>,
    profiles: &[Profile],
    renderer: &Renderer,
) -> Vec<Adopted> {
    let Some(first) = profiles.first() else {
        return Vec::new();
    };
    let faults = Faults::of(model);
    let apps = app::all(model, wish.path);
    let mut wish = wish;
    if apps.len() > 1 {
        wish.name = None;
    }
    let profile_of = |app: &App<'_, '_>| {
        let class = app.ingress.class_annotation();
        let fits = |one: &&Profile| class == Some(one.platform.ingress_class.as_str());
        profiles.iter().find(fits).unwrap_or(first)
    };
    let mut adoptions: Vec<Adoption<'_, '_, '_>> = apps
        .iter()
        .map(|app| Adoption {
            app,
            sources,
            faults: &faults,
            profile: profile_of(app),
            renderer,
            name: wish.name.cloned(),
            path: wish.path,
            beside: beside(app, &apps),
        })
        .collect();
    let found: Vec<Adopted> = adoptions.iter().map(Adoption::run).collect();
    let names: Vec<String> = found.iter().map(|one| one.name.clone()).collect();
    let rename = |(index, one): (usize, Adopted)| {
        if names.iter().filter(|name| **name == one.name).count() == 1 {
            return one;
        }
        // Several apps of one beginning: their Services have names of their own.
        adoptions[index].name = one.service.parse().ok();
        adoptions[index].run()
    };
    found.into_iter().enumerate().map(rename).collect()
}

/// The Services of the other apps that an app's Ingress leads to.
fn beside(app: &App<'_, '_>, all: &[App<'_, '_>]) -> Vec<String> {
    let shares = |other: &&App<'_, '_>| {
        other.ingress.0.is(&app.ingress.0) && !other.service.0.is(&app.service.0)
    };
    let others = all.iter().filter(shares);
    others.map(|other| other.service.0.name.to_owned()).collect()
}

/// The adoption of one app.
struct Adoption<'a, 'm, 's> {
    app: &'a App<'m, 's>,
    sources: &'a Sources,
    faults: &'a Faults,
    profile: &'a Profile,
    renderer: &'a Renderer,
    name: Option<Name>,
    path: Option<&'a str>,
    /// The Services of other apps behind the same Ingress.
    beside: Vec<String>,
}

impl Adoption<'_, '_, '_> {
    fn run(&self) -> Adopted {
        let plain = self.draft();
        let settled = self.with_workload(&plain);
        let settled = settled.unwrap_or_else(|| plain.settle(self.profile));
        let rendered = self.rendered(&settled);
        let mut draft = settled.draft;
        let comparison = Comparison { app: self.app, sources: self.sources, faults: self.faults };
        let remainder = match &rendered {
            Some(rendered) => comparison.remainder(rendered, &mut draft),
            None => Vec::new(),
        };
        let doubles = rendered.as_deref().map(|rendered| comparison.doubles(rendered));
        let files = self.files();
        draft.preamble = self.preamble(&files, settled.refusal.as_deref());
        let name = draft.get("name").and_then(serde_json::Value::as_str);
        Adopted {
            name: name.unwrap_or("app").to_owned(),
            service: self.app.service.0.name.to_owned(),
            files,
            is_guess: self.app.is_guess,
            lacks_host: draft.lacks_host,
            refusal: settled.refusal,
            remainder,
            doubles: doubles.unwrap_or_default(),
            draft,
        }
    }

    /// Everything but the pods. The order counts: what follows asks what was written before.
    fn draft(&self) -> Draft {
        let (app, mut draft) = (self.app, Draft::default());
        names::write(app, self.name.as_ref(), &mut draft);
        names::common(app, &self.profile.platform, &mut draft);
        session::write(app, &self.profile.platform, self.faults, &mut draft);
        nginx::write(app, self.path, &mut draft);
        front::write(app, self.profile, &mut draft);
        pods::write(app, &mut draft);
        marked::write(app, &mut draft);
        if !self.beside.is_empty() {
            let note = format!(
                "the Ingress is also that of {}: each app.toml renders the whole of it",
                self.beside.join(", ")
            );
            draft.note("ingress.route", note);
        }
        draft
    }

    /// The draft with the pods, if they come out as they are there.
    fn with_workload(&self, plain: &Draft) -> Option<Settled> {
        let object = pods::candidate(self.app)?;
        let mut draft = plain.clone();
        if !pods::workload(self.app, &object, &mut draft) {
            return None;
        }
        let fits = |draft: Draft| {
            let settled = draft.settle(self.profile);
            let rendered = self.rendered(&settled)?;
            is_same(&rendered, self.app.model.set, &object).then_some(settled)
        };
        fits(draft.clone()).or_else(|| {
            pods::grace_period(&object, &mut draft);
            fits(draft)
        })
    }

    fn rendered(&self, settled: &Settled) -> Option<Vec<Rendered>> {
        let plan = settled.plan.as_ref()?;
        self.renderer.files(plan, "app.toml").ok()
    }

    fn files(&self) -> Vec<String> {
        let objects = self.app.objects();
        let own = objects.iter().map(|object| object.file.name);
        let proxy = self.app.proxy.as_ref();
        let conf = proxy.map(|proxy| proxy.site.root.file().name);
        let mut files: Vec<String> = own.chain(conf).map(str::to_owned).collect();
        files.sort();
        files.dedup();
        files
    }

    fn preamble(&self, files: &[String], refusal: Option<&str>) -> Vec<String> {
        let mut lines = vec![
            format!("Adopted from {}.", files.join(", ")),
            "A comment says where something was found that breaks sessions, and is not taken over."
                .to_owned(),
        ];
        if self.app.is_guess {
            lines.push(
                "Nothing that sioway could follow in these files speaks of Socket.IO: `port` and `socketio.path` are what the only app behind \
                 the load balancer has. Look at both."
                    .to_owned(),
            );
        }
        lines.extend(refusal.map(|why| format!("sioway refuses this as it is: {why}.")));
        lines
    }
}

//! Predicts the Socket.IO exchange that a set of files will produce, hop by hop.
//!
//! A session is several requests. Each is walked through the [`Model`]: load balancer rule, CDN, affinity, timeout,
//! endpoints, Service, nginx, Socket.IO server. Each hop says what it does with the request and which line decides
//! that; the [`Step`] ends with what the client gets. What the rest of sioway says piece by piece is said here as an
//! exchange, under the same rule ids.
//!
//! Nothing is guessed: a link that is not among the files given makes the step [`Verdict::Unknown`], with the reason.
//! Every kind of outcome is compared with real nginx and Socket.IO processes in `tests/it/trace.rs`.

mod affinity;
mod altered;
mod build;
mod cdn;
mod choice;
mod entries;
mod fault;
mod foreign;
mod front;
mod gate;
mod gateway;
mod guard;
mod health;
mod life;
mod limits;
mod nginx;
mod passage;
mod picture;
mod refusal;
mod rollout;
mod rungs;
mod server;
mod share;
mod start;
mod steps;
mod store;
mod upstream;
mod way;

use crate::path::Model;
use crate::set::Place;

pub use fault::Fault;
pub use picture::pictures;
pub use share::Share;

/// What to trace, where the files leave a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The host that browsers ask for; those of the Ingress where left out.
    pub host: Option<String>,
    /// The path that browsers ask for; those that the files speak of where left out.
    pub path: Option<String>,
    /// How many pods run, over what the files say.
    pub replicas: Option<u32>,
    /// No nginx stands before the server: a description says so.
    pub without_nginx: bool,
    /// How often the server pings, in milliseconds, over what the files say.
    pub ping_interval: Option<u64>,
    /// A fault that the files do not have.
    pub fault: Option<Fault>,
}

/// The exchange of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The host that the browser asks for; `None` where no file names one.
    pub host: Option<String>,
    /// Other hosts that lead the same way.
    pub also: Vec<String>,
    /// The path that the browser asks for.
    pub path: String,
    /// How many pods are reckoned with, in words.
    pub pods: String,
    /// The steps, in their order.
    pub steps: Vec<Step>,
}

/// One request of a session, or one stretch of its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub step: StepKind,
    /// The request, as the client sends it; empty where it is none.
    pub request: String,
    /// What each hop does with it, in order.
    pub hops: Vec<Hop>,
    /// What the client gets.
    pub outcome: Outcome,
    /// The rules that explain a bad outcome, the best first.
    pub rules: Vec<&'static str>,
    /// The line that decides a bad or unknown outcome.
    pub decided_by: Option<Place>,
}

/// The steps of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepKind {
    /// The first request.
    Handshake,
    /// The next one, which carries the session id.
    Poll,
    /// A long poll of an idle session.
    IdlePoll,
    /// A message of the client.
    Post,
    /// The change to WebSocket.
    Upgrade,
    /// A WebSocket without polling before it.
    DirectWebSocket,
    /// How long a WebSocket stays open.
    Life,
    /// The largest message that the server takes, by polling.
    LargeMessage,
    /// A pod that is replaced.
    Rollout,
    /// What the load balancer asks the pods.
    Health,
}

impl StepKind {
    /// Its name in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Poll => "second-poll",
            Self::IdlePoll => "idle-poll",
            Self::Post => "post",
            Self::Upgrade => "upgrade",
            Self::DirectWebSocket => "direct-websocket",
            Self::Life => "websocket-life",
            Self::LargeMessage => "large-message",
            Self::Rollout => "rollout",
            Self::Health => "health-check",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Poll => "second poll, with the session id",
            Self::IdlePoll => "long poll of an idle session",
            Self::Post => "message of the client",
            Self::Upgrade => "upgrade to WebSocket",
            Self::DirectWebSocket => "WebSocket without polling before it",
            Self::Life => "life of a WebSocket",
            Self::LargeMessage => "largest message, by polling",
            Self::Rollout => "rollout: a pod is replaced",
            Self::Health => "health check",
        }
    }
}

/// What one hop does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Which.
    pub hop: HopKind,
    /// What it does.
    pub what: String,
    /// The line that says so.
    pub place: Option<Place>,
}

/// The hops between a browser and a Socket.IO server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HopKind {
    /// The name that the browser looks up.
    Host,
    /// The rule of the load balancer.
    LoadBalancer,
    /// The CDN.
    Cdn,
    /// Which pod is chosen.
    Affinity,
    /// How long the load balancer waits.
    Timeout,
    /// Pods or nodes.
    Endpoints,
    /// The Service.
    Service,
    /// nginx.
    Nginx,
    /// The Socket.IO server.
    Server,
    /// The pod as Kubernetes runs it.
    Pod,
}

impl HopKind {
    /// Its name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::LoadBalancer => "load-balancer",
            Self::Cdn => "cdn",
            Self::Affinity => "affinity",
            Self::Timeout => "timeout",
            Self::Endpoints => "endpoints",
            Self::Service => "service",
            Self::Nginx => "nginx",
            Self::Server => "socketio",
            Self::Pod => "pod",
        }
    }
}

/// Whether a step goes well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It does.
    Good,
    /// It does not.
    Bad,
    /// The files given do not tell.
    Unknown,
    /// An earlier step has failed.
    NotReached,
}

impl Verdict {
    /// Its name in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
            Self::NotReached => "not-reached",
        }
    }
}

/// What the client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether that is well.
    pub verdict: Verdict,
    /// In words.
    pub text: String,
    /// The status of the answer, where there is one.
    pub status: Option<u16>,
    /// Engine.IO's error code, where the answer has one.
    pub code: Option<u8>,
    /// How often it happens; always where `None`.
    pub share: Option<Share>,
    /// How often a client that keeps no cookies gets 400, Session ID unknown.
    pub without_cookies: Option<Share>,
    /// Whether it happens now and then, how often no file tells.
    pub now_and_then: bool,
    /// Milliseconds until a connection is closed or a request given up.
    pub after: Option<u64>,
    /// What may still go wrong.
    pub cautions: Vec<String>,
}

impl Outcome {
    /// Whether no request of the kind gets what it asks for.
    pub fn always_fails(&self) -> bool {
        self.verdict == Verdict::Bad && self.share.is_none() && !self.now_and_then
    }
}

impl Trace {
    /// The worst of its steps: a fault before what is unknown.
    pub fn verdict(&self) -> Verdict {
        let is = |verdict| self.steps.iter().any(|step| step.outcome.verdict == verdict);
        if is(Verdict::Bad) {
            Verdict::Bad
        } else if is(Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Good
        }
    }

    /// A step.
    pub fn step(&self, kind: StepKind) -> Option<&Step> {
        self.steps.iter().find(|step| step.step == kind)
    }
}

/// Traces every session that the files speak of, or the one that the options name. Empty where there is none.
pub fn trace(model: &Model<'_>, options: &Options) -> Vec<Trace> {
    let entries = entries::all(model, options);
    entries.into_iter().map(|entry| build::trace(model, entry, options)).collect()
}

//! The TOML as written: what `app.toml`, profiles and `sioway.toml` may say.
//!
//! Text goes in, and either a [`Spec`] comes out or every problem of the text at once.
//! Three steps, a file each:
//!
//! 1. `toml_text` reads one text into a [`Table`] whose every value knows its place;
//! 2. `layers` lays tables over each other (profiles, `app.toml`, `--set`);
//! 3. [`decode`] turns the merged table into the typed model, and on an error drops the
//!    offending value and goes on, so that one run reports them all.
//!
//! Nothing here touches files, and nothing here knows a platform: that a key makes no
//! sense together with another is for `plan` to say.

pub mod decode;
mod duration;
mod host;
mod keys;
mod labels;
mod layers;
mod model;
mod names;
mod newtype;
mod platform;
mod port;
mod profile;
mod schema;
mod size;
mod toml_text;
mod transports;
mod url_path;
mod watching;
mod watching_values;
mod wording;
mod workload_values;
mod workspace;

pub use duration::{Milliseconds, Seconds};
pub use host::{Host, Hosts};
pub use keys::{Key, app_keys, workspace_keys};
pub use labels::{LabelKey, LabelValue, PortName};
pub use layers::{Layers, Problem, Setting};
pub use model::{
    Affinity, AnsweredBy, Cdn, Health, Ingress, IngressRoute, Names, Nginx, NginxForm,
    NginxLocation, PathType, Placement, Session, SocketIo, Spec, Tls, Workload,
};
pub use names::{GoogleName, Name, ObjectName, ServiceName};
pub use newtype::Invalid;
pub use platform::{Feature, Platform, WebSocketLifetime};
pub use port::{Port, Ranged, Replicas, ServicePort, Threshold, UserId};
pub use profile::{Fetch, Profile, ProfileError, ProfileText, load_chain};
pub use schema::{app_schema, profile_schema, workspace_schema};
pub use size::Bytes;
pub use toml_text::{Entry, Node, Origin, Table, Value};
pub use transports::{Transport, Transports};
pub use url_path::{UrlPath, UrlPrefix};
pub use watching::{Evaluator, Monitoring, PerMinute, Sessions, Verify};
pub use watching_values::{Channel, MetricPrefix, PublicUrl, ResourceType, Schedule, Share};
pub use workload_values::{AddressRange, Cpu, FilePath, Image, Memory, Resolver, VariableName};
pub use workspace::{
    AppPattern, Environment, Layout, Lint, LintRules, LintSeverity, OutPattern, Workspace,
    rule_in_lint,
};

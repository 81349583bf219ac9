//! `sioway probe` in the cluster.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ObjectNames, derived};
use crate::spec::{Image, LabelKey, LabelValue, Schedule, Seconds, Spec};

/// How long one round of a probe may take beside its waiting: the measuring, and two pings.
const ROUND: Seconds = Seconds::new(180);

/// The Job and the CronJob that probe.
#[derive(Debug, Clone, Serialize)]
pub struct Verify {
    /// An image whose entry point is sioway.
    pub image: Image,
    /// The arguments of the probe.
    pub arguments: Vec<String>,
    /// Whether Argo CD runs it after each sync.
    pub after_sync: bool,
    /// When it is run beside that.
    pub schedule: Option<Schedule>,
    /// How long a run may take, in seconds.
    pub deadline: u64,
    /// The labels of its pods, which no Service of the app selects.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// The user it runs as.
    pub user: u32,
}

impl Verify {
    pub(super) fn new(spec: &Spec, names: &ObjectNames) -> Option<Self> {
        let given = spec.verify.as_ref()?;
        let ping = spec.socketio.ping_interval.plus(spec.socketio.ping_timeout).round_up();
        Some(Self {
            image: given.image.clone(),
            arguments: arguments(spec, given),
            after_sync: given.after_sync,
            schedule: given.schedule.clone(),
            deadline: given.wait.plus(ROUND).plus(ping).plus(ping).get(),
            labels: labels(spec, names),
            user: given.user.get(),
        })
    }
}

fn arguments(spec: &Spec, given: &crate::spec::Verify) -> Vec<String> {
    let transports = &spec.socketio.transports;
    let mut arguments = vec![
        "probe".to_owned(),
        derived::probed_url(spec),
        format!("--path={}", spec.socketio.path),
    ];
    if !(transports.polling() && transports.websocket()) {
        let only = if transports.polling() { "polling" } else { "websocket" };
        arguments.push(format!("--transports={only}"));
    }
    arguments.push(format!("--sessions={}", given.sessions));
    if given.wait > Seconds::new(0) {
        arguments.push(format!("--wait={}s", given.wait.get()));
    }
    arguments
}

/// The user's own labels without those that select the app's pods, and a name that nothing selects.
fn labels(spec: &Spec, names: &ObjectNames) -> BTreeMap<LabelKey, LabelValue> {
    let selector = derived::selector(spec);
    let own = spec.labels.iter().filter(|(key, _)| !selector.contains_key(*key));
    let name = names.verify.parse().map(derived::by_name).unwrap_or_default();
    own.map(|(key, value)| (key.clone(), value.clone())).chain(name).collect()
}

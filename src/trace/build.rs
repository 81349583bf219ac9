//! A trace, put together from its steps.

use super::entries::Entry;
use super::way::Way;
use super::{Options, Step, StepKind, Trace, Verdict, health, life, rollout, steps};
use crate::path::Model;

/// The trace of one session.
pub(super) fn trace<'m, 's>(
    model: &'m Model<'s>,
    entry: Entry<'m, 's>,
    options: &Options,
) -> Trace {
    let mut way = Way::of(model, &entry, options);
    let (health, unhealthy) = health::step(&way);
    way.unhealthy = way.supposed_unhealthy().or(unhealthy);
    let mut all = if way.numbers.polling { steps::polling(&way) } else { Vec::new() };
    all.push(steps::direct(&way));
    let opens: Vec<Verdict> = all.iter().filter(|step| is_websocket(step)).map(opens).collect();
    all.push(life::step(&way, &opens));
    all.extend(rollout::step(&way));
    all.extend(health);
    let pods = way.pods.map_or(
        "how many pods there are is not among the files given".to_owned(),
        |pods| match pods {
            1 => "1 pod".to_owned(),
            pods => format!("{pods} pods"),
        },
    );
    Trace { host: entry.host, also: entry.also, path: entry.path, pods, steps: all }
}

/// Whether a WebSocket is opened, now and then at least.
fn opens(step: &Step) -> Verdict {
    if step.outcome.now_and_then { Verdict::Good } else { step.outcome.verdict }
}

fn is_websocket(step: &Step) -> bool {
    matches!(step.step, StepKind::Upgrade | StepKind::DirectWebSocket)
}

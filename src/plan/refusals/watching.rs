//! Alerts that could never fire, or always would, and probes that nothing would start.

use super::super::derived;
use super::{Context, Refusal};
use crate::spec::Problem;

pub(super) const REFUSALS: &[Refusal] = &[unread, medians_crossed, verify_never];

/// Thresholds of alerts that are not rendered.
fn unread(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(given) = &c.spec.monitoring else {
        return;
    };
    let mut refuse = |keys: &[&str], why: &str, gate| {
        c.refuse_unread(problems, "monitoring-unread", keys, why, gate);
    };
    if !c.spec.socketio.transports.websocket() {
        let keys = [
            "monitoring.failed-upgrades",
            "monitoring.shortest-median",
            "monitoring.longest-median",
        ];
        refuse(&keys, "clients use no WebSocket", ("socketio.transports", "polling alone"));
    } else if !c.platform.cuts_websockets() {
        let why = format!("{} does not cut WebSockets that are in use", c.platform.load_balancer);
        refuse(&["monitoring.longest-median"], &why, ("profile", "this load balancer"));
    }
    if !given.alerts.contains(&crate::spec::Evaluator::CloudMonitoring) {
        let gate = ("monitoring.alerts", "no alert policies");
        refuse(&["monitoring.channels"], "only alert policies tell them", gate);
    }
}

/// Where both alerts on the median could be wrong at once, one of them always is.
fn medians_crossed(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let (short, long) = (derived::shortest_median(c.spec), derived::longest_median(c.spec));
    let measured = c.spec.monitoring.is_some() && c.spec.socketio.transports.websocket();
    if !measured || short < long {
        return;
    }
    let message = format!(
        "half of the WebSockets would have to last longer than {short} and end before {long}"
    );
    let help = "give a smaller `monitoring.shortest-median`, or a larger `session.max-age`";
    let problem = Problem::new("monitoring-medians-crossed", message, help);
    problems.push(
        problem
            .end("monitoring.shortest-median", "must last longer")
            .end("monitoring.longest-median", "must end before this share")
            .end("session.max-age", "of this"),
    );
}

/// Neither a hook nor a schedule.
fn verify_never(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if c.spec.verify.as_ref().is_some_and(|verify| !verify.after_sync && verify.schedule.is_none())
    {
        let message = "nothing would ever start the probe";
        let help = "give a `verify.schedule`, or leave `verify.after-sync` out";
        let problem = Problem::new("verify-never", message, help);
        problems.push(problem.end("verify.after-sync", "no probe after a sync"));
    }
}

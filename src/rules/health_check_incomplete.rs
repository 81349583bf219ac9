//! A health check whose other half is a default that does not fit.

use super::wording::as_it_applies;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::BackendConfig;
use crate::kube::Grade;
use crate::kube::controller_defaults::NEG_HEALTH_CHECK;
use crate::path::{Backend, Part};

pub(super) static RULE: Rule = Rule {
    id: "health-check-incomplete",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &["kubernetes/ingress-gce:pkg/translator/healthchecks.go", "bitnami/charts#9313"],
    page: include_str!("health_check_incomplete.md"),
    check,
};

/// What decides how fast a pod that hangs is given up.
const SPEED: [&str; 3] = ["checkIntervalSec", "timeoutSec", "unhealthyThreshold"];
const HELP: &str = "write both: `checkIntervalSec: 10` and `timeoutSec: 5`";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for configured in model.configured() {
        let Some(misfit) = configured.health_misfit() else {
            continue;
        };
        let (missing, default) = (misfit.missing, misfit.default);
        let whole = !model.is_patch(&configured.config.0);
        if !whole || model.is_set_elsewhere(&configured.config.0, &["healthCheck", missing]) {
            continue;
        }
        let severity = if misfit.is_certain { Severity::Error } else { Severity::Warning };
        let fault = format!(
            "every Ingress that leads here stops syncing: `{missing}` is {default} s by default, and the API refuses a check that lasts longer than its interval"
        );
        let (message, severity) = as_it_applies(configured.in_force, severity, fault);
        let config = &configured.config;
        let place = config.place(&["healthCheck", misfit.given]);
        let draft = Draft::at(place, format!("`{missing}` is not given"), message)
            .of(&config.0, format!("spec.healthCheck.{missing}"))
            .and(configured.service.0.title(), "of this Service");
        let wanted = match missing {
            "timeoutSec" => misfit.seconds.min(5),
            _ => misfit.seconds.max(10),
        };
        let fix = config.0.set(&["spec", "healthCheck", missing], wanted);
        let help = format!("write `{missing}: {wanted}` too");
        findings.add(
            draft
                .only(severity)
                .help(help)
                .fix(Applicability::Safe, (1..=300).contains(&wanted).then_some(fix)),
        );
    }
    for (backend, session, config) in model.judged_sessions() {
        let patched = |key: &&str| model.is_set_elsewhere(&config.0, &["healthCheck", key]);
        if SPEED.iter().any(patched) {
            continue;
        }
        if let Some(draft) = slow(backend, config) {
            findings.add(draft.because(session.because()).help(HELP));
        }
    }
}

/// Neither half is given: nothing is refused, but the defaults are slow.
fn slow(backend: &Backend<'_>, config: &BackendConfig<'_>) -> Option<Draft> {
    let block = config.get(&["healthCheck"]).filter(|block| block.is_map())?;
    let pods = &backend.pods;
    let given = SPEED.iter().any(|key| block.get(key).is_some());
    if given
        || backend.uses_neg() != Some(true)
        || pods.workloads.is_empty()
        || pods.have_http_probe(&backend.service, &backend.port)
    {
        return None;
    }
    let default = NEG_HEALTH_CHECK.value;
    let (interval, failures) = (default.interval, default.unhealthy);
    let message = format!(
        "a pod that hangs gets requests for {} s: it is asked each {interval} s, and given up after {failures} failures",
        interval * failures
    );
    let draft = Draft::at(
        config.place(&["healthCheck"]),
        "no `checkIntervalSec`, no `timeoutSec`",
        message,
    );
    Some(draft.of(&config.0, "spec.healthCheck").only(Severity::Info))
}

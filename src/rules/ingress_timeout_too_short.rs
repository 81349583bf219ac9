//! A timeout of another load balancer that ends quiet sessions.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{
    Grade, Object, Route, Silence, annotation_path, long_silence, long_silence_value, silences,
};
use crate::path::{Carries, Evidence, Model, Numbers, Part, socketio_path};
use crate::set::Mark;

pub(super) static RULE: Rule = Rule {
    id: "ingress-timeout-too-short",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Safe,
    sources: &[
        "https://socket.io/docs/v4/reverse-proxy/",
        "kubernetes/ingress-nginx:docs/user-guide/nginx-configuration/annotations.md",
        "kubernetes-sigs/aws-load-balancer-controller:docs/guide/ingress/annotations.md",
        "jcmoraisjr/haproxy-ingress:docs/content/en/docs/configuration/keys.md",
    ],
    page: include_str!("ingress_timeout_too_short.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for route in model.routes() {
        let Some((numbers, why)) = session(model, route) else {
            continue;
        };
        for told in silences(route, model.service_of(route).as_ref()) {
            let applicability = applicability(route, &told.object);
            if told.is_ignored {
                findings.add(ignored(&told, applicability).because(&why));
            } else if told.time <= numbers.silence() {
                findings.add(finding(&told, numbers.silence(), applicability).because(&why));
            }
        }
    }
}

/// The sessions of a way: its backend's, or what its own path says where the Service is not among the files.
fn session(model: &Model<'_>, route: &Route<'_>) -> Option<(Numbers, Evidence)> {
    let backend = model.backend_of(route);
    if let Some(session) = backend.and_then(|backend| backend.session.as_ref()) {
        return Some((session.numbers, session.because().clone()));
    }
    let path = route.path.filter(|_| socketio_path(route.path_text()).is_some())?;
    let why = Evidence {
        carries: Carries::SocketIo,
        place: route.ingress.0.at(path),
        said: "this is Socket.IO's path",
        mark: Mark::default(),
    };
    Some((Numbers::of(&why.mark), why))
}

/// What an Ingress says holds for all Services that it leads to.
fn applicability(route: &Route<'_>, object: &Object<'_>) -> Applicability {
    let others = route.ingress.routes().into_iter();
    let same = |other: &Route<'_>| other.service_name() == route.service_name();
    if !object.is(&route.ingress.0) || others.into_iter().all(|other| same(&other)) {
        Applicability::Safe
    } else {
        Applicability::Unsafe
    }
}

fn ignored(told: &Silence<'_>, applicability: Applicability) -> Draft {
    let key = told.entry.key();
    let message = "this timeout is not set: ingress-nginx reads a number of seconds without a unit, and keeps its default of 60 s otherwise";
    let digits = told.entry.value().text().unwrap_or_default().trim_end_matches('s');
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = if plain { digits } else { "3600" };
    Draft::at(told.object.at(told.entry.value()), "no number", message)
        .of(&told.object, annotation_path(&key))
        .help(format!("write `{key}: \"{seconds}\"`"))
        .fix(applicability, plain.then(|| told.object.set_annotation(&key, digits)))
}

fn finding(told: &Silence<'_>, silence: u64, applicability: Applicability) -> Draft {
    let message = format!(
        "quiet sessions are cut after {} s: a healthy one may be silent for {} s, its ping interval and timeout together",
        told.time / 1000,
        silence.div_ceil(1000)
    );
    let key = told.entry.key();
    Draft::at(told.object.at(told.entry.value()), "", message)
        .of(&told.object, annotation_path(&key))
        .help(format!("write {}", long_silence(&key)))
        .fix(
            applicability,
            long_silence_value(&key).map(|value| told.object.set_annotation(&key, value)),
        )
}

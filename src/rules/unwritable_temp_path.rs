//! Files that nginx must write, where it cannot.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Workload};
use crate::path::{Part, Site, Unwritable};

pub(super) static RULE: Rule = Rule {
    id: "unwritable-temp-path",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Manual,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_body_temp_path",
        "nginx/docker-nginx-unprivileged",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ],
    page: include_str!("unwritable_temp_path.md"),
    check,
};

const HELP: &str = "mount an `emptyDir` at `/tmp`, and write `pid /tmp/nginx.pid;` and all five `…_temp_path` below `/tmp`";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for site in model.sites().iter().filter(|site| !site.sessions.is_empty()) {
        findings.extend(in_kernel(site));
        // A part goes with the image's own `nginx.conf`, which nobody gave.
        for (workload, container) in site.containers.iter().filter(|_| site.is_whole()) {
            let unwritable = site.unwritable(workload, container);
            findings.extend(unwritable.map(|found| in_container(site, workload, &found)));
        }
    }
}

fn in_kernel(site: &Site<'_>) -> Option<Draft> {
    let line = site.file_of_the_kernel()?;
    let message = says(site.config.value(line));
    let draft = Draft::at(site.value_place(line), "nothing can be written here", message);
    Some(draft.of_directive(site, line).help("name a directory below `/tmp`"))
}

fn in_container(site: &Site<'_>, workload: &Workload<'_>, found: &Unwritable<'_>) -> Draft {
    let (first, others) = found.files.split_first().expect("there is a file");
    let cause = workload.0.at(found.cause);
    let draft = match first.line {
        Some(line) => {
            Draft::at(site.value_place(line), "no volume is mounted here", says(&first.path))
                .of_directive(site, line)
                .and(cause, found.said)
        }
        None => Draft::at(cause, found.said, says(&first.path))
            .of(&workload.0, "spec.template.spec.containers"),
    };
    let others: Vec<String> = others.iter().map(|file| format!("`{}`", file.path)).collect();
    let draft =
        if others.is_empty() { draft } else { draft.note(format!("nor {}", others.join(", "))) };
    draft.help(HELP)
}

fn says(path: &str) -> String {
    format!("nginx does not start: it cannot make `{path}`")
}

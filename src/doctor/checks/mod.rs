//! The checks: functions of what was read.

mod cloud;
mod cluster;
mod files;
mod gateway;
mod objects;
mod settings;
mod url_map;
mod verdict;

pub use cloud::{health_requests, services_of};

use self::verdict::Judged;
use super::{Case, Causes, Reading, Subject, subjects};
use crate::live::check::{Check, Layer};

/// Everything that can be said without asking a pod or the endpoint; and what [`fold`](super::fold()) has to know.
pub fn examine(case: &Case<'_>) -> (Vec<Check>, Causes) {
    let subjects = subjects(case);
    let plain = |all: Vec<Check>| all.into_iter().map(Judged::from);
    let mut checks: Vec<Judged> = plain(files::checks(case, &subjects)).collect();
    let told = Check::new("cluster-answers", Layer::Cluster, "the cluster tells of its objects");
    checks.push(answers(told, case.cluster).into());
    if let (Some(cluster), Some(live)) = (case.cluster.said(), case.live) {
        checks.extend(plain(objects::checks(case, cluster, live)));
        checks.extend(cluster::checks(case, cluster, &subjects));
    }
    checks.extend(plain(gateway::left_out(case)));
    let told =
        Check::new("cloud-answers", Layer::Cloud, "Google Cloud tells of its load balancers");
    checks.push(answers(told, case.cloud).into());
    if let Some(cloud) = case.cloud.said() {
        checks.extend(cloud::checks(case, cloud, &subjects));
    }
    verdict::apart(checks)
}

/// Whether a layer was read.
fn answers<T>(check: Check, reading: &Reading<T>) -> Check {
    match reading {
        Reading::Read { from, troubles, .. } if troubles.is_empty() => check.pass(from),
        Reading::Read { from, troubles, .. } => {
            check.warn(format!("{from}; in part: {}", troubles.join("; ")))
        }
        Reading::NotChecked { why, advice } => {
            let check = check.skip(format!("not checked: {why}"));
            match advice {
                Some(advice) => check.advise(advice),
                None => check,
            }
        }
    }
}

/// Some of many, on one line.
fn some(all: &[String], most: usize) -> String {
    let mut text = all.iter().take(most).cloned().collect::<Vec<_>>().join("; ");
    if all.len() > most {
        text = format!("{text}; and {} more", all.len() - most);
    }
    text
}

/// The same for each subject.
fn each<'a>(
    check: Check,
    subjects: &[Subject<'a>],
    judge: impl Fn(&Subject<'a>) -> verdict::Verdict,
) -> Judged {
    if subjects.is_empty() {
        return check.skip("no Ingress of Google's leads to sessions, among what was read").into();
    }
    let verdicts = subjects.iter().map(|one| (one.said(), judge(one))).collect();
    verdict::of(check, verdicts)
}

//! gcloud, asked for the resources of a project.

use std::thread;
use std::time::Duration;

use super::cluster::join;
use super::run::run;
use super::trouble::Trouble;
use crate::doctor::requests::{Request, Whom, is_name, of_cloud, of_health};
use crate::doctor::{BackendService, Cloud, Reading, readout};

/// What one request came to.
type Answer = Result<Vec<serde_json::Value>, Trouble>;

/// Asks a project for the load balancers in it; `wanted` chooses those whose health is asked for too.
pub fn ask(
    whom: &Whom,
    limit: Duration,
    wanted: impl Fn(&Cloud) -> Vec<(String, Option<String>)>,
    progress: &mut dyn FnMut(&str),
) -> Reading<Cloud> {
    progress("asking Google Cloud");
    let mut cloud = Cloud::default();
    let mut troubles = Vec::new();
    let requests = of_cloud(whom);
    for (at, (request, answer)) in requests.iter().zip(all(&requests, limit)).enumerate() {
        match answer {
            Ok(resources) if at == 0 && resources.is_empty() => return nothing(whom, limit),
            Ok(resources) => cloud.0.extend(resources),
            // Without backend services the rest says nothing.
            Err(Trouble { why, advice }) if at == 0 => return Reading::NotChecked { why, advice },
            Err(trouble) => troubles.push(format!("{}: {}", request.arguments[1], trouble.why)),
        }
    }
    progress("asking for the health of the endpoints");
    let health: Vec<Request> = wanted(&cloud)
        .iter()
        .filter(|(name, _)| is_name(name))
        .map(|(name, region)| of_health(whom, name, region.as_deref()))
        .collect();
    for answer in all(&health, limit) {
        match answer {
            Ok(states) => cloud.0.extend(states),
            Err(trouble) => troubles.push(format!("get-health: {}", trouble.why)),
        }
    }
    Reading::Read { said: cloud, from: format!("project {}", project(whom, limit)), troubles }
}

/// A project without a single backend service is hardly the one that is meant.
fn nothing(whom: &Whom, limit: Duration) -> Reading<Cloud> {
    Reading::NotChecked {
        why: format!("project {} holds no backend service at all", project(whom, limit)),
        advice: Some("is it the project that the cluster is in? `--project NAME`".to_owned()),
    }
}

/// Asks all at once: each start of gcloud takes a second.
fn all(requests: &[Request], limit: Duration) -> Vec<Answer> {
    thread::scope(|threads| {
        let running: Vec<_> =
            requests.iter().map(|one| threads.spawn(move || answer(one, limit))).collect();
        running.into_iter().map(join).collect()
    })
}

fn answer(request: &Request, limit: Duration) -> Answer {
    let output = run(request, limit).map_err(|failure| Trouble::of_failure(&failure))?;
    if !output.success {
        return Err(Trouble::of_output("gcloud", &output));
    }
    if output.stdout.trim().is_empty() {
        return Err(Trouble::unreadable("gcloud", &"it is empty"));
    }
    let resources = readout::resources(&output.stdout);
    resources.map_err(|error| Trouble::unreadable("gcloud", &error))
}

/// The project that was asked.
fn project(whom: &Whom, limit: Duration) -> String {
    if let Some(project) = &whom.project {
        return project.clone();
    }
    let arguments = ["config", "get-value", "project"].map(str::to_owned).to_vec();
    let output = run(&Request { program: "gcloud", arguments }, limit);
    let name = output.ok().filter(|one| one.success).map(|one| one.stdout.trim().to_owned());
    name.filter(|one| !one.is_empty()).unwrap_or_else(|| "that gcloud is set to".into())
}

/// What identifies a backend service for a request of its health.
impl From<BackendService<'_>> for (String, Option<String>) {
    fn from(service: BackendService<'_>) -> Self {
        (service.name().to_owned(), service.region().map(str::to_owned))
    }
}

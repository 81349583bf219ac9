//! Annotations that hold several things, of which only some are ours: JSON, and names with commas between them.

use serde_json::{Map, Value as Json};

use crate::kube::{BACKEND_CONFIG_KEY, BETA_KEY, Service, ServicePort};
use crate::manifest::{Path, Step};

/// The annotations whose text is JSON.
pub(super) const JSON: [&str; 4] =
    [BACKEND_CONFIG_KEY, BETA_KEY, "cloud.google.com/neg", "cloud.google.com/app-protocols"];

/// The annotations whose text is names with commas between them
/// (`kubernetes/ingress-gce:pkg/annotations/ingress.go`, `GoogleCloudPlatform/gke-managed-certs:pkg/controller`).
const NAMES: [&str; 2] =
    ["networking.gke.io/managed-certificates", "ingress.gcp.kubernetes.io/pre-shared-cert"];

/// What an annotation that holds several things is to say.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// What it says.
    Same,
    /// This text, of names.
    Names(String),
    /// This value, of JSON.
    Json(Json),
    /// This value, of JSON, which the controller refuses beside what is there.
    Refused(Json, &'static str),
}

/// The annotation that asks for NEGs.
const NEG: &str = "cloud.google.com/neg";

/// A NEG that has a name of somebody's choice cannot be an Ingress's too
/// (`kubernetes/ingress-gce:pkg/negannotation/negannotation.go`).
const NAMED_NEG: &str = "a port in `exposed_ports` has a NEG of a chosen name, and the controller takes none of \
                         these beside `ingress`: take the name out, or give the port a Service of its own";

/// Whether an annotation holds several things, of which others may be somebody else's.
pub fn is_shared(key: &str) -> bool {
    JSON.contains(&key) || NAMES.contains(&key)
}

/// What an annotation that is there has to say for all of ours to be in it; `None` if it has no parts, or cannot be
/// read.
pub(super) fn wanted(
    key: &str,
    (ours, theirs): (&str, &str),
    services: Option<(&Service<'_>, &Service<'_>)>,
    asked: &[&str],
) -> Option<Wanted> {
    if NAMES.contains(&key) {
        let there: Vec<&str> = names(theirs).collect();
        let missing: Vec<&str> = names(ours).filter(|name| !there.contains(name)).collect();
        let more = || Wanted::Names(with_names(theirs, &missing));
        return Some(if missing.is_empty() { Wanted::Same } else { more() });
    }
    if !JSON.contains(&key) {
        return None;
    }
    let (ours, theirs) = (read(ours)?, read(theirs)?);
    let mut all = theirs.clone();
    match services {
        Some((one, other)) if key == BACKEND_CONFIG_KEY || key == BETA_KEY => {
            Attached { one, other, ours: &ours, theirs: &theirs, asked }.write(&mut all);
        }
        _ => write(&mut all, &ours),
    }
    let is_refused = key == NEG && has_named_neg(&all);
    Some(match all == theirs {
        true => Wanted::Same,
        false if is_refused => Wanted::Refused(Json::Object(all), NAMED_NEG),
        false => Wanted::Json(Json::Object(all)),
    })
}

/// Whether a NEG is asked for under a name of its own.
fn has_named_neg(annotation: &Map<String, Json>) -> bool {
    let ports = annotation.get("exposed_ports").and_then(Json::as_object);
    let mut ports = ports.into_iter().flat_map(Map::values);
    ports.any(|port| port.get("name").and_then(Json::as_str).is_some_and(|name| !name.is_empty()))
}

fn read(text: &str) -> Option<Map<String, Json>> {
    match serde_json::from_str(text) {
        Ok(Json::Object(map)) => Some(map),
        _ => None,
    }
}

/// The key of an annotation that a path leads to.
pub(super) fn annotation(path: &Path) -> Option<&str> {
    match &path.steps[..] {
        [Step::Key(metadata), Step::Key(annotations), Step::Key(key)]
            if metadata == "metadata" && annotations == "annotations" =>
        {
            Some(key)
        }
        _ => None,
    }
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// A text of names with more of them.
fn with_names(text: &str, more: &[&str]) -> String {
    let known = text.trim_end().trim_end_matches(',');
    let blank = if known.contains(", ") { ", " } else { "," };
    let all: Vec<&str> = [known].into_iter().chain(more.iter().copied()).collect();
    let all: Vec<&str> = all.into_iter().filter(|one| !one.trim().is_empty()).collect();
    all.join(blank)
}

/// Writes all that is rendered into what is there.
fn write(all: &mut Map<String, Json>, ours: &Map<String, Json>) {
    for (key, new) in ours {
        match (new, all.get_mut(key)) {
            (Json::Object(new), Some(Json::Object(old))) => write(old, new),
            _ => {
                all.insert(key.clone(), new.clone());
            }
        }
    }
}

/// Which BackendConfig each port has. A port's own comes before the default, by its name or by its number
/// (kubernetes/ingress-gce:pkg/backendconfig/utils.go).
struct Attached<'a, 's> {
    one: &'a Service<'s>,
    other: &'a Service<'s>,
    ours: &'a Map<String, Json>,
    theirs: &'a Map<String, Json>,
    /// The names of ports that something rendered asks for.
    asked: &'a [&'a str],
}

impl<'s> Attached<'_, 's> {
    /// Says for each of our ports which BackendConfig it is to have, where it has another.
    fn write(&self, all: &mut Map<String, Json>) {
        for own in self.one.ports() {
            let there = self.there(&own);
            let port = self.later(&own, there.as_ref());
            if let Some(there) = there {
                self.follow(all, &there, &port);
            }
            let wanted = config_of(self.ours, &own);
            let Some(wanted) = wanted.filter(|wanted| config_of(all, &port) != Some(*wanted))
            else {
                continue;
            };
            match self.own_place(all, &own, &port) {
                Some(key) => {
                    let ports = all.entry("ports").or_insert_with(|| Json::Object(Map::new()));
                    if let Some(ports) = ports.as_object_mut() {
                        ports.retain(|key, _| !self.is_nobodys(key, &own));
                        ports.insert(key, wanted.clone());
                    }
                }
                None => {
                    all.insert("default".to_owned(), wanted.clone());
                }
            }
        }
    }

    /// The port that is there for one of ours: by its number, of several the one of its name, and else by its name.
    fn there(&self, own: &ServicePort<'_>) -> Option<ServicePort<'s>> {
        let (all, ours) = (self.other.ports(), self.one.ports());
        let same = || all.iter().filter(|other| other.number == own.number);
        let same = same().find(|other| other.name == own.name).or_else(|| same().next());
        let is_others = |port: &ServicePort<'_>| ours.iter().any(|one| one.number == port.number);
        let named = all
            .iter()
            .find(|other| own.name.is_some() && other.name == own.name && !is_others(other));
        same.or(named).copied()
    }

    /// A port as it will be. One that is there keeps its name, unless something asks for it by ours.
    fn later<'p>(&self, own: &ServicePort<'p>, there: Option<&ServicePort<'p>>) -> ServicePort<'p> {
        let kept = there.and_then(|there| there.name);
        let is_kept = own.name.is_none_or(|name| !self.asked.contains(&name));
        ServicePort { name: kept.filter(|_| is_kept).or(own.name), ..*own }
    }

    /// What stands under a name or a number that a port no longer has is to stand under one that it has.
    fn follow(&self, all: &mut Map<String, Json>, there: &ServicePort<'_>, port: &ServicePort<'_>) {
        let Some(ports) = all.get_mut("ports").and_then(Json::as_object_mut) else {
            return;
        };
        let (old, new) = (keys_of(there), keys_of(port));
        for (index, gone) in old.iter().enumerate().filter(|(_, key)| !new.contains(*key)) {
            let is_anothers = self.other.ports().iter().any(|other| {
                other.node.span() != there.node.span() && keys_of(other).contains(gone)
            });
            let Some(config) = ports.get(gone).cloned().filter(|_| !is_anothers) else {
                continue;
            };
            ports.shift_remove(gone);
            // A name in the place of a name, and a number in that of a number.
            let same =
                (index + new.len() >= old.len()).then(|| new.get(index + new.len() - old.len()));
            if let Some(key) =
                same.flatten().filter(|_| new.iter().all(|key| !ports.contains_key(key)))
            {
                ports.insert(key.clone(), config);
            }
        }
    }

    /// Whether what is ours stands under a name of the port that it does not have there, nor another one.
    fn is_nobodys(&self, key: &str, own: &ServicePort<'_>) -> bool {
        let is_of = |port: &ServicePort<'_>| keys_of(port).iter().any(|one| one == key);
        let ours = self.one.ports();
        let is_later = |port: &ServicePort<'_>| is_of(&self.later(port, self.there(port).as_ref()));
        is_of(own) && !ours.iter().any(is_later) && !self.other.ports().iter().any(is_of)
    }

    /// The key to say it under: the one that the port has already. None for the default, where ours says so and no port
    /// of others has it from there.
    fn own_place(
        &self,
        all: &Map<String, Json>,
        own: &ServicePort<'_>,
        port: &ServicePort<'_>,
    ) -> Option<String> {
        let is_own = own_key(self.ours, own).is_some();
        let own = own_key(all, port);
        let number = || port.number.map(|number| number.to_string());
        let name = || port.name.map(str::to_owned).or_else(number);
        own.or_else(|| (is_own || !self.is_default_ours()).then(name).flatten())
    }

    /// Whether no port of others takes the default.
    fn is_default_ours(&self) -> bool {
        let ours = self.one.ports();
        let is_ours = |port: &ServicePort<'_>| {
            ours.iter()
                .any(|own| own.number == port.number || own.name.is_some() && own.name == port.name)
        };
        let others = self.other.ports();
        let mut others = others.iter().filter(|port| !is_ours(port));
        others.all(|port| own_key(self.theirs, port).is_some())
    }
}

fn config_of<'j>(json: &'j Map<String, Json>, port: &ServicePort<'_>) -> Option<&'j Json> {
    let own = own_key(json, port).and_then(|key| json.get("ports")?.get(key));
    own.or_else(|| json.get("default"))
}

/// The key under which a port has its own.
fn own_key(json: &Map<String, Json>, port: &ServicePort<'_>) -> Option<String> {
    let ports = json.get("ports")?;
    keys_of(port).into_iter().find(|key| ports.get(key).is_some())
}

/// The keys under which a port may have its own: its name, and its number.
fn keys_of(port: &ServicePort<'_>) -> Vec<String> {
    let number = port.number.map(|number| number.to_string());
    [port.name.map(str::to_owned), number].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(key: &str, ours: &str, theirs: &str) -> String {
        match wanted(key, (ours, theirs), None, &[]) {
            None => "whole".to_owned(),
            Some(Wanted::Same) => "same".to_owned(),
            Some(Wanted::Names(text)) => text,
            Some(Wanted::Json(json)) => json.to_string(),
            Some(Wanted::Refused(json, _)) => format!("refused {json}"),
        }
    }

    #[test]
    fn names_of_others_stay() {
        let chat = |theirs: &str| told(NAMES[0], "chat", theirs);
        assert_eq!(chat("other, chat"), "same");
        assert_eq!(chat("a,b"), "a,b,chat");
        assert_eq!(chat("a, b"), "a, b, chat");
        assert_eq!(chat("a,"), "a,chat");
        assert_eq!(chat(""), "chat");
        assert_eq!(told("kubernetes.io/ingress.class", "gce", "nginx"), "whole");
    }

    #[test]
    fn entries_of_others_stay() {
        let neg = |theirs: &str| told("cloud.google.com/neg", r#"{"ingress":true}"#, theirs);
        assert_eq!(neg(r#"{"ingress":true,"exposed_ports":{"80":{}}}"#), "same");
        let with_ports = r#"{"exposed_ports":{"80":{}},"ingress":true}"#;
        assert_eq!(neg(r#"{"exposed_ports":{"80":{}}}"#), with_ports);
        let named = r#"{"exposed_ports":{"80":{"name":"chat"}},"ingress":true}"#;
        assert_eq!(neg(r#"{"exposed_ports":{"80":{"name":"chat"}}}"#), format!("refused {named}"));
        assert_eq!(neg("true"), "whole");
        assert_eq!(neg("{"), "whole");
    }
}

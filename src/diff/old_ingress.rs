//! An Ingress as the versions of the beta had it, which clusters no longer have.
//!
//! Its backends have other names for the same (`serviceName` and `servicePort`), and no API server takes a mixture. So
//! whatever differs, one edit makes the whole object one of `networking.k8s.io/v1`, and all that it changes is told
//! (<https://kubernetes.io/docs/reference/using-api/deprecation-guide/#ingress-v122>).

use serde_json::{Value as Json, json};

use super::carry::carry_out;
use super::same::{json, said};
use super::{Change, Why};
use crate::diagnostic::Edit;
use crate::kube::{Ingress, Object};
use crate::manifest::{Node, Path};

/// The API that has what the beta had.
const API: &str = "networking.k8s.io/v1";

const WHY: Why = Why {
    rule: Some("ingress-api-removed"),
    key: None,
    reason: "Kubernetes 1.22 and later take no Ingress of the beta, nor parts of one",
};

/// Whether an object is an Ingress of the beta, or has a backend of it.
pub(super) fn is_old(object: &Object<'_>) -> bool {
    let has_old = || Ingress::new(*object).routes().iter().any(|route| is_backend(route.backend));
    object.kind == "Ingress" && (object.version == "v1beta1" || has_old())
}

/// Whether a backend is one of the beta.
pub(super) fn is_backend(node: Node<'_>) -> bool {
    node.is_map() && (node.get("serviceName").is_some() || node.get("servicePort").is_some())
}

/// Whether a backend of the beta is what one of today says.
pub(super) fn is_same_backend(ours: Node<'_>, theirs: Node<'_>) -> bool {
    is_backend(theirs) && converted(&json(theirs)).is_some_and(|new| new == json(ours))
}

/// What differs, together with what makes the object one of today: one edit for all of it.
pub(super) fn changes(one: &Object<'_>, other: &Object<'_>, found: Vec<Change>) -> Vec<Change> {
    let wanted = wanted(other, &found);
    let mut all = conversions(one, other);
    all.retain(|told| !found.iter().any(|known| known.path == told.path));
    // What comes first in a manifest is told first.
    all.extend(found);
    let edit = match wanted {
        Some(wanted) => {
            Ok((other.file.source, Edit::set(other.node.span(), Path::default(), wanted)))
        }
        None => Err("a backend of the beta is here that today's API has no words for".to_owned()),
    };
    for change in &mut all {
        change.edit.clone_from(&edit);
    }
    all
}

/// The object as it is to be; `None` if it cannot be said.
fn wanted(other: &Object<'_>, found: &[Change]) -> Option<Json> {
    let mut wanted = json(other.node);
    wanted["apiVersion"] = API.into();
    convert_spec(wanted.get_mut("spec")?)?;
    for change in found {
        match &change.edit {
            Ok((_, Edit::Value { change, .. })) => carry_out(&mut wanted, change)?,
            _ => return None,
        }
    }
    Some(wanted)
}

/// What makes an object one of today, to be told.
fn conversions(one: &Object<'_>, other: &Object<'_>) -> Vec<Change> {
    let told = |path: String, old: Option<Node<'_>>, near: Node<'_>, new: &Json| Change {
        path,
        old: old.map(|old| said(&json(old))),
        new: Some(said(new)),
        there: Some(other.at(old.unwrap_or(near))),
        here: one.title(),
        why: WHY,
        edit: Err(String::new()),
        notes: Vec::new(),
    };
    let version = other.node.get("apiVersion").filter(|version| version.as_str() != Some(API));
    let version = version.map(|it| told("apiVersion".to_owned(), Some(it), it, &API.into()));
    let mut all: Vec<Change> = version.into_iter().collect();
    for route in Ingress::new(*other).routes() {
        let path = if route.is_default() {
            "spec.defaultBackend".to_owned()
        } else {
            route.path_name("backend")
        };
        let new = converted(&json(route.backend)).filter(|_| is_backend(route.backend));
        all.extend(new.map(|new| told(path, Some(route.backend), route.backend, &new)));
        if !route.is_default() && route.node.get("pathType").is_none() {
            let near = route.path.unwrap_or(route.backend);
            let kind = "ImplementationSpecific".into();
            all.push(told(route.path_name("pathType"), None, near, &kind));
        }
    }
    all
}

fn convert_spec(spec: &mut Json) -> Option<()> {
    if let Some(backend) = spec.as_object_mut()?.shift_remove("backend") {
        spec["defaultBackend"] = converted(&backend)?;
    }
    let rules = spec.get_mut("rules").and_then(Json::as_array_mut);
    for rule in rules.into_iter().flatten() {
        let paths = rule.pointer_mut("/http/paths").and_then(Json::as_array_mut);
        for path in paths.into_iter().flatten().filter_map(Json::as_object_mut) {
            if let Some(backend) = path.get("backend") {
                let new = converted(backend)?;
                path.insert("backend".to_owned(), new);
            }
            path.entry("pathType").or_insert_with(|| "ImplementationSpecific".into());
        }
    }
    Some(())
}

/// A backend as it is written today; `None` if it cannot be.
fn converted(backend: &Json) -> Option<Json> {
    let map = backend.as_object()?;
    if !map.contains_key("serviceName") && !map.contains_key("servicePort") {
        return Some(backend.clone());
    }
    let port = match map.get("servicePort")? {
        Json::Number(number) => json!({ "number": number }),
        // A name has a letter.
        Json::String(name) if name.parse::<i64>().is_err() => json!({ "name": name }),
        _ => return None,
    };
    let name = map.get("serviceName")?.as_str()?;
    (map.len() == 2).then(|| json!({ "service": { "name": name, "port": port } }))
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Sources;
    use crate::diff::{Change, compare};
    use crate::fix::apply;
    use crate::set::{File, Set};

    const OURS: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: chat}
spec:
  rules:
    - host: chat.example.com
      http:
        paths:
          - path: /socket.io/
            pathType: Prefix
            backend: {service: {name: chat, port: {number: 80}}}
";

    const OLD: &str = "\
# ours since 2019
apiVersion: extensions/v1beta1
kind: Ingress
metadata:
  name: chat
spec:
  backend:
    serviceName: web
    servicePort: 80
  rules:
    - host: chat.example.com
      http:
        paths:
          - path: /* # all of it
            backend:
              serviceName: other
              servicePort: http
          - path: /socket.io/
            pathType: Prefix
            backend: {serviceName: chat, servicePort: 80}
";

    fn compared(theirs: &str) -> (Vec<Change>, String) {
        let mut sources = Sources::default();
        let ids = [sources.add("ours.yaml", OURS), sources.add("theirs.yaml", theirs)];
        let files = ids.map(|id| [File::of(&sources, id, false)]);
        let [ours, others] = [0, 1].map(|side: usize| Set::new(&files[side]));
        let changes: Vec<Change> =
            compare(&ours, &others).into_iter().flat_map(|diff| diff.changes).collect();
        let edits = changes.iter().filter_map(|one| one.edit.as_ref().ok());
        let edits: Vec<_> = edits.map(|(_, edit)| edit.clone()).collect();
        (changes, apply(theirs, &edits).unwrap().text)
    }

    #[test]
    fn the_whole_object_is_converted_and_all_of_it_is_told() {
        let (changes, text) = compared(OLD);
        let paths: Vec<&str> = changes.iter().map(|one| &*one.path).collect();
        let path = |of: &str| format!("spec.rules[host=chat.example.com].http.paths[path={of}]");
        assert_eq!(
            paths,
            [
                "apiVersion",
                &format!("{}.backend", path("/*")),
                &format!("{}.pathType", path("/*")),
                &format!("{}.backend", path("/socket.io/")),
                "spec.defaultBackend"
            ]
        );
        assert_eq!(
            text,
            "\
# ours since 2019
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: chat
spec:
  rules:
    - host: chat.example.com
      http:
        paths:
          - path: /* # all of it
            backend:
              service:
                name: other
                port:
                  name: http
            pathType: ImplementationSpecific
          - path: /socket.io/
            pathType: Prefix
            backend: {service: {name: chat, port: {number: 80}}}
  defaultBackend:
    service:
      name: web
      port:
        number: 80
"
        );
        assert!(compared(&text).0.is_empty());
    }

    #[test]
    fn what_differs_comes_with_the_same_edit() {
        let old = OLD
            .replace("servicePort: 80}", "servicePort: 8080}")
            .replace("            pathType: Prefix\n", "");
        let (changes, text) = compared(&old);
        assert!(changes.iter().all(|one| one.edit == changes[0].edit), "{changes:#?}");
        assert!(!text.contains("servicePort") && text.contains("pathType: Prefix"), "{text}");
        assert!(compared(&text).0.is_empty(), "{text}");
        let (_, text) = compared(&OLD.replace("/socket.io/", "/other/"));
        assert!(!text.contains("servicePort"), "{text}");
        assert!(compared(&text).0.is_empty(), "{text}");
    }

    #[test]
    fn an_old_backend_in_a_new_object_is_converted_too() {
        let mixed = OLD.replace("extensions/v1beta1", "networking.k8s.io/v1");
        let (_, text) = compared(&mixed);
        assert!(!text.contains("servicePort"), "{text}");
        assert!(compared(&text).0.is_empty(), "{text}");
    }

    #[test]
    fn what_has_no_words_today_is_left() {
        let old = OLD.replace("servicePort: http", "servicePort: \"80\"");
        let (changes, text) = compared(&old);
        assert!(!changes.is_empty() && changes.iter().all(|one| one.edit.is_err()), "{changes:#?}");
        assert_eq!(text, old);
    }

    #[test]
    fn of_two_rules_for_a_host_the_last_counts() {
        let rule = OURS.find("    - host").unwrap();
        let first = OURS[rule..].replace("/socket.io/", "/a/");
        let twice = format!("{}{first}{}", &OURS[..rule], &OURS[rule..]);
        assert!(compared(&twice).0.is_empty());
        let hidden = format!("{}{}{first}", &OURS[..rule], &OURS[rule..]);
        let (changes, text) = compared(&hidden);
        assert_eq!(changes[0].path, "spec.rules[1].http.paths[path=/socket.io/]");
        assert!(text[text.find("/a/").unwrap()..].contains("- path: /socket.io/"), "{text}");
        assert!(compared(&text).0.is_empty(), "{text}");
    }
}

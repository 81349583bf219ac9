//! In words, why an annotation does nothing where it stands.

use super::super::{Controller as Served, article};
use super::{DATE, READ_IN, Reader, Role, Verdict, ingress_nginx, lookup};

/// An annotation that does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// The fact.
    pub message: String,
    /// Where that was read.
    pub note: String,
    /// What to do.
    pub help: String,
}

/// What is to be done: write another key, or nothing.
fn instead(key: Option<&str>, or: &str) -> String {
    key.map_or_else(|| or.to_owned(), |key| format!("write `{key}`"))
}

/// Why a key does nothing on a kind, on an Ingress of Google's if it is one; `None` where it may do something.
pub fn dead(kind: &str, key: &str) -> Option<Dead> {
    let table = format!("the keys that are read: {READ_IN}, {DATE}");
    let dead = match lookup(kind, key) {
        Verdict::ReadElsewhere { key: row, instead: other } => Dead {
            message: format!(
                "`{key}` does nothing on {}: it is read on {}",
                article(kind),
                row.kinds.iter().map(|kind| article(kind)).collect::<Vec<_>>().join(" or ")
            ),
            note: format!("{} (grade: {}; {}; {DATE})", row.meaning, row.grade, row.source),
            help: instead(other, &format!("move it to the {}", row.kinds[0])),
        },
        Verdict::Dead { nearest, closed_readers } => Dead {
            message: if closed_readers {
                format!("nothing whose code is public reads `{key}` on {}", article(kind))
            } else {
                format!("nothing reads `{key}` on {}", article(kind))
            },
            note: format!("{table} (grade: source)"),
            help: instead(nearest, "take it out"),
        },
        // Several controllers may look at one Service.
        Verdict::Foreign(controller) if kind == "Ingress" => Dead {
            message: format!(
                "`{key}` does nothing here: it is a key of {}, and Google's load balancer serves this Ingress",
                controller.name
            ),
            note: format!("{table} (grade: source; {})", controller.source),
            help: "take it out, and say the same in the BackendConfig that the Service names"
                .to_owned(),
        },
        _ => return None,
    };
    Some(dead)
}

/// The same on an Ingress of another controller: keys of its own that it does not know, and keys of GKE's.
pub fn dead_elsewhere(controller: Served, key: &str) -> Option<Dead> {
    let invented = key.starts_with(ingress_nginx::PREFIX) && !ingress_nginx::reads(key);
    if controller == Served::IngressNginx && invented {
        return Some(Dead {
            message: format!("`{key}` does nothing: ingress-nginx has no such key"),
            note: format!("the keys that it reads: {}", ingress_nginx::SOURCE),
            help: instead(ingress_nginx::nearest(key).as_deref(), "take it out"),
        });
    }
    let row = super::key(key)?;
    let googles = matches!(row.reader, Reader::IngressGce | Reader::ManagedCertificates);
    let setting = row.role == Role::Setting && row.is_of("Ingress");
    (googles && setting && controller != Served::Other).then(|| Dead {
        message: format!(
            "`{key}` does nothing here: GKE's controllers pass over an Ingress of another class"
        ),
        note: format!("{} (grade: {}; {})", row.meaning, row.grade, row.source),
        help: "take it out, or write the annotation `kubernetes.io/ingress.class: gce`".to_owned(),
    })
}

//! An object in the making: its names so far, and who has had a hand in it.

use regex_lite::Regex;

use super::value::Value;

/// An object.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) value: Value,
    /// Under which names it was known before something gave it another one, with the namespaces; the first is the one it
    /// was written with.
    pub(super) former: Vec<(String, String)>,
    /// The partial manifests that were laid over it.
    pub(super) patches: Vec<Applied>,
    /// What its name was given in front and at its end, the innermost first.
    pub(super) prefixes: Vec<String>,
    pub(super) suffixes: Vec<String>,
    /// Whether its name is to end with a hash of what is in it.
    pub(super) is_hashed: bool,
    /// Where it was generated: the entry of the generator.
    pub(super) generated: Option<super::value::Origin>,
}

/// A partial manifest that was laid over an object.
#[derive(Debug, Clone)]
pub(super) struct Applied {
    /// The kustomization that says so.
    pub(super) layer: usize,
    pub(super) root: Value,
    /// Whether it is for this object alone.
    pub(super) is_sole: bool,
}

impl Resource {
    pub(super) fn new(value: Value) -> Self {
        Self {
            value,
            former: Vec::new(),
            patches: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            is_hashed: false,
            generated: None,
        }
    }

    pub(super) fn kind(&self) -> &str {
        self.value.str_at(&["kind"]).unwrap_or_default()
    }

    /// The group and the version of its API.
    pub(super) fn api(&self) -> (&str, &str) {
        api(&self.value)
    }

    pub(super) fn name(&self) -> &str {
        self.value.str_at(&["metadata", "name"]).unwrap_or_default()
    }

    pub(super) fn namespace(&self) -> &str {
        self.value.str_at(&["metadata", "namespace"]).unwrap_or_default()
    }

    /// The name and the namespace that it was written with.
    pub(super) fn original(&self) -> (&str, &str) {
        let first = self.former.first().map(|(name, space)| (name.as_str(), space.as_str()));
        first.unwrap_or((self.name(), self.namespace()))
    }

    /// Remembers what it is called now, as something else may come.
    pub(super) fn remember(&mut self) {
        let now = (self.name().to_owned(), self.namespace().to_owned());
        if !self.former.contains(&now) {
            self.former.push(now);
        }
    }

    /// All names that it goes by, each with its namespace.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let former = self.former.iter().map(|(name, space)| (name.as_str(), space.as_str()));
        former.chain(std::iter::once((self.name(), self.namespace())))
    }

    /// Whether it is the one that a partial manifest names.
    pub(super) fn is_named_by(&self, part: &Value) -> bool {
        let text = |keys: &[&str]| part.str_at(keys).unwrap_or_default();
        let (name, space) = (text(&["metadata", "name"]), text(&["metadata", "namespace"]));
        self.kind() == text(&["kind"])
            && self.api().0 == api(part).0
            && self.names().any(|(other, within)| other == name && same_space(within, space))
    }

    /// Whether it is another of the same name.
    pub(super) fn clashes_with(&self, other: &Self) -> bool {
        (self.kind(), self.api().0, self.name()) == (other.kind(), other.api().0, other.name())
            && same_space(self.namespace(), other.namespace())
    }
}

fn api(value: &Value) -> (&str, &str) {
    let text = value.str_at(&["apiVersion"]).unwrap_or_default();
    text.split_once('/').unwrap_or(("", text))
}

/// No namespace is the one called `default` (kubernetes-sigs/kustomize:kyaml/resid/resid.go).
pub(super) fn effective(space: &str) -> &str {
    if space == "default" { "" } else { space }
}

pub(super) fn same_space(one: &str, other: &str) -> bool {
    effective(one) == effective(other)
}

/// The objects that a patch is for.
#[derive(Debug)]
pub(super) struct Target {
    fields: Vec<(&'static str, Regex)>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// One condition on labels or annotations.
#[derive(Debug)]
enum Requirement {
    Is(String, String),
    IsNot(String, String),
    Has(String),
    HasNot(String),
}

impl Target {
    /// What `target` says; `Err` names a key that is not followed.
    pub(super) fn read(target: &Value) -> Result<Self, &'static str> {
        let mut fields = Vec::new();
        for key in ["group", "version", "kind", "name", "namespace"] {
            if let Some(pattern) = target.str_at(&[key]).filter(|text| !text.is_empty()) {
                let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| key)?;
                fields.push((key, whole));
            }
        }
        let selector = |key| requirements(target.str_at(&[key]).unwrap_or_default()).ok_or(key);
        Ok(Self {
            fields,
            labels: selector("labelSelector")?,
            annotations: selector("annotationSelector")?,
        })
    }

    pub(super) fn fits(&self, resource: &Resource) -> bool {
        let (group, version) = resource.api();
        let names = || resource.names();
        let field = |(key, pattern): &(&str, Regex)| match *key {
            "group" => pattern.is_match(group),
            "version" => pattern.is_match(version),
            "kind" => pattern.is_match(resource.kind()),
            "name" => names().any(|(name, _)| pattern.is_match(name)),
            _ => names().any(|(_, space)| {
                pattern.is_match(if space.is_empty() { "default" } else { space })
            }),
        };
        let holds = |all: &[Requirement], key| {
            all.iter().all(|one| one.holds(resource.value.at(&["metadata", key])))
        };
        self.fields.iter().all(field)
            && holds(&self.labels, "labels")
            && holds(&self.annotations, "annotations")
    }
}

impl Requirement {
    fn holds(&self, map: Option<&Value>) -> bool {
        let get = |key: &str| map.and_then(|map| map.str_at(&[key]));
        match self {
            Self::Is(key, value) => get(key) == Some(value),
            Self::IsNot(key, value) => get(key) != Some(value),
            Self::Has(key) => get(key).is_some(),
            Self::HasNot(key) => get(key).is_none(),
        }
    }
}

/// `a=b,c!=d,e,!f`; nothing for other forms.
fn requirements(selector: &str) -> Option<Vec<Requirement>> {
    let parts = selector.split(',').map(str::trim).filter(|part| !part.is_empty());
    let one = |part: &str| {
        if part.contains(['(', ')', ' ', '<', '>']) {
            return None;
        }
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        if let Some((key, value)) = part.split_once("!=") {
            let (key, value) = pair(key, value);
            return Some(Requirement::IsNot(key, value));
        }
        if let Some((key, value)) = part.split_once('=') {
            let (key, value) = pair(key, value.trim_start_matches('='));
            return Some(Requirement::Is(key, value));
        }
        Some(match part.strip_prefix('!') {
            Some(key) => Requirement::HasNot(key.to_owned()),
            None => Requirement::Has(part.to_owned()),
        })
    };
    parts.map(one).collect()
}

//! Places of which several objects are made: a patch may meet more than one, and so may a base that is built twice.

use super::build::Built;
use super::resource::Resource;
use super::value::{Data, How, Origin, Value};
use crate::diagnostic::{Edit, SourceId, Span};

impl Built {
    /// The objects that an edit changes, but those that begin at some bytes of the text: the kind and name of each.
    pub fn changed_besides(
        &self,
        known: &[usize],
        (source, edit): (SourceId, &Edit),
    ) -> Vec<String> {
        let others = self.starts.iter().zip(&self.resources);
        let others = others.filter(|(start, _)| !known.contains(start));
        let changed = others.filter(|(_, resource)| is_made_of(resource, source, edit));
        changed.map(|(_, one)| format!("{} `{}`", one.kind(), one.name())).collect()
    }

    /// The name and the namespace by which the kustomization.yaml that is built knows an object; none for one that is
    /// generated.
    pub fn known_as(&self, before: Option<&str>, start: usize) -> Option<(&str, &str)> {
        let resource = self.resource(start).filter(|one| one.generated.is_none())?;
        let now = resource.names().find(|(name, _)| Some(*name) == before);
        Some(now.unwrap_or_else(|| resource.original()))
    }
}

fn is_made_of(resource: &Resource, source: SourceId, edit: &Edit) -> bool {
    let is_edited = |origin: Origin| {
        origin.place.source == source
            && match (edit, origin.how) {
                (Edit::Value { object, .. }, How::Written) => origin.place.span == *object,
                (Edit::Within { scalar, object, .. }, How::Within { scalar: other, inner }) => {
                    (*scalar, *object) == (other, inner)
                }
                (Edit::Nginx { scalar, .. }, _) => {
                    scalar.is_none_or(|scalar: Span| origin.place.span == scalar)
                }
                _ => false,
            }
    };
    holds(&resource.value, &is_edited)
}

fn holds(value: &Value, is_it: &dyn Fn(Origin) -> bool) -> bool {
    is_it(value.origin)
        || match &value.data {
            Data::Scalar(_) => false,
            Data::List(items) => items.iter().any(|item| holds(item, is_it)),
            Data::Map(map) => map.entries.iter().any(|(_, item)| holds(item, is_it)),
        }
}

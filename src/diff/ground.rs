//! What a comparison knows beyond the two values that it looks at: the other objects of both sides.

use std::cell::OnceCell;

use crate::kube::{Object, Service, Workload};
use crate::manifest::Node;
use crate::path::{Backend, Model, Numbers, Session};
use crate::set::{Mark, Remark, Set};

/// Both sides as a whole.
pub(super) struct Ground<'c> {
    pub(super) ours: &'c Set<'c>,
    pub(super) theirs: &'c Set<'c>,
    /// What is rendered, as rules see it. Most comparisons never ask.
    model: OnceCell<Model<'c>>,
}

impl<'c> Ground<'c> {
    pub(super) fn new(ours: &'c Set<'c>, theirs: &'c Set<'c>) -> Self {
        Self { ours, theirs, model: OnceCell::new() }
    }

    /// What is rendered, as rules see it.
    pub(super) fn model(&self) -> &Model<'c> {
        self.model.get_or_init(|| Model::new(self.ours, &[]))
    }

    /// The session traffic that a rendered BackendConfig or Service is for.
    pub(super) fn sessions_of(&self, one: &Object<'_>) -> Option<(&Backend<'c>, &Session)> {
        let mut backends = self.model().backends.iter();
        backends.find_map(|backend| {
            let is_config = backend.judged_config().is_some_and(|config| config.0.is(one));
            let session = backend.session.as_ref()?;
            (is_config || backend.service.0.is(one)).then_some((backend, session))
        })
    }

    /// What the Socket.IO server is set to, as the marks that are rendered say.
    pub(super) fn numbers(&self) -> Numbers {
        let mut marks = self.ours.remarks.iter().filter_map(|one| match &one.remark {
            Remark::Mark(mark) => Some(mark),
            _ => None,
        });
        Numbers::of(marks.next().unwrap_or(&Mark::default()))
    }

    /// Whether an autoscaler that is there says how many pods an object runs.
    pub(super) fn is_scaled(&self, one: &Object<'_>) -> bool {
        let scales = |scaler: &&Object<'_>| {
            let text = |key| scaler.in_spec(&["scaleTargetRef", key]).and_then(Node::as_str);
            text("kind") == Some(one.kind)
                && text("name") == Some(one.name)
                && scaler.shares_namespace_with(one)
        };
        self.theirs.of_kind("HorizontalPodAutoscaler").find(scales).is_some()
    }

    /// The Services of a name, near an object: ours, and the one that is there.
    pub(super) fn services(&self, name: &str, one: &Object<'_>) -> Vec<Service<'c>> {
        let find = |set: &'c Set<'c>| {
            let named = set.candidates("Service", name).into_iter();
            let mut near = named.filter(|other| other.shares_namespace_with(one));
            near.next().map(|object| Service(*object))
        };
        [find(self.ours), find(self.theirs)].into_iter().flatten().collect()
    }

    /// What runs pods that have some labels, as far as it is there.
    pub(super) fn workloads(
        &self,
        labels: &[(&str, &str)],
        near: &Object<'_>,
    ) -> Vec<Workload<'c>> {
        let all = self.theirs.objects.iter().filter_map(Workload::of);
        let own = all.filter(|one| one.0.shares_namespace_with(near));
        own.filter(|one| one.is_selected_by(labels)).collect()
    }

    /// Whether two selectors choose the same pods, one of them asking for more labels: all pods that are there and have
    /// the fewer have the others too. `None` where no pods are there.
    pub(super) fn chooses_the_same(
        &self,
        fewer: Node<'_>,
        more: Node<'_>,
        near: &Object<'_>,
    ) -> Option<bool> {
        let workloads = self.workloads(&labels(fewer), near);
        let more = labels(more);
        let all = || workloads.iter().all(|one| one.is_selected_by(&more));
        (!workloads.is_empty()).then(all)
    }

    /// Whether all objects that are there and rendered have a label, as Kustomize's common ones.
    pub(super) fn is_of_all(&self, key: &str, value: Node<'_>) -> bool {
        let twins = self.ours.objects.iter().filter_map(|one| {
            let mut named = self.theirs.candidates(one.kind, one.name).into_iter();
            named.find(|other| other.shares_namespace_with(one))
        });
        let has = |one: &Object<'_>| {
            let own = one.node.at(&["metadata", "labels", key]);
            own.and_then(Node::text).is_some_and(|own| Some(own) == value.text())
        };
        let all: Vec<bool> = twins.map(has).collect();
        all.len() > 1 && all.iter().all(|has| *has)
    }
}

/// The labels of a map.
pub(super) fn labels(map: Node<'_>) -> Vec<(&str, &str)> {
    let pairs = map.entries();
    pairs.filter_map(|entry| Some((entry.key_node().text()?, entry.value().text()?))).collect()
}

//! The fields of workloads and their pods that decide what happens to sessions on a rollout.
//!
//! The paths are those of a pod template; a bare Pod has the same without `spec.template`.

use super::{FIELD, Field, Shape};
use crate::kube::Grade;

const POD_API: &str =
    "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/";
const WORKLOAD_API: &str =
    "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/";
const TERMINATION: &str =
    "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination";
const CHECKS: &str = "kubernetes/ingress-gce:pkg/translator/healthchecks.go";

const SCALED: Field = Field {
    kinds: &["Deployment", "ReplicaSet", "StatefulSet"],
    sources: &[WORKLOAD_API],
    grade: Grade::Documented,
    ..FIELD
};

const DEPLOYMENT: Field = Field { kinds: &["Deployment"], ..SCALED };

const POD: Field = Field {
    kinds: &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
    sources: &[POD_API],
    grade: Grade::Documented,
    ..FIELD
};

pub(super) const FIELDS: &[Field] = &[
    Field {
        path: "spec.replicas",
        shape: Shape::Integer { min: 0, max: 2_147_483_647 },
        default: "1",
        absent: "one pod; beside an autoscaler, leave it out",
        meaning: "How many pods. With more than one, polling needs affinity.",
        checked_by: &["session-affinity-missing"],
        ..SCALED
    },
    Field {
        path: "spec.strategy.rollingUpdate.maxSurge",
        shape: Shape::NumberOrText,
        default: "25%",
        absent: "25%",
        meaning: "Pods that may be started beyond replicas during a rollout.",
        checked_by: &["rollout-cuts-sessions"],
        ..DEPLOYMENT
    },
    Field {
        path: "spec.strategy.rollingUpdate.maxUnavailable",
        shape: Shape::NumberOrText,
        default: "25%",
        absent: "25%",
        meaning: "Pods that may be missing during a rollout.",
        checked_by: &["rollout-cuts-sessions"],
        ..DEPLOYMENT
    },
    Field {
        path: "spec.strategy.type",
        shape: Shape::OneOf(&["Recreate", "RollingUpdate"]),
        default: "RollingUpdate",
        absent: "RollingUpdate",
        meaning: "Recreate ends all pods, and every session, before it starts new ones.",
        checked_by: &["rollout-cuts-sessions"],
        ..DEPLOYMENT
    },
    Field {
        path: "spec.template.spec.containers",
        shape: Shape::List { max: usize::MAX },
        required: true,
        absent: "the API server refuses it",
        meaning: "The containers.",
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].lifecycle.preStop",
        absent: "SIGTERM is sent at once, while the load balancer still sends requests",
        meaning: "Run before SIGTERM; its time counts against the grace period.",
        checked_by: &["rollout-cuts-sessions"],
        sources: &[TERMINATION],
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].lifecycle.preStop.exec.command",
        shape: Shape::List { max: usize::MAX },
        meaning: "A program with its arguments, such as a sleep; the image must have it.",
        checked_by: &["rollout-cuts-sessions"],
        sources: &[TERMINATION],
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].lifecycle.preStop.sleep.seconds",
        shape: Shape::Integer { min: 0, max: 2_147_483_647 },
        meaning: "Seconds to wait; needs no program in the image.",
        checked_by: &["rollout-cuts-sessions"],
        sources: &[TERMINATION],
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].ports",
        shape: Shape::List { max: usize::MAX },
        absent: "a health check cannot follow the readiness probe",
        meaning: "The ports. They open nothing, but name what Service, probe and health check refer to.",
        checked_by: &["target-port-unserved"],
        sources: &["kubernetes/ingress-gce:pkg/controller/translator/translator.go", POD_API],
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].ports[].containerPort",
        shape: Shape::Integer { min: 1, max: 65_535 },
        required: true,
        absent: "the API server refuses it",
        meaning: "The port.",
        checked_by: &["target-port-unserved", "listen-port-mismatch"],
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].ports[].name",
        shape: Shape::Text,
        absent: "refer to it by number",
        meaning: "The name that `targetPort` may use.",
        checked_by: &["target-port-unserved"],
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].readinessProbe",
        absent: "the pod is ready as soon as it runs",
        meaning: "When the pod may get traffic. ingress-gce makes a new health check from a plain httpGet on the serving port; later edits are ignored.",
        checked_by: &["health-path-unanswered"],
        sources: &[CHECKS, "kubernetes/ingress-gce#39"],
        grade: Grade::Source,
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].readinessProbe.httpGet.httpHeaders",
        shape: Shape::List { max: usize::MAX },
        meaning: "A `Host` among them becomes the Host of a health check that is made from the probe.",
        sources: &[CHECKS],
        grade: Grade::Source,
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].readinessProbe.httpGet.path",
        shape: Shape::UrlPath,
        default: "/",
        absent: "/",
        meaning: "The path; a health check that is made from the probe asks for it.",
        checked_by: &["health-path-unanswered"],
        sources: &[CHECKS],
        grade: Grade::Source,
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].readinessProbe.httpGet.port",
        shape: Shape::NumberOrText,
        absent: "the API server refuses it",
        meaning: "The port; only a probe of the serving port becomes a health check.",
        checked_by: &["health-path-unanswered"],
        sources: &["kubernetes/ingress-gce:pkg/controller/translator/translator.go"],
        grade: Grade::Source,
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].readinessProbe.periodSeconds",
        shape: Shape::Integer { min: 1, max: 2_147_483_647 },
        default: "10",
        absent: "10",
        meaning: "Seconds between two probes. With instance groups the health check takes 60 more.",
        sources: &[CHECKS],
        grade: Grade::Source,
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].readinessProbe.timeoutSeconds",
        shape: Shape::Integer { min: 1, max: 2_147_483_647 },
        default: "1",
        absent: "1",
        meaning: "Seconds until a probe has failed; at most periodSeconds, or the health check made from it is refused.",
        checked_by: &["health-check-timeout-over-interval"],
        sources: &[CHECKS],
        ..POD
    },
    Field {
        path: "spec.template.spec.containers[].securityContext.readOnlyRootFilesystem",
        shape: Shape::Bool,
        default: "false",
        absent: "the image's files may be written",
        meaning: "`true`: nginx needs writable places for its pid and temporary files.",
        checked_by: &["unwritable-temp-path"],
        ..POD
    },
    Field {
        path: "spec.template.spec.terminationGracePeriodSeconds",
        shape: Shape::Integer { min: 0, max: 2_147_483_647 },
        default: "30",
        absent: "30 s after the end begins the containers are killed",
        meaning: "Seconds from the beginning of the end, preStop included, to SIGKILL.",
        checked_by: &["grace-shorter-than-drain", "rollout-cuts-sessions"],
        sources: &[TERMINATION],
        ..POD
    },
];

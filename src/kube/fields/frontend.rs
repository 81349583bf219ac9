//! The front end: FrontendConfig (`networking.gke.io/v1beta1`) and ManagedCertificate (`networking.gke.io/v1`).

use super::{FIELD, Field, Shape};
use crate::kube::Grade;

const URL_MAPS: &str = "kubernetes/ingress-gce:pkg/loadbalancers/url_maps.go";
const CRD: &str = "GoogleCloudPlatform/gke-managed-certs:deploy/managedcertificates-crd.yaml";

const FRONTEND_CONFIG: Field = Field {
    kinds: &["FrontendConfig"],
    sources: &["kubernetes/ingress-gce:pkg/apis/frontendconfig/v1beta1/types.go"],
    ..FIELD
};

const MANAGED_CERTIFICATE: Field =
    Field { kinds: &["ManagedCertificate"], sources: &[CRD], ..FIELD };

pub(super) const FIELDS: &[Field] = &[
    Field {
        path: "spec.redirectToHttps",
        absent: "no redirect",
        meaning: "Answer http with a redirect to https. An error on class gce-internal; without effect where `kubernetes.io/ingress.allow-http` is \"false\".",
        checked_by: &["redirect-without-http", "redirect-on-internal"],
        sources: &[URL_MAPS],
        ..FRONTEND_CONFIG
    },
    Field {
        path: "spec.redirectToHttps.enabled",
        shape: Shape::Bool,
        required: true,
        absent: "the API server refuses the block",
        meaning: "Whether to redirect.",
        checked_by: &["redirect-without-http", "redirect-on-internal"],
        sources: &["kubernetes/ingress-gce:pkg/apis/frontendconfig/v1beta1/types.go"],
        ..FRONTEND_CONFIG
    },
    Field {
        path: "spec.redirectToHttps.responseCodeName",
        shape: Shape::OneOf(&[
            "MOVED_PERMANENTLY_DEFAULT",
            "FOUND",
            "SEE_OTHER",
            "TEMPORARY_REDIRECT",
            "PERMANENT_REDIRECT",
        ]),
        default: "MOVED_PERMANENTLY_DEFAULT",
        absent: "301 is answered",
        meaning: "The status: 301, 302, 303, 307, 308. After 301 and 302 clients turn POST into GET: PERMANENT_REDIRECT suits polling.",
        sources: &[URL_MAPS, "https://cloud.google.com/compute/docs/reference/rest/v1/urlMaps"],
        grade: Grade::Documented,
        ..FRONTEND_CONFIG
    },
    Field {
        path: "spec.sslPolicy",
        shape: Shape::Text,
        absent: "the live policy stays; there is none on a new load balancer",
        meaning: "The name of an SSL policy of the project; empty takes it off.",
        sources: &["kubernetes/ingress-gce:pkg/controller/translator/translator.go"],
        ..FRONTEND_CONFIG
    },
    Field {
        path: "spec.domains",
        shape: Shape::List { max: 100 },
        required: true,
        absent: "the API server refuses it",
        meaning: "The names on the certificate.",
        ..MANAGED_CERTIFICATE
    },
    Field {
        path: "spec.domains[]",
        shape: Shape::Domain,
        meaning: "One name: lower case, at most 63 characters, no wildcard.",
        ..MANAGED_CERTIFICATE
    },
    Field { path: "status", meaning: "Written by the controller.", ..MANAGED_CERTIFICATE },
    Field {
        path: "status.certificateName",
        shape: Shape::Text,
        meaning: "The SSL certificate of the project that was made.",
        ..MANAGED_CERTIFICATE
    },
    Field {
        path: "status.certificateStatus",
        shape: Shape::OneOf(&[
            "Active",
            "Provisioning",
            "ProvisioningFailed",
            "ProvisioningFailedPermanently",
            "RenewalFailed",
        ]),
        meaning: "How far the certificate is: the load balancer serves it once Active.",
        sources: &["GoogleCloudPlatform/gke-managed-certs:pkg/config/config.go"],
        ..MANAGED_CERTIFICATE
    },
    Field {
        path: "status.domainStatus",
        shape: Shape::List { max: usize::MAX },
        meaning: "How far each name is.",
        ..MANAGED_CERTIFICATE
    },
    Field { path: "status.domainStatus[]", meaning: "One name.", ..MANAGED_CERTIFICATE },
    Field {
        path: "status.domainStatus[].domain",
        shape: Shape::Text,
        meaning: "The name.",
        ..MANAGED_CERTIFICATE
    },
    Field {
        path: "status.domainStatus[].status",
        shape: Shape::OneOf(&[
            "Active",
            "Provisioning",
            "FailedNotVisible",
            "FailedCaaChecking",
            "FailedCaaForbidden",
            "FailedRateLimited",
        ]),
        meaning: "FailedNotVisible: its DNS does not lead to the load balancer yet.",
        sources: &["GoogleCloudPlatform/gke-managed-certs:pkg/config/config.go"],
        ..MANAGED_CERTIFICATE
    },
    Field {
        path: "status.expireTime",
        shape: Shape::Text,
        meaning: "When the certificate expires.",
        ..MANAGED_CERTIFICATE
    },
];

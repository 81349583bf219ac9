//! `spec.cdn` of a BackendConfig: Cloud CDN in front of one backend.
//!
//! Only classic and global external load balancers have it. v1beta1 knows `enabled` and `cachePolicy` alone.

use super::{FIELD, Field, Shape};
use crate::kube::Grade;

const TYPES: &str = "kubernetes/ingress-gce:pkg/apis/backendconfig/v1/types.go";
const CDN: &str = "kubernetes/ingress-gce:pkg/backends/features/cdn.go";
const BACKEND_API: &str = "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices";
const DEFAULT: &str = "the default is sent where the CDN is on";
const CODES: Shape = Shape::OneOfNumbers(&[300, 301, 302, 307, 308, 404, 405, 410, 421, 451, 501]);

const BACKEND_CONFIG: Field = Field { kinds: &["BackendConfig"], sources: &[TYPES, CDN], ..FIELD };

pub(super) const FIELDS: &[Field] = &[
    Field {
        path: "spec.cdn",
        absent: "the live value stays as it is: to turn it off write `enabled: false`",
        meaning: "Cloud CDN. On session traffic it risks serving the sid of one client to others.",
        checked_by: &["cdn-on-session-traffic"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.bypassCacheOnRequestHeaders",
        shape: Shape::List { max: 5 },
        absent: "nothing bypasses the cache",
        meaning: "Requests with one of these headers bypass the cache.",
        sources: &[BACKEND_API, CDN],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.bypassCacheOnRequestHeaders[]",
        meaning: "One of the headers.",
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.bypassCacheOnRequestHeaders[].headerName",
        shape: Shape::Text,
        meaning: "The name of the header, in any case.",
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cacheMode",
        shape: Shape::OneOf(&["CACHE_ALL_STATIC", "USE_ORIGIN_HEADERS", "FORCE_CACHE_ALL"]),
        default: "CACHE_ALL_STATIC",
        absent: DEFAULT,
        meaning: "What may be cached. FORCE_CACHE_ALL obeys no `no-store`, so that even polling answers are cached.",
        checked_by: &["cdn-on-session-traffic"],
        sources: &[CDN, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cachePolicy",
        absent: "host, protocol and the whole query are in the key",
        meaning: "What two requests must share to get one cached answer. Inside the block each key that is left out is false.",
        checked_by: &["cdn-key-drops-query"],
        sources: &[CDN],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cachePolicy.includeHost",
        shape: Shape::Bool,
        default: "false",
        absent: "false: every host shares one cache",
        meaning: "Whether the host is in the key.",
        sources: &[CDN],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cachePolicy.includeProtocol",
        shape: Shape::Bool,
        default: "false",
        absent: "false: http and https share one cache",
        meaning: "Whether the protocol is in the key.",
        sources: &[CDN],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cachePolicy.includeQueryString",
        shape: Shape::Bool,
        default: "false",
        absent: "false: `sid`, `t` and `transport` leave the key",
        meaning: "Whether the query is in the key. Without it there is one answer per path.",
        checked_by: &["cdn-key-drops-query"],
        sources: &[CDN],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cachePolicy.queryStringBlacklist",
        shape: Shape::List { max: usize::MAX },
        absent: "no parameter is left out",
        meaning: "Parameters that are not in the key; read only with includeQueryString, and not beside the whitelist.",
        checked_by: &["cdn-key-drops-query"],
        sources: &[CDN, TYPES],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cachePolicy.queryStringBlacklist[]",
        shape: Shape::Text,
        meaning: "One parameter.",
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cachePolicy.queryStringWhitelist",
        shape: Shape::List { max: usize::MAX },
        absent: "every parameter is in the key",
        meaning: "The only parameters in the key; read only with includeQueryString, and not beside the blacklist.",
        checked_by: &["cdn-key-drops-query"],
        sources: &[CDN, TYPES],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.cachePolicy.queryStringWhitelist[]",
        shape: Shape::Text,
        meaning: "One parameter.",
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.clientTtl",
        shape: Shape::Integer { min: 0, max: 31_622_400 },
        default: "3600",
        absent: DEFAULT,
        meaning: "Seconds that browsers may keep an answer. Dropped with USE_ORIGIN_HEADERS.",
        sources: &[CDN, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.defaultTtl",
        shape: Shape::Integer { min: 0, max: 31_622_400 },
        default: "3600",
        absent: DEFAULT,
        meaning: "Seconds that an answer without cache headers is kept, at most maxTtl. Dropped with USE_ORIGIN_HEADERS.",
        sources: &[CDN, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.enabled",
        shape: Shape::Bool,
        required: true,
        absent: "the API server refuses the block",
        meaning: "Whether it is on. Not together with `iap.enabled`: the Ingress stops syncing.",
        checked_by: &["cdn-on-session-traffic"],
        sources: &[TYPES, CDN],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.maxTtl",
        shape: Shape::Integer { min: 0, max: 31_622_400 },
        default: "86400",
        absent: DEFAULT,
        meaning: "Seconds that an answer is kept at most. Read with CACHE_ALL_STATIC only.",
        sources: &[CDN, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.negativeCaching",
        shape: Shape::Bool,
        default: "true",
        absent: DEFAULT,
        meaning: "Whether errors are cached. 400 is none of them, so that \"Session ID unknown\" never is.",
        sources: &[CDN, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.negativeCachingPolicy",
        shape: Shape::List { max: usize::MAX },
        absent: "the API's own times",
        meaning: "How long which error is kept.",
        sources: &[CDN, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field { path: "spec.cdn.negativeCachingPolicy[]", meaning: "One error.", ..BACKEND_CONFIG },
    Field {
        path: "spec.cdn.negativeCachingPolicy[].code",
        shape: CODES,
        meaning: "Its status.",
        sources: &[TYPES, BACKEND_API],
        grade: Grade::Documented,
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.negativeCachingPolicy[].ttl",
        shape: Shape::Integer { min: 0, max: 1800 },
        meaning: "Seconds that it is kept.",
        sources: &[TYPES, BACKEND_API],
        grade: Grade::Documented,
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.requestCoalescing",
        shape: Shape::Bool,
        default: "true",
        absent: DEFAULT,
        meaning: "Whether concurrent requests with one key wait for one answer of the backend.",
        sources: &[CDN],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.serveWhileStale",
        shape: Shape::Integer { min: 0, max: 604_800 },
        default: "86400",
        absent: DEFAULT,
        meaning: "Seconds that an expired answer is still served while a new one is fetched.",
        sources: &[CDN, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.signedUrlCacheMaxAgeSec",
        shape: Shape::Integer { min: 0, max: 9_223_372_036_854_775_807 },
        default: "0",
        absent: DEFAULT,
        meaning: "Seconds that answers to signed URLs are kept at most.",
        sources: &[CDN],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.signedUrlKeys",
        shape: Shape::List { max: 3 },
        absent: "no keys",
        meaning: "Keys that URLs are signed with.",
        sources: &["kubernetes/ingress-gce:pkg/backends/syncer.go", TYPES],
        ..BACKEND_CONFIG
    },
    Field { path: "spec.cdn.signedUrlKeys[]", meaning: "One key.", ..BACKEND_CONFIG },
    Field {
        path: "spec.cdn.signedUrlKeys[].keyName",
        shape: Shape::Text,
        meaning: "Its name.",
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.signedUrlKeys[].keyValue",
        shape: Shape::Text,
        absent: "it is read from the Secret",
        meaning: "Its 128 bits in base64url; better in a Secret.",
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.cdn.signedUrlKeys[].secretName",
        shape: Shape::Text,
        absent: "keyValue is used",
        meaning: "A Secret with the key under `key_value`.",
        sources: &["kubernetes/ingress-gce:pkg/backends/syncer.go", TYPES],
        ..BACKEND_CONFIG
    },
];

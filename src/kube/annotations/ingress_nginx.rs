//! The keys that ingress-nginx reads, of its last releases and of earlier ones.
//!
//! The controller is retired, so that the list is closed
//! (kubernetes/ingress-nginx:docs/user-guide/nginx-configuration/annotations-risk.md).

use strsim::damerau_levenshtein;

/// What its keys begin with, unless somebody changed that by a flag.
pub const PREFIX: &str = "nginx.ingress.kubernetes.io/";

/// Where the list was read in.
pub const SOURCE: &str =
    "kubernetes/ingress-nginx:docs/user-guide/nginx-configuration/annotations-risk.md";

/// Of each family of keys the common beginning, and what may follow it.
const FAMILIES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "affinity",
            "app-root",
            "backend-protocol",
            "canary",
            "client-body-buffer-size",
            "configuration-snippet",
            "connection-proxy-header",
            "default-backend",
            "disable-proxy-intercept-errors",
            "force-ssl-redirect",
            "from-to-www-redirect",
            "http2-push-preload",
            "load-balance",
            "permanent-redirect",
            "preserve-trailing-slash",
            "relative-redirects",
            "rewrite-target",
            "satisfy",
            "secure-backends",
            "grpc-backend",
            "secure-verify-ca-secret",
            "server-alias",
            "server-snippet",
            "service-upstream",
            "stream-snippet",
            "temporal-redirect",
            "upstream-hash-by",
            "upstream-vhost",
            "use-port-in-redirects",
            "use-regex",
            "x-forwarded-prefix",
            "add-base-url",
            "base-url-scheme",
            "configmap-key",
            "port-in-redirect",
            "server-tokens",
        ],
    ),
    ("affinity-", &["canary-behavior", "mode"]),
    ("allowlist-", &["source-range"]),
    ("blacklist-", &["source-range"]),
    ("denylist-", &["source-range"]),
    ("whitelist-", &["source-range"]),
    (
        "auth-",
        &[
            "always-set-cookie",
            "cache-duration",
            "cache-key",
            "keepalive",
            "keepalive-requests",
            "keepalive-share-vars",
            "keepalive-timeout",
            "method",
            "proxy-set-headers",
            "realm",
            "request-redirect",
            "response-headers",
            "secret",
            "secret-type",
            "signin",
            "signin-redirect-param",
            "snippet",
            "type",
            "url",
            "url-host",
            "tls-error-page",
            "tls-match-cn",
            "tls-pass-certificate-to-upstream",
            "tls-secret",
            "tls-verify-client",
            "tls-verify-depth",
        ],
    ),
    (
        "canary-",
        &[
            "by-cookie",
            "by-header",
            "by-header-pattern",
            "by-header-value",
            "weight",
            "weight-total",
        ],
    ),
    (
        "cors-",
        &[
            "allow-credentials",
            "allow-headers",
            "allow-methods",
            "allow-origin",
            "expose-headers",
            "max-age",
        ],
    ),
    ("custom-", &["headers", "http-errors"]),
    (
        "enable-",
        &[
            "access-log",
            "cors",
            "global-auth",
            "influxdb",
            "modsecurity",
            "opentelemetry",
            "opentracing",
            "owasp-core-rules",
            "rewrite-log",
        ],
    ),
    ("fastcgi-", &["index", "params-configmap"]),
    ("global-rate-limit", &["", "-header-based", "-ignored-cidrs", "-key", "-window"]),
    ("influxdb-", &["host", "measurement", "port", "server-name"]),
    (
        "limit-",
        &[
            "allowlist",
            "burst-multiplier",
            "connections",
            "rate",
            "rate-after",
            "rpm",
            "rps",
            "whitelist",
        ],
    ),
    (
        "lua-resty-waf",
        &[
            "",
            "-allow-unknown-content-types",
            "-debug",
            "-extra-rules",
            "-ignore-rulesets",
            "-process-multipart-body",
            "-score-threshold",
        ],
    ),
    ("mirror-", &["host", "request-body", "target", "uri"]),
    ("modsecurity-", &["snippet", "transaction-id"]),
    ("opentelemetry-", &["operation-name", "trust-incoming-span"]),
    ("opentracing-", &["trust-incoming-span"]),
    ("permanent-redirect-", &["code"]),
    ("temporal-redirect-", &["code"]),
    (
        "proxy-",
        &[
            "body-size",
            "buffer-size",
            "buffering",
            "buffers-number",
            "busy-buffers-size",
            "connect-timeout",
            "cookie-domain",
            "cookie-path",
            "http-version",
            "max-temp-file-size",
            "next-upstream",
            "next-upstream-timeout",
            "next-upstream-tries",
            "pass-params",
            "read-timeout",
            "redirect-from",
            "redirect-to",
            "request-buffering",
            "send-timeout",
            "ssl-ciphers",
            "ssl-name",
            "ssl-protocols",
            "ssl-secret",
            "ssl-server-name",
            "ssl-verify",
            "ssl-verify-depth",
        ],
    ),
    (
        "session-cookie-",
        &[
            "change-on-failure",
            "conditional-samesite-none",
            "domain",
            "expires",
            "hash",
            "max-age",
            "name",
            "partitioned",
            "path",
            "samesite",
            "secure",
        ],
    ),
    ("ssl-", &["ciphers", "passthrough", "prefer-server-ciphers", "redirect"]),
    ("upstream-", &["fail-timeout", "max-fails"]),
    ("upstream-hash-by-", &["subset", "subset-size"]),
];

fn names() -> impl Iterator<Item = String> {
    let of = |(front, rest): &(&str, &[&str])| {
        let front = (*front).to_owned();
        let names: Vec<String> = rest.iter().map(|rest| format!("{front}{rest}")).collect();
        names
    };
    FAMILIES.iter().flat_map(of)
}

/// Whether ingress-nginx reads a key.
pub fn reads(key: &str) -> bool {
    key.strip_prefix(PREFIX).is_some_and(|name| names().any(|known| known == name))
}

/// The key that was probably meant: a letter or two away.
pub fn nearest(key: &str) -> Option<String> {
    let name = key.strip_prefix(PREFIX)?;
    let near = names().map(|known| (damerau_levenshtein(&known, name), known));
    let (off, known) = near.min()?;
    (off <= known.len() / 6).then(|| format!("{PREFIX}{known}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_version_reads_is_known() {
        for name in ["upgrade", "websocket-services", "proxy-set-headers", "use-proxy-protocol"] {
            assert!(!reads(&format!("{PREFIX}{name}")), "{name}");
        }
        for name in ["affinity", "proxy-read-timeout", "auth-tls-secret", "whitelist-source-range"]
        {
            assert!(reads(&format!("{PREFIX}{name}")), "{name}");
        }
    }

    #[test]
    fn slips_are_recognised() {
        let near = |name: &str| nearest(&format!("{PREFIX}{name}"));
        assert_eq!(near("proxy-read-timout").unwrap(), format!("{PREFIX}proxy-read-timeout"));
        assert_eq!(near("upgrade"), None);
    }
}

//! The explanations that there are: rules, the most likely first, and what to do, on the server or in the client.

/// Rules, and advice.
pub(super) type Cause = (&'static [&'static str], &'static str);

pub(super) const AFFINITY: Cause = (
    &[
        "session-affinity-missing",
        "backendconfig-not-attached",
        "backendconfig-on-ingress",
        "backendconfig-port-unmatched",
        "neg-not-requested",
        "service-affinity-ineffective",
        "upstream-without-affinity",
        "hash-sees-load-balancer",
    ],
    "give the BackendConfig `sessionAffinity` and name it on the Service; a client with \
     `transports: [\"websocket\"]` needs none",
);

/// For a session that is lost although there is a cookie.
pub(super) const COOKIE: Cause = (
    &[
        "session-affinity-missing",
        "affinity-ttl-too-short",
        "upstream-without-affinity",
        "backendconfig-not-attached",
    ],
    "the cookie that is set does not bind a session to a pod: give the BackendConfig `sessionAffinity` and name it \
     on the Service",
);

pub(super) const CACHED: Cause = (
    &["cdn-key-drops-query", "cdn-on-session-traffic", "session-traffic-cached"],
    "turn the CDN off for the backend of the sessions (`cdn.enabled: false`), and cache nothing in nginx there",
);

/// The same where nothing says that a CDN kept them.
pub(super) const CACHED_WITHIN: Cause = (
    &["session-traffic-cached", "cdn-key-drops-query", "cdn-on-session-traffic"],
    "no answer has the `Age` of a CDN: cache nothing in nginx for the sessions, and turn a CDN off for their backend \
     (`cdn.enabled: false`)",
);

/// Of a 404 that is nginx's own page.
pub(super) const NOT_PROXIED: Cause = (
    &[
        "location-not-proxied",
        "regex-takes-session-path",
        "prefix-not-mapped",
        "socketio-path-unrouted",
    ],
    "nginx answers by itself, and asks no server: the location that takes this path has no `proxy_pass`, or another \
     location takes it",
);

/// Of another error that is nginx's own page.
pub(super) const NGINX_ITSELF: Cause = (
    &["regex-takes-session-path", "session-request-refused", "location-not-proxied"],
    "nginx answers by itself, and asks no server: see which location takes this path, and what it returns",
);

pub(super) const WRONG_PATH: Cause = (
    &[
        "prefix-not-mapped",
        "socketio-path-unrouted",
        "path-matches-only-itself",
        "regex-takes-session-path",
        "location-not-proxied",
    ],
    "the Socket.IO server is not mounted where these requests arrive: compare `--path`, the Ingress path, nginx's \
     `proxy_pass` and the server's `path`. What a client gives to `io(\"/…\")` is a namespace, not a path",
);

pub(super) const UNROUTED: Cause = (
    &["socketio-path-unrouted", "path-matches-only-itself", "wildcard-in-prefix-path"],
    "the load balancer has no rule for this host and path: route it to the Service of the Socket.IO server",
);

pub(super) const NO_BACKEND: Cause = (
    &[
        "health-path-unanswered",
        "health-check-incomplete",
        "health-location-missing",
        "health-port-unserved",
        "target-port-unserved",
        "listen-port-mismatch",
        "nginx-would-not-start",
        "listen-unreachable",
        "connection-upgrade-undefined",
        "unwritable-temp-path",
    ],
    "no pod answers: a health check that fails takes all of them out, and so do a port on which nobody listens and \
     an nginx that does not start",
);

pub(super) const READ_TIMEOUT: Cause = (
    &["read-timeout-too-short", "websocket-cut-by-timeout"],
    "something gives up before the server's ping: `proxy_read_timeout` and the backend's `timeoutSec` must exceed \
     the ping interval and the ping timeout together",
);

pub(super) const QUERY_LOST: Cause = (
    &["query-lost"],
    "the query does not reach the server: nginx drops it where `proxy_pass` has a variable and a path",
);

pub(super) const BUSY: Cause = (
    &[
        "limit-counts-load-balancer",
        "limit-below-sessions",
        "too-few-connections",
        "health-path-unanswered",
    ],
    "something refuses more than so many requests: nginx's limits count the load balancer as one client, or allow \
     one client less than a session needs",
);

/// Of the first session already, which is refused a request after another was answered.
pub(super) const TOO_FEW: Cause = (
    &[
        "limit-below-sessions",
        "limit-counts-load-balancer",
        "too-few-connections",
        "health-path-unanswered",
    ],
    "the first session is refused already: a limit allows one client less than a session needs, or counts the load \
     balancer as one client",
);

pub(super) const NOTHING: Cause = (&[], "");

/// Of requests whose connection is closed at once.
pub(super) const CLOSED: Cause = (
    &["listen-unreachable", "too-few-connections"],
    "every connection is closed at once: does the port want TLS (`https://`) or the PROXY protocol, or has nginx no \
     connection left?",
);

/// Of a request that the server takes for another one.
pub(super) const ALTERED: Cause = (
    &["session-request-altered"],
    "the server got the request without its method, its body or its headers: nginx's `proxy_method` and \
     `proxy_pass_request_…` do that",
);

pub(super) const PROTOCOL: Cause = (
    &[],
    "client and server speak different versions: Socket.IO 1 and 2 are `--eio 3`, 3 and 4 are `--eio 4`; a newer \
     server takes older clients with `allowEIO3: true`",
);

pub(super) const FORBIDDEN: Cause = (
    &["session-request-refused"],
    "the app's `allowRequest`, a security policy on the way, or nginx refuses it: `--header 'Origin: …'` and \
     `--header 'Authorization: …'` make the request look like the client's",
);

pub(super) const ELSEWHERE: Cause = (
    &[],
    "give the client the URL that the redirect leads to: browsers do not follow redirects of WebSockets, and a 301 \
     turns a POST into a GET",
);

pub(super) const TOO_LARGE: Cause = (
    &["body-limit-too-small"],
    "raise nginx's `client_max_body_size` to the server's `maxHttpBufferSize`",
);

pub(super) const NO_UPGRADE: Cause = (
    &["upgrade-not-forwarded", "http10-to-upstream", "connection-upgrade-undefined"],
    "the Upgrade header does not reach the server (its 400 is JSON): set `Upgrade` and `Connection` in the very \
     location of nginx, where any other `proxy_set_header` drops inherited ones",
);

pub(super) const REFUSED_UPGRADE: Cause = (
    &[],
    "the Upgrade header reached the server (its 400 is bare text), and the app refused: a middleware, or an odd \
     Origin",
);

pub(super) const NO_WEBSOCKETS: Cause =
    (&[], "the server takes no WebSockets: its `transports` leave them out");

pub(super) const HTTP2: Cause = (
    &["http2-to-backend", "target-port-unserved", "too-few-connections"],
    "HTTP/2 between load balancer and pod carries no WebSockets: `app-protocols` must say HTTP",
);

/// Of one that was cut at some age, although it was used.
pub(super) const CUT_AT_AGE: Cause = (
    &["websocket-cut-by-timeout"],
    "a classic load balancer closes every WebSocket at the backend's `timeoutSec`, used or not: raise it to the \
     longest session",
);

pub(super) const NO_POLLING: Cause = (
    &[],
    "the server takes no polling: the client must be told `transports: [\"websocket\"]`; probe with \
     `--transports websocket`",
);

pub(super) const FOREIGN_400: Cause = (
    &["constant-connection-upgrade"],
    "this 400 is not Engine.IO's: some servers refuse plain requests that carry `Connection: upgrade`",
);

pub(super) const NOBODY: Cause = (
    &["prefix-not-mapped", "target-port-unserved", "health-path-unanswered"],
    "nobody answers: an app without other routes is silent on a path that is not Socket.IO's, and so is a pod that \
     hangs",
);

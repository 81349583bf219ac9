//! What can be asked of the cluster, of Google Cloud, and of the pod.

use super::{Question, ask, verdict};

const SERVICE_KEYS: &str = "kubernetes/ingress-gce:pkg/annotations/service.go";
const TRANSLATOR: &str = "kubernetes/ingress-gce:pkg/controller/translator/translator.go";
const CONTROLLER: &str = "kubernetes/ingress-gce:pkg/controller/controller.go";
const NGINX_PROXY: &str = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html";

pub(super) const QUESTIONS: &[Question] = &[
    ROUTE,
    SERVICE_ANNOTATION,
    BACKEND_CONFIG,
    EVENTS,
    LIVE_BACKEND,
    HEALTH,
    HEALTH_PATH,
    PODS,
    NGINX,
];

const ROUTE: Question = Question {
    id: "route",
    ask: "Which backend does the Ingress send the path to?",
    sioway: "sioway doctor PATH: [cloud-url-map], by what the load balancer itself has",
    command: "kubectl -n NAMESPACE describe ingress INGRESS",
    proves: "It shows rules, backends and events as the cluster has them. That a rule is listed does not prove that the \
             load balancer has it: the events tell.",
    look_for: &[
        ask(
            "a rule of that host leads to the Service: nginx or the server does not know the path",
            &["prefix-not-mapped", "regex-takes-session-path"],
            "nginx",
        ),
        verdict(
            "no rule matches /SOCKETPATH/: pathType ImplementationSpecific takes a path word for word",
            &["socketio-path-unrouted", "path-matches-only-itself", "duplicate-host"],
            "Use pathType Prefix. Of two rules for one host, only the last counts.",
        ),
        verdict(
            "an event that says \"Translation failed\"",
            &[
                "wildcard-in-prefix-path",
                "service-not-found",
                "backendconfig-annotation-invalid",
                "backendconfig-missing",
            ],
            "The whole Ingress stands still until it is mended, with every host and path of it.",
        ),
        verdict(
            "no address and no event at all",
            &["ingress-class-ignored"],
            "No controller took it: set the annotation kubernetes.io/ingress.class, not ingressClassName alone.",
        ),
    ],
    sources: &[TRANSLATOR, "kubernetes/ingress-gce:pkg/utils/utils.go"],
};

const SERVICE_ANNOTATION: Question = Question {
    id: "service-annotation",
    ask: "Does the Service name a BackendConfig?",
    sioway: "sioway doctor PATH: [cluster-attached]",
    command: r#"kubectl -n NAMESPACE get service SERVICE \
  -o jsonpath='{.metadata.annotations.cloud\.google\.com/backend-config}{"\n"}'"#,
    proves: "It proves that one is named, not that it exists, fits, or has arrived. The same annotation on the Ingress \
             is read by nobody, whatever kind of backend it is.",
    look_for: &[
        ask(
            "JSON that names one, for the port that the Ingress refers to or as default",
            &[],
            "backendconfig",
        ),
        verdict(
            "an empty line",
            &["backendconfig-not-attached", "backendconfig-on-ingress", "backendconfig-beta-key"],
            "Nothing is attached, unless the older key beta.cloud.google.com/backend-config is there: no affinity, 30 s. \
             Put the annotation on the Service.",
        ),
        verdict(
            "something that is not JSON, such as one brace too many",
            &["backendconfig-annotation-invalid"],
            "The whole Ingress stands still until it is mended.",
        ),
        verdict(
            "JSON with `ports`, but neither this port's name nor its number, and no `default`",
            &["backendconfig-port-unmatched"],
            "Nothing is attached to this port, and no event says so.",
        ),
    ],
    sources: &[SERVICE_KEYS, "kubernetes/ingress-gce:pkg/backendconfig/backendconfig.go"],
};

const BACKEND_CONFIG: Question = Question {
    id: "backendconfig",
    ask: "Does the BackendConfig exist, and say what sessions need?",
    sioway: "sioway doctor PATH: [cluster-fields] and [cluster-sessions]",
    command: "kubectl -n NAMESPACE get backendconfig BACKENDCONFIG -o yaml",
    proves: "It proves what is asked for, not what is live. What was deleted from it is still live.",
    look_for: &[
        ask(
            "sessionAffinity, timeoutSec and healthCheck as wanted, and cdn off or absent",
            &[],
            "events",
        ),
        verdict(
            "NotFound",
            &["backendconfig-missing"],
            "It must be in the namespace of the Service. Until then the whole Ingress stands still.",
        ),
        verdict(
            "no sessionAffinity, or affinityType NONE",
            &["session-affinity-missing"],
            "Set CLIENT_IP or GENERATED_COOKIE, or allow WebSocket alone. The Service's own sessionAffinity does not help.",
        ),
        verdict(
            "no timeoutSec, or a short one, with class gce",
            &["websocket-cut-by-timeout", "timeout-beyond-a-day"],
            "Set the longest session you want, up to 86400.",
        ),
        verdict(
            "cdn.enabled: true",
            &["cdn-on-session-traffic", "cdn-key-drops-query"],
            "Write enabled: false; removing the block leaves it on. Give static files a backend of their own.",
        ),
        verdict(
            "affinityCookieTtlSec shorter than a session, or beside CLIENT_IP",
            &["affinity-ttl-too-short", "affinity-ttl-ignored", "affinity-ttl-out-of-range"],
            "It is the life of the cookie and nothing else: write 0.",
        ),
    ],
    sources: &[
        "kubernetes/ingress-gce:pkg/apis/backendconfig/v1/types.go",
        "kubernetes/ingress-gce:pkg/backends/features/affinity.go",
    ],
};

const EVENTS: Question = Question {
    id: "events",
    ask: "Did the controller take it over?",
    sioway: "sioway doctor PATH: [cluster-events]",
    command: r"kubectl -n NAMESPACE get events --sort-by=.lastTimestamp \
  --field-selector 'involvedObject.kind=Ingress,involvedObject.name=INGRESS'",
    proves: "Events are kept for about an hour: none does not mean that there was none. Change a label of the Ingress to \
             have it synced again.",
    look_for: &[
        ask("Normal events only, or none", &[], "live-backend"),
        verdict(
            "Warning with \"Translation failed\"",
            &["backendconfig-annotation-invalid", "backendconfig-missing", "neg-not-requested"],
            "The message names the object. Until it is mended no setting of the whole Ingress arrives.",
        ),
        verdict(
            "Warning with \"TimeoutSec should be less than checkIntervalSec\"",
            &["health-check-timeout-over-interval", "health-check-incomplete"],
            "Write both: a timeout that is left out stays at 15 s.",
        ),
        verdict(
            "Warning with \"Protocol ... is not valid\"",
            &["health-check-type-unsupported"],
            "A health check is HTTP, HTTPS or HTTP2.",
        ),
    ],
    sources: &[CONTROLLER, "kubernetes/ingress-gce:pkg/translator/healthchecks.go"],
};

const LIVE_BACKEND: Question = Question {
    id: "live-backend",
    ask: "What does the load balancer itself have?",
    sioway: "sioway doctor PATH: [cloud-affinity], [cloud-timeout], [cloud-cdn] and the others of its layer, each beside the line that asks for it",
    command: r#"gcloud compute backend-services list --format=json | jq '.[]
  | select(.description // "" | contains("\"NAMESPACE/SERVICE\""))
  | {name, region, description, loadBalancingScheme, protocol, timeoutSec, sessionAffinity,
     affinityCookieTtlSec, connectionDraining, enableCDN, cdnPolicy}'"#,
    proves: "This is what is in force. A name cannot be taken apart: its port is cut off (8 may be 80). The description \
             names Service and port. Each port of a Service that an Ingress uses has one of its own.",
    look_for: &[
        ask("the values of the BackendConfig; still sessions break", &[], "pods"),
        verdict(
            "sessionAffinity NONE or timeoutSec 30 where the BackendConfig says otherwise",
            &["backendconfig-not-in-force", "backendconfig-port-unmatched"],
            "It has not arrived. Wait some minutes; then see whether the port in the description is the one annotated.",
        ),
        verdict(
            "enableCDN true though the BackendConfig has no cdn block",
            &["cdn-on-session-traffic"],
            "A block that was removed stays live: write cdn with enabled: false.",
        ),
        verdict(
            "protocol HTTP2",
            &["http2-to-backend"],
            "Upgrades fail: give the port HTTP or HTTPS in cloud.google.com/app-protocols.",
        ),
        verdict(
            "no such backend service",
            &["backendconfig-not-in-force", "ingress-class-ignored"],
            "No load balancer of Google's leads to this Service, or it is in another project.",
        ),
    ],
    sources: &[
        "kubernetes/ingress-gce:pkg/utils/description.go",
        "kubernetes/ingress-gce:pkg/utils/namer/namer.go",
        "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices",
    ],
};

const HEALTH: Question = Question {
    id: "health",
    ask: "Are the endpoints healthy?",
    sioway: "sioway doctor PATH: [cloud-health], with [cloud-health-check] for what is asked",
    command: "gcloud compute backend-services get-health BACKEND --global --format=json",
    proves: "HEALTHY means that the health path answers 200, and no more: answered by nginx alone it stays so while the \
             server behind it is down. The annotation ingress.kubernetes.io/backends says HEALTHY from one endpoint on.",
    look_for: &[
        ask("UNHEALTHY, one or all", &["health-path-unanswered"], "health-path"),
        ask(
            "HEALTHY, and 502 now and then",
            &["keepalive-shorter-than-lb", "too-few-connections", "limit-counts-load-balancer"],
            "nginx",
        ),
        ask("no endpoints", &["target-port-unserved", "neg-not-requested"], "pods"),
    ],
    sources: &[
        "https://cloud.google.com/load-balancing/docs/health-check-concepts",
        "kubernetes/ingress-gce#34",
    ],
};

const HEALTH_PATH: Question = Question {
    id: "health-path",
    ask: "What does the pod answer to a health check?",
    sioway: "",
    command: r"kubectl -n NAMESPACE port-forward pod/POD 8099:TARGETPORT &
sleep 3
curl -sS -i -H 'Host: 10.0.0.1' 'http://127.0.0.1:8099/HEALTHPATH'
kill %1",
    proves: "Health checks come with the endpoint's address for a host, unless they were made from a readiness probe that \
             sets one, so that nginx answers with its default server. \
             A 200 here does not prove that the check gets in: the firewall must let 130.211.0.0/22 and 35.191.0.0/16 \
             through to the port.",
    look_for: &[
        verdict(
            "404, 444, a redirect, 204, or anything else that is not 200",
            &["health-path-unanswered", "health-location-missing"],
            "Give nginx a location of exactly that path that returns 200, in the default server.",
        ),
        verdict(
            "200 with two Content-Type headers",
            &["duplicate-content-type"],
            "Healthy all the same. Use default_type in place of add_header.",
        ),
        verdict(
            "200",
            &["target-port-unserved"],
            "The pod is right: look at the firewall, and at a healthCheck.port that differs from the serving port.",
        ),
        verdict(
            "connection refused",
            &["listen-port-mismatch", "target-port-unserved", "unwritable-temp-path"],
            "Nothing listens there: see the pod's log, and the ports of nginx, container and Service.",
        ),
    ],
    sources: &[
        "https://cloud.google.com/load-balancing/docs/health-check-concepts",
        "kubernetes/ingress-gce:docs/faq/gce.md",
    ],
};

const PODS: Question = Question {
    id: "pods",
    ask: "Do requests go to pods, not to nodes, and do the pods last?",
    sioway: "sioway doctor PATH: [cloud-neg]; how the pods end is in sioway lint PATH",
    command: r#"kubectl -n NAMESPACE get service SERVICE \
  -o jsonpath='{.metadata.annotations.cloud\.google\.com/neg}{"\n"}{.spec.selector}{"\n"}'
kubectl -n NAMESPACE get pods -o wide"#,
    proves: "Affinity holds a client to an endpoint. Without NEGs the endpoint is a node, and kube-proxy chooses any pod \
             behind it. Affinity is best effort: rollouts, failing checks and full backends move clients.",
    look_for: &[
        ask("{\"ingress\":true}, several pods, ready and without restarts", &[], "nginx"),
        verdict(
            "no {\"ingress\":true}",
            &["neg-not-requested"],
            "Write the annotation into the manifest. Pods of internal and regional Ingresses are reached directly anyway.",
        ),
        verdict(
            "pods that restart or are replaced often",
            &["rollout-cuts-sessions", "grace-shorter-than-drain", "drain-disabled"],
            "Every pod that ends takes its sessions along. Give it a preStop, a grace period, and draining.",
        ),
        verdict(
            "one pod, and still code 1",
            &[],
            "Several processes in the pod (cluster, pm2, gunicorn workers) share no sessions: @socket.io/sticky, or one.",
        ),
    ],
    sources: &[
        "kubernetes/ingress-gce:pkg/negannotation/negannotation.go",
        "kubernetes/ingress-gce#516",
        "socketio/socket.io-sticky#2",
    ],
};

const NGINX: Question = Question {
    id: "nginx",
    ask: "What does the nginx that runs say?",
    sioway: "",
    command: "kubectl -n NAMESPACE exec POD -c CONTAINER -- nginx -T",
    proves: "nginx -T prints the files as they are now, not those that nginx read when it began: a ConfigMap that changed \
             since is printed and not in force. Compare with the age of the pod.",
    look_for: &[
        verdict(
            "no Upgrade and Connection in the very location, or proxy_set_header lines there that drop the inherited ones",
            &["upgrade-not-forwarded", "connection-upgrade-undefined", "http10-to-upstream"],
            "Set proxy_http_version 1.1, Upgrade and Connection in the location itself.",
        ),
        verdict(
            "proxy_pass with a path that leaves a slash too many or too few, or with a variable",
            &["prefix-not-mapped", "query-lost", "regex-takes-session-path"],
            "location /p/ and proxy_pass http://upstream/; both with a slash, and no variable.",
        ),
        verdict(
            "proxy_read_timeout under pingInterval + pingTimeout (45 s)",
            &["read-timeout-too-short"],
            "With several upstream servers it even looks like missing affinity: the next one is asked, and knows no sid.",
        ),
        verdict(
            "several upstream servers",
            &["upstream-without-affinity", "hash-sees-load-balancer", "client-address-lost"],
            "Choose by the client's own address, or by a sticky cookie. ip_hash sees only the load balancer.",
        ),
        verdict(
            "proxy_cache, expires, or Cache-Control on the location",
            &["session-traffic-cached", "polling-buffered"],
            "Take them off the session's location.",
        ),
        verdict(
            "keepalive_timeout of 600 s or less",
            &["keepalive-shorter-than-lb"],
            "The load balancer uses connections for 600 s: nginx must not close them first.",
        ),
        verdict(
            "413 for large messages, 500 with \"Permission denied\", refused connections",
            &["body-limit-too-small", "unwritable-temp-path", "too-few-connections"],
            "client_max_body_size, the temporary paths, worker_connections.",
        ),
        verdict(
            "none of these",
            &["forwarded-proto-overwritten"],
            "The way is right as far as files can tell: look at the log of the server.",
        ),
    ],
    sources: &[NGINX_PROXY, "https://nginx.org/en/docs/http/websocket.html"],
};

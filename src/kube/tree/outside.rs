//! What can be asked from where the browser stands.

use super::{Question, ask, verdict};

const SERVER: &str = "socketio/socket.io:packages/engine.io/lib/server.ts";
const CDN: &str = "https://cloud.google.com/cdn/docs/caching";
const NGINX_WEBSOCKET: &str = "https://nginx.org/en/docs/http/websocket.html";
const REVERSE_PROXY: &str = "https://socket.io/docs/v4/reverse-proxy/";
const SEVERAL_NODES: &str = "https://socket.io/docs/v4/using-multiple-nodes/";

pub(super) const QUESTIONS: &[Question] =
    &[HANDSHAKE, SERVER_ALONE, LATER_REQUESTS, COOKIES, CACHE, UPGRADE, HELD];

const HANDSHAKE: Question = Question {
    id: "handshake",
    ask: "Does the handshake answer 200 with a sid?",
    sioway: "sioway probe https://HOST --path /SOCKETPATH/ --quick: [handshake] and [redirect]",
    command: r"curl -sS -i --max-time 70 -w '\n%{http_code} after %{time_total} s\n' \
  'https://HOST/SOCKETPATH/?EIO=4&transport=polling'",
    proves: "A 200 proves that one GET with its query reaches a Socket.IO server. It proves nothing about affinity, \
             for a handshake carries no sid and suits every pod, and nothing about WebSocket. Read the body of a 400: \
             the code in it is the whole answer.",
    look_for: &[
        ask("200 and a body that begins with 0{\"sid\":", &[], "later-requests"),
        ask(
            "400 and {\"code\":0,\"message\":\"Transport unknown\"}: the query did not arrive, or the server offers no \
             polling. (Or the URL was not quoted: then the shell cut it off.)",
            &["query-lost"],
            "server-alone",
        ),
        verdict(
            "400 and {\"code\":1,\"message\":\"Session ID unknown\"}",
            &[],
            "The request carried a sid. A handshake has none: take it out of the URL and ask again.",
        ),
        verdict(
            "400 and {\"code\":2,\"message\":\"Bad handshake method\"}, or 400 without any body",
            &[],
            "The test was no GET: curl -I sends HEAD, -d sends POST. A healthy server answers so. Ask again as above.",
        ),
        verdict(
            "400 and {\"code\":3,\"message\":\"Bad request\"}",
            &[],
            "Without Upgrade in play: odd bytes in the Origin header, or a middleware of the app failed. Its log tells.",
        ),
        verdict(
            "403: with {\"code\":4} the app's allowRequest refused; without JSON it was Cloud Armor, IAP or nginx",
            &[],
            "Somebody forbids it. It is neither affinity nor WebSocket.",
        ),
        verdict(
            "400 and {\"code\":5,\"message\":\"Unsupported protocol version\"}",
            &[],
            "A client of Socket.IO 2 on a server of 3 or later: update it, or set allowEIO3. A missing EIO counts as 3.",
        ),
        verdict(
            "301, 302, 307 or 308",
            &["forwarded-proto-overwritten"],
            "Ask again at the Location. If that names http or a port such as :8080, nginx made it: absolute_redirect off.",
        ),
        ask(
            "404, or no answer until a timeout (504): no Socket.IO server has that path",
            &["prefix-not-mapped", "socketio-path-unrouted", "path-matches-only-itself"],
            "route",
        ),
        ask(
            "502 or 503: the load balancer has no healthy backend, or lost the connection",
            &[],
            "health",
        ),
    ],
    sources: &[SERVER, "https://socket.io/docs/v4/troubleshooting-connection-issues/"],
};

const SERVER_ALONE: Question = Question {
    id: "server-alone",
    ask: "What does the server itself answer, without nginx and load balancer?",
    sioway: "sioway doctor PATH --exec: [pod-handshake], past the load balancer, and through the nginx of the pod if there is one",
    command: r"kubectl -n NAMESPACE port-forward pod/POD 8099:SERVERPORT &
sleep 3
curl -sS -i 'http://127.0.0.1:8099/SOCKETPATH/?EIO=4&transport=polling'
kill %1",
    proves: "It tells the app from everything before it. It proves nothing about several pods: this asks one. Use the \
             path that the server mounts, if nginx maps it.",
    look_for: &[
        ask("200 and a sid: something on the way drops the query", &["query-lost"], "nginx"),
        ask(
            "400 and code 0 here too: the server offers no polling (transports: [\"websocket\"])",
            &[],
            "upgrade",
        ),
        verdict(
            "404, or no answer",
            &["prefix-not-mapped"],
            "The server is mounted at another path: its `path` option and SOCKETPATH differ.",
        ),
    ],
    sources: &[SERVER],
};

const LATER_REQUESTS: Question = Question {
    id: "later-requests",
    ask: "Do the later requests of a session reach the pod that knows it?",
    sioway: "sioway probe https://HOST --path /SOCKETPATH/ --sessions 20: [sessions], with the share of requests that are lost",
    command: r#"for i in 1 2 3 4 5 6 7 8; do
  sid=$(curl -sS 'https://HOST/SOCKETPATH/?EIO=4&transport=polling' |
    sed -n 's/.*"sid":"\([^"]*\)".*/\1/p')
  printf '%s ' "$sid"
  curl -sS -w ' %{http_code}\n' -H 'Content-Type: text/plain;charset=UTF-8' --data-binary 40 \
    'https://HOST/SOCKETPATH/?EIO=4&transport=polling&sid='"$sid"
done"#,
    proves: "Each curl is a connection of its own, as it is with a browser behind HTTP/1.1 proxies. Eight times ok from \
             one address proves little about other clients: with CLIENT_IP, or with one pod, it cannot fail.",
    look_for: &[
        ask("eight sids, all different, and eight times: ok 200", &[], "cache"),
        ask(
            "some or all: 400 and {\"code\":1,\"message\":\"Session ID unknown\"}",
            &[
                "session-affinity-missing",
                "service-affinity-ineffective",
                "upstream-without-affinity",
            ],
            "cookies",
        ),
        ask(
            "the same sid again and again: a cache answers the handshake",
            &["cdn-on-session-traffic", "cdn-key-drops-query", "session-traffic-cached"],
            "cache",
        ),
        verdict(
            "403, or 405, for the POST alone",
            &[],
            "Something on the way refuses POST: Cloud Armor, or a limit_except in nginx.",
        ),
        ask("503 now and then", &["limit-counts-load-balancer", "too-few-connections"], "health"),
    ],
    sources: &[SERVER, SEVERAL_NODES],
};

const COOKIES: Question = Question {
    id: "cookies",
    ask: "Does it work for a client that keeps cookies?",
    sioway: "sioway probe https://HOST --path /SOCKETPATH/: [cookie-affinity], beside [sessions]",
    command: r#"for i in 1 2 3 4 5 6 7 8; do
  rm -f jar.txt
  sid=$(curl -sS -c jar.txt 'https://HOST/SOCKETPATH/?EIO=4&transport=polling' |
    sed -n 's/.*"sid":"\([^"]*\)".*/\1/p')
  curl -sS -b jar.txt -w ' %{http_code}\n' -H 'Content-Type: text/plain;charset=UTF-8' \
    --data-binary 40 'https://HOST/SOCKETPATH/?EIO=4&transport=polling&sid='"$sid"
done
cat jar.txt"#,
    proves: "It tells affinity by cookie (GCLB, or nginx's own) that the client throws away from no affinity at all.",
    look_for: &[
        ask("code 1 as before", &["session-affinity-missing"], "cache"),
        verdict(
            "ok 200 each time: the affinity is by cookie, and clients that keep none lose it",
            &[],
            "Across origins set withCredentials on the client and cors.credentials on the server; or use CLIENT_IP, or \
             WebSocket alone. Node clients keep cookies since 4.7, with withCredentials only.",
        ),
    ],
    sources: &[
        "https://docs.cloud.google.com/load-balancing/docs/https/setting-up-https",
        "https://socket.io/docs/v4/client-options/#withcredentials",
    ],
};

const CACHE: Question = Question {
    id: "cache",
    ask: "Does a cache answer in the server's place?",
    sioway: "sioway probe https://HOST --path /SOCKETPATH/: [fresh-session] and [cache-headers]",
    command: r#"for i in 1 2 3; do
  curl -sS -D - -w '\n' 'https://HOST/SOCKETPATH/?EIO=4&transport=polling&t='"$i"
done"#,
    proves: "The varied t is what the real client sends. An Age header, or one sid twice, proves a cache. Their absence \
             proves only that these answers were not cached; and a session lost through a cached sid looks just like \
             missing affinity.",
    look_for: &[
        ask("different sids, no Age; every request of question 3 was ok", &[], "upgrade"),
        ask(
            "different sids, no Age; question 3 showed code 1",
            &["session-affinity-missing", "backendconfig-not-attached"],
            "service-annotation",
        ),
        ask(
            "one sid although t differs: the query is not in the cache key",
            &["cdn-on-session-traffic", "cdn-key-drops-query"],
            "service-annotation",
        ),
        ask(
            "different sids here, one sid in question 3: cached, with the query in the key",
            &["cdn-on-session-traffic", "session-traffic-cached"],
            "service-annotation",
        ),
    ],
    sources: &[CDN, "kubernetes/ingress-gce:pkg/backends/features/cdn.go"],
};

const UPGRADE: Question = Question {
    id: "upgrade",
    ask: "Does the Upgrade header reach the server?",
    sioway: "sioway probe https://HOST --path /SOCKETPATH/: [upgrade] and [websocket]",
    command: r"curl -sS -i -o - --http1.1 --max-time 5 -w '\n%{http_code} after %{time_total} s\n' \
  -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
  -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
  'https://HOST/SOCKETPATH/?EIO=4&transport=websocket'",
    proves: "101 proves the way through, without a sid and so without affinity. That curl gives up after 5 s is right. \
             Code 3 as JSON means that the header was lost before the server; where it arrives, a server with WebSocket \
             answers errors in plain text. Google's load balancers need no setting for WebSocket.",
    look_for: &[
        ask("101 and 0{\"sid\": after it", &[], "held"),
        ask(
            "400 as JSON with code 3: Upgrade or Connection was dropped",
            &["upgrade-not-forwarded", "connection-upgrade-undefined", "http10-to-upstream"],
            "nginx",
        ),
        verdict(
            "400 and code 0, \"Transport unknown\", though the handshake was right",
            &[],
            "The server has WebSocket switched off (its `transports` option).",
        ),
        ask(
            "502 at once while polling works: the backend is spoken to in HTTP/2",
            &["http2-to-backend"],
            "service-annotation",
        ),
        ask(
            "502 after about 1 s: the server closes upgrades of a path it does not have",
            &["prefix-not-mapped"],
            "nginx",
        ),
        ask(
            "200: a cache, or a page of another location, answered",
            &["cdn-on-session-traffic", "regex-takes-session-path"],
            "service-annotation",
        ),
    ],
    sources: &[SERVER, NGINX_WEBSOCKET, "kubernetes/ingress-gce#855"],
};

const HELD: Question = Question {
    id: "held",
    ask: "How long does a WebSocket live that is used all the time?",
    sioway: "sioway probe https://HOST --path /SOCKETPATH/ --hold 60s: [hold]",
    command: r#"npm install --no-save socket.io-client
node -e 'const s = require("socket.io-client")("https://HOST", {
  path: "/SOCKETPATH/", transports: ["websocket"] }); let t;
s.on("connect", () => { t = Date.now(); console.log("connected") });
s.on("disconnect", why => console.log(why, "after", (Date.now() - t) / 1000, "s"));
s.on("connect_error", e => console.log(e.message))'"#,
    proves: "Let it run for longer than the timeout that you set, at least two minutes. The client answers pings, each \
             25 s, so that this connection is never idle for long: what cuts it does not look at traffic. It proves \
             nothing about polling.",
    look_for: &[
        ask(
            "transport close after 30 s, or after just the timeoutSec of the backend, each time: a classic load balancer",
            &["websocket-cut-by-timeout"],
            "service-annotation",
        ),
        ask(
            "transport close before 25 s: an idle timeout shorter than the ping",
            &["read-timeout-too-short", "websocket-cut-by-timeout"],
            "nginx",
        ),
        ask(
            "transport close at odd times, several clients at once: pods come and go",
            &["rollout-cuts-sessions", "grace-shorter-than-drain", "drain-disabled"],
            "pods",
        ),
        verdict(
            "ping timeout after about 45 s",
            &[],
            "Pings do not get through, or the server's loop is busy: look at the server's load first.",
        ),
        verdict(
            "nothing: it stays connected",
            &["timeout-beyond-a-day"],
            "The way is right. Google's front ends hold nothing longer than a day: clients must be able to reconnect.",
        ),
    ],
    sources: &[
        "https://docs.cloud.google.com/load-balancing/docs/https/request-distribution",
        REVERSE_PROXY,
    ],
};

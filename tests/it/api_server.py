"""As much of a Kubernetes API server as `kubectl diff` asks of one, on a port of loopback.

It holds the objects of a JSON file, and answers a dry run with what would come of it: a merge patch merged, and of an
applied object what that says, laid over what is there.
"""

import http.server
import json
import sys
import threading

KINDS = {
    "v1": [("Service", "services"), ("ConfigMap", "configmaps"), ("Secret", "secrets")],
    "networking.k8s.io/v1": [("Ingress", "ingresses")],
    "cloud.google.com/v1": [("BackendConfig", "backendconfigs")],
}
OBJECTS = {}


def place(api, plural, namespace, name):
    return f"{'/api/' if '/' not in api else '/apis/'}{api}/namespaces/{namespace}/{plural}/{name}"


def merged(old, new):
    """RFC 7396."""
    if not isinstance(new, dict):
        return new
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, reason):
        self.answer(status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": status})

    def path_only(self):
        return self.path.partition("?")[0]

    def do_GET(self):
        path = self.path_only().rstrip("/")
        if path == "/api":
            return self.answer(200, {"kind": "APIVersions", "versions": ["v1"]})
        if path == "/apis":
            groups = []
            for api in KINDS:
                if "/" in api:
                    version = {"groupVersion": api, "version": api.split("/")[1]}
                    groups.append({"name": api.split("/")[0], "versions": [version], "preferredVersion": version})
            return self.answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        api = path.removeprefix("/apis/").removeprefix("/api/")
        if api in KINDS:
            verbs = ["get", "list", "patch", "create"]
            resources = [
                {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": verbs}
                for kind, plural in KINDS[api]
            ]
            listed = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api, "resources": resources}
            return self.answer(200, listed)
        if path in OBJECTS:
            return self.answer(200, OBJECTS[path])
        self.refuse(404, "NotFound")

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def do_PATCH(self):
        assert "dryRun=All" in self.path, self.path
        path = self.path_only()
        new = self.body()
        if path not in OBJECTS and "apply-patch" not in self.headers["Content-Type"]:
            return self.refuse(404, "NotFound")
        self.answer(200, merged(OBJECTS.get(path, {}), new))

    def do_POST(self):
        assert "dryRun=All" in self.path, self.path
        self.answer(201, self.body())


def main():
    for one in json.load(open(sys.argv[1], encoding="utf-8")):
        plural = dict(KINDS[one["apiVersion"]])[one["kind"]]
        metadata = one["metadata"]
        OBJECTS[place(one["apiVersion"], plural, metadata["namespace"], metadata["name"])] = one
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    # It lives as long as the test holds its stdin.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()

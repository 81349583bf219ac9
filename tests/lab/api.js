// As much of a Kubernetes API server as `kubectl get` asks. Its only argument is JSON: host, port, objects (a file
// that holds a List), unknown (resources that it does not have), forbidden (resources that nobody may read).
const fs = require("node:fs");
const http = require("node:http");

const { host, port, objects, unknown = [], forbidden = [] } = JSON.parse(process.argv[2]);

const kinds = [
  ["v1", "Service", "services"],
  ["v1", "Event", "events"],
  ["v1", "ConfigMap", "configmaps"],
  ["apps/v1", "Deployment", "deployments"],
  ["apps/v1", "StatefulSet", "statefulsets"],
  ["autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"],
  ["policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"],
  ["discovery.k8s.io/v1", "EndpointSlice", "endpointslices"],
  ["networking.k8s.io/v1", "Ingress", "ingresses"],
  ["cloud.google.com/v1", "BackendConfig", "backendconfigs"],
  ["networking.gke.io/v1beta1", "FrontendConfig", "frontendconfigs"],
  ["networking.gke.io/v1", "ManagedCertificate", "managedcertificates"],
].filter(([, , plural]) => !unknown.includes(plural));

const items = JSON.parse(fs.readFileSync(objects, "utf8")).items;
const group = (version) => (version.includes("/") ? version.split("/")[0] : "");

const resources = (version) => ({
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: version,
  resources: kinds
    .filter(([own]) => own === version)
    .map(([, kind, name]) => ({ name, singularName: "", namespaced: true, kind, verbs: ["get", "list"] })),
});

const groups = () => {
  const names = [...new Set(kinds.map(([version]) => group(version)).filter(Boolean))];
  const of = (name) => {
    const versions = [...new Set(kinds.map(([version]) => version).filter((one) => group(one) === name))];
    const all = versions.map((one) => ({ groupVersion: one, version: one.split("/")[1] }));
    return { name, versions: all, preferredVersion: all[0] };
  };
  return { kind: "APIGroupList", apiVersion: "v1", groups: names.map(of) };
};

const status = (code, reason, message) => [
  code,
  { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason, message, code },
];

function answer(path) {
  if (path === "/version") return [200, { major: "1", minor: "32", gitVersion: "v1.32.0" }];
  if (path === "/api") return [200, { kind: "APIVersions", versions: ["v1"] }];
  if (path === "/apis") return [200, groups()];
  const found = /^\/(?:api|apis)\/([^/]+(?:\/[^/]+)?)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (!found) return [200, resources(path.replace(/^\/apis?\//, ""))];
  const [, version, namespace, plural, name] = found;
  const kind = kinds.find(([own, , known]) => own === version && known === plural);
  if (!kind) return status(404, "NotFound", "the server could not find the requested resource");
  if (forbidden.includes(plural)) {
    const of = group(version);
    const message =
      `${plural}${of && "."}${of} is forbidden: User "me@example.com" cannot ${name ? "get" : "list"} resource ` +
      `"${plural}" in API group "${of}" in the namespace "${namespace}"`;
    return status(403, "Forbidden", message);
  }
  const own = items.filter((one) => one.kind === kind[1] && one.metadata.namespace === namespace);
  if (!name) return [200, { kind: `${kind[1]}List`, apiVersion: version, metadata: {}, items: own }];
  const one = own.find(({ metadata }) => metadata.name === name);
  return one ? [200, one] : status(404, "NotFound", `${plural} "${name}" not found`);
}

const server = http.createServer((request, response) => {
  const [code, body] = request.method === "GET" ? answer(request.url.split("?")[0]) : status(405, "NotAllowed", "");
  response.writeHead(code, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
});

server.listen(port, host, () => console.log("ready"));

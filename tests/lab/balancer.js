// A stand-in for Google's load balancer. Its only argument is JSON:
//   port     where it listens
//   pods     the ports of the pods
//   affinity "round-robin", "random", "client-ip" or "cookie"
//   cache    "off", "query-blind" or "by-url": stores every 200 to a GET, whatever the server says
//   cut      milliseconds after which a WebSocket is closed and an answer given up, however busy; 0 for never
//   idle     whether a WebSocket is closed only when nothing passes for so long
//   health   the path that every pod must answer with 200; empty for no check
//   fronts   how many front ends it has: the addresses that it asks the pods from, each in a network of its own; 1 where
//            left out
//   asked    the port that health checks ask; that of the pod where left out
//   none     the status where no pod is healthy; 502 where left out
//   only     the beginning of the paths that a rule takes; "/" where left out
const http = require("node:http");
const net = require("node:net");

const { port, pods, affinity, cache, cut, idle = false, fronts = 1, asked, none = 502, health, only = "/" } = JSON.parse(process.argv[2]);

// The same numbers on each run: shares are compared with what was predicted.
let seed = 20_260_601;
const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
let turn = 0;
const inTurn = () => pods[turn++ % pods.length];
const atRandom = () => pods[Math.floor(random() * pods.length)];
const stored = new Map();

// The lab has one address: clients say who they are where a real one would be seen.
const clientOf = (request) => request.headers["x-forwarded-for"] ?? "nobody";
const byClient = (client) => pods[[...client].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 65_521, 7) % pods.length];

function choose(request) {
  if (affinity === "client-ip") return { pod: byClient(clientOf(request)) };
  if (affinity !== "cookie") return { pod: affinity === "random" ? atRandom() : inTurn() };
  const kept = Number(request.headers.cookie?.match(/GCLB=(\d+)/)?.[1]);
  if (pods.includes(kept)) return { pod: kept };
  const pod = atRandom();
  return { pod, cookie: `GCLB=${pod}; path=/; HttpOnly` };
}

const localAddress = () => (fronts > 1 ? `127.0.${1 + Math.floor(random() * fronts)}.1` : "127.0.0.1");

const isHealthy = (pod) =>
  new Promise((resolve) => {
    const request = http.get({ port: asked ?? pod, host: "127.0.0.1", path: health, headers: { host: "10.8.1.17" }, agent: false });
    request.on("response", (answer) => resolve(answer.resume().statusCode === 200));
    request.on("error", () => resolve(false));
  });

const anyHealthy = async () => !health || (await Promise.all(pods.map(isHealthy))).includes(true);

const forwarded = (request) => ({
  ...request.headers,
  "x-forwarded-for": `${clientOf(request)}, 203.0.113.10`,
  "x-forwarded-proto": "https",
  via: "1.1 google",
});

function answerWith(response, { status, headers, body }) {
  response.writeHead(status, headers);
  response.end(body);
}

function pass(request, response, key) {
  const { pod, cookie } = choose(request);
  const { method, url: path } = request;
  const onward = http.request({ host: "127.0.0.1", port: pod, method, path, headers: forwarded(request), agent: false, localAddress: localAddress() });
  const giveUp = cut && setTimeout(() => (onward.destroy(), response.destroy()), cut);
  onward.on("response", async (answer) => {
    const parts = await answer.toArray().catch(() => undefined);
    clearTimeout(giveUp);
    if (!parts) return response.destroy();
    const whole = { status: answer.statusCode, headers: { ...answer.headers }, body: Buffer.concat(parts) };
    if (cookie) whole.headers["set-cookie"] = cookie;
    if (key && whole.status === 200) stored.set(key, whole);
    answerWith(response, whole);
  });
  onward.on("error", () => response.headersSent || (response.writeHead(502), response.end()));
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

/// As Cloud CDN says that it kept an answer.
const aged = (whole) => ({ ...whole, headers: { ...whole.headers, age: "1" } });

const server = http.createServer(async (request, response) => {
  if (!request.url.startsWith(only)) return request.resume(), response.writeHead(404), response.end("default backend - 404");
  if (!(await anyHealthy())) return request.resume(), response.writeHead(none), response.end();
  const caches = cache !== "off" && request.method === "GET";
  const key = caches && (cache === "query-blind" ? request.url.split("?")[0] : request.url);
  if (key && stored.has(key)) return answerWith(response, aged(stored.get(key)));
  pass(request, response, key);
});

server.on("upgrade", async (request, client, head) => {
  client.on("error", () => {});
  if (!request.url.startsWith(only)) return client.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  if (!(await anyHealthy())) return client.end(`HTTP/1.1 ${none} None\r\nContent-Length: 0\r\n\r\n`);
  const pod = net.connect({ port: choose(request).pod, host: "127.0.0.1", localAddress: localAddress() }, () => {
    const lines = Object.entries(forwarded(request)).map(([name, value]) => `${name}: ${value}\r\n`);
    pod.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
    pod.write(head);
    pod.pipe(client);
    client.pipe(pod);
  });
  const end = () => (pod.destroy(), client.destroy());
  if (cut && idle) [pod, client].forEach((side) => side.setTimeout(cut));
  else if (cut) setTimeout(end, cut);
  // Quiet is what passes neither way: both sides are heard, as what one says is written to the other.
  [pod, client].forEach((side) => side.on("timeout", end));
  pod.on("error", end);
  client.on("close", () => pod.destroy());
});

server.listen(port, "127.0.0.1", () => console.log("ready"));

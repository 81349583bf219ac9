// A real Socket.IO client. Its only argument is JSON: url, path, maxMessage, idle (milliseconds), scenarios.
// Prints a line of JSON for each scenario: its name, and "ok" or what went wrong.
const { io } = require("socket.io-client");

const { url, path, maxMessage, idle, scenarios } = JSON.parse(process.argv[2]);

// What the load balancer adds to each request.
const behindLoadBalancer = (client) => ({
  "X-Forwarded-For": `6.6.6.6, ${client}, 127.0.0.1`,
  "X-Forwarded-Proto": "https",
});

function connect(transports, client = "198.51.100.7") {
  const options = { path, transports, forceNew: true, reconnection: false, timeout: 10_000 };
  const socket = io(url, { ...options, extraHeaders: behindLoadBalancer(client) });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", (error) => reject(new Error(`${error.message} (${error.description?.status ?? error.context?.status ?? "no status"})`)));
  });
}

async function expect(what, found, wanted) {
  if (found !== wanted) throw new Error(`${what} is ${found}, not ${wanted}`);
}

async function session(transports, use) {
  const socket = await connect(transports);
  try {
    return await use(socket);
  } finally {
    socket.disconnect();
  }
}

const who = (socket) => socket.timeout(5_000).emitWithAck("who");

const upgraded = (socket) =>
  new Promise((resolve, reject) => {
    const { engine } = socket.io;
    if (engine.transport.name === "websocket") return resolve();
    engine.once("upgrade", resolve);
    setTimeout(() => reject(new Error("no upgrade within 5 s")), 5_000).unref();
  });

// The whole packet is as long as the server takes: 42 and the id of the answer stand before the JSON.
const largest = (socket) => {
  const around = JSON.stringify(["length", ""]).length + "42".length + String(socket.ids).length;
  return "x".repeat(maxMessage - around);
};

async function big(socket) {
  const message = largest(socket);
  await expect("the length received", await socket.timeout(20_000).emitWithAck("length", message), message.length);
}

async function headers(socket) {
  const { headers } = await who(socket);
  await expect("Host", headers.host, new URL(url).hostname);
  await expect("X-Real-IP", headers["x-real-ip"], "198.51.100.7");
  await expect("X-Forwarded-Proto", headers["x-forwarded-proto"], "https");
  if (!headers["x-forwarded-for"].startsWith("6.6.6.6, 198.51.100.7, 127.0.0.1, ")) {
    throw new Error(`X-Forwarded-For is ${headers["x-forwarded-for"]}`);
  }
}

const all = {
  polling: () => session(["polling"], async (socket) => expect("the transport", (await who(socket)).transport, "polling")),
  websocket: () => session(["websocket"], async (socket) => expect("the transport", (await who(socket)).transport, "websocket")),
  upgrade: () =>
    session(["polling", "websocket"], async (socket) => {
      await upgraded(socket);
      await expect("the transport", (await who(socket)).transport, "websocket");
    }),
  "big by polling": () => session(["polling"], big),
  "big by websocket": () => session(["websocket"], big),
  "headers by polling": () => session(["polling"], headers),
  "headers by websocket": () => session(["websocket"], headers),
  "idle by polling": () => idling(["polling"]),
  "idle by websocket": () => idling(["websocket"]),
  "a hundred at once": async () => {
    const clients = Array.from({ length: 100 }, (_, index) => `198.51.100.${index}`);
    const sockets = await Promise.all(clients.map((client) => connect(["polling", "websocket"], client)));
    await Promise.all(sockets.map(upgraded));
    const answers = await Promise.all(sockets.map(who));
    await expect("the transports", new Set(answers.map((answer) => answer.transport)).size, 1);
    sockets.forEach((socket) => socket.disconnect());
  },
};

const idling = (transports) =>
  session(transports, async (socket) => {
    let ended;
    socket.on("disconnect", (reason) => (ended = reason));
    await new Promise((resolve) => setTimeout(resolve, idle));
    await expect("the end", ended, undefined);
    await who(socket);
  });

(async () => {
  for (const name of scenarios) {
    const outcome = await all[name]().then(() => "ok", (error) => String(error.message));
    console.log(JSON.stringify([name, outcome]));
  }
  process.exit(0);
})();

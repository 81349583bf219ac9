// An Engine.IO client that speaks plain HTTP, one request after the other, and tells what it got. Its only argument
// is JSON: port, path, steps, tries, cookies (whether it keeps them), maxMessage, hold (milliseconds).
// Prints one line of JSON: for each step a list of observations { status, code, body, ms, closed }.
const http = require("node:http");

const { port, path, steps, tries, cookies, maxMessage, hold } = JSON.parse(process.argv[2]);
const seen = Object.fromEntries(steps.map((step) => [step, []]));
const wants = (step) => steps.includes(step);
let unique = 0;

const code = (body) => {
  try {
    return JSON.parse(body).code ?? null;
  } catch {
    // A WebSocket is refused with the bare message.
    const messages = ["Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request"];
    const index = messages.indexOf(body);
    return index < 0 ? null : index;
  }
};

/// One request on a connection of its own.
function ask(client, { method = "GET", transport = "polling", sid, body, upgrade }) {
  const t = upgrade ? "" : `&t=${process.pid}${unique++}`;
  const url = `${path}?EIO=4&transport=${transport}${t}${sid ? `&sid=${sid}` : ""}`;
  const headers = { Host: "chat.example.com", "X-Forwarded-For": client.address };
  if (cookies && client.cookie) headers.Cookie = client.cookie;
  if (body) Object.assign(headers, { "Content-Type": "text/plain;charset=UTF-8", "Content-Length": Buffer.byteLength(body) });
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  if (upgrade) Object.assign(headers, { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13" });
  const started = Date.now();
  return new Promise((resolve) => {
    const done = (status, text, more = {}) =>
      resolve({ status, code: code(text), body: text.slice(0, 200), ms: Date.now() - started, ...more });
    const request = http.request({ host: "127.0.0.1", port, path: url, method, headers, agent: false });
    request.on("response", async (answer) => {
      client.cookie ??= answer.headers["set-cookie"]?.[0].split(";")[0];
      const parts = await answer.toArray().catch(() => []);
      done(answer.statusCode, Buffer.concat(parts).toString());
    });
    request.on("upgrade", (answer, socket, head) => done(answer.statusCode, "", { socket, head }));
    request.on("error", (error) => done(0, String(error.message)));
    request.end(body);
  });
}

const tell = (step, { socket, head, ...observation }) => {
  socket?.destroy();
  if (wants(step)) seen[step].push(observation);
};

let clients = 0;
const newClient = () => ({ address: `198.51.100.${clients++ % 250}` });

/// A session that is open, whatever that takes: what fails on the way is another step's to tell.
async function session(client, connect = true) {
  const handshake = await ask(client, {});
  const sid = handshake.body.match(/"sid":"([^"]+)"/)?.[1];
  if (!sid) return { handshake };
  for (let attempt = 0; connect && attempt < 40; attempt++) {
    if ((await ask(client, { method: "POST", sid, body: "40" })).status === 200) break;
  }
  return { handshake, sid };
}

async function drained(client, sid) {
  for (let attempt = 0; attempt < 40; attempt++) {
    if ((await ask(client, { sid })).status === 200) return;
  }
}

/// The largest message that the server takes.
const largest = () => {
  const around = '42["length",""]'.length;
  return `42["length","${"x".repeat(maxMessage - around)}"]`;
};

async function life(client) {
  const opened = await ask(client, { transport: "websocket", upgrade: true });
  if (!opened.socket) return tell("websocket-life", opened);
  const { socket, head } = opened;
  const started = Date.now();
  const pong = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x33]);
  const read = (data) => {
    // The server's pings are text frames of one byte, `2`.
    for (let at = 0; at + 2 < data.length; at += 2 + (data[at + 1] & 127)) {
      if (data[at + 1] === 1 && data[at + 2] === 0x32) socket.write(pong);
    }
  };
  read(head);
  socket.on("data", read);
  socket.on("error", () => {});
  const closed = await new Promise((resolve) => {
    socket.once("close", () => resolve(true));
    setTimeout(() => resolve(false), hold).unref();
  });
  tell("websocket-life", { ...opened, ms: Date.now() - started, closed });
}

async function once() {
  const client = newClient();
  if (wants("handshake") || wants("post")) {
    const { handshake, sid } = await session(client, false);
    tell("handshake", handshake);
    if (sid && wants("post")) tell("post", await ask(client, { method: "POST", sid, body: "40" }));
    // Ends the session, so that a stored handshake names one that is gone.
    if (sid && wants("post")) await ask(client, { method: "POST", sid, body: "1" });
  }
  const later = ["second-poll", "upgrade", "large-message", "idle-poll"].filter(wants);
  if (later.length) await after(newClient(), later);
  if (wants("direct-websocket")) tell("direct-websocket", await ask(newClient(), { transport: "websocket", upgrade: true }));
}

async function after(client, later) {
  const { sid } = await session(client);
  if (!sid) return;
  if (wants("second-poll")) tell("second-poll", await ask(client, { sid }));
  else if (later.some((step) => step !== "upgrade")) await drained(client, sid);
  if (wants("large-message")) tell("large-message", await ask(client, { method: "POST", sid, body: largest() }));
  if (wants("idle-poll")) tell("idle-poll", await ask(client, { sid }));
  if (wants("upgrade")) tell("upgrade", await ask(client, { transport: "websocket", sid, upgrade: true }));
}

(async () => {
  const all = Array.from({ length: tries }, () => once);
  for (const one of all) await one();
  if (wants("websocket-life")) await life(newClient());
  console.log(JSON.stringify(seen));
  process.exit(0);
})();

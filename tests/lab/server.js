// A real Socket.IO server. Its only argument is JSON: host, port, path, instance, elsewhere (the status of what is
// not Socket.IO's), and options of the server.
const http = require("node:http");
const { Server } = require("socket.io");

const { host, port, path, instance, elsewhere = 200, ...options } = JSON.parse(process.argv[2]);

const server = http.createServer((request, response) => {
  const { url, headers } = request;
  response.writeHead(elsewhere, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ url, headers, instance }));
});

const io = new Server(server, { path, ...options });
io.on("connection", (socket) => {
  const { headers } = socket.handshake;
  socket.on("who", (answer) => answer({ instance, headers, transport: socket.conn.transport.name }));
  socket.on("length", (data, answer) => answer?.(data.length));
});

server.listen(port, host, () => console.log("ready"));

// A DNS server for the pods of a StatefulSet: name-N.anything is 127.0.0.(2+N). Its only argument is the port.
const dgram = require("node:dgram");

const socket = dgram.createSocket("udp4");
socket.on("message", (query, from) => {
  let end = 12;
  while (query[end] !== 0) end += query[end] + 1;
  const label = query.subarray(13, 13 + query[12]).toString();
  const pod = Number(label.match(/-(\d+)$/)?.[1]);
  const asksForA = query.readUInt16BE(end + 1) === 1;
  const question = query.subarray(12, end + 5);
  const answers = asksForA && !Number.isNaN(pod) ? 1 : 0;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers, 6);
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 127, 0, 0, 2 + pod]);
  socket.send(Buffer.concat([header, question, ...(answers ? [answer] : [])]), from.port, from.address);
});
socket.bind(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));

// A tiny service that speaks HTTP/2 alone (node has it built in): a bio for each user, a leader in memory and a replica that lags.
//
//   node http2.mjs LAG_MS [BUG] [KEY_FILE CERTIFICATE_FILE]
//
// Prints its port, serves on loopback (with TLS if it is given a key; it then agrees on h2 by ALPN), and ends when its stdin does. What
// served is said with the protocol that was spoken: "2.0 replica". A BUG strikes every fourth write, once it has been applied:
//   reset    its stream is reset
//   goaway   the whole connection says farewell, and ends
//   cut      all sockets are gone
// and `refused` every fourth one before it is applied, in the way that says so (REFUSED_STREAM).
import http2 from "node:http2";
import fs from "node:fs";

const [lag, bug = "none", key, certificate] = process.argv.slice(2);
const versions = new Map(); // path -> [{at, bio}]
const sockets = new Set();
let writes = 0;

function bodyOf(request, then) {
  let text = "";
  request.on("data", (piece) => (text += piece));
  request.on("end", () => then(JSON.parse(text)));
}

function write(request, response) {
  bodyOf(request, ({ bio }) => {
    const struck = ++writes % 4 === 0;
    const { session } = request.stream;
    if (struck && bug === "refused") return request.stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    versions.set(request.url, [...(versions.get(request.url) ?? []), { at: performance.now(), bio }]);
    if (struck && bug === "reset") return request.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    if (struck && bug === "goaway") return session.destroy(undefined, http2.constants.NGHTTP2_NO_ERROR);
    if (struck && bug === "cut") return sockets.forEach((socket) => socket.destroy());
    response.end(JSON.stringify({ bio }));
  });
}

function read(request, response) {
  const horizon = performance.now() - Number(lag);
  const bio = (versions.get(request.url) ?? []).filter(({ at }) => at <= horizon).at(-1)?.bio;
  response.setHeader("X-Served-By", `${request.httpVersion} replica`);
  response.statusCode = bio === undefined ? 404 : 200;
  response.end(JSON.stringify({ bio }));
}

const serve = (request, response) => (request.method === "PUT" ? write : read)(request, response);
const server = key
  ? http2.createSecureServer({ key: fs.readFileSync(key), cert: fs.readFileSync(certificate) }, serve)
  : http2.createServer(serve);
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});
server.on("sessionError", () => {});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();

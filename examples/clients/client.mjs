// Asks a model that `irbis serve` or continuousServer() serves. Node 18 or newer, nothing else:
//
//     node client.mjs http://127.0.0.1:8888/classifier cat.jpg ...
//
// A token is taken from the environment variable IRBIS_TOKEN.

import { readFile } from "node:fs/promises";

const [service, ...pictures] = process.argv.slice(2);
const headers = { "Content-Type": "application/octet-stream" };
if (process.env.IRBIS_TOKEN) headers.Authorization = `Bearer ${process.env.IRBIS_TOKEN}`;

for (const picture of pictures) {
  const body = await readFile(picture);
  const reply = await fetch(service, { method: "POST", headers, body, signal: AbortSignal.timeout(30_000) });
  console.log(reply.status, await reply.text());
}

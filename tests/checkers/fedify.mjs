// What Fedify, a second implementation of everything, says of a node.
//
//   node fedify.mjs ORIGIN TOKEN GROUP PERSON
//
// A server of its own, with an actor whose keys and signatures Fedify makes, follows the group and
// talks with it. One line for each question; ends with 1 when one of them is answered no.
import http from "node:http";
import {
  generateCryptoKeyPair,
  signObject,
  signRequest,
  verifyObject,
  verifyRequest,
} from "@fedify/fedify/sig";
import {
  Create,
  CryptographicKey,
  Endpoints,
  Follow,
  Group,
  Multikey,
  Note,
  Person,
  PUBLIC_COLLECTION,
  lookupObject,
} from "@fedify/vocab";
import { getDocumentLoader } from "@fedify/vocab-runtime";

const [origin, token, group, person] = process.argv.slice(2);
const documentLoader = getDocumentLoader({ allowPrivateAddress: true });
const options = { documentLoader, contextLoader: documentLoader };
const CAVAGE = "draft-cavage-http-signatures-12";
const JSON_TYPE = "application/activity+json";

let wrong = 0;
async function check(what, ask) {
  let why;
  try {
    const answer = await ask();
    why = answer === true ? null : answer || "no";
  } catch (error) {
    why = error.stack ?? String(error);
  }
  console.log(why === null ? `ok ${what}` : `NOT ok ${what}: ${why}`);
  if (why !== null) wrong += 1;
}

/** Waits for the first of `all` that fits. */
async function first(all, fits) {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = all.find(fits);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("waited in vain");
}

// --- A server of our own -----------------------------------------------------------------------

const documents = new Map();
const received = [];
const asked = [];

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => answer(request, Buffer.concat(chunks), response));
});

function answer(request, body, response) {
  const url = new URL(request.url, base);
  if (request.method === "POST") {
    const text = body.toString();
    const headers = new Headers(request.headers);
    received.push({
      json: JSON.parse(text),
      request: new Request(url, { method: "POST", headers, body: text }),
    });
    response.writeHead(202).end();
    return;
  }
  asked.push(url.pathname);
  const found = documents.get(url.pathname);
  response.writeHead(found ? 200 : 404, { "Content-Type": found?.type ?? "text/plain" });
  response.end(found?.text ?? "nothing here");
}

await new Promise((resolve) => server.listen(0, "localhost", resolve));
const base = `http://localhost:${server.address().port}`;

function serve(path, document, type = JSON_TYPE) {
  documents.set(path, { text: JSON.stringify(document), type });
}

async function actor(name) {
  const id = new URL(`/users/${name}`, base);
  const [rsa, ed25519] = await Promise.all([
    generateCryptoKeyPair("RSASSA-PKCS1-v1_5"),
    generateCryptoKeyPair("Ed25519"),
  ]);
  const [rsaId, ed25519Id] = [new URL("#main-key", id), new URL("#ed25519-key", id)];
  const document = new Person({
    id,
    preferredUsername: name,
    inbox: new URL(`${id}/inbox`),
    outbox: new URL(`${id}/outbox`),
    endpoints: new Endpoints({ sharedInbox: new URL("/inbox", base) }),
    publicKeys: [new CryptographicKey({ id: rsaId, owner: id, publicKey: rsa.publicKey })],
    assertionMethods: [
      new Multikey({ id: ed25519Id, controller: id, publicKey: ed25519.publicKey }),
    ],
  });
  serve(id.pathname, await document.toJsonLd(options));
  return { id, rsa, rsaId, ed25519, ed25519Id };
}

const fay = await actor("fay");
const guy = await actor("guy");
// Who runs this gets whole activities from groups.
serve("/.well-known/nodeinfo", {
  links: [{ rel: "http://nodeinfo.diaspora.software/ns/schema/2.0", href: `${base}/nodeinfo/2.0` }],
}, "application/json");
serve("/nodeinfo/2.0", { version: "2.0", software: { name: "lemmy", version: "1.0.0" } }, "application/json");

/** Delivers `document`, signed by `by`; the status. */
async function deliver(document, by, spec) {
  const inbox = new URL("/inbox", origin);
  const body = JSON.stringify(document);
  const headers = { "Content-Type": JSON_TYPE, Host: inbox.host };
  const request = new Request(inbox, { method: "POST", headers, body });
  const signed = await signRequest(request, by.rsa.privateKey, by.rsaId, { spec });
  const response = await fetch(signed);
  return response.status === 202 ? true : `${response.status} ${await response.text()}`;
}

async function api(path, form) {
  const response = await fetch(new URL(path, origin), {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body: new URLSearchParams(form),
  });
  return await response.json();
}

// --- What it shows -----------------------------------------------------------------------------

const groupId = new URL(`/c/${group}`, origin);
const personId = new URL(`/u/${person}`, origin);
const post = await api("/api/v1/statuses", { status: `Shown to Fedify @${group}` });

const found = {};
await check("a group is read", async () => {
  found.group = await lookupObject(groupId, options);
  return found.group instanceof Group;
});
await check("a person is read", async () => {
  found.person = await lookupObject(personId, options);
  return found.person instanceof Person;
});
for (const kind of ["group", "person"]) {
  await check(`the ${kind} has inbox, outbox, followers and a shared inbox`, () => {
    const { inboxId, outboxId, followersId, endpoints } = found[kind];
    return Boolean(inboxId && outboxId && followersId && endpoints?.sharedInbox);
  });
  await check(`the ${kind}'s RSA key is read`, async () => {
    const key = await found[kind].getPublicKey(options);
    return key.ownerId.href === found[kind].id.href && key.publicKey.algorithm.name.startsWith("RSA");
  });
  await check(`the ${kind}'s Ed25519 key is read`, async () => {
    for await (const key of found[kind].getAssertionMethods(options)) {
      return key.controllerId.href === found[kind].id.href && key.publicKey.algorithm.name === "Ed25519";
    }
  });
  await check(`the ${kind}'s outbox is read`, async () => {
    const outbox = await found[kind].getOutbox(options);
    const page = await outbox.getFirst(options);
    for await (const item of page.getItems(options)) return Boolean(item.id);
  });
}
await check("a post is read", async () => {
  const note = await lookupObject(post.uri, options);
  return note instanceof Note && note.attributionId.href === personId.href && Boolean(note.content);
});

// --- What it takes, and what it says -------------------------------------------------------------

for (const [at, spec] of [CAVAGE, "rfc9421"].entries()) {
  await check(`a request signed as ${spec} is taken`, async () => {
    const follow = new Follow({
      id: new URL(`${fay.id}/follow/${at}`),
      actor: fay.id,
      object: groupId,
    });
    return await deliver(await follow.toJsonLd(options), fay, spec);
  });
  await check(`the answer is signed so that Fedify verifies it (${at})`, async () => {
    const accept = await first(received, ({ json }) =>
      json.type === "Accept" && json.object?.id === `${fay.id}/follow/${at}`);
    const key = await verifyRequest(accept.request.clone(), options);
    return key?.ownerId?.href === groupId.href;
  });
  await check(`a lookup signed as ${spec} is answered`, async () => {
    const request = new Request(groupId, { headers: { Accept: JSON_TYPE, Host: groupId.host } });
    const response = await fetch(
      await signRequest(request, fay.rsa.privateKey, fay.rsaId, { spec }),
    );
    return response.status === 200;
  });
  await check(`a wrong key is refused (${spec})`, async () => {
    const follow = new Follow({ id: new URL(`${fay.id}/x/${at}`), actor: fay.id, object: groupId });
    const said = await deliver(await follow.toJsonLd(options), { ...guy, rsaId: fay.rsaId }, spec);
    return String(said).startsWith("401") || said;
  });
}

await check("a member's activity in a group carries a proof that Fedify verifies", async () => {
  // Until the node has read what this server runs it sends the address of the post alone.
  await first(asked, (path) => path === "/nodeinfo/2.0");
  const fresh = await api("/api/v1/statuses", { status: `Proven to Fedify @${group}` });
  const announce = await first(received, ({ json }) =>
    json.type === "Announce" && json.object?.object?.id === fresh.uri);
  const key = await verifyRequest(announce.request.clone(), options);
  if (key?.ownerId?.href !== groupId.href) return "the Announce itself is not verified";
  const create = await verifyObject(Create, announce.json.object, options);
  if (create === null) return `the proof does not hold: ${JSON.stringify(announce.json.object)}`;
  return create.actorId.href === personId.href;
});

async function written(name, text) {
  const id = new URL(`${fay.id}/notes/${name}`);
  const addressed = { tos: [PUBLIC_COLLECTION, groupId], ccs: [] };
  const note = new Note({ id, attribution: fay.id, content: `<p>${text}</p>`, ...addressed });
  const create = new Create({ id: new URL(`${id}/create`), actor: fay.id, object: note, ...addressed });
  return await signObject(create, fay.ed25519.privateKey, fay.ed25519Id, options);
}

/** As Fedify's own delivery writes it, which is what it signs: compact, Public spelt out. */
async function compact(activity) {
  const json = await activity.toJsonLd({ ...options, format: "compact" });
  const spelt = JSON.stringify(json).replaceAll('"as:Public"', `"${PUBLIC_COLLECTION.href}"`);
  return JSON.parse(spelt);
}

await check("what Fedify proves is taken from somebody else's hand", async () => {
  const json = await compact(await written(1, "Proven by Fedify"));
  const said = await deliver(json, guy, CAVAGE);
  if (said !== true) return said;
  return !asked.some((path) => path.includes("/notes/")) || "it was asked for all the same";
});
await check("and what was changed on the way is not", async () => {
  const json = await compact(await written(2, "Proven by Fedify"));
  json.object.content = "<p>Changed</p>";
  const said = await deliver(json, guy, CAVAGE);
  return String(said).startsWith("401") || said;
});

server.close();
server.closeAllConnections();
process.exit(wrong === 0 ? 0 : 1);

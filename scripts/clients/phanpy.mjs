// Drives Phanpy in a real browser against a node, as docs/clients.md describes; `scripts/clients/phanpy` calls it.
//
//     node phanpy.mjs DIST DOMAIN PORT TOKEN GROUP SHOTS
//
// DIST is a build of Phanpy. DOMAIN (host:port) is what the node is called; this program serves it over TLS,
// which Phanpy insists on ($KEY and $CERT), and passes it on to the node at 127.0.0.1:PORT. TOKEN is that of a second
// member, who answers. The one who signs in is ana@example.org, founder of GROUP, with the password of $PASSWORD. SHOTS
// is where pictures go. Prints a line of JSON for each step; answers of 400 and above and errors in scripts are troubles.
import { strict as assert } from "node:assert";
import { readFile, stat } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import path from "node:path";

import puppeteer from "puppeteer-core";

const [dist, domain, port, token, groupName, shots] = process.argv.slice(2);
assert(shots, "usage: node phanpy.mjs DIST DOMAIN PORT TOKEN GROUP SHOTS");

/** TLS in front of the node, for requests and for WebSockets. */
async function serveNode() {
    const [key, cert] = await Promise.all([readFile(process.env.KEY), readFile(process.env.CERT)]);
    const server = https.createServer({ key, cert }, (request, answer) => {
        const { method, url, headers } = request;
        const onward = http.request({ host: "127.0.0.1", port, method, path: url, headers }, (back) => {
            answer.writeHead(back.statusCode, back.rawHeaders);
            back.pipe(answer);
        });
        onward.on("error", () => answer.destroy());
        request.pipe(onward);
    });
    server.on("upgrade", (request, socket, head) => {
        const onward = net.connect(port, "127.0.0.1", () => {
            const lines = [`${request.method} ${request.url} HTTP/1.1`];
            for (let i = 0; i < request.rawHeaders.length; i += 2) {
                lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
            }
            onward.write(`${lines.join("\r\n")}\r\n\r\n`);
            onward.write(head);
            socket.pipe(onward).pipe(socket);
        });
        for (const end of [socket, onward]) end.on("error", () => { socket.destroy(); onward.destroy(); });
    });
    await new Promise((ready) => server.listen(Number(domain.split(":")[1]), "127.0.0.1", ready));
    return server;
}

const KINDS = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json",
    ".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2",
};

/** The files of the client, on a port of their own; gives the address. */
async function serveClient() {
    const server = http.createServer(async (request, answer) => {
        let file = path.join(dist, path.normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)));
        try {
            if ((await stat(file)).isDirectory()) file = path.join(file, "index.html");
            const bytes = await readFile(file);
            answer.writeHead(200, { "Content-Type": KINDS[path.extname(file)] ?? "application/octet-stream" }).end(bytes);
        } catch {
            answer.writeHead(404).end();
        }
    });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    return [server, `http://127.0.0.1:${server.address().port}/`];
}

/** A call of the second member. */
async function call(method, where, body) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${where}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, Host: domain, "Content-Type": "application/json" },
        body: body && JSON.stringify(body),
    });
    assert(answer.ok, `${method} ${where}: ${answer.status} ${await answer.clone().text()}`);
    return answer.json();
}

/** Asks until there is something: for what the node does after it has answered. */
async function eventually(what, ask) {
    const end = Date.now() + 30_000;
    for (;;) {
        const found = await ask();
        if (found) return found;
        assert(Date.now() < end, `never: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
}

const tls = await serveNode();
const [files, client] = await serveClient();
const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--ignore-certificate-errors", "--lang=en"],
    defaultViewport: { width: 900, height: 1000 },
});
const page = await browser.newPage();
page.setDefaultTimeout(40_000);
const [frames, sent] = [[], []];
const troubles = [];
const wire = await page.createCDPSession();
await wire.send("Network.enable");
wire.on("Network.webSocketFrameSent", ({ response }) => sent.push(response.payloadData));
wire.on("Network.webSocketFrameReceived", ({ response }) => frames.push(response.payloadData));
page.on("pageerror", (error) => troubles.push(`script: ${error.message}`));
page.on("response", (response) => {
    if (response.url().includes(domain) && response.status() >= 400) {
        troubles.push(`${response.status()} ${response.request().method()} ${response.url()}`);
    }
});

let taken = 0;
async function picture(page, name) {
    await page.waitForNetworkIdle({ idleTime: 700 });
    taken += 1;
    const file = `${String(taken).padStart(2, "0")}-${name.replaceAll(/\W+/g, "-")}.png`;
    await page.screenshot({ path: path.join(shots, file) });
}

async function step(name, act) {
    try {
        await act();
    } catch (error) {
        await page.screenshot({ path: path.join(shots, "failed.png") });
        console.log(JSON.stringify({ step: name, ok: false, at: page.url() }));
        console.error(error, troubles);
        process.exit(1);
    }
    await picture(page, name);
    console.log(JSON.stringify({ step: name, ok: true }));
}

/** Waits until an element that fits `selector` says `text`; gives it. */
async function says(selector, text) {
    const found = await page.waitForFunction(
        (selector, text) => [...document.querySelectorAll(selector)].find((one) => one.innerText.includes(text)),
        {}, selector, text,
    );
    return found.asElement();
}

async function press(selector, text) {
    await (await says(selector, text)).click();
}

/** Writes in Phanpy's box, which is open, and sends it. */
async function writes(text, to = "") {
    const box = await page.waitForSelector("#compose-container textarea[name=status]", { visible: true });
    // Who is answered is put in a moment after the composer opens, over what stands there.
    await eventually("it is said who is answered", () => box.evaluate((area, to) => area.value.includes(to), to));
    await box.focus();
    await page.keyboard.press("End");
    await box.type(text, { delay: 5 });
    await page.click("#compose-container button[type=submit]");
    await page.waitForSelector("#compose-container", { hidden: true });
}

const group = await call("GET", `accounts/lookup?acct=${groupName}`);
await call("POST", `accounts/${group.id}/follow`);
await call("POST", "statuses", { status: `The repair café opens at six @${groupName}` });

let popup;
await step("sign in at the node", async () => {
    await page.goto(`${client}#/login`);
    await page.type("#instanceURL", domain);
    // Phanpy has the node's own pages in a window of their own, and waits for it to come back.
    [popup] = await Promise.all([
        new Promise((opened) => page.once("popup", opened)),
        press("#login button", `Continue with ${domain}`),
    ]);
    const secret = await popup.waitForSelector("input[type=password]");
    const form = await secret.evaluateHandle((input) => input.form);
    await (await form.$("input[type=email], input[type=text], input:not([type])")).type("ana@example.org");
    await secret.type(process.env.PASSWORD);
    await picture(popup, "the node asks who it is");
    await Promise.all([popup.waitForNavigation(), secret.press("Enter")]);
});
await step("let Phanpy in", async () => {
    await popup.waitForFunction(() => document.body.innerText.includes("Phanpy"));
    await picture(popup, "the node asks whether Phanpy may");
    const allow = await popup.evaluateHandle(() =>
        [...document.querySelectorAll("button")].find((one) => /let it in|allow|authori[sz]e/i.test(one.innerText)));
    await allow.asElement().click();
});
await step("home", () => says(".timeline", "The repair café opens at six"));
await step("the group", async () => {
    await page.goto(`${client}#/${domain}/a/${group.id}`);
    await says(".account-container", "We mend things together");
    await says("#account-statuses-page .timeline", "The repair café opens at six");
});
await step("ask the group", async () => {
    sent.length = 0; // the page starts anew, with a new socket
    await page.goto(`${client}#/`);
    await says(".timeline", "The repair café");
    await (await page.waitForSelector("#compose-button")).click();
    await writes(`Who has a ladder? @${groupName}`);
    await press("button", "New posts");
    await says(".timeline", "Who has a ladder?");
});
const thread = await eventually("the question is in the group", async () => {
    const wall = await call("GET", `accounts/${group.id}/statuses`);
    return wall.find((one) => one.reblog?.content.includes("Who has a ladder?"))?.reblog;
});
await step("a notification arrives by stream", async () => {
    // Phanpy subscribes three seconds after it has started.
    await eventually("Phanpy listens", () => sent.some((frame) => frame.includes("user:notification")));
    const before = frames.length;
    const badge = page.waitForSelector(".notifications-button.has-badge");
    await call("POST", "statuses", { status: "@ana I have one, at four?", in_reply_to_id: thread.id });
    await badge;
    const told = frames.slice(before).map((frame) => JSON.parse(frame)).filter((frame) => frame.event === "notification");
    // It listens to both streams, on one socket.
    assert.deepEqual(told.map((frame) => frame.stream).toSorted(), [["user"], ["user:notification"]]);
    assert(told.every((frame) => JSON.parse(frame.payload).type === "mention"));
});
await step("notifications", async () => {
    await page.goto(`${client}#/notifications`);
    await says("#notifications-page", "I have one, at four?");
});
await step("the thread", async () => {
    await page.goto(`${client}#/${domain}/s/${thread.id}`);
    await says(".status-deck", "Who has a ladder?");
    await says(".status-deck", "I have one, at four?");
});
const answer = (await call("GET", `statuses/${thread.id}/context`)).descendants[0];
await step("like and boost the answer", async () => {
    await page.goto(`${client}#/${domain}/s/${answer.id}`);
    await (await page.waitForSelector(".status.large .favourite-button, .hero .favourite-button", { visible: true })).click();
    await eventually("he sees the like", async () => (await call("GET", `statuses/${answer.id}`)).favourites_count === 1);
    await page.click(".status.large .reblog-button, .hero .reblog-button");
    await press("[role=menuitem]", "Boost");
    await eventually("he sees the boost", async () => (await call("GET", `statuses/${answer.id}`)).reblogs_count === 1);
});
await step("say thanks", async () => {
    await page.click(".status.large .reply-button, .hero .reply-button");
    await writes("#thanks", "@");
    await says(".status-deck", "#thanks");
});
const help = await eventually("the thanks is counted", async () => {
    const help = await call("GET", `groups/${group.id}/help`);
    return help.receipts === 1 && help;
});
console.log(JSON.stringify({ help, troubles }));
await browser.close();
for (const server of [tls, files]) {
    server.close();
    server.closeAllConnections();
}
process.exit(troubles.length === 0 ? 0 : 1);

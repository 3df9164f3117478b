// What a story needs: steps that print a line each, events that can be awaited, patience with bounds.
import { strict as assert } from "node:assert";
import { once } from "node:events";

import { WebSocket } from "ws";

// masto.js is written for Node.js 22. Debian has 20, which lacks these two; masto.js names them.
globalThis.WebSocket ??= WebSocket;
Promise.withResolvers ??= () => {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
};

/** How long anything may take before it counts as not happening, in milliseconds. */
const PATIENCE = 30_000;

/** Runs the steps in their order. Prints a line of JSON for each, and ends the program at the first that fails. */
export async function run(world, steps) {
    for (const [step, act] of Object.entries(steps)) {
        try {
            await act(world);
            console.log(JSON.stringify({ step, ok: true }));
        } catch (error) {
            console.log(JSON.stringify({ step, ok: false }));
            console.error(`${step}: ${error?.stack ?? error}`);
            if (error?.statusCode) console.error(`status ${error.statusCode}:`, error.details ?? "");
            process.exit(1);
        }
    }
}

/** Asks again until `ask` gives something: for what the node does after it has answered. */
export async function eventually(what, ask) {
    const end = Date.now() + PATIENCE;
    for (;;) {
        const found = await ask();
        if (found) return found;
        assert(Date.now() < end, `never: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

/** The request must be answered with this status and a message. */
export async function refused(promise, status) {
    const error = await promise.then(
        (answer) => assert.fail(`answered instead of ${status}: ${JSON.stringify(answer)}`),
        (error) => error,
    );
    assert.equal(error.statusCode, status, error.stack);
    assert(error.message.length > 3, "it says why");
    return error;
}

/** Everything a subscription says, kept until it is asked for. */
export class Heard {
    #events = [];
    #waiting = [];

    constructor(subscription) {
        this.subscription = subscription;
        this.ended = this.#listen();
    }

    async #listen() {
        for await (const event of this.subscription) {
            this.#events.push(event);
            this.#waiting.splice(0).forEach((wake) => wake());
        }
    }

    /** The next event of this kind for which `is` holds; those before it stay. */
    async next(kind, is = () => true) {
        const signal = AbortSignal.timeout(PATIENCE);
        for (;;) {
            const at = this.#events.findIndex((event) => event.event === kind && is(event.payload));
            if (at >= 0) return this.#events.splice(at, 1)[0];
            assert(!signal.aborted, `no ${kind}; heard ${this.#events.map((event) => event.event)}`);
            await Promise.race([
                new Promise((resolve) => this.#waiting.push(resolve)),
                once(signal, "abort"),
            ]);
        }
    }

    /** Whether something of this kind for which `is` holds came, and nobody asked for it yet. */
    has(kind, is) {
        return this.#events.some((event) => event.event === kind && is(event.payload));
    }
}

/** Waits until the node has read all that was written to the socket: it answers a ping in its turn. */
export async function settled(socket) {
    const pong = once(socket, "pong");
    socket.ping();
    await pong;
}

/** The ids of a list. */
export const ids = (list) => list.map((one) => one.id);

/** A picture: 64 by 48, green above yellow. */
export function picture() {
    const bytes = Buffer.from(
        "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAwCAIAAAAuKetIAAAATElEQVR42u3PMQ0AMAgAMORMxEQgB2GTMzF44CNpUgONU7laCAgI" +
            "CAgICAgICAgICAgICAiMAv/d1QQEBAQEBAQEBAQEBAQEBAQERhp+O2jxqmvdxQAAAABJRU5ErkJggg==",
        "base64",
    );
    return new Blob([bytes], { type: "image/png" });
}

// masto.js, the library of Elk and Phanpy, goes through every family of calls of a fresh node:
//
//     node masto_story.mjs BASE_URL TOKEN TOKEN GROUP ANNOUNCEMENT
//
// The tokens are those of two members (read write follow push); the first of them founded GROUP, a name.
// ANNOUNCEMENT is what the operator has told everybody. Prints {"step": .., "ok": true} for each step and
// ends at the first that fails.
import { createRestAPIClient } from "masto";

import { live } from "./live.mjs";
import { own } from "./own.mjs";
import { people } from "./people.mjs";
import { last, posts } from "./posts.mjs";
import { run } from "./story.mjs";
import { told } from "./told.mjs";

const [url, anasToken, bensToken, groupName, announcement] = process.argv.slice(2);
if (!announcement) {
    console.error("usage: node masto_story.mjs BASE_URL TOKEN TOKEN GROUP ANNOUNCEMENT");
    process.exit(2);
}

/** A member as the steps know one: a client, the token, and the account. */
async function member(token) {
    const api = createRestAPIClient({ url, accessToken: token });
    return { api, token, me: await api.v1.accounts.verifyCredentials() };
}

const world = {
    url,
    host: new URL(url).host,
    announcement,
    ana: await member(anasToken),
    ben: await member(bensToken),
    anyone: createRestAPIClient({ url }),
};
world.group = await world.anyone.v1.accounts.lookup({ acct: groupName });

for (const family of [people, posts, own, told, live, last]) await run(world, family);

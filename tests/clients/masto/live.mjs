// What comes by itself: streams over a WebSocket.
import { strict as assert } from "node:assert";
import { once } from "node:events";

import { createStreamingAPIClient } from "masto";
import { WebSocket } from "ws";

import { Heard, settled } from "./story.mjs";

/** Opens a socket for a member, subscribed to what `choose` picks from the client. */
async function listen({ anyone }, { token }, choose) {
    const { configuration } = await anyone.v2.instance.fetch();
    const client = createStreamingAPIClient({
        streamingApiUrl: configuration.urls.streaming, accessToken: token, implementation: WebSocket, retry: false,
    });
    const socket = await client.prepare();
    assert.equal(socket.protocol, token, "the subprotocol is echoed, or browsers hang up");
    const streams = choose(client).map((subscription) => new Heard(subscription));
    await settled(socket);
    return { client, socket, streams };
}

export const live = {
    async "posts and notifications arrive by themselves, on one socket"(world) {
        const { ana, ben } = world;
        const { client, streams } = await listen(world, ana, (c) => [c.user.subscribe(), c.user.notification.subscribe()]);
        const [user, notifications] = streams;
        const post = await ben.api.v1.statuses.create({ status: `@${ana.me.acct} live from the shed` });
        const update = await user.next("update", (status) => status.id === post.id);
        assert.deepEqual(update.stream, ["user"]);
        assert.equal(update.payload.account.id, ben.me.id);
        assert.match(update.payload.content, /live from the shed/);
        for (const [stream, name] of [[user, "user"], [notifications, "user:notification"]]) {
            const told = await stream.next("notification", (one) => one.status?.id === post.id);
            assert.deepEqual([told.stream, told.payload.type, told.payload.account.id], [[name], "mention", ben.me.id]);
        }
        assert(!notifications.has("update", () => true), "no posts in a stream of notifications");

        await ben.api.v1.statuses.$select(post.id).update({ status: `@${ana.me.acct} live from the barn` });
        const edited = await user.next("status.update", (status) => status.id === post.id);
        assert.match(edited.payload.content, /barn/);
        await ben.api.v1.statuses.$select(post.id).remove();
        await user.next("delete", (id) => id === post.id);
        client.close();
        await Promise.all(streams.map((stream) => stream.ended));
    },

    async "filters and conversations, too"(world) {
        const { ana, ben } = world;
        const { client, streams } = await listen(world, ana, (c) => [c.user.subscribe(), c.direct.subscribe()]);
        const [user, direct] = streams;
        const filter = await ana.api.v2.filters.create({ title: "A word", context: ["home"] });
        assert.equal((await user.next("filters_changed")).payload, undefined);
        await ana.api.v2.filters.$select(filter.id).remove();
        await user.next("filters_changed");
        const word = await ben.api.v1.statuses.create({ status: `@${ana.me.acct} psst`, visibility: "direct" });
        const talk = await direct.next("conversation", (one) => one.lastStatus.id === word.id);
        assert.equal(talk.payload.unread, true);
        client.close();
        await Promise.all(streams.map((stream) => stream.ended));
    },

    async "tags, lists, groups and everybody's posts"(world) {
        const { ana, ben, group } = world;
        const list = await ana.api.v1.lists.create({ title: "Heard" });
        await ana.api.v1.lists.$select(list.id).accounts.create({ accountIds: [ben.me.id] });
        const groups = await ana.api.v1.lists.list();
        const joined = groups.find((one) => one.title.toLowerCase().includes(group.username));
        const { client, socket, streams } = await listen(world, ana, (c) => [
            c.hashtag.subscribe({ tag: "lathe" }),
            c.list.subscribe({ list: list.id }),
            c.list.subscribe({ list: joined.id }),
            c.public.local.subscribe(),
        ]);
        const [tag, listed, inGroup, everybody] = streams;
        const post = await ben.api.v1.statuses.create({ status: "For sale: #lathe", visibility: "public" });
        const tagged = await tag.next("update", (status) => status.id === post.id);
        assert.deepEqual(tagged.stream, ["hashtag", "lathe"]);
        const inList = await listed.next("update", (status) => status.id === post.id);
        assert.deepEqual(inList.stream, ["list", list.id]);
        const open = await everybody.next("update", (status) => status.id === post.id);
        assert.deepEqual(open.stream, ["public:local"]);
        const thread = await ben.api.v1.statuses.create({ status: `A vice, anybody? @${group.acct}`, visibility: "public" });
        await inGroup.next("update", (status) => status.id === thread.id || status.reblog?.id === thread.id);

        // Who no longer listens to a stream hears the others only.
        tag.subscription.unsubscribe();
        await settled(socket);
        const second = await ben.api.v1.statuses.create({ status: "Sold: #lathe", visibility: "public" });
        await everybody.next("update", (status) => status.id === second.id);
        await settled(socket);
        assert(!tag.has("update", (status) => status.id === second.id));
        client.close();
        await Promise.all(streams.map((stream) => stream.ended));
        await ana.api.v1.lists.$select(list.id).remove();
    },

    async "a socket without a right token is refused"({ anyone }) {
        const { configuration } = await anyone.v2.instance.fetch();
        const address = new URL("/api/v1/streaming", configuration.urls.streaming);
        const [request, answer] = await once(new WebSocket(address, ["wrong"]), "unexpected-response");
        assert.equal(answer.statusCode, 401);
        request.destroy();
    },
};

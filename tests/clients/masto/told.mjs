// What members are told: notifications, alone and in groups, held back, said in private, announced, pushed.
import { strict as assert } from "node:assert";
import { createECDH, randomBytes } from "node:crypto";

import { eventually, ids, refused } from "./story.mjs";

export const told = {
    async "notifications"(world) {
        const { ana, ben, post } = world;
        await ana.api.v1.notifications.clear();
        assert.deepEqual(await ana.api.v1.notifications.list(), []);
        await ben.api.v1.statuses.$select(post.id).favourite();
        await ben.api.v1.statuses.$select(post.id).reblog();
        const mention = await ben.api.v1.statuses.create({ status: `@${ana.me.acct} your flag is famous` });
        const types = ["favourite", "mention", "reblog"];
        const all = await eventually("she is told of all three", async () => {
            const list = await ana.api.v1.notifications.list({ types, limit: 10 });
            return list.length === 3 && list;
        });
        assert.deepEqual(all.map((one) => one.type).toSorted(), types);
        assert(all.every((one) => one.account.id === ben.me.id && one.groupKey.length > 0));
        const [mentioned] = await ana.api.v1.notifications.list({ types: ["mention"] });
        assert.equal(mentioned.status.id, mention.id);
        const rest = await ana.api.v1.notifications.list({ excludeTypes: ["mention"], accountId: ben.me.id });
        assert.deepEqual(rest.map((one) => one.status.id), [post.id, post.id]);
        assert.equal((await ana.api.v1.notifications.unreadCount.fetch({ types })).count, 3);
        assert.equal((await ana.api.v1.notifications.$select(mentioned.id).fetch()).id, mentioned.id);
        const pages = [];
        for await (const page of ana.api.v1.notifications.list({ types, limit: 2 })) pages.push(...ids(page));
        assert.deepEqual(pages, ids(all), "in pages, each once");
        await refused(ben.api.v1.notifications.$select(mentioned.id).fetch(), 404);
        await ana.api.v1.notifications.$select(mentioned.id).dismiss();
        await refused(ana.api.v1.notifications.$select(mentioned.id).fetch(), 404);
    },

    async "notifications in groups"({ ana, ben, post }) {
        const told = await ana.api.v2.notifications.list({ limit: 10, groupedTypes: ["favourite", "reblog"] });
        const group = told.notificationGroups.find((one) => one.type === "favourite");
        assert.deepEqual([group.notificationsCount, group.sampleAccountIds, group.statusId], [1, [ben.me.id], post.id]);
        assert.equal(typeof group.mostRecentNotificationId, "number");
        assert(ids(told.accounts).includes(ben.me.id) && ids(told.statuses).includes(post.id));
        assert.equal((await ana.api.v2.notifications.unreadCount.fetch({ types: ["favourite", "reblog"] })).count, 2);
        const it = ana.api.v2.notifications.$select(group.groupKey);
        assert.equal((await it.fetch()).notificationGroups[0].groupKey, group.groupKey);
        assert.deepEqual(ids(await it.accounts.fetch()), [ben.me.id]);
        await it.dismiss();
        await refused(it.fetch(), 404);
        await ben.api.v1.statuses.$select(post.id).unreblog();
        await ana.api.v1.notifications.clear();
    },

    async "strangers wait"({ ana, ben }) {
        const policy = await ana.api.v2.notifications.policy.fetch();
        assert.equal(policy.forNotFollowing, "accept");
        await ana.api.v1.accounts.$select(ben.me.id).unfollow();
        // masto.js updates by PUT; the documents say PATCH.
        const changed = await ana.api.v2.notifications.policy.update({ forNotFollowing: "filter" });
        assert.equal(changed.forNotFollowing, "filter");
        await ben.api.v1.statuses.create({ status: `@${ana.me.acct} you do not know me` });
        const [request] = await eventually("it is held back", async () => {
            const requests = await ana.api.v1.notifications.requests.list({ limit: 5 });
            return requests.length === 1 && requests;
        });
        assert.deepEqual([request.account.id, request.notificationsCount], [ben.me.id, "1"]);
        assert.match(request.lastStatus.content, /do not know me/);
        assert.deepEqual(await ana.api.v1.notifications.list({ types: ["mention"] }), []);
        assert.equal((await ana.api.v2.notifications.policy.fetch()).summary.pendingRequestsCount, 1);
        assert.equal((await ana.api.v1.notifications.requests.$select(request.id).fetch()).id, request.id);
        await ana.api.v1.notifications.requests.$select(request.id).accept();
        assert.deepEqual(await ana.api.v1.notifications.requests.list(), []);
        const [mention] = await eventually("it is let through", async () => {
            const list = await ana.api.v1.notifications.list({ types: ["mention"] });
            return list.length === 1 && list;
        });
        assert.equal(mention.account.id, ben.me.id);
        assert.equal((await ana.api.v1.notifications.requests.merged.fetch()).merged, true);
        await ana.api.v2.notifications.policy.update({ forNotFollowing: "accept" });
        await ana.api.v1.accounts.$select(ben.me.id).follow();
    },

    async "conversations"({ ana, ben }) {
        const word = await ben.api.v1.statuses.create({
            status: `@${ana.me.acct} the key is under the mat`, visibility: "direct",
        });
        const [talk] = await eventually("a conversation begins", async () => {
            const list = await ana.api.v1.conversations.list({ limit: 5 });
            return list.length === 1 && list;
        });
        assert.deepEqual([talk.unread, talk.lastStatus.id, ids(talk.accounts)], [true, word.id, [ben.me.id]]);
        assert.deepEqual(ids(await ana.api.v1.timelines.direct.list()), [word.id]);
        const it = ana.api.v1.conversations.$select(talk.id);
        assert.equal((await it.read()).unread, false);
        assert.equal((await it.unread()).unread, true);
        await it.remove();
        assert.deepEqual(await ana.api.v1.conversations.list(), []);
    },

    async "announcements"({ ana, announcement }) {
        const find = async () =>
            (await ana.api.v1.announcements.list()).find((one) => one.content.includes(announcement));
        const one = await find();
        assert.equal(one.read, false);
        assert(Date.parse(one.publishedAt) <= Date.now());
        await ana.api.v1.announcements.$select(one.id).dismiss();
        assert.equal((await find()).read, true);
        const cheer = ana.api.v1.announcements.$select(one.id).reactions.$select("🎉");
        await cheer.update();
        assert.deepEqual((await find()).reactions.map((all) => [all.name, all.count, all.me]), [["🎉", 1, true]]);
        await cheer.remove();
        assert.deepEqual((await find()).reactions, []);
    },

    async "subscriptions to pushes"({ ana, anyone }) {
        const push = ana.api.v1.push.subscription;
        await refused(push.fetch(), 404);
        const device = createECDH("prime256v1");
        const subscription = {
            endpoint: "https://push.example.org/story/1",
            keys: { p256dh: device.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") },
        };
        const made = await push.create({
            subscription, data: { alerts: { mention: true, favourite: false } }, policy: "followed",
        });
        assert.equal(made.endpoint, subscription.endpoint);
        assert.deepEqual([made.alerts.mention, made.alerts.favourite, made.policy], [true, false, "followed"]);
        assert.equal(made.serverKey, (await anyone.v2.instance.fetch()).configuration.vapid.publicKey);
        const changed = await push.update({ data: { alerts: { mention: false, follow: true } } });
        assert.deepEqual([changed.alerts.mention, changed.alerts.follow], [false, true]);
        assert.equal((await push.fetch()).id, made.id);
        await push.remove();
        await refused(push.fetch(), 404);
    },
};

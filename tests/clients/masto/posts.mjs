// Posts with all that belongs to them: pictures, polls, edits, votes, plans, quotes; and where they show.
import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";

import { eventually, ids, picture, refused } from "./story.mjs";

const soon = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();

export const posts = {
    async "pictures"(world) {
        const { ana } = world;
        const media = await ana.api.v2.media.create({ file: picture(), description: "A flag", focus: "0.5,-0.25" });
        assert.equal(media.type, "image");
        assert.equal(media.description, "A flag");
        assert.deepEqual([media.meta.original.width, media.meta.original.height], [64, 48]);
        assert.deepEqual(media.meta.focus, { x: 0.5, y: -0.25 });
        assert.equal((await fetch(media.url)).status, 200);
        assert.equal((await fetch(media.previewUrl)).status, 200);
        const changed = await ana.api.v1.media.$select(media.id).update({ description: "A green and yellow flag" });
        assert.equal(changed.description, "A green and yellow flag");
        assert.deepEqual(changed.meta.focus, { x: 0.5, y: -0.25 }, "what is not said stays");
        assert.equal((await ana.api.v1.media.$select(media.id).fetch()).description, "A green and yellow flag");
        const older = await ana.api.v1.media.create({ file: picture() });
        assert(older.url, "the first version waits until it is there");
        world.media = media;
    },

    async "a post with a picture"(world) {
        const { ana, media, url } = world;
        const post = await ana.api.v1.statuses.create({
            status: "Look at our #flag", mediaIds: [media.id], spoilerText: "Colours", sensitive: true,
            visibility: "public", language: "en",
        });
        assert.match(post.content, /Look at our/);
        assert.deepEqual([post.spoilerText, post.sensitive, post.visibility, post.language],
            ["Colours", true, "public", "en"]);
        assert.deepEqual(ids(post.mediaAttachments), [media.id]);
        assert.deepEqual(post.tags.map((tag) => tag.name), ["flag"]);
        assert.equal(post.url, `${url}/@${ana.me.username}/${post.id}`);
        assert.deepEqual([post.favourited, post.reblogged, post.bookmarked, post.muted, post.pinned],
            [false, false, false, false, false]);
        assert.equal(post.account.id, ana.me.id);
        assert.match(post.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        world.post = post;
    },

    async "the same request twice is one post"({ ana }) {
        const meta = { requestInit: { headers: { "Idempotency-Key": randomUUID() } } };
        const once = await ana.api.v1.statuses.create({ status: "Only once" }, meta);
        const twice = await ana.api.v1.statuses.create({ status: "Only once" }, meta);
        assert.equal(twice.id, once.id);
        await refused(ana.api.v1.statuses.create({ status: "" }), 422);
    },

    async "edits, their source and their history"({ ana, ben, post, media, anyone }) {
        const it = ana.api.v1.statuses.$select(post.id);
        assert.equal((await it.source.fetch()).text, "Look at our #flag");
        const edited = await it.update({
            status: "Look at our new #flag", mediaIds: [media.id], spoilerText: "",
            mediaAttributes: [{ id: media.id, description: "Green, then yellow" }],
        });
        assert.match(edited.content, /our new/);
        assert.equal(edited.spoilerText, "");
        assert.equal(edited.mediaAttachments[0].description, "Green, then yellow");
        assert(edited.editedAt >= post.createdAt);
        const history = await anyone.v1.statuses.$select(post.id).history.list();
        assert.equal(history.length, 2);
        assert.equal(history[0].spoilerText, "Colours");
        assert.match(history[1].content, /our new/);
        assert.equal(history[1].account.id, ana.me.id);
        assert.equal((await it.source.fetch()).text, "Look at our new #flag");
        await refused(ben.api.v1.statuses.$select(post.id).update({ status: "Mine" }), 404);
        await refused(ben.api.v1.statuses.$select(post.id).source.fetch(), 404);
        const both = await ben.api.v1.statuses.fetch({ id: [post.id] });
        assert.deepEqual(ids(both), [post.id]);
    },

    async "a thread"(world) {
        const { ana, ben, post, anyone } = world;
        const answer = await ben.api.v1.statuses.create({ status: `@${ana.me.acct} is it silk?`, inReplyToId: post.id });
        assert.equal(answer.inReplyToId, post.id);
        assert.equal(answer.inReplyToAccountId, ana.me.id);
        assert.deepEqual(ids(answer.mentions), [ana.me.id]);
        const last = await ana.api.v1.statuses.create({ status: `@${ben.me.acct} cotton`, inReplyToId: answer.id });
        const context = await anyone.v1.statuses.$select(answer.id).context.fetch();
        assert.deepEqual([ids(context.ancestors), ids(context.descendants)], [[post.id], [last.id]]);
        assert.equal((await anyone.v1.statuses.$select(post.id).fetch()).repliesCount, 1);
        world.answer = answer;
    },

    async "favourites and bookmarks"({ ana, ben, post, anyone }) {
        const it = ben.api.v1.statuses.$select(post.id);
        const liked = await it.favourite();
        assert.deepEqual([liked.favourited, liked.favouritesCount], [true, 1]);
        assert.equal((await it.favourite()).favouritesCount, 1, "once is enough");
        assert.deepEqual(ids(await anyone.v1.statuses.$select(post.id).favouritedBy.list()), [ben.me.id]);
        assert.deepEqual(ids(await ben.api.v1.favourites.list({ limit: 3 })), [post.id]);
        assert.equal((await ana.api.v1.statuses.$select(post.id).fetch()).favourited, false, "not by her");
        const unliked = await it.unfavourite();
        assert.deepEqual([unliked.favourited, unliked.favouritesCount], [false, 0]);
        assert.deepEqual(await ben.api.v1.favourites.list(), []);
        assert.equal((await it.bookmark()).bookmarked, true);
        assert.deepEqual(ids(await ben.api.v1.bookmarks.list()), [post.id]);
        assert.equal((await it.unbookmark()).bookmarked, false);
        assert.deepEqual(await ben.api.v1.bookmarks.list(), []);
    },

    async "boosts"({ ben, post, anyone }) {
        const it = ben.api.v1.statuses.$select(post.id);
        const boost = await it.reblog({ visibility: "public" });
        assert.notEqual(boost.id, post.id);
        assert.equal(boost.reblog.id, post.id);
        assert.deepEqual([boost.reblog.reblogged, boost.reblog.reblogsCount, boost.account.id], [true, 1, ben.me.id]);
        assert.deepEqual(ids(await anyone.v1.statuses.$select(post.id).rebloggedBy.list()), [ben.me.id]);
        const undone = await it.unreblog();
        assert.deepEqual([undone.id, undone.reblogged, undone.reblogsCount], [post.id, false, 0]);
        await refused(anyone.v1.statuses.$select(boost.id).fetch(), 404);
    },

    async "what is pinned, and threads one leaves"({ ana, ben, post, anyone }) {
        const it = ana.api.v1.statuses.$select(post.id);
        assert.equal((await it.pin()).pinned, true);
        const wall = anyone.v1.accounts.$select(ana.me.id).statuses;
        assert.deepEqual(ids(await wall.list({ pinned: true })), [post.id]);
        assert.equal((await it.unpin()).pinned, false);
        assert.deepEqual(await wall.list({ pinned: true }), []);
        await refused(ben.api.v1.statuses.$select(post.id).pin(), 422);
        assert.equal((await it.mute()).muted, true);
        assert.equal((await it.unmute()).muted, false);
        assert.deepEqual(ids(await wall.list({ onlyMedia: true })), [post.id]);
        assert.deepEqual(ids(await wall.list({ tagged: "FLAG" })), [post.id]);
        const alone = await wall.list({ excludeReplies: true, excludeReblogs: true });
        assert(alone.every((one) => !one.reblog && (!one.inReplyToId || one.inReplyToAccountId === ana.me.id)));
    },

    async "polls"({ ana, ben, anyone }) {
        const post = await ana.api.v1.statuses.create({
            status: "Which day?", poll: { options: ["Monday", "Friday"], expiresIn: 3600, multiple: false, hideTotals: false },
        });
        assert.deepEqual(post.poll.options.map((option) => option.title), ["Monday", "Friday"]);
        assert.deepEqual(post.poll.ownVotes, []);
        const votes = ben.api.v1.polls.$select(post.poll.id).votes;
        await refused(votes.create({ choices: [7] }), 422);
        const voted = await votes.create({ choices: [1] });
        assert.deepEqual([voted.voted, voted.ownVotes, voted.votesCount], [true, [1], 1]);
        assert.deepEqual(voted.options.map((option) => option.votesCount), [0, 1]);
        await refused(votes.create({ choices: [0] }), 422);
        const seen = await anyone.v1.polls.$select(post.poll.id).fetch();
        assert.deepEqual([seen.votesCount, seen.expired, seen.multiple], [1, false, false]);
        assert(Date.parse(seen.expiresAt) > Date.now());
    },

    async "quotes"({ ana, ben, post, anyone }) {
        const quote = await ben.api.v1.statuses.create({ status: "What a flag", quotedStatusId: post.id });
        assert.equal(quote.quote.state, "accepted");
        assert.equal(quote.quote.quotedStatus.id, post.id);
        assert.deepEqual(ids(await ana.api.v1.statuses.$select(post.id).quotes.list()), [quote.id]);
        assert.equal((await anyone.v1.statuses.$select(post.id).fetch()).quotesCount, 1);
        const closed = await ana.api.v1.statuses.create({ status: "Do not quote me", quoteApprovalPolicy: "nobody" });
        await refused(ben.api.v1.statuses.create({ status: "I do", quotedStatusId: closed.id }), 422);
        await ben.api.v1.statuses.$select(quote.id).remove();
    },

    async "what is deleted comes back as its text"({ ana, ben, anyone }) {
        const post = await ana.api.v1.statuses.create({ status: "Mistyped **by far**" });
        await refused(ben.api.v1.statuses.$select(post.id).remove(), 404);
        const gone = await ana.api.v1.statuses.$select(post.id).remove();
        assert.deepEqual([gone.id, gone.text], [post.id, "Mistyped **by far**"]);
        await refused(anyone.v1.statuses.$select(post.id).fetch(), 404);
        await refused(ana.api.v1.statuses.$select(post.id).translate({ lang: "de" }), 404);
    },

    async "what is planned"({ ana }) {
        const planned = await ana.api.v1.statuses.create({
            status: "Tomorrow's news", visibility: "unlisted", spoilerText: "News", scheduledAt: soon(7200),
        });
        assert.deepEqual([planned.params.text, planned.params.visibility, planned.params.spoilerText],
            ["Tomorrow's news", "unlisted", "News"]);
        assert.deepEqual(ids(await ana.api.v1.scheduledStatuses.list()), [planned.id]);
        const it = ana.api.v1.scheduledStatuses.$select(planned.id);
        const later = soon(14_400);
        assert.equal((await it.update({ scheduledAt: later })).scheduledAt, later);
        assert.equal((await it.fetch()).scheduledAt, later);
        await refused(it.update({ scheduledAt: soon(1) }), 422);
        await it.remove();
        await refused(it.fetch(), 404);
    },

    async "in a group"(world) {
        const { ana, ben, group, anyone } = world;
        const thread = await ben.api.v1.statuses.create({ status: `Who has a ladder? @${group.acct}` });
        assert(ids(thread.mentions).includes(group.id));
        const boost = await eventually("it is on the group's wall", async () => {
            const wall = await anyone.v1.accounts.$select(group.id).statuses.list({ limit: 10 });
            return wall.find((one) => one.reblog?.id === thread.id);
        });
        assert.equal(boost.account.id, group.id);
        assert.notEqual(boost.id, thread.id);
        const answer = await ana.api.v1.statuses.create({ status: `@${ben.me.acct} I do, at 4`, inReplyToId: thread.id });
        const thanks = await ben.api.v1.statuses.create({ status: `@${ana.me.acct} #thanks`, inReplyToId: answer.id });
        const context = await anyone.v1.statuses.$select(thread.id).context.fetch();
        assert.deepEqual(ids(context.descendants), [answer.id, thanks.id]);
        world.thread = thread;
    },

    async "timelines"({ ana, ben, post, thread, group, anyone }) {
        const home = await ben.api.v1.timelines.home.list({ limit: 40 });
        assert(ids(home).includes(thread.id), "one's own");
        const hers = await ana.api.v1.timelines.home.list({ limit: 40 });
        assert(hers.some((one) => one.id === thread.id || one.reblog?.id === thread.id), "of whom she follows");
        const everybodys = await anyone.v1.timelines.public.list({ local: true, limit: 40 });
        assert(ids(everybodys).includes(post.id));
        assert.deepEqual(ids(everybodys), ids(everybodys).toSorted((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1)));
        assert.deepEqual(await anyone.v1.timelines.public.list({ remote: true }), []);
        const pictures = await anyone.v1.timelines.public.list({ onlyMedia: true });
        assert.deepEqual(ids(pictures), [post.id]);
        assert.deepEqual(ids(await anyone.v1.timelines.tag.$select("Flag").list()), [post.id]);
        // Each group one is in is a list as well.
        const list = (await ben.api.v1.lists.list()).find((one) => one.title.toLowerCase().includes(group.username));
        const inside = await ben.api.v1.timelines.list.$select(list.id).list();
        assert(inside.some((one) => one.id === thread.id || one.reblog?.id === thread.id));
        await refused(ben.api.v1.lists.$select(list.id).update({ title: "Mine" }), 422);
    },

    async "pages, by the iterator"({ ben, anyone }) {
        const made = [];
        for (let i = 0; i < 7; i += 1) {
            made.unshift((await ben.api.v1.statuses.create({ status: `Number ${i} of #seven`, visibility: "public" })).id);
        }
        const pages = [];
        for await (const page of anyone.v1.timelines.tag.$select("seven").list({ limit: 3 })) pages.push(ids(page));
        assert.deepEqual(pages.flat(), made, "each once, newest first");
        assert.deepEqual(pages.slice(0, 3).map((page) => page.length), [3, 3, 1]);
        // Backwards, from the oldest: each page is the one just above the last.
        const up = [];
        const from = anyone.v1.timelines.tag.$select("seven").list({ limit: 2, minId: made[6] }).setDirection("prev");
        for await (const page of from) {
            if (page.length === 0) break;
            up.unshift(...ids(page));
        }
        assert.deepEqual(up, made.slice(0, 6));
        const single = [];
        for await (const page of anyone.v1.accounts.$select(ben.me.id).statuses.list({ limit: 2, excludeReplies: true })) {
            single.push(...ids(page));
        }
        assert.equal(new Set(single).size, single.length, "nothing twice");
        assert(single.length >= 7);
    },
};

/** Where a node is known to answer otherwise than Mastodon; so all else is seen first. */
export const last = {
    async "nobody votes in a poll of their own"({ ana }) {
        const post = await ana.api.v1.statuses.create({
            status: "Tea?", poll: { options: ["Yes", "No"], expiresIn: 3600 },
        });
        assert.deepEqual([post.poll.voted, post.poll.ownVotes], [true, []], "clients show the result, no buttons");
        await refused(ana.api.v1.polls.$select(post.poll.id).votes.create({ choices: [0] }), 422);
    },
};

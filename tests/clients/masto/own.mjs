// What members set up for themselves: lists, filters, tags, and what there is to find.
import { strict as assert } from "node:assert";

import { eventually, ids, refused } from "./story.mjs";

export const own = {
    async "lists"({ ana, ben }) {
        const list = await ana.api.v1.lists.create({ title: "Gardeners" });
        assert.deepEqual([list.title, list.exclusive, list.repliesPolicy], ["Gardeners", false, "list"]);
        const it = ana.api.v1.lists.$select(list.id);
        await it.accounts.create({ accountIds: [ben.me.id] });
        assert.deepEqual(ids(await it.accounts.list({ limit: 5 })), [ben.me.id]);
        assert.deepEqual(ids(await ana.api.v1.accounts.$select(ben.me.id).lists.list()), [list.id]);
        const post = await ben.api.v1.statuses.create({ status: "Beans are up" });
        assert.equal((await ana.api.v1.timelines.list.$select(list.id).list({ limit: 1 }))[0].id, post.id);
        const changed = await it.update({ title: "Growers", exclusive: true });
        assert.deepEqual([changed.title, changed.exclusive], ["Growers", true]);
        const home = await ana.api.v1.timelines.home.list({ limit: 40 });
        assert(!ids(home).includes(post.id), "the list keeps it to itself");
        assert.equal((await it.fetch()).title, "Growers");
        await it.accounts.remove({ accountIds: [ben.me.id] });
        assert.deepEqual(await it.accounts.list(), []);
        assert(ids(await ana.api.v1.lists.list()).includes(list.id));
        await refused(ben.api.v1.lists.$select(list.id).fetch(), 404);
        await it.remove();
        await refused(it.fetch(), 404);
    },

    async "filters"({ ana, ben }) {
        const post = await ben.api.v1.statuses.create({ status: "The football match" });
        const filtered = async () => (await ana.api.v1.statuses.$select(post.id).fetch()).filtered;
        const filter = await ana.api.v2.filters.create({
            title: "Sport", context: ["home", "public"], filterAction: "hide", expiresIn: 3600,
            keywordsAttributes: [{ keyword: "ball", wholeWord: false }, { keyword: "cricket", wholeWord: true }],
        });
        assert.deepEqual([filter.title, filter.context, filter.filterAction], ["Sport", ["home", "public"], "hide"]);
        assert.deepEqual(filter.keywords.map((word) => [word.keyword, word.wholeWord]),
            [["ball", false], ["cricket", true]]);
        assert(Date.parse(filter.expiresAt) > Date.now());
        const [match] = await filtered();
        assert.deepEqual([match.filter.id, match.filter.filterAction, match.keywordMatches], [filter.id, "hide", ["ball"]]);

        const it = ana.api.v2.filters.$select(filter.id);
        const changed = await it.update({
            title: "Games", filterAction: "warn",
            keywordsAttributes: [{ id: filter.keywords[0].id, _destroy: true }, { keyword: "chess", wholeWord: true }],
        });
        assert.deepEqual([changed.title, changed.filterAction], ["Games", "warn"]);
        assert.deepEqual(changed.keywords.map((word) => word.keyword), ["cricket", "chess"]);
        assert.deepEqual(await filtered(), []);
        const word = await it.keywords.create({ keyword: "match", wholeWord: true });
        assert.deepEqual((await filtered())[0].keywordMatches, ["match"]);
        const one = ana.api.v2.filters.keywords.$select(word.id);
        assert.equal((await one.update({ keyword: "matches", wholeWord: true })).keyword, "matches");
        assert.equal((await one.fetch()).keyword, "matches");
        assert.deepEqual((await it.keywords.list()).map((w) => w.keyword), ["cricket", "chess", "matches"]);
        await one.remove();
        assert.equal((await it.keywords.list()).length, 2);

        const kept = await it.statuses.create({ statusId: post.id });
        assert.equal(kept.statusId, post.id);
        assert.deepEqual((await filtered())[0].statusMatches, [post.id]);
        assert.deepEqual(ids(await it.statuses.list()), [kept.id]);
        assert.equal((await ana.api.v2.filters.statuses.$select(kept.id).fetch()).statusId, post.id);
        await ana.api.v2.filters.statuses.$select(kept.id).remove();
        assert.deepEqual(await it.statuses.list(), []);
        assert.deepEqual(ids(await ana.api.v2.filters.list()), [filter.id]);
        assert.equal((await it.fetch()).title, "Games");
        await refused(ben.api.v2.filters.$select(filter.id).fetch(), 404);
        await it.remove();
        assert.deepEqual(await ana.api.v2.filters.list(), []);
    },

    async "filters of the first version"({ ana }) {
        const filter = await ana.api.v1.filters.create({ phrase: "spoiler", context: ["home"], wholeWord: true });
        assert.deepEqual([filter.phrase, filter.context, filter.wholeWord, filter.irreversible],
            ["spoiler", ["home"], true, false]);
        const it = ana.api.v1.filters.$select(filter.id);
        const changed = await it.update({ phrase: "spoilers", context: ["home", "thread"], irreversible: true });
        assert.deepEqual([changed.phrase, changed.context, changed.irreversible], ["spoilers", ["home", "thread"], true]);
        assert.equal((await it.fetch()).phrase, "spoilers");
        assert.deepEqual(ids(await ana.api.v1.filters.list()), [filter.id]);
        await it.remove();
        assert.deepEqual(await ana.api.v1.filters.list(), []);
    },

    async "tags one follows"({ ana, ben }) {
        const tag = ana.api.v1.tags.$select("Beekeeping");
        assert.equal((await tag.follow()).following, true);
        const followed = await ana.api.v1.followedTags.list({ limit: 5 });
        assert.deepEqual(followed.map((one) => one.name.toLowerCase()), ["beekeeping"]);
        await ana.api.v1.accounts.$select(ben.me.id).unfollow();
        const post = await ben.api.v1.statuses.create({ status: "First honey #beekeeping", visibility: "public" });
        const home = await ana.api.v1.timelines.home.list({ limit: 5 });
        assert(ids(home).includes(post.id), "it comes home by its tag");
        assert.equal((await tag.unfollow()).following, false);
        assert.equal((await tag.fetch()).following, false);
        assert.deepEqual(await ana.api.v1.followedTags.list(), []);
        await ana.api.v1.accounts.$select(ben.me.id).follow();
    },

    async "tags one shows"({ ana, anyone }) {
        const shown = await ana.api.v1.featuredTags.create({ name: "flag" });
        assert.equal(shown.name, "flag");
        assert.equal(shown.statusesCount, "1", "a string, as Mastodon has it");
        const theirs = await anyone.v1.accounts.$select(ana.me.id).featuredTags.list();
        assert.deepEqual(ids(theirs), [shown.id]);
        assert.deepEqual(ids(await ana.api.v1.featuredTags.list()), [shown.id]);
        const suggested = await ana.api.v1.featuredTags.suggestions.list();
        assert(!suggested.some((tag) => tag.name === "flag"), "it is shown already");
        await ana.api.v1.featuredTags.$select(shown.id).remove();
        assert.deepEqual(await ana.api.v1.featuredTags.list(), []);
        assert.equal((await ana.api.v1.tags.$select("flag").feature()).featuring, true);
        assert.equal((await ana.api.v1.tags.$select("flag").unfeature()).featuring, false);
    },

    async "search"({ ana, ben, group, post, anyone }) {
        const people = await ana.api.v2.search.list({ q: ben.me.username, type: "accounts", limit: 5 });
        assert.deepEqual([ids(people.accounts), people.statuses, people.hashtags], [[ben.me.id], [], []]);
        const groups = await anyone.v2.search.list({ q: `@${group.acct}` });
        assert.equal(groups.accounts[0].id, group.id);
        const tags = await ana.api.v2.search.list({ q: "#flag", type: "hashtags" });
        assert.equal(tags.hashtags[0].name, "flag");
        const words = await eventually("the words of a post are found", async () => {
            const found = await ana.api.v2.search.list({ q: "our new flag", type: "statuses" });
            return found.statuses.length > 0 && found;
        });
        assert.deepEqual(ids(words.statuses), [post.id]);
        const byAddress = await ana.api.v2.search.list({ q: post.url, resolve: true });
        assert.deepEqual(ids(byAddress.statuses), [post.id]);
    },

    async "markers"({ ana, post, thread }) {
        const made = await ana.api.v1.markers.create({ home: { lastReadId: post.id } });
        assert.deepEqual([made.home.lastReadId, made.notifications], [post.id, undefined]);
        await ana.api.v1.markers.create({ home: { lastReadId: thread.id }, notifications: { lastReadId: "1" } });
        const read = await ana.api.v1.markers.fetch({ timeline: ["home", "notifications"] });
        assert.deepEqual([read.home.lastReadId, read.notifications.lastReadId], [thread.id, "1"]);
        assert(read.home.version > made.home.version);
        assert(Date.parse(read.home.updatedAt) > 0);
        assert.deepEqual(Object.keys(await ana.api.v1.markers.fetch({ timeline: ["home"] })), ["home"]);
    },

    async "reports"({ ana, ben, thread }) {
        const report = await ana.api.v1.reports.create({
            accountId: ben.me.id, statusIds: [thread.id], comment: "Sells ladders", category: "spam", forward: false,
        });
        assert.deepEqual([report.comment, report.category, report.forwarded], ["Sells ladders", "spam", false]);
        assert.deepEqual([report.targetAccount.id, report.statusIds], [ben.me.id, [thread.id]]);
        assert.equal(report.actionTaken, false);
    },
};

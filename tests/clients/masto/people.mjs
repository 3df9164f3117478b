// The node itself, apps, and accounts with all that one does to them.
import { strict as assert } from "node:assert";

import { createOAuthAPIClient, createRestAPIClient } from "masto";

import { eventually, ids, picture, refused } from "./story.mjs";

export const people = {
    async "instance v2"({ anyone, host }) {
        const instance = await anyone.v2.instance.fetch();
        assert.equal(instance.domain, host);
        assert.match(instance.version, /^4\.\d+\.\d+ \(compatible; Commonhold /);
        assert.equal(instance.configuration.urls.streaming, `ws://${host}`);
        assert.equal(Buffer.from(instance.configuration.vapid.publicKey, "base64url").length, 65);
        assert(instance.configuration.statuses.maxCharacters >= 500);
        assert(instance.configuration.mediaAttachments.supportedMimeTypes.includes("image/png"));
        assert(instance.apiVersions.mastodon >= 7);
        assert.equal(typeof instance.registrations.enabled, "boolean");
        assert.equal((await fetch(instance.thumbnail.url)).status, 200);
    },

    async "instance v1 and what belongs to it"({ anyone, host }) {
        const instance = await anyone.v1.instance.fetch();
        assert.equal(instance.uri, host);
        assert.equal(instance.urls.streamingApi, `ws://${host}`);
        assert(instance.stats.userCount >= 2);
        assert.deepEqual(await anyone.v1.instance.peers.list(), []);
        assert(Array.isArray(await anyone.v1.instance.activity.list()));
        const languages = await anyone.v1.instance.languages.list();
        assert(languages.some((language) => language.code === "en" && language.name === "English"));
        assert.equal(typeof (await anyone.v1.instance.extendedDescription.fetch()).content, "string");
        assert.deepEqual(await anyone.v1.instance.translationLanguages.list(), {});
        assert(Array.isArray(await anyone.v1.instance.domainBlocks.fetch()));
        assert(Array.isArray(await anyone.v1.customEmojis.list()));
        for (const trend of ["tags", "statuses", "links"]) {
            assert.deepEqual(await anyone.v1.trends[trend].list(), []);
        }
    },

    async "apps and their tokens"({ anyone, url }) {
        const redirectUris = "urn:ietf:wg:oauth:2.0:oob";
        const app = await anyone.v1.apps.create({
            clientName: "A story in masto.js", website: "https://example.org/", scopes: "read write", redirectUris,
        });
        assert.equal(app.name, "A story in masto.js");
        assert.deepEqual(app.redirectUris, [redirectUris]);
        assert.deepEqual(app.scopes, ["read", "write"]);
        const oauth = createOAuthAPIClient({ url });
        const token = await oauth.token.create({
            grantType: "client_credentials", clientId: app.clientId, clientSecret: app.clientSecret, redirectUri: redirectUris,
            scope: "read",
        });
        assert.equal(token.tokenType, "Bearer");
        assert.equal(token.scope, "read");
        assert(Math.abs(token.createdAt - Date.now() / 1000) < 600, "in seconds");
        const machine = createRestAPIClient({ url, accessToken: token.accessToken });
        assert.equal((await machine.v1.apps.verifyCredentials()).name, app.name);
        await refused(machine.v1.accounts.verifyCredentials(), 422);
        await oauth.revoke({ clientId: app.clientId, clientSecret: app.clientSecret, token: token.accessToken });
        await refused(machine.v1.apps.verifyCredentials(), 401);
    },

    async "who one is"({ ana, host, url }) {
        const me = await ana.api.v1.accounts.verifyCredentials();
        assert.equal(me.acct, me.username);
        assert.equal(me.url, `${url}/@${me.username}`);
        assert.equal(me.source.privacy, "public");
        assert.equal(me.source.followRequestsCount, 0);
        assert.equal(typeof me.role.name, "string");
        const name = (await ana.api.v1.apps.verifyCredentials()).name;
        assert(name.length > 0);
        assert.equal((await ana.api.v1.accounts.lookup({ acct: `${me.acct}@${host}` })).id, me.id);
    },

    async "one's own profile, with pictures"({ ana }) {
        const changed = await ana.api.v1.accounts.updateCredentials({
            displayName: "Ana of the Ladders",
            note: "I lend things",
            avatar: picture(),
            header: picture(),
            discoverable: true,
            fieldsAttributes: [
                { name: "Pronouns", value: "she" },
                { name: "Street", value: "Elm" },
            ],
            source: { language: "de", privacy: "unlisted", sensitive: true },
        });
        assert.equal(changed.displayName, "Ana of the Ladders");
        assert.match(changed.note, /I lend things/);
        assert.equal(changed.source.note, "I lend things");
        assert.deepEqual(changed.source.fields.map((field) => [field.name, field.value]),
            [["Pronouns", "she"], ["Street", "Elm"]]);
        assert.deepEqual([changed.source.language, changed.source.privacy, changed.source.sensitive],
            ["de", "unlisted", true]);
        assert.notEqual(changed.avatar, ana.me.avatar);
        for (const address of [changed.avatar, changed.avatarStatic, changed.header]) {
            const file = await fetch(address);
            assert.equal(file.status, 200, address);
            assert.match(file.headers.get("content-type"), /^image\//);
        }
        const preferences = await ana.api.v1.preferences.fetch();
        assert.equal(preferences["posting:default:visibility"], "unlisted");
        assert.equal(preferences["posting:default:language"], "de");
        assert.equal(preferences["posting:default:sensitive"], true);

        const bare = await ana.api.v1.profile.avatar.remove();
        assert.equal(bare.avatar, ana.me.avatar);
        assert.equal(bare.header, changed.header);
        assert.equal((await ana.api.v1.profile.header.remove()).header, ana.me.header);
        const back = await ana.api.v1.accounts.updateCredentials({
            source: { language: "en", privacy: "public", sensitive: false },
        });
        assert.equal(back.source.privacy, "public");
        assert.equal(back.displayName, "Ana of the Ladders", "the rest stays");
    },

    async "people are found"({ ana, ben, anyone, group }) {
        assert.equal((await anyone.v1.accounts.$select(ben.me.id).fetch()).acct, ben.me.acct);
        const both = await anyone.v1.accounts.fetch({ id: [ana.me.id, ben.me.id] });
        assert.deepEqual(ids(both).sort(), [ana.me.id, ben.me.id].sort());
        const found = await ana.api.v1.accounts.search.list({ q: ben.me.username, limit: 5 });
        assert.deepEqual(ids(found), [ben.me.id]);
        assert.deepEqual(await ana.api.v1.accounts.search.list({ q: ben.me.username, following: true }), []);
        assert.equal(group.group, true);
        await refused(anyone.v1.accounts.lookup({ acct: "nobody_at_all" }), 404);
        await refused(anyone.v1.accounts.$select("1").fetch(), 404);
        const listed = await anyone.v1.directory.list({ order: "new", local: true, limit: 40 });
        assert(ids(listed).includes(ana.me.id), "she is discoverable");
        assert.deepEqual(await anyone.v1.accounts.$select(ben.me.id).identityProofs.list(), []);
    },

    async "follows"({ ana, ben }) {
        const him = ana.api.v1.accounts.$select(ben.me.id);
        let relation = await him.follow({ reblogs: false, notify: true, languages: ["en", "de"] });
        assert.deepEqual([relation.following, relation.showingReblogs, relation.notifying], [true, false, true]);
        assert.deepEqual(relation.languages, ["en", "de"]);
        relation = await him.follow({ reblogs: true, notify: false });
        assert.deepEqual([relation.showingReblogs, relation.notifying], [true, false]);
        const [known] = await ben.api.v1.accounts.relationships.fetch({ id: [ana.me.id] });
        assert.deepEqual([known.id, known.followedBy, known.following], [ana.me.id, true, false]);
        assert.deepEqual(ids(await him.followers.list({ limit: 10 })), [ana.me.id]);
        assert.deepEqual(ids(await ana.api.v1.accounts.$select(ana.me.id).following.list({ limit: 1 })), [ben.me.id]);
        assert.deepEqual(ids(await ana.api.v1.accounts.search.list({ q: ben.me.username, following: true })), [ben.me.id]);
        await ben.api.v1.accounts.$select(ana.me.id).removeFromFollowers();
        [relation] = await ana.api.v1.accounts.relationships.fetch({ id: [ben.me.id] });
        assert.equal(relation.following, false);
        assert.equal((await him.follow()).following, true);
        assert.equal((await him.unfollow()).following, false);
        assert.equal((await him.follow({ languages: [] })).following, true);
    },

    async "joining a group, and whom one knows there"({ ana, ben, group }) {
        const relation = await ben.api.v1.accounts.$select(group.id).follow();
        assert(relation.following || relation.requested);
        await eventually("the group lets him in", async () => {
            const [now] = await ben.api.v1.accounts.relationships.fetch({ id: [group.id] });
            return now.following;
        });
        const members = await ana.api.v1.accounts.$select(group.id).followers.list();
        assert(ids(members).includes(ben.me.id));
        // She follows him, and he is in the group. masto.js would write a bare array as `0=ID`.
        const [familiar] = await ana.api.v1.accounts.familiarFollowers.fetch({ id: [group.id] });
        assert.equal(familiar.id, group.id);
        assert.deepEqual(ids(familiar.accounts), [ben.me.id]);
    },

    async "requests to follow"({ ana, ben }) {
        assert.equal((await ben.api.v1.accounts.updateCredentials({ locked: true })).locked, true);
        const him = ana.api.v1.accounts.$select(ben.me.id);
        await him.unfollow();
        const asked = await him.follow();
        assert.deepEqual([asked.requested, asked.following], [true, false]);
        assert.deepEqual(ids(await ben.api.v1.followRequests.list({ limit: 5 })), [ana.me.id]);
        await ben.api.v1.followRequests.$select(ana.me.id).reject();
        assert.deepEqual(await ben.api.v1.followRequests.list(), []);
        await him.follow();
        const let_in = await ben.api.v1.followRequests.$select(ana.me.id).authorize();
        assert.equal(let_in.followedBy, true);
        const [relation] = await ana.api.v1.accounts.relationships.fetch({ id: [ben.me.id] });
        assert.deepEqual([relation.following, relation.requested], [true, false]);
        await ben.api.v1.accounts.updateCredentials({ locked: false });
    },

    async "notes, and whom one recommends"({ ana, ben, anyone }) {
        const him = ana.api.v1.accounts.$select(ben.me.id);
        assert.equal((await him.note.create({ comment: "Has a van" })).note, "Has a van");
        const [hers] = await ana.api.v1.accounts.relationships.fetch({ id: [ben.me.id] });
        assert.equal(hers.note, "Has a van");
        assert.equal((await him.endorse()).endorsed, true);
        assert.deepEqual(ids(await ana.api.v1.endorsements.list()), [ben.me.id]);
        assert.deepEqual(ids(await anyone.v1.accounts.$select(ana.me.id).endorsements.list()), [ben.me.id]);
        assert.equal((await him.unendorse()).endorsed, false);
        assert.equal((await him.pin()).endorsed, true, "its name before 4.4");
        assert.equal((await him.unpin()).endorsed, false);
        assert.deepEqual(await ana.api.v1.endorsements.list(), []);
    },

    async "mutes and blocks"({ ana, ben }) {
        const [him, her] = [ana.api.v1.accounts.$select(ben.me.id), ben.api.v1.accounts.$select(ana.me.id)];
        let relation = await him.mute({ notifications: false, duration: 3600 });
        assert.deepEqual([relation.muting, relation.mutingNotifications], [true, false]);
        const [muted] = await ana.api.v1.mutes.list({ limit: 5 });
        assert.equal(muted.id, ben.me.id);
        assert(Date.parse(muted.muteExpiresAt) > Date.now());
        assert.equal((await him.unmute()).muting, false);
        assert.deepEqual(await ana.api.v1.mutes.list(), []);

        relation = await her.block();
        assert.equal(relation.blocking, true);
        assert.deepEqual(ids(await ben.api.v1.blocks.list()), [ana.me.id]);
        [relation] = await ana.api.v1.accounts.relationships.fetch({ id: [ben.me.id] });
        assert.deepEqual([relation.blockedBy, relation.following], [true, false], "her follow went with it");
        await refused(him.follow(), 403);
        assert.equal((await her.unblock()).blocking, false);
        assert.equal((await him.follow()).following, true);
    },

    async "blocks of whole servers"({ ana }) {
        await ana.api.v1.domainBlocks.create({ domain: "loud.example" });
        assert.deepEqual(await ana.api.v1.domainBlocks.list(), ["loud.example"]);
        await ana.api.v1.domainBlocks.remove({ domain: "loud.example" });
        assert.deepEqual(await ana.api.v1.domainBlocks.list(), []);
    },

    async "suggestions"({ ana }) {
        assert.deepEqual(await ana.api.v1.suggestions.list(), []);
        assert.deepEqual(await ana.api.v2.suggestions.list({ limit: 5 }), []);
    },
};

//! Every entity that the Mastodon API is described to have: what a node answers has its shape, empty
//! and full, or it is said here why a node never answers it.
use std::collections::BTreeSet;

use commonhold::types::Time;
use reqwest::Method;
use serde_json::{Value, json};

use super::media::{picture, ready, upload};
use crate::{
    harness::{Api, Database, Member, Node, Peer, Setup, authorize, described, eventually, id},
    media::{film, made, sound},
};

mod seen;

use seen::Seen;

stories!(every_entity_is_answered_in_its_shape_or_never);

/// People, a group and another server, of whom all that follows is told.
struct World {
    peer: Peer,
    node: Node,
    /// Runs the node and founded the group.
    ana: Member,
    ben: Member,
    chloe: Member,
    /// New here, with nothing of her own.
    dora: Member,
    group: Value,
}

async fn world(database: Database) -> World {
    let peer = Peer::start(&["masto.example", "ana.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let (ana, ben) = (node.operator("ana").await, node.member("ben").await);
    let (chloe, dora) = (node.member("chloe").await, node.member("dora").await);
    let group = node.group("repairs", "We mend things together", "ana").await;
    for member in [&ana, &ben] {
        member.joins("repairs").await;
    }
    World { peer, node, ana, ben, chloe, dora, group }
}

async fn every_entity_is_answered_in_its_shape_or_never(database: Database) {
    let world = world(database).await;
    let mut seen = Seen::default();
    let phone = apps_and_tokens(&world, &mut seen).await;
    accounts(&world, &mut seen).await;
    files(&world, &mut seen).await;
    let post = posts(&world, &mut seen, &phone).await;
    polls_and_plans(&world, &mut seen).await;
    what_members_set_up(&world, &mut seen, &post).await;
    what_members_are_told(&world, &mut seen, &post).await;
    the_node(&world, &mut seen).await;
    seen.is_all();
}

/// Ana's phone: an app with a token of its own.
async fn apps_and_tokens(world: &World, seen: &mut Seen) -> Api {
    let (node, public) = (&world.node, world.node.public());
    let server = "/.well-known/oauth-authorization-server";
    seen.get(&public, server, "DiscoverOauthServerConfigurationResponse").await;
    let back = "urn:ietf:wg:oauth:2.0:oob";
    let bare = json!({"client_name": "Bare", "redirect_uris": back});
    seen.post(&public, "/api/v1/apps", bare, "CredentialApplication").await;
    let app = json!({"client_name": "Phone", "redirect_uris": back, "website": "https://phone.example",
        "scopes": "read write follow push"});
    let app = seen.post(&public, "/api/v1/apps", app, "CredentialApplication").await;
    let (client, secret) = (app["client_id"].as_str().unwrap(), &app["client_secret"]);
    let url = format!(
        "{}/oauth/authorize?client_id={client}&response_type=code&redirect_uri={back}\
         &scope=read+write+follow+push",
        node.origin()
    );
    let code = authorize(&url, &world.ana.email(), Member::PASSWORD).unwrap()["code"].clone();
    let grant = json!({"grant_type": "authorization_code", "client_id": client, "code": code,
        "client_secret": secret, "redirect_uri": back});
    let token = seen.post(&public, "/oauth/token", grant, "Token").await;
    let phone = Api::with_token(&node.origin(), token["access_token"].as_str().unwrap());
    seen.get(&phone, "/api/v1/apps/verify_credentials", "Application").await;
    let grant = json!({"grant_type": "client_credentials", "client_id": client,
        "client_secret": secret, "scope": "read write"});
    let own = seen.post(&public, "/oauth/token", grant, "Token").await;
    let app = Api::with_token(&node.origin(), own["access_token"].as_str().unwrap());
    let blank = json!({"username": "", "email": "x", "password": "x", "agreement": false});
    let refused = app.try_post("/api/v1/accounts", blank).await;
    refused.refused(422);
    seen.one(refused.json(), "ValidationError");
    let newcomer = json!({"username": "emil", "email": "emil@example.org", "agreement": true,
        "password": Member::PASSWORD, "locale": "en"});
    let token = seen.post(&app, "/api/v1/accounts", newcomer, "Token").await;
    let emil = Api::with_token(&node.origin(), token["access_token"].as_str().unwrap());
    let emil = emil.get("/api/v1/accounts/verify_credentials").await;
    node.run(&["member", "suspend", "emil"]);
    seen.get(&public, &format!("/api/v1/accounts/{}", id(&emil)), "Account").await;
    for answer in [
        public.try_get("/api/v1/statuses/1").await,
        public.try_get("/api/v1/timelines/home").await,
        public.try_post("/oauth/token", json!({"grant_type": "password"})).await,
        public.try_get("/api/v1/no/such/path").await,
    ] {
        assert!(answer.status.is_client_error(), "{}", answer.text);
        seen.one(answer.json(), "Error");
    }
    let push = json!({
        "subscription": {"endpoint": "https://push.example/ana", "standard": true, "keys": {
            // The example of RFC 8291.
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        }},
        "data": {"alerts": {"mention": true}},
    });
    let path = "/api/v1/push/subscription";
    seen.post(&phone, path, push, "WebPushSubscription").await;
    seen.get(&phone, path, "WebPushSubscription").await;
    phone.send(phone.request(Method::DELETE, path)).await.ok();
    phone
}

async fn accounts(world: &World, seen: &mut Seen) {
    let World { peer, node, ana, ben, chloe, dora, .. } = world;
    let me = "/api/v1/accounts/verify_credentials";
    seen.get(&dora.api, me, "CredentialAccount").await;
    seen.get(&dora.api, "/api/v1/profile", "Profile").await;
    seen.get(&node.public(), &format!("/api/v1/accounts/{}", dora.id), "Account").await;
    let back = format!("<a rel=me href='{}/@ana'>me</a>", node.public_url());
    peer.serves_bytes("https://ana.example/", 200, "text/html", back.into_bytes());
    let part = || reqwest::multipart::Part::bytes(picture()).file_name("me.png");
    let form = reqwest::multipart::Form::new()
        .part("avatar", part())
        .part("header", part())
        .text("display_name", "Ana Amsel")
        .text("note", "Mends #bikes")
        .text("source[language]", "en")
        .text("fields_attributes[0][name]", "Home")
        .text("fields_attributes[0][value]", "https://ana.example/");
    let path = "/api/v1/accounts/update_credentials";
    let changed = ana.api.send(ana.api.request(Method::PATCH, path).multipart(form)).await.ok();
    seen.one(changed, "CredentialAccount");
    ana.posts("Good morning").await;
    let account = format!("/api/v1/accounts/{}", ana.id);
    eventually("her page is found to link back", || async {
        (!ana.api.get(&account).await["fields"][0]["verified_at"].is_null()).then_some(())
    })
    .await;
    seen.get(&node.public(), &account, "Account").await;
    seen.get(&ana.api, me, "CredentialAccount").await;
    seen.get(&ana.api, "/api/v1/profile", "Profile").await;
    seen.get(&ana.api, "/api/v1/preferences", "Preferences").await;
    seen.get(&dora.api, "/api/v1/preferences", "Preferences").await;

    let of = |member: &Member| format!("/api/v1/accounts/relationships?id[]={}", member.id);
    seen.list(&ana.api, &of(dora), "Relationship").await;
    ana.joins("ben").await;
    ben.joins("chloe").await;
    let does = |does: &str, whom: &Member| format!("/api/v1/accounts/{}/{does}", whom.id);
    let follow = json!({"notify": true, "languages": ["en", "de"]});
    seen.post(&ana.api, &does("follow", ben), follow, "Relationship").await;
    let mute = json!({"duration": 3_600, "notifications": true});
    seen.post(&dora.api, &does("mute", chloe), mute, "Relationship").await;
    seen.list(&dora.api, "/api/v1/mutes", "MutedAccount").await;
    dora.api.post(&does("mute", ana), json!({})).await;
    seen.list(&dora.api, "/api/v1/mutes", "MutedAccount").await;
    seen.list(&dora.api, &of(chloe), "Relationship").await;
    for whom in [ana, chloe] {
        dora.api.post(&does("unmute", whom), json!({})).await;
    }
    let familiar = format!("/api/v1/accounts/familiar_followers?id[]={}", chloe.id);
    seen.list(&ana.api, &familiar, "FamiliarFollowers").await;
    for path in ["/api/v1/directory", "/api/v1/accounts/search?q=an"] {
        seen.list(&ana.api, path, "Account").await;
    }
    seen.list(&ben.api, &does("followers", chloe), "Account").await;

    // One who moved, and one who lives elsewhere.
    let mia = "https://masto.example/users/mia";
    peer.person(mia);
    seen.one(ana.finds("@mia@masto.example").await, "Account");
    let moved = "https://masto.example/users/old";
    let mut old = peer.person(moved);
    old["movedTo"] = json!(mia);
    peer.introduces(&old);
    let old = ana.finds("@old@masto.example").await;
    eventually("who moved shows where to", || async {
        let account = ana.api.get(&format!("/api/v1/accounts/{}", id(&old))).await;
        account["moved"].is_object().then_some(account)
    })
    .await;
    seen.get(&ana.api, &format!("/api/v1/accounts/{}", id(&old)), "Account").await;
}

/// Files of every type, in full and while they wait.
async fn files(world: &World, seen: &mut Seen) {
    let World { peer, ana, .. } = world;
    let gif = made("-f lavfi -i testsrc=d=1:s=64x64:r=5", "gif");
    let mut kinds = BTreeSet::new();
    for bytes in [picture(), gif, film("mp4"), sound(1, "mp3")] {
        let taken = upload(ana, bytes, "What it shows").await.json();
        let taken = seen.one(taken, "MediaAttachment");
        let path = format!("/api/v1/media/{}", id(&taken));
        let file = eventually("the file is worked on", || async {
            let file = ana.api.try_get(&path).await.json();
            file["url"].is_string().then_some(file)
        })
        .await;
        kinds.insert(seen.one(file, "MediaAttachment")["type"].to_string());
    }
    let bare = upload(ana, picture(), "").await.json();
    seen.one(bare, "MediaAttachment");
    let (mia, uri) = ("https://masto.example/users/mia", "https://masto.example/users/mia/files");
    let file = |kind: &str, ending: &str| json!({"type": "Document", "mediaType": kind, "url": format!("https://masto.example/f.{ending}")});
    peer.serves(
        uri,
        &json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": uri, "type": "Note",
            "attributedTo": mia, "content": "<p>Files</p>", "published": "2026-01-01T00:00:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
            "attachment": [file("image/png", "png"), file("video/mp4", "mp4"),
                file("audio/ogg", "ogg"), file("application/pdf", "pdf")],
        }),
    );
    let query = [("q", uri), ("resolve", "true"), ("type", "statuses")];
    let request = ana.api.request(Method::GET, "/api/v2/search").query(&query);
    let found = ana.api.send(request).await.ok();
    let found = seen.one(found, "Search")["statuses"][0].clone();
    let remote = found["media_attachments"].as_array().unwrap();
    kinds.extend(remote.iter().map(|file| file["type"].to_string()));
    // Never `gifv`: a picture that moves stays a picture, and is not made a film.
    let wanted = ["audio", "image", "unknown", "video"].map(|kind| format!("\"{kind}\""));
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), wanted);
}

/// Posts with nothing and with everything; gives one of Ana's.
async fn posts(world: &World, seen: &mut Seen, phone: &Api) -> Value {
    let World { node, ana, ben, chloe, .. } = world;
    let bare = seen.post(&ben.api, "/api/v1/statuses", json!({"status": "Bare"}), "Status").await;
    let path = |of: &Value, what: &str| format!("/api/v1/statuses/{}{what}", id(of));
    seen.get(&node.public(), &path(&bare, ""), "Status").await;
    let file = upload(ana, picture(), "A tap").await.json();
    let file = ready(ana, &file).await;
    let whole = json!({"status": "@ben look #taps", "media_ids": [file["id"]], "language": "en",
        "sensitive": true, "spoiler_text": "Water", "visibility": "public"});
    let post = seen.post(phone, "/api/v1/statuses", whole, "Status").await;
    for (member, action) in [
        (ben, "favourite"),
        (ben, "reblog"),
        (ben, "bookmark"),
        (ana, "pin"),
        (chloe, "reblog"),
        (chloe, "mute"),
    ] {
        let done = member.does(action, &post).await;
        seen.one(done, "Status");
    }
    let answer = json!({"status": "@ana I see", "in_reply_to_id": post["id"]});
    let answer = seen.post(&ben.api, "/api/v1/statuses", answer, "Status").await;
    seen.get(&ana.api, &path(&answer, "/context"), "Context").await;
    seen.get(&ana.api, &path(&post, "/context"), "Context").await;
    seen.get(&ana.api, &path(&bare, "/context"), "Context").await;
    for list in ["/favourited_by", "/reblogged_by"] {
        seen.list(&ana.api, &path(&post, list), "Account").await;
    }
    let quote = json!({"status": "As she says", "quoted_status_id": post["id"]});
    let quote = seen.post(&ben.api, "/api/v1/statuses", quote, "Status").await;
    let deeper = json!({"status": "And he", "quoted_status_id": quote["id"]});
    let deeper = seen.post(&chloe.api, "/api/v1/statuses", deeper, "Status").await;
    seen.one(deeper["quote"].clone(), "Quote");
    seen.one(deeper["quote"]["quoted_status"]["quote"].clone(), "ShallowQuote");
    seen.list(&ana.api, &path(&post, "/quotes"), "Status").await;

    // An edit of a text, with the file; and of one that quotes and asks.
    let change = json!({"status": "@ben look #taps!", "media_ids": [file["id"]], "sensitive": true,
        "spoiler_text": "Water", "language": "en"});
    for (member, of, change) in
        [(ana, &post, change), (ben, &quote, json!({"status": "As she says, and more"}))]
    {
        let request = member.api.request(Method::PUT, &path(of, "")).json(&change);
        let changed = member.api.send(request).await.ok();
        seen.one(changed, "Status");
        seen.list(&ana.api, &path(of, "/history"), "StatusEdit").await;
    }
    seen.list(&ana.api, &path(&bare, "/history"), "StatusEdit").await;
    seen.get(&ana.api, &path(&post, "/source"), "StatusSource").await;
    for (api, path) in [
        (&ben.api, "/api/v1/timelines/home"),
        (&ben.api, "/api/v1/timelines/public"),
        (&ben.api, "/api/v1/timelines/tag/taps"),
        (&ben.api, "/api/v1/favourites"),
        (&ben.api, "/api/v1/bookmarks"),
        (&node.public(), "/api/v1/timelines/public"),
    ] {
        seen.list(api, path, "Status").await;
    }
    let gone = ben.posts("Gone again").await;
    let gone = ben.api.send(ben.api.request(Method::DELETE, &path(&gone, ""))).await.ok();
    seen.one(gone, "Status");
    seen.get(&ben.api, "/api/v2/search?q=taps", "Search").await;
    seen.get(&ben.api, "/api/v2/search?q=nothing-of-this-name", "Search").await;
    post
}

async fn polls_and_plans(world: &World, seen: &mut Seen) {
    let World { ana, ben, .. } = world;
    let ask = json!({"status": "When?", "poll": {"options": ["Now", "Later"], "expires_in": 600,
        "multiple": true, "hide_totals": true}});
    let asked = seen.post(&ana.api, "/api/v1/statuses", ask.clone(), "Status").await;
    let path = format!("/api/v1/polls/{}", id(&asked["poll"]));
    seen.get(&world.node.public(), &path, "Poll").await;
    seen.post(&ben.api, &format!("{path}/votes"), json!({"choices": [0]}), "Poll").await;
    world.node.tampers("UPDATE polls SET ends_at = 1");
    world.node.tampers("UPDATE jobs SET due_at = 1 WHERE task LIKE '{\"ClosePoll\"%'");
    seen.get(&ben.api, &path, "Poll").await;
    let of = format!("/api/v1/statuses/{}", id(&asked));
    let edit = ana.api.request(Method::PUT, &of).json(&json!({"status": "When then?"}));
    ana.api.send(edit).await.ok();
    seen.list(&ana.api, &format!("{of}/history"), "StatusEdit").await;
    let file = upload(ana, picture(), "A tap").await.json();
    let file = ready(ana, &file).await;
    let at = Time::now().plus_days(9).rfc3339();
    let quoted = ben.posts("To be quoted").await;
    for mut plan in [
        json!({"status": "Bare"}),
        ask,
        json!({"status": "Whole", "media_ids": [file["id"]], "sensitive": true, "language": "de",
            "spoiler_text": "Later", "visibility": "unlisted"}),
        json!({"status": "Yes", "in_reply_to_id": asked["id"]}),
        json!({"status": "So", "quoted_status_id": quoted["id"], "quote_approval_policy": "nobody"}),
    ] {
        plan["scheduled_at"] = json!(at);
        let request = ana.api.request(Method::POST, "/api/v1/statuses").json(&plan);
        let planned = ana.api.send(request.header("Idempotency-Key", plan.to_string())).await.ok();
        seen.one(planned, "ScheduledStatus");
    }
    seen.list(&ana.api, "/api/v1/scheduled_statuses", "ScheduledStatus").await;
}

async fn what_members_set_up(world: &World, seen: &mut Seen, post: &Value) {
    let World { node, ana, ben, chloe, group, .. } = world;
    let list = json!({"title": "Neighbours", "replies_policy": "list", "exclusive": true});
    seen.post(&ben.api, "/api/v1/lists", list, "List").await;
    seen.list(&ben.api, "/api/v1/lists", "List").await;

    let filter = json!({"title": "Water", "context": ["home", "thread"], "filter_action": "blur",
        "expires_in": 3_600, "keywords_attributes": [{"keyword": "taps", "whole_word": true}]});
    let filter = seen.post(&ben.api, "/api/v2/filters", filter, "Filter").await;
    let of = format!("/api/v2/filters/{}", id(&filter));
    let word = json!({"keyword": "look", "whole_word": false});
    seen.post(&ben.api, &format!("{of}/keywords"), word, "FilterKeyword").await;
    let one = json!({"status_id": post["id"]});
    seen.post(&ben.api, &format!("{of}/statuses"), one, "FilterStatus").await;
    seen.get(&ben.api, &of, "Filter").await;
    seen.list(&ben.api, &format!("{of}/keywords"), "FilterKeyword").await;
    seen.list(&ben.api, &format!("{of}/statuses"), "FilterStatus").await;
    let found = seen.get(&ben.api, &format!("/api/v1/statuses/{}", id(post)), "Status").await;
    seen.all(found["filtered"].clone(), "FilterResult");
    let bare = json!({"title": "Bare", "context": ["public"]});
    seen.post(&chloe.api, "/api/v2/filters", bare, "Filter").await;
    let older = json!({"phrase": "ladders", "context": ["home"], "expires_in": 60});
    seen.post(&chloe.api, "/api/v1/filters", older, "V1Filter").await;
    seen.list(&ben.api, "/api/v1/filters", "V1Filter").await;

    seen.get(&ben.api, "/api/v1/tags/taps", "Tag").await;
    seen.post(&ben.api, "/api/v1/tags/taps/follow", json!({}), "Tag").await;
    seen.get(&node.public(), "/api/v1/tags/unheard", "Tag").await;
    seen.list(&ben.api, "/api/v1/followed_tags", "Tag").await;
    seen.post(&ben.api, "/api/v1/featured_tags", json!({"name": "unheard"}), "FeaturedTag").await;
    seen.post(&ana.api, "/api/v1/featured_tags", json!({"name": "taps"}), "FeaturedTag").await;
    seen.list(&ana.api, "/api/v1/featured_tags", "FeaturedTag").await;

    let at = json!({"home": {"last_read_id": id(post)}});
    let markers = ben.api.post("/api/v1/markers", at).await;
    seen.one(markers["home"].clone(), "Marker");
    let report = json!({"account_id": chloe.id, "comment": "Ladders", "category": "spam"});
    seen.post(&ben.api, "/api/v1/reports", report, "Report").await;
    let bad = ben.posts("@repairs Buy ladders").await;
    let report = json!({"account_id": ben.id, "status_ids": [id(&bad)], "rule_ids": ["1"]});
    let report = seen.post(&ana.api, "/api/v1/reports", report, "Report").await;
    let reports = format!("/api/v1/groups/{}/reports", id(group));
    seen.list(&ana.api, &reports, "Report").await;
    ana.api.post(&format!("{reports}/{}/resolve", id(&report)), json!({})).await;
    seen.list(&ana.api, &reports, "Report").await;
    let reason = json!({"reason": "No ladders"});
    ana.api.post(&format!("/api/v1/statuses/{}/remove", id(&bad)), reason).await;
}

async fn what_members_are_told(world: &World, seen: &mut Seen, post: &Value) {
    let World { node, ana, ben, chloe, dora, .. } = world;
    ben.joins("ana").await;
    ben.posts("@ana for you alone").await;
    let secret = json!({"status": "@ana between us", "visibility": "direct"});
    ben.api.post("/api/v1/statuses", secret).await;
    seen.list(&ana.api, "/api/v1/conversations", "Conversation").await;
    let locked = dora.api.request(Method::PATCH, "/api/v1/profile").json(&json!({"locked": true}));
    dora.api.send(locked).await.ok();
    let follow = format!("/api/v1/accounts/{}/follow", dora.id);
    seen.post(&chloe.api, &follow, json!({}), "Relationship").await;
    let edit = ana.api.request(Method::PUT, &format!("/api/v1/statuses/{}", id(post)));
    ana.api.send(edit.json(&json!({"status": "@ben look #taps again"}))).await.ok();

    let mut told = BTreeSet::new();
    for (member, kinds) in [
        (ana, &["mention", "status", "reblog", "favourite", "follow", "quote", "admin.report"][..]),
        (ben, &["poll", "update", "quoted_update", "moderation_warning"][..]),
        (dora, &["follow_request"][..]),
    ] {
        for kind in kinds {
            let path = format!("/api/v1/notifications?types[]={kind}");
            eventually(&format!("{} is told of {kind}", member.name), || async {
                (member.api.get(&path).await != json!([])).then_some(())
            })
            .await;
            seen.list(&member.api, &path, "Notification").await;
            let path = format!("/api/v2/notifications?types[]={kind}");
            seen.get(&member.api, &path, "GroupedNotificationsResults").await;
            told.insert(*kind);
        }
    }
    let first = ana.api.get("/api/v1/notifications?limit=1").await;
    let one = format!("/api/v1/notifications/{}", id(&first[0]));
    seen.get(&ana.api, &one, "Notification").await;
    let known = described().map(|all| all["NotificationTypeEnum"]["enum"].clone());
    for kind in known.iter().flat_map(|known| known.as_array().unwrap()) {
        let never = [
            "admin.sign_up",         // who waits is on the operators' page
            "severed_relationships", // follows end silently
            "added_to_collection",   // of API version 10
            "collection_update",
        ];
        let kind = kind.as_str().unwrap();
        assert!(told.contains(kind) != never.contains(&kind), "{kind}");
    }
    let (unread, policy) = ("/api/v2/notifications/unread_count", "/api/v2/notifications/policy");
    seen.get(&ana.api, unread, "CountResponse").await;
    seen.get(&ana.api, policy, "NotificationPolicy").await;
    seen.get(&ana.api, "/api/v1/notifications/policy", "V1NotificationPolicy").await;
    let filter =
        dora.api.request(Method::PATCH, policy).json(&json!({"for_not_following": "filter"}));
    dora.api.send(filter).await.ok();
    chloe.posts("@dora you do not know me").await;
    let requests = "/api/v1/notifications/requests";
    eventually("it waits", || async { (dora.api.get(requests).await != json!([])).then_some(()) })
        .await;
    seen.list(&dora.api, requests, "NotificationRequest").await;
    seen.get(&dora.api, policy, "NotificationPolicy").await;
    seen.get(&dora.api, &format!("{requests}/merged"), "MergedResponse").await;

    node.run(&[
        "announcement",
        "create",
        "We move on **Sunday**",
        "--starts",
        "2026-01-01",
        "--ends",
        "2038-01-01",
    ]);
    node.run(&["announcement", "create", "Bread on Friday #bread"]);
    let announced = seen.list(&ana.api, "/api/v1/announcements", "Announcement").await;
    let path = format!("/api/v1/announcements/{}/reactions/🎉", id(&announced[0]));
    ana.api.send(ana.api.request(Method::PUT, &path)).await.ok();
    seen.list(&ana.api, "/api/v1/announcements", "Announcement").await;
}

async fn the_node(world: &World, seen: &mut Seen) {
    let public = world.node.public();
    for (path, entity) in [
        ("/api/v2/instance", "Instance"),
        ("/api/v1/instance", "V1Instance"),
        ("/api/v1/instance/extended_description", "ExtendedDescription"),
        ("/api/v1/instance/privacy_policy", "PrivacyPolicy"),
    ] {
        seen.get(&public, path, entity).await;
    }
    // One that nobody lives on yet.
    let node = Setup::new(Database::Sqlite).with("SIGN_UP", "closed").start().await;
    let empty = node.public();
    seen.get(&empty, "/api/v2/instance", "Instance").await;
    seen.get(&empty, "/api/v1/instance", "V1Instance").await;
}

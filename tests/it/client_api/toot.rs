//! toot, a client for terminals: every family of its commands, as people type them.
use serde_json::{Value, json};

use super::media;
use crate::harness::{Database, Member, Node, Toot, eventually, id, says};

stories!(ana_writes_with_toot, ben_reads_and_answers_with_toot, cleo_keeps_house_with_toot,);

impl Toot {
    /// Runs a command that prints what the node answered.
    fn asks(&self, arguments: &[&str]) -> Value {
        let printed = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(&printed)
            .unwrap_or_else(|why| panic!("{arguments:?}: {why}: {printed}"))
    }

    /// Runs a command and looks for words in what people read.
    #[track_caller]
    fn says(&self, arguments: &[&str], words: &[&str]) {
        let printed = self.run(arguments);
        for word in words {
            assert!(printed.contains(word), "{arguments:?} does not say {word:?}:\n{printed}");
        }
    }

    /// The texts of a timeline.
    fn reads(&self, arguments: &[&str]) -> Vec<String> {
        let all = self.asks(&[&["timelines"], arguments].concat());
        let all = all.as_array().unwrap_or_else(|| panic!("{arguments:?}: {all}")).clone();
        all.iter().map(|status| status["content"].to_string()).collect()
    }
}

#[track_caller]
fn holds(texts: &[String], wanted: &[&str]) {
    let found = wanted.iter().all(|word| texts.iter().any(|text| text.contains(word)));
    assert!(found && texts.len() == wanted.len(), "{wanted:?} and no more in {texts:#?}");
}

async fn ana_writes_with_toot(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let (toot, his) = (Toot::signed_in(&node, &ana), Toot::signed_in(&node, &ben));
    toot.says(&["auth"], &[&ana.handle]);
    toot.says(&["whoami"], &["@ana", &ana.id]);
    toot.says(&["instance"], &[&node.domain(), "Commonhold"]);
    assert_eq!(toot.asks(&["instance"])["uri"], node.domain());
    toot.says(&["diag", "--server"], &["4.5.0 (compatible; Commonhold"]);

    // How she is shown, and how her posts are unless she says otherwise.
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("tap.png");
    std::fs::write(&picture, media::picture()).unwrap();
    let picture = picture.display().to_string();
    let me = toot.asks(&[
        "update-account",
        "--display-name",
        "Ana Amsel",
        "--note",
        "Mends #bikes",
        "--avatar",
        &picture,
        "--header",
        &picture,
        "--bot",
        "--no-discoverable",
        "--privacy",
        "unlisted",
        "--sensitive",
        "--language",
        "de",
    ]);
    assert_eq!((&me["display_name"], &me["bot"]), (&json!("Ana Amsel"), &json!(true)), "{me}");
    assert_eq!(
        (&me["discoverable"], &me["source"]["privacy"]),
        (&json!(false), &json!("unlisted"))
    );
    assert_eq!(
        (&me["source"]["language"], &me["source"]["sensitive"]),
        (&json!("de"), &json!(true))
    );
    assert!(me["avatar"].as_str().unwrap().contains("/media/"), "{me}");
    toot.says(&["update-account", "--no-bot", "--no-sensitive"], &["Account updated"]);
    his.says(&["whois", "@ana"], &["Ana Amsel", "Mends"]);

    // Posts of every kind.
    let plain = toot.asks(&["post", "Der Kessel tropft #kessel"]);
    assert_eq!((&plain["visibility"], &plain["language"]), (&json!("unlisted"), &json!("de")));
    let whole = toot.asks(&[
        "post",
        "The kettle, close",
        "--media",
        &picture,
        "--description",
        "A kettle that leaks",
        "--visibility",
        "public",
        "--spoiler-text",
        "Rust",
        "--sensitive",
        "--language",
        "en",
    ]);
    assert_eq!(whole["spoiler_text"], "Rust");
    assert_eq!((&whole["sensitive"], &whole["language"]), (&json!(true), &json!("en")));
    assert_eq!(whole["media_attachments"][0]["description"], "A kettle that leaks", "{whole}");
    for visibility in ["private", "direct"] {
        let one = toot.asks(&["post", "@ben psst", "--visibility", visibility]);
        assert_eq!(one["visibility"], visibility);
    }
    let upload = toot.asks(&["upload", &picture, "--description", "Again"]);
    assert_eq!((&upload["type"], &upload["description"]), (&json!("image"), &json!("Again")));

    // A poll whose votes stay hidden, voted in by somebody else.
    let poll = toot.asks(&[
        "post",
        "When?",
        "--poll-option",
        "Now",
        "--poll-option",
        "Later",
        "--poll-option",
        "Never",
        "--poll-expires-in",
        "2h",
        "--poll-multiple",
        "--poll-hide-totals",
        "--visibility",
        "public",
    ]);
    let asked = id(&poll["poll"]);
    assert_eq!(
        (&poll["poll"]["multiple"], poll["poll"]["options"].as_array().unwrap().len()),
        (&json!(true), 3)
    );
    his.says(&["status", &id(&poll)], &["When?", "Later"]);
    let voted = his.asks(&["polls", "vote", &asked, "0", "2"]);
    assert_eq!(
        (&voted["own_votes"], &voted["voters_count"]),
        (&json!([0, 2]), &json!(1)),
        "{voted}"
    );
    his.says(&["polls", "show", &asked], &["Now", "Never"]);

    // Later, and what hangs together.
    let planned = toot.asks(&["post", "Tomorrow", "--scheduled-in", "1 day"]);
    assert!(
        planned["scheduled_at"].is_string() && planned["params"]["text"] == "Tomorrow",
        "{planned}"
    );
    toot.says(&["post", "In an hour", "--scheduled-in", "1h"], &["cheduled"]);
    let plans = ana.api.get("/api/v1/scheduled_statuses").await;
    assert_eq!(plans.as_array().unwrap().len(), 2);
    let answer =
        his.asks(&["post", "@ana which one?", "--reply-to", &id(&plain), "--visibility", "public"]);
    assert_eq!(answer["in_reply_to_id"], plain["id"]);
    toot.says(&["post", "A thread"], &["posted"]);
    let next = toot.asks(&["post", "and its second part", "--reply-last"]);
    assert!(next["in_reply_to_id"].is_string(), "{next}");
    toot.says(&["thread", &id(&plain)], &["Kessel tropft", "which one?"]);
    let thread = toot.asks(&["thread", &id(&answer)]);
    assert_eq!(thread["ancestors"][0]["id"], plain["id"], "{thread}");
    toot.says(&["status", &id(&whole)], &["The kettle, close", "/media/"]);
    toot.says(&["delete", &id(&whole)], &["Status deleted"]);
    ana.api.try_get(&format!("/api/v1/statuses/{}", id(&whole))).await.refused(404);
    let gone = toot.asks(&["delete", &id(&next)]);
    assert_eq!(gone["text"], "and its second part", "what was typed comes back");
}

async fn ben_reads_and_answers_with_toot(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let group = node.group("repairs", "We mend things", "ana").await;
    let toot = Toot::signed_in(&node, &ben);
    toot.says(&["follow", "ana"], &["You are now following ana"]);
    toot.says(&["follow", "repairs"], &["following"]);
    let post = ana.posts("Seeds to give away #garden").await;
    let thread = ana.posts("@repairs My tap drips").await;
    let one = id(&post);

    // What he does with a post, and that he may take it back.
    for (does, undoes, key) in [
        ("favourite", "unfavourite", "favourited"),
        ("reblog", "unreblog", "reblogged"),
        ("bookmark", "unbookmark", "bookmarked"),
    ] {
        let done = toot.asks(&[does, &one]);
        let done = if done["reblog"].is_object() { &done["reblog"] } else { &done };
        assert_eq!(done[key], true, "{does}: {done}");
        assert_eq!(toot.asks(&[undoes, &one])[key], false, "{undoes}");
        toot.says(&[does, &one], &["✓"]);
    }
    toot.says(&["reblogged-by", &one], &["ben"]);
    let own = toot.asks(&["post", "I have space for them #garden"]);
    assert_eq!(toot.asks(&["pin", &id(&own)])["pinned"], true);
    assert_eq!(toot.asks(&["unpin", &id(&own)])["pinned"], false);
    toot.says(&["pin", &id(&own)], &["pinned"]);

    // Timelines, as they are sent and as people read them.
    eventually("the group passes the thread on", || async {
        let wall = ben.api.get(&format!("/api/v1/accounts/{}/statuses", id(&group))).await;
        says(&wall[0]["reblog"], "My tap drips").then_some(())
    })
    .await;
    let home = toot.reads(&["home"]);
    assert!(home.iter().any(|text| text.contains("Seeds")), "{home:#?}");
    assert!(home.iter().any(|text| text.contains("I have space")), "{home:#?}");
    let quietly = ["--no-pager", "--no-clear"];
    toot.says(
        &[&["timelines", "home"], &quietly[..]].concat(),
        &["Seeds to give away", "My tap drips"],
    );
    holds(&toot.reads(&["public"]), &["Seeds", "My tap drips", "I have space"]);
    holds(&toot.reads(&["public", "--local", "--limit", "1"]), &["I have space"]);
    holds(&toot.reads(&["public", "--remote"]), &[]);
    holds(&toot.reads(&["public", "--only-media"]), &[]);
    holds(
        &toot.reads(&["public", "--instance", &node.origin()]),
        &["Seeds", "My tap drips", "I have space"],
    );
    holds(&toot.reads(&["tag", "garden"]), &["Seeds", "I have space"]);
    holds(&toot.reads(&["account", "ana"]), &["Seeds", "My tap drips"]);
    holds(&toot.reads(&["account", "ana", "--max-id", &id(&thread)]), &["Seeds"]);
    holds(&toot.reads(&["favourites"]), &["Seeds"]);
    holds(&toot.reads(&["trending"]), &[]);
    toot.says(&["bookmarks", "--once"], &["Seeds to give away"]);
    toot.says(&["whois", "repairs"], &["We mend things"]);

    // Lists, which hold his groups too.
    assert_eq!(toot.asks(&["lists", "create", "Gardeners"])["title"], "Gardeners");
    toot.says(&["lists", "add", "Gardeners", "ana"], &["Added account"]);
    toot.says(&["lists", "list"], &["Gardeners"]);
    toot.says(&["lists", "accounts", "Gardeners"], &["@ana"]);
    ana.posts("More seeds").await;
    eventually("the list shows it", || async {
        toot.reads(&["list", "Gardeners"])
            .iter()
            .any(|text| text.contains("More seeds"))
            .then_some(())
    })
    .await;
    toot.says(&["lists", "remove", "Gardeners", "ana"], &["Removed account"]);
    assert_eq!(toot.asks(&["lists", "accounts", "Gardeners"]), json!([]));
    toot.says(&["lists", "delete", "Gardeners"], &["deleted"]);
    let left = toot.asks(&["lists", "list"]);
    assert_eq!(left.as_array().unwrap().len(), 1, "his group: {left}");

    // Hashtags, and looking for things.
    toot.says(&["tags", "follow", "garden"], &["You are now following #garden"]);
    assert_eq!(toot.asks(&["tags", "followed"])[0]["name"], "garden");
    toot.says(&["tags", "info", "garden"], &["#garden", "Followed"]);
    toot.says(&["tags", "unfollow", "garden"], &["no longer following"]);
    assert_eq!(toot.asks(&["tags", "followed"]), json!([]));
    toot.says(&["tags", "feature", "garden"], &["#garden"]);
    assert_eq!(toot.asks(&["tags", "featured"])[0]["name"], "garden");
    toot.says(&["tags", "unfeature", "garden"], &["#garden"]);
    toot.says(&["tags", "featured"], &["You don't have any featured hashtags"]);
    let found = toot.asks(&["search", "seeds", "--type", "statuses"]);
    assert_eq!(found["statuses"].as_array().unwrap().len(), 2, "{found}");
    toot.says(&["search", "garden"], &["#garden"]);
    toot.says(&["search", "ana", "--resolve"], &["@ana"]);
}

async fn has(member: &Member, kind: &str) {
    eventually(&format!("{} hears of a {kind}", member.name), || async {
        let told = member.api.get(&format!("/api/v1/notifications?types[]={kind}")).await;
        (!told.as_array().unwrap().is_empty()).then_some(())
    })
    .await;
}

async fn cleo_keeps_house_with_toot(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben, cleo) =
        (node.member("ana").await, node.member("ben").await, node.member("cleo").await);
    let toot = Toot::signed_in(&node, &cleo);
    toot.says(&["update-account", "--locked"], &["Account updated"]);
    for asks in [&ana, &ben] {
        asks.api.post(&format!("/api/v1/accounts/{}/follow", cleo.id), json!({})).await;
    }
    toot.says(&["follow-requests", "list"], &["@ana", "@ben"]);
    toot.says(&["follow-requests", "accept", "ana"], &["ana"]);
    toot.says(&["follow-requests", "reject", "ben"], &["ben"]);
    assert_eq!(toot.asks(&["follow-requests", "list"]), json!([]));
    toot.says(&["followers", "cleo"], &["@ana"]);
    let followers = toot.asks(&["followers", "cleo"]);
    assert_eq!(followers.as_array().unwrap().len(), 1, "{followers}");
    assert_eq!(toot.asks(&["follow", "ana"])["following"], true);
    toot.says(&["following", "cleo"], &["@ana"]);

    // What she hears, and how she looks through it.
    let post = toot.asks(&["post", "Bread for all", "--visibility", "public"]);
    ana.does("favourite", &post).await;
    ana.does("reblog", &post).await;
    ana.replies(&post, "@cleo thank you").await;
    for kind in ["favourite", "reblog", "mention"] {
        has(&cleo, kind).await;
    }
    toot.says(&["notifications"], &["favourited", "boosted", "mentioned", "thank you"]);
    let likes = toot.asks(&["notifications", "--type", "favourite"]);
    assert_eq!((likes.as_array().unwrap().len(), &likes[0]["type"]), (1, &json!("favourite")));
    let others = toot.asks(&["notifications", "--exclude-type", "favourite", "--reverse"]);
    assert!(others.as_array().unwrap().iter().all(|one| one["type"] != "favourite"), "{others}");
    toot.says(&["notifications", "--clear"], &["leared"]);
    assert_eq!(toot.asks(&["notifications"]), json!([]));

    // Whom she does not want to see.
    for (does, undoes, list, key) in
        [("mute", "unmute", "muted", "muting"), ("block", "unblock", "blocked", "blocking")]
    {
        assert_eq!(toot.asks(&[does, "ben"])[key], true, "{does}");
        toot.says(&[list], &["@ben"]);
        assert_eq!(toot.asks(&[undoes, "ben"])[key], false, "{undoes}");
        assert_eq!(toot.asks(&[list]), json!([]));
    }
    assert_eq!(toot.asks(&["unfollow", "ana"])["following"], false);
    assert_eq!(toot.asks(&["following", "cleo"]), json!([]));
    toot.says(&["logout", &cleo.handle], &["logged out"]);
    toot.says(&["auth"], &["You are not logged in to any accounts"]);
}

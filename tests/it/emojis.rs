//! Custom emoji: the operator's, on their way to other nodes, and those that come from elsewhere.
use std::io::Cursor;

use image::{Frame, ImageFormat, Rgba, RgbaImage, codecs::gif::GifEncoder};
use serde_json::{Value, json};

use crate::harness::{
    Browser, Database, Look, MastodonPy, Member, Node, Peer, Setup, Surfer, are_shaped, eventually,
    fixtures, id, is_shaped, says,
};

stories!(
    emoji_of_a_node_are_seen_on_another,
    operators_add_emoji_from_files,
    operators_add_emoji_on_a_page,
    emoji_of_other_software_are_read,
    an_emoji_elsewhere_becomes_another,
    emoji_that_are_no_good_are_left_out,
);

fn still(shade: u8) -> Vec<u8> {
    let image = RgbaImage::from_fn(40, 40, |x, _| Rgba([shade, 90, u8::try_from(x).unwrap(), 255]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn moving() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for shade in [0, 200] {
        encoder
            .encode_frame(Frame::new(RgbaImage::from_pixel(30, 30, Rgba([shade, 0, 0, 255]))))
            .unwrap();
    }
    drop(encoder);
    bytes
}

/// Runs `emoji add` with a file of these bytes.
fn adds(node: &Node, name: &str, file: &str, bytes: &[u8], more: &[&str]) -> Result<Value, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    std::fs::write(&path, bytes).unwrap();
    let path = path.display().to_string();
    let mut arguments = vec!["emoji", "add", name, &path, "--json"];
    arguments.extend(more);
    let done = node.run_with(&arguments, "");
    if done.status.success() {
        Ok(serde_json::from_slice(&done.stdout).unwrap())
    } else {
        Err(String::from_utf8(done.stderr).unwrap())
    }
}

/// The names of the emoji on an entity.
fn names(entity: &Value) -> Vec<String> {
    are_shaped(&entity["emojis"], "CustomEmoji");
    let emojis = entity["emojis"].as_array().unwrap_or_else(|| panic!("{entity}"));
    emojis.iter().map(|emoji| emoji["shortcode"].as_str().unwrap().to_owned()).collect()
}

fn url_of<'e>(entity: &'e Value, name: &str, key: &str) -> &'e str {
    let emojis = entity["emojis"].as_array().unwrap();
    let emoji = emojis.iter().find(|emoji| emoji["shortcode"] == name);
    emoji.unwrap_or_else(|| panic!("no {name}: {entity}"))[key].as_str().unwrap()
}

/// Status and kind of what is at `url`.
async fn at(node: &Node, url: &str) -> (u16, String) {
    let answer = node.public().request(reqwest::Method::GET, url).send().await.unwrap();
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    (answer.status().as_u16(), kind.unwrap_or_default().to_owned())
}

async fn found(member: &Member, url: &str) -> Value {
    let query = [("q", url), ("resolve", "true"), ("type", "statuses")];
    let request = member.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    member.api.send(request).await.ok()["statuses"][0].clone()
}

async fn emoji_of_a_node_are_seen_on_another(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    adds(&a, "blobcat", "cat.png", &still(0), &["--category", "Cats"]).unwrap();
    adds(&a, "secret_cat", "cat.png", &still(9), &["--hidden"]).unwrap();

    // Apps offer what is not hidden.
    let offered = a.public().get("/api/v1/custom_emojis").await;
    are_shaped(&offered, "CustomEmoji");
    assert_eq!(offered.as_array().unwrap().len(), 1, "{offered}");
    assert_eq!(
        (&offered[0]["shortcode"], &offered[0]["category"]),
        (&json!("blobcat"), &json!("Cats"))
    );
    let py = MastodonPy::signed_in(&a, &ana);
    assert_eq!(py.call("custom_emojis", json!([]))[0]["shortcode"], "blobcat");

    // A name and a post with emoji travel to somebody who follows.
    let there = ben.finds(&format!("ana@{}", a.domain())).await;
    ben.api.post(&format!("/api/v1/accounts/{}/follow", id(&there)), json!({})).await;
    let path = format!("/api/v1/accounts/relationships?id[]={}", id(&there));
    eventually("Ben follows Ana", || async {
        (ben.api.get(&path).await[0]["following"] == true).then_some(())
    })
    .await;
    let request = ana.api.request(reqwest::Method::PATCH, "/api/v1/accounts/update_credentials");
    let profile = json!({"display_name": "Ana :blobcat:", "note": "I like :secret_cat:"});
    let me = ana.api.send(request.json(&profile)).await.ok();
    assert_eq!(names(&me), ["blobcat", "secret_cat"]);
    let written = "Look :blobcat: and :nothere: and `:blobcat:` and x:blobcat:x";
    let posted = ana
        .api
        .post(
            "/api/v1/statuses",
            json!({"status": written, "spoiler_text": "A :secret_cat:",
                "poll": {"options": [":blobcat: yes", "no"], "expires_in": 3600}}),
        )
        .await;
    assert_eq!(names(&posted), ["blobcat", "secret_cat"]);
    assert_eq!(names(&posted["poll"]), ["blobcat"]);
    assert_eq!(names(&posted["account"]), ["blobcat", "secret_cat"]);
    is_shaped(&posted, "Status");
    assert!(url_of(&posted, "blobcat", "url").starts_with(&format!("{}/media/", a.origin())));

    // As documents.
    let local = |uri: &Value| uri.as_str().unwrap().strip_prefix(&a.origin()).unwrap().to_owned();
    let note = a.public().activity(&local(&posted["uri"])).await;
    let tag = |note: &Value| {
        let tags = note["tag"].as_array().cloned().unwrap_or_default();
        tags.into_iter().find(|tag| tag["name"] == ":blobcat:")
    };
    let tagged = tag(&note).unwrap_or_else(|| panic!("{note}"));
    assert_eq!(
        (&tagged["type"], &tagged["icon"]["mediaType"]),
        (&json!("Emoji"), &json!("image/png"))
    );
    let alone = a.public().activity(&local(&tagged["id"])).await;
    assert_eq!((&alone["name"], &alone["icon"]), (&tagged["name"], &tagged["icon"]), "{alone}");
    let person = a.public().activity("/u/ana").await;
    assert!(tag(&person).is_some(), "{person}");

    // And there, through the other node's own copies.
    let seen = ben.sees("Look :blobcat:").await;
    assert_eq!(names(&seen), ["blobcat", "secret_cat"]);
    assert_eq!(names(&seen["poll"]), ["blobcat"]);
    let url = url_of(&seen, "blobcat", "url").to_owned();
    assert!(url.starts_with(&format!("{}/media/proxy/emoji/", b.origin())), "{url}");
    assert_eq!(at(&b, &url).await, (200, "image/png".to_owned()));
    assert_eq!(at(&b, &format!("{url}0")).await.0, 404);
    eventually("Ana's new name is there", || async {
        let ana = ben.api.get(&format!("/api/v1/accounts/{}", id(&there))).await;
        (names(&ana) == ["blobcat", "secret_cat"]).then_some(())
    })
    .await;
    let thread = format!("/@ana@{}/{}", a.domain(), id(&seen));
    let page = b.page(&thread).await;
    let picture = "alt=\":blobcat:\" title=\":blobcat:\"";
    assert!(page.text.matches("<img class=\"emoji\" src=\"/media/proxy/emoji-still/").count() > 2);
    assert!(page.text.contains(picture) && page.text.contains("<code>:blobcat:</code>"));
    assert!(page.text.contains(":nothere:") && page.text.contains("x:blobcat:x"));
    assert!(page.text.contains("aria-label=\"Post by Ana :blobcat:\""), "words stay words");
    let chromium = Browser::open(Look::DESKTOP).await;
    chromium.goes_to(&format!("{}{thread}", b.origin())).await;
    chromium.sees("Ana").await;
    let drawn = "return [...document.querySelectorAll('.person-name img.emoji')].map(i => \
        [i.complete && i.naturalWidth > 0, Math.round(i.getBoundingClientRect().height)])";
    let height = eventually("the picture in her name is drawn", || async {
        let drawn = chromium.evaluates(drawn).await;
        (drawn[0][0] == true).then(|| drawn[0][1].as_i64().unwrap())
    })
    .await;
    assert!((14..=30).contains(&height), "as large as words: {height}");
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
    assert_eq!(chromium.faults().await, Vec::<String>::new());
    chromium.closes().await;

    // It gets another picture, which moves.
    adds(&a, "blobcat", "cat.gif", &moving(), &[]).unwrap();
    let offered = a.public().get("/api/v1/custom_emojis").await;
    assert_eq!(offered[0]["category"], "Cats", "what is not said stays");
    let edit = format!("/api/v1/statuses/{}", id(&posted));
    let change = json!({"status": "Look again :blobcat:", "spoiler_text": ""});
    ana.api.send(ana.api.request(reqwest::Method::PUT, &edit).json(&change)).await.ok();
    let changed = ben.sees("Look again").await;
    let moves = url_of(&changed, "blobcat", "url");
    assert_ne!(moves, url, "another picture has another address");
    assert_eq!(at(&b, moves).await, (200, "image/gif".to_owned()));
    let stands = url_of(&changed, "blobcat", "static_url");
    assert_eq!(at(&b, stands).await, (200, "image/png".to_owned()));
    assert_eq!(at(&a, url_of(&offered_as(&offered), "blobcat", "static_url")).await.1, "image/png");
    let history = ben.api.get(&format!("/api/v1/statuses/{}/history", id(&changed))).await;
    assert_eq!(names(&history[0]), ["blobcat", "secret_cat"]);
    assert_eq!(names(&history[1]), ["blobcat"]);

    // The other operator does not want it.
    let theirs = format!("blobcat@{}", a.domain());
    b.run(&["emoji", "disable", &theirs]);
    let again = ben.api.get(&format!("/api/v1/statuses/{}", id(&changed))).await;
    assert_eq!(names(&again), Vec::<String>::new());
    assert_eq!(at(&b, moves).await.0, 404);
    b.run(&["emoji", "enable", &theirs]);
    assert_eq!(at(&b, moves).await.0, 200);

    // It goes; what was written with it is a word again here, and its copies there stay.
    a.run(&["emoji", "remove", "blobcat"]);
    assert_eq!(a.public().get("/api/v1/custom_emojis").await, json!([]));
    let bare = ana.api.get(&format!("/api/v1/statuses/{}", id(&posted))).await;
    assert_eq!(names(&bare), Vec::<String>::new());
    assert_eq!(a.public().try_get("/emojis/blobcat").await.status, 404);
    assert!(tag(&a.public().activity(&local(&posted["uri"])).await).is_none());
    let later = ana.posts("No more :blobcat:").await;
    assert_eq!(names(&later), Vec::<String>::new());
    assert!(says(&ben.sees("No more").await, ":blobcat:"));
    assert_eq!(at(&b, moves).await.0, 200);
    let log = a.run_with(&["emoji", "remove", "blobcat"], "");
    assert!(!log.status.success(), "there is none any more");
}

/// A list of emoji as an entity with them.
fn offered_as(list: &Value) -> Value {
    json!({ "emojis": list })
}

async fn operators_add_emoji_from_files(database: Database) {
    let node = Node::start(database).await;
    let ana = node.operator("ana").await;
    // What is no emoji is refused, in words that help.
    let huge = [still(0), vec![0; 256 << 10]].concat();
    for (name, file, bytes, why) in [
        ("a-b", "a.png", still(0), "underscores"),
        ("a", "a.png", still(0), "2 to 64"),
        ("drawn", "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "PNG"),
        ("huge", "a.png", huge, "256 KiB"),
        ("cut", "a.png", still(0)[..60].to_vec(), "damaged"),
    ] {
        let said = adds(&node, name, file, &bytes, &[]).unwrap_err();
        assert!(said.contains(why), "{name}: {said}");
    }
    assert_eq!(node.public().get("/api/v1/custom_emojis").await, json!([]));

    // A folder at once, in the name of an operator.
    let folder = tempfile::tempdir().unwrap();
    for (file, bytes) in [
        ("one.png", still(1)),
        ("two.GIF", moving()),
        ("bad-name.png", still(2)),
        ("notes.txt", b"no picture".to_vec()),
    ] {
        std::fs::write(folder.path().join(file), bytes).unwrap();
    }
    let place = folder.path().display().to_string();
    let done = node.run_with(&["emoji", "import", &place, "--by", "ana", "--json"], "");
    assert_eq!(done.status.code(), Some(1), "one of them was refused");
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(said["added"], json!(["one", "two"]), "{said}");
    assert!(said["refused"][0]["file"].as_str().unwrap().ends_with("bad-name.png"), "{said}");
    let listed: Value = serde_json::from_str(&node.run(&["emoji", "list", "--json"])).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    assert!(node.run(&["emoji", "list"]).contains(":two:"));

    // Announcements have them, and reactions to them.
    node.run(&["announcement", "create", "Cake at noon :one:"]);
    let news = ana.api.get("/api/v1/announcements").await;
    assert_eq!(names(&news[0]), ["one"]);
    let react = format!("/api/v1/announcements/{}/reactions", id(&news[0]));
    let put = |name: &str| ana.api.request(reqwest::Method::PUT, &format!("{react}/{name}"));
    ana.api.send(put("two")).await.ok();
    ana.api.send(put("three")).await.refused(422);
    let news = ana.api.get("/api/v1/announcements").await;
    let reaction = &news[0]["reactions"][0];
    is_shaped(reaction, "Reaction");
    assert_eq!((&reaction["name"], &reaction["me"]), (&json!("two"), &json!(true)));
    assert_eq!(at(&node, reaction["url"].as_str().unwrap()).await.1, "image/gif");
    assert_eq!(at(&node, reaction["static_url"].as_str().unwrap()).await.1, "image/png");

    // One's own is shown to nobody once it is disabled.
    node.run(&["emoji", "disable", "one"]);
    assert_eq!(names(&ana.api.get("/api/v1/announcements").await[0]), Vec::<String>::new());
    let listed = node.public().get("/api/v1/custom_emojis").await;
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
}

async fn operators_add_emoji_on_a_page(database: Database) {
    let node = Node::start(database).await;
    let olga = node.operator("olga").await;
    let ana = node.member("ana").await;
    let mut surfer = Surfer::new(&node, "Plain");
    surfer.signs_in(&olga.name).await;
    surfer.opens("/operator/emoji").await.sees("None yet.");
    let typed = [("name", ":cake:"), ("category", "Food")];
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec();
    surfer.sends_file("add-emoji", &typed, ("picture", "cake.png", svg)).await;
    surfer.sees("An emoji is a PNG, a GIF or a WebP picture.").sees("value=\":cake:\"");
    let nameless = [("name", "a cake")];
    surfer.sends_file("add-emoji", &nameless, ("picture", "cake.png", still(1))).await;
    surfer.sees("underscores");
    surfer.opens("/operator/emoji").await;
    surfer.sends_file("add-emoji", &typed, ("picture", "cake.png", still(1))).await;
    surfer.sees(":cake: is there.").sees("Food");
    let posted = ana.posts("Take :cake:").await;
    assert_eq!(names(&posted), ["cake"]);
    surfer.presses_by("aria-label=\"Remove :cake:\"").await;
    surfer.sees(":cake: is gone.").sees("None yet.");
    assert_eq!(node.public().get("/api/v1/custom_emojis").await, json!([]));

    // It is for operators alone.
    let mut other = Surfer::new(&node, "Plain");
    other.signs_in(&ana.name).await;
    assert_eq!(other.opens("/operator/emoji").await.status, 403);
}

fn fixture(path: &str) -> Value {
    let text = std::fs::read_to_string(fixtures().join(path)).unwrap();
    // Names that nobody may look up stand in some.
    serde_json::from_str(&text.replace(".local/", ".example/")).unwrap()
}

/// A real actor, with our key.
fn introduces(peer: &Peer, mut actor: Value) -> Value {
    let id = actor["id"].as_str().unwrap().to_owned();
    actor["publicKey"] = peer.public_key(&id);
    peer.introduces(&actor);
    actor
}

async fn emoji_of_other_software_are_read(database: Database) {
    let peer = Peer::start(&[
        "queer.hacktivis.me",
        "misskey.io",
        "media.misskeyusercontent.com",
        "patch.example",
        "misskey.example",
    ])
    .await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;

    // Pleroma: in name and text; the time of its change says nothing.
    let lanodan = introduces(&peer, fixture("pleroma/objects/person.json"));
    let picture = lanodan["tag"][1]["icon"]["url"].as_str().unwrap();
    peer.serves_bytes(picture, 200, "image/png", still(1));
    let seen = ana.finds("lanodan@queer.hacktivis.me").await;
    assert_eq!(names(&seen), ["anarchy", "bzh", "gentoo"]);
    assert_eq!(at(&node, url_of(&seen, "bzh", "url")).await, (200, "image/png".to_owned()));
    let page = node.page("/@lanodan@queer.hacktivis.me").await;
    assert!(page.text.contains("alt=\":bzh:\"") && page.text.contains("alt=\":anarchy:\""));
    assert!(!page.text.contains("src=\"https://"), "{}", page.text);

    // Misskey: the pictures are on another host.
    let mut syuilo = fixture("misskey/objects/person_misskey_io.json");
    syuilo["name"] = json!(":angry_ai: :syuilo:");
    let syuilo = introduces(&peer, syuilo);
    let picture = "https://media.misskeyusercontent.com/emoji/syuilo.png";
    peer.serves_bytes(picture, 200, "image/png", still(2));
    let handle = format!("{}@misskey.io", syuilo["preferredUsername"].as_str().unwrap());
    let seen = ana.finds(&handle).await;
    assert_eq!(names(&seen), ["angry_ai", "syuilo"]);
    assert_eq!(at(&node, url_of(&seen, "syuilo", "url")).await.0, 200);

    // Akkoma: in the warning too.
    peer.person("https://patch.example/users/rin");
    let note = fixture("akkoma/objects/emoji_in_summary.json");
    peer.serves(note["id"].as_str().unwrap(), &note);
    let seen = found(&ana, note["id"].as_str().unwrap()).await;
    assert_eq!(names(&seen), ["joker_disapprove", "joker_smile"]);

    // A reaction is a favourite, and keeps its emoji.
    let post = ana.posts("React to me").await;
    let mut like = fixture("misskey/activities/custom_emoji_reaction.json");
    let actor = like["actor"].as_str().unwrap().to_owned();
    peer.person(&actor);
    like["object"] = post["uri"].clone();
    let picture = like["tag"][0]["icon"]["url"].as_str().unwrap().to_owned();
    peer.serves_bytes(&picture, 200, "image/png", still(3));
    assert!(peer.sends(&node, "/inbox", &actor, &like).await.is_success());
    let path = format!("/api/v1/statuses/{}", id(&post));
    eventually("the reaction counts", || async {
        (ana.api.get(&path).await["favourites_count"] == 1).then_some(())
    })
    .await;
    let reactions = format!("/api/v1/pleroma/statuses/{}/reactions", id(&post));
    let reactions = ana.api.get(&reactions).await;
    assert_eq!(reactions[0]["name"], "hanapog@misskey.example", "{reactions}");
    assert_eq!((&reactions[0]["count"], &reactions[0]["me"]), (&json!(1), &json!(false)));
    are_shaped(&reactions[0]["accounts"], "Account");
    let url = reactions[0]["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/media/proxy/emoji/", node.origin())), "{url}");
    assert_eq!(at(&node, url).await, (200, "image/png".to_owned()));
}

/// Somebody elsewhere.
const EVA: &str = "https://evil.example/users/eva";

/// A post of hers with these tags, as a member finds it.
async fn note(peer: &Peer, member: &Member, number: u32, content: &str, tags: Value) -> Value {
    let id = format!("{EVA}/notes/{number}");
    peer.serves(
        &id,
        &json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Note",
            "attributedTo": EVA, "content": content, "published": "2026-01-01T00:00:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "tag": tags,
        }),
    );
    found(member, &id).await
}

fn emoji(name: &str, url: &str) -> Value {
    json!({"type": "Emoji", "name": format!(":{name}:"), "icon": {"type": "Image", "url": url},
        "id": format!("https://evil.example/emojis/{name}")})
}

fn dated(name: &str, url: &str, updated: &str) -> Value {
    let mut emoji = emoji(name, url);
    emoji["updated"] = json!(updated);
    emoji
}

async fn an_emoji_elsewhere_becomes_another(database: Database) {
    let peer = Peer::start(&["evil.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    peer.person(EVA);
    let (one, two) = ("https://evil.example/1.png", "https://evil.example/2.gif");
    peer.serves_bytes(one, 200, "image/png", still(1));
    peer.serves_bytes(two, 200, "image/gif", moving());
    let asked = || peer.asked().iter().filter(|url| *url == one).count();

    let tags = json!([dated("wave", one, "2026-01-01T00:00:00Z")]);
    let first = note(&peer, &ana, 1, "<p>:wave: one</p>", tags).await;
    let url = url_of(&first, "wave", "url").to_owned();
    assert_eq!(at(&node, &url).await.0, 200);
    assert_eq!(at(&node, &url).await.0, 200);
    assert_eq!(asked(), 1, "it is fetched once");
    // The same place, another picture.
    let tags = json!([dated("wave", one, "2026-01-02T00:00:00Z")]);
    let newer = note(&peer, &ana, 2, "<p>:wave: two</p>", tags).await;
    let newer = url_of(&newer, "wave", "url").to_owned();
    assert_ne!(newer, url);
    assert_eq!(at(&node, &newer).await.0, 200);
    assert_eq!(asked(), 2, "it is fetched anew");
    assert_eq!(at(&node, &url).await.0, 404, "the one before has no address any more");
    // What is older than what is known changes nothing.
    let tags = json!([dated("wave", two, "2025-12-31T00:00:00Z")]);
    let older = note(&peer, &ana, 3, "<p>:wave: three</p>", tags).await;
    assert_eq!(url_of(&older, "wave", "url"), newer);
    // Another place, whenever.
    let tags = json!([emoji("wave", two)]);
    let moved = note(&peer, &ana, 4, "<p>:wave: four</p>", tags).await;
    assert_eq!(at(&node, url_of(&moved, "wave", "url")).await, (200, "image/gif".to_owned()));
    let again = ana.api.get(&format!("/api/v1/statuses/{}", id(&first))).await;
    assert_eq!(url_of(&again, "wave", "url"), url_of(&moved, "wave", "url"), "one for a server");
    // Nothing of a blocked server is shown.
    node.run(&["server", "block", "evil.example"]);
    assert_eq!(at(&node, url_of(&moved, "wave", "url")).await.0, 404);
}

async fn emoji_that_are_no_good_are_left_out(database: Database) {
    let peer = Peer::start(&["evil.example", "cdn.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    peer.person(EVA);
    let fine = "https://cdn.example/fine.png";
    peer.serves_bytes(fine, 200, "image/png", still(1));
    let mut theirs = emoji("theirs", fine);
    theirs["id"] = json!("https://cdn.example/emojis/theirs");
    let mut unnamed = emoji("unnamed", fine);
    unnamed["name"] = json!(["unnamed"]);
    let tags = json!([
        emoji("fine", fine),
        emoji("open", "http://cdn.example/open.png"),
        emoji("inside", "https://127.0.0.1/inside.png"),
        emoji("private", "https://10.0.0.1/private.png"),
        emoji("script", "javascript:alert(1)"),
        emoji("data", "data:image/png;base64,AAAA"),
        emoji("a b", fine),
        emoji("x\"onerror=alert(1)", fine),
        {"type": "Emoji", "name": ":bare:"},
        theirs,
        unnamed,
    ]);
    let content = "<p>:fine: :open: :inside: :private: :script: :data: :a b: :bare: :theirs: \
        :unnamed: :x\"onerror=alert(1):</p>";
    let seen = note(&peer, &ana, 1, content, tags).await;
    assert_eq!(names(&seen), ["fine"]);
    let page = node.page(&format!("/@eva@evil.example/{}", id(&seen))).await;
    assert_eq!(page.text.matches("<img class=\"emoji\"").count(), 1, "{}", page.text);

    // More than one object may bring.
    let all: Vec<Value> = (0..100).map(|n| emoji(&format!("many{n}"), fine)).collect();
    let words: Vec<String> = (0..100).map(|n| format!(":many{n}:")).collect();
    let content = format!("<p>{}</p>", words.join(" "));
    let many = note(&peer, &ana, 2, &content, json!(all)).await;
    assert_eq!(names(&many).len(), 64);

    // What is at their addresses is looked at before it is shown.
    let bad = |name: &str| format!("https://evil.example/{name}.png");
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec();
    let mut huge = still(1);
    huge.resize((1 << 20) + 1, 0);
    peer.serves_bytes(&bad("lie"), 200, "image/png", html);
    peer.serves_bytes(&bad("drawn"), 200, "image/svg+xml", svg);
    peer.serves_bytes(&bad("huge"), 200, "image/png", huge);
    peer.redirects(&bad("led"), "http://169.254.169.254/latest/meta-data");
    let kinds = ["lie", "drawn", "huge", "led", "gone"];
    let tags: Vec<Value> = kinds.iter().map(|name| emoji(name, &bad(name))).collect();
    let words: Vec<String> = kinds.iter().map(|name| format!(":{name}:")).collect();
    let content = format!("<p>{}</p>", words.join(" "));
    let seen = note(&peer, &ana, 3, &content, json!(tags)).await;
    for name in kinds {
        for key in ["url", "static_url"] {
            assert_eq!(at(&node, url_of(&seen, name, key)).await.0, 404, "{name} {key}");
        }
    }
}

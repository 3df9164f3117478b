//! Files of other servers: readers get them here, and nobody elsewhere learns who they are.
use commonhold::db;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{bytes_at, film, header};
use crate::{
    client_api::media::picture,
    harness::{Api, Database, Member, Node, Peer, Setup},
};

stories!(
    readers_get_files_of_other_servers_here,
    what_is_no_file_is_not_passed_on,
    copies_make_room_and_grow_old,
    where_operators_want_it_readers_ask_there,
);

const MIA: &str = "https://elm.example/users/mia";

fn at(name: &str) -> String {
    format!("https://elm.example/files/{name}")
}

/// Somebody elsewhere with a picture, whose post has these files; as `ana` finds it.
async fn post_with(peer: &Peer, ana: &Member, number: u32, files: &[(&str, &str)]) -> Value {
    let mut mia = peer.person(MIA);
    mia["icon"] = json!({"type": "Image", "url": at("mia.png")});
    peer.introduces(&mia);
    peer.serves_bytes(&at("mia.png"), 200, "image/png", picture());
    let id = format!("{MIA}/posts/{number}");
    let files: Vec<Value> = files
        .iter()
        .map(|(name, kind)| json!({"type": "Document", "mediaType": kind, "url": at(name)}))
        .collect();
    let note = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Note",
        "attributedTo": MIA, "content": "Look", "published": "2026-01-01T00:00:00Z",
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "attachment": files,
    });
    peer.serves(&id, &note);
    let query = [("q", id.as_str()), ("resolve", "true"), ("type", "statuses")];
    let request = ana.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    ana.api.send(request).await.ok()["statuses"][0].clone()
}

fn times_asked(peer: &Peer, name: &str) -> usize {
    peer.asked().iter().filter(|url| **url == at(name)).count()
}

async fn node_with(peer: &Peer, database: Database) -> (Node, Member) {
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    (node, ana)
}

async fn readers_get_files_of_other_servers_here(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let (node, ana) = node_with(&peer, database).await;
    let film = film("mp4");
    peer.serves_bytes(&at("tap.png"), 200, "application/octet-stream", picture());
    peer.serves_bytes(&at("tap.mp4"), 200, "video/mp4", film.clone());
    let files = [("tap.png", "image/png"), ("tap.mp4", "video/mp4")];
    let post = post_with(&peer, &ana, 1, &files).await;
    let (shown, plays) = (&post["media_attachments"][0], &post["media_attachments"][1]);
    assert_eq!(shown["remote_url"], at("tap.png"), "{post}");
    let url = shown["url"].as_str().unwrap();
    assert!(url.starts_with(&node.origin()) && shown["preview_url"] == url, "{shown}");
    assert_eq!(times_asked(&peer, "tap.png"), 0, "nobody wanted it yet");
    // Many at once, and it is fetched once.
    let readers = (0..12).map(|_| bytes_at(&node, url, None));
    for (answer, bytes) in join_all(readers).await {
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "content-type")),
            (200, "image/png".into())
        );
        assert!(bytes == picture());
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert!(header(&answer, "content-security-policy").contains("sandbox"));
    }
    assert_eq!(times_asked(&peer, "tap.png"), 1);
    let url = plays["url"].as_str().unwrap();
    let (answer, piece) = bytes_at(&node, url, Some("bytes=4-7")).await;
    assert_eq!((answer.status().as_u16(), piece.as_slice()), (206, b"ftyp".as_slice()));
    let avatar = post["account"]["avatar"].as_str().unwrap();
    assert!(avatar.starts_with(&node.origin()), "{avatar}");
    assert_eq!(bytes_at(&node, avatar, None).await.0.status(), 200);
    let page = node.page(&format!("/@mia@elm.example/{}", post["id"].as_str().unwrap())).await;
    assert!(!page.text.contains("src=\"https://elm.example"), "{}", page.text);
    assert!(!page.header("content-security-policy").contains("https:"), "only from here");
    // Nobody guesses the address of what they may not see.
    let guess = format!("{}/0123456789abcdef01234567", url.rsplit_once('/').unwrap().0);
    assert_eq!(bytes_at(&node, &guess, None).await.0.status(), 404);
    // Nothing of a blocked server is fetched, and nothing that is there is shown.
    let other = post_with(&peer, &ana, 2, &[("other.png", "image/png")]).await;
    let other = other["media_attachments"][0]["url"].as_str().unwrap();
    peer.serves_bytes(&at("other.png"), 200, "image/png", picture());
    node.run(&["server", "block", "elm.example"]);
    let first = shown["url"].as_str().unwrap();
    for hidden in [first, url, avatar, other] {
        assert_eq!(bytes_at(&node, hidden, None).await.0.status(), 404, "{hidden}");
    }
    assert_eq!(times_asked(&peer, "other.png"), 0, "a blocked server is not asked");
    node.run(&["server", "allow", "elm.example"]);
    assert_eq!(bytes_at(&node, first, None).await.0.status(), 200);
}

async fn what_is_no_file_is_not_passed_on(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let (node, ana) = node_with(&peer, database).await;
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    let mut huge = picture();
    huge.resize(21 << 20, 0);
    peer.serves_bytes(&at("lie.png"), 200, "image/png", html);
    peer.serves_bytes(&at("lie.svg"), 200, "image/svg+xml", svg);
    peer.serves_bytes(&at("huge.png"), 200, "image/png", huge);
    peer.redirects(&at("inside.png"), "http://10.0.0.1/picture.png");
    peer.redirects(&at("meta.png"), "http://169.254.169.254/latest/meta-data");
    peer.serves_bytes(&at("broken.png"), 500, "image/png", Vec::new());
    for (number, (name, status)) in [
        ("lie.png", 404),
        ("lie.svg", 404),
        ("huge.png", 404),
        ("inside.png", 404),
        ("meta.png", 404),
        ("gone.png", 404),
        ("broken.png", 502),
    ]
    .into_iter()
    .enumerate()
    {
        let number = u32::try_from(number).unwrap();
        let post = post_with(&peer, &ana, number, &[(name, "image/png")]).await;
        let url = post["media_attachments"][0]["url"].as_str().unwrap().to_owned();
        let (answer, bytes) = bytes_at(&node, &url, None).await;
        assert_eq!(answer.status(), status, "{name}");
        assert_eq!(header(&answer, "location"), "", "{name}: nobody is sent there");
        assert!(bytes.len() < 500 && !bytes.starts_with(b"<"), "{name}");
        assert_eq!(bytes_at(&node, &url, None).await.0.status(), 404, "{name}");
        assert_eq!(times_asked(&peer, name), 1, "{name}: it is remembered for a while");
    }
}

async fn copies_make_room_and_grow_old(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let setup = Setup::new(database).with("MEDIA_CACHE_BYTES", "1000000");
    let inside = peer.known_to(setup).inside();
    let app = &inside.app;
    for name in ["1.png", "2.png", "3.png"] {
        let mut bytes = picture();
        bytes.resize(400_000, 0);
        peer.serves_bytes(&at(name), 200, "image/png", bytes);
        app.copy_of(&at(name), "elm.example").await.unwrap();
        app.skip_secs(7_200);
    }
    let first = app.copy_of(&at("1.png"), "elm.example").await.unwrap();
    app.skip_secs(7_200);
    assert_eq!(times_asked(&peer, "1.png"), 1, "a copy is there");
    commonhold::worker::settle(app).await.unwrap();
    let total = app.read(|conn| Ok(db::cached_files::total_bytes(conn)?)).await.unwrap();
    assert_eq!(total, 800_000, "the one that was used least recently makes room");
    assert!(app.store().size(&first).await.is_ok(), "and not the one that was used");
    app.copy_of(&at("2.png"), "elm.example").await.unwrap();
    assert_eq!(times_asked(&peer, "2.png"), 2, "it comes back when it is wanted");
    app.skip_secs(31 * 86_400);
    app.copy_of(&at("1.png"), "elm.example").await.unwrap();
    assert_eq!(times_asked(&peer, "1.png"), 2, "an old one is fetched anew");
    // Deleted by hand, it is fetched again.
    app.store().delete(&first).await.unwrap();
    app.copy_of(&at("1.png"), "elm.example").await.unwrap();
    assert_eq!(times_asked(&peer, "1.png"), 3);
    app.skip_secs(31 * 86_400);
    commonhold::worker::settle(app).await.unwrap();
    app.trim_copies().await.unwrap();
    commonhold::worker::settle(app).await.unwrap();
    assert_eq!(app.read(|conn| Ok(db::cached_files::total_bytes(conn)?)).await.unwrap(), 0);
    assert!(app.store().size(&first).await.is_err(), "its file went with it");
}

async fn where_operators_want_it_readers_ask_there(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let node = peer.known_to(Setup::new(database)).with("MEDIA_PROXY", "false").start().await;
    let ana = node.member("ana").await;
    let post = post_with(&peer, &ana, 1, &[("tap.png", "image/png")]).await;
    assert_eq!(post["media_attachments"][0]["url"], at("tap.png"), "{post}");
    assert_eq!(post["account"]["avatar"], at("mia.png"));
    let visitor: Api = node.public();
    let page = visitor.try_get("/about").await;
    assert!(page.header("content-security-policy").contains("img-src 'self' https:"));
}

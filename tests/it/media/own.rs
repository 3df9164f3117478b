//! What members do with their files: play pieces, choose a still, take them away; and how many.
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;

use super::{bytes_at, film, header, sound, uploads, worked_on};
use crate::{
    client_api::media::picture,
    harness::{Database, Node, Setup, eventually, id},
};

stories!(
    players_ask_for_pieces,
    a_still_of_ones_own_stands_for_a_file,
    what_no_post_has_can_be_taken_away,
    members_have_so_much_room,
);

async fn players_ask_for_pieces(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let media = worked_on(&ana, &uploads(&ana, sound(3, "wav")).await.ok()).await.ok();
    let url = media["url"].as_str().unwrap();
    let (answer, whole) = bytes_at(&node, url, None).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "accept-ranges")), (200, "bytes".into()));
    assert_eq!(header(&answer, "content-encoding"), "", "what is packed already is not packed");
    assert_eq!(header(&answer, "content-length"), whole.len().to_string());
    let (answer, first) = bytes_at(&node, url, Some("bytes=0-1")).await;
    assert_eq!((answer.status().as_u16(), first.as_slice()), (206, &whole[..2]), "as Safari asks");
    assert_eq!(header(&answer, "content-range"), format!("bytes 0-1/{}", whole.len()));
    assert_eq!(header(&answer, "content-length"), "2");
    let (answer, piece) = bytes_at(&node, url, Some("bytes=1000-200999")).await;
    assert_eq!(answer.status(), 206);
    assert!(piece == whole[1_000..201_000]);
    let (_, end) = bytes_at(&node, url, Some("bytes=-10")).await;
    assert_eq!(end, whole[whole.len() - 10..]);
    let (answer, _) = bytes_at(&node, url, Some("bytes=99999999-")).await;
    assert_eq!(answer.status(), 416);
    let head = node.public().request(Method::HEAD, url).send().await.unwrap();
    assert_eq!(header(&head, "content-length"), whole.len().to_string());
    assert_eq!(header(&head, "content-type"), "audio/wav");
}

fn form(file: Option<Vec<u8>>, still: &[u8]) -> Form {
    let part =
        |bytes: Vec<u8>| Part::bytes(bytes).file_name("x.png").mime_str("image/png").unwrap();
    let form = Form::new().part("thumbnail", part(still.to_vec()));
    match file {
        Some(file) => form.part("file", part(file)),
        None => form,
    }
}

async fn a_still_of_ones_own_stands_for_a_file(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let request = ana.api.request(Method::POST, "/api/v2/media");
    let waiting = ana.api.send(request.multipart(form(Some(sound(2, "mp3")), &picture()))).await;
    assert_eq!(waiting.status, 202);
    let media = worked_on(&ana, &waiting.json()).await.ok();
    let first = media["preview_url"].as_str().unwrap().to_owned();
    assert!(media["blurhash"].is_string(), "{media}");
    let path = format!("/api/v1/media/{}", id(&media));
    let words = form(None, &picture()).text("description", "A tap drips").text("focus", "0.5,0.5");
    let changed = ana.api.send(ana.api.request(Method::PUT, &path).multipart(words)).await.ok();
    assert_eq!(changed["description"], "A tap drips");
    assert_eq!(changed["meta"]["focus"], json!({"x": 0.5, "y": 0.5}));
    let second = changed["preview_url"].as_str().unwrap();
    assert_ne!(first, second);
    assert_eq!(node.public().try_get(second).await.status, 200);
    eventually("the still before is gone", || async {
        (node.public().try_get(&first).await.status == 404).then_some(())
    })
    .await;
    let broken = ana.api.request(Method::PUT, &path).multipart(form(None, b"<svg/>"));
    ana.api.send(broken).await.refused(422);
}

async fn what_no_post_has_can_be_taken_away(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let media = worked_on(&ana, &uploads(&ana, film("mp4")).await.ok()).await.ok();
    let path = format!("/api/v1/media/{}", id(&media));
    ben.api.send(ben.api.request(Method::DELETE, &path)).await.refused(404);
    ana.api.send(ana.api.request(Method::DELETE, &path)).await.ok();
    ana.api.try_get(&path).await.refused(404);
    eventually("its file is gone", || async {
        let shown = node.public().try_get(media["url"].as_str().unwrap()).await;
        (shown.status == 404).then_some(())
    })
    .await;
    let media = uploads(&ana, picture()).await.ok();
    let post = json!({"status": "With a picture", "media_ids": [media["id"]]});
    ana.api.post("/api/v1/statuses", post).await;
    let path = format!("/api/v1/media/{}", id(&media));
    let why = ana.api.send(ana.api.request(Method::DELETE, &path)).await.refused(422);
    assert!(why.contains("used by a status"), "{why}");
}

async fn members_have_so_much_room(database: Database) {
    let node = Setup::new(database).with("MEMBER_QUOTA_BYTES", "1000000").start().await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let wav = sound(5, "wav"); // 441 kB
    let first = worked_on(&ana, &uploads(&ana, wav.clone()).await.ok()).await.ok();
    worked_on(&ana, &uploads(&ana, wav.clone()).await.ok()).await.ok();
    let why = uploads(&ana, wav.clone()).await.refused(422);
    assert!(why.contains("861 kB of the 976 kB"), "{why}");
    // Somebody else has room of their own; and so has who takes something away.
    uploads(&ben, wav.clone()).await.ok();
    let path = format!("/api/v1/media/{}", id(&first));
    ana.api.send(ana.api.request(Method::DELETE, &path)).await.ok();
    uploads(&ana, wav).await.ok();
    let said = node.run(&["media", "usage"]);
    assert!(said.contains(&format!("@{}", ana.handle)) && said.contains("976 kB"), "{said}");
}

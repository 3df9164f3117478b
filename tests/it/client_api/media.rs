//! Pictures: uploaded, described, attached, shown on the other node.
use std::io::Cursor;

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::harness::{Database, Member, Node, eventually, id, is_shaped};

stories!(
    a_described_picture_travels_with_its_post,
    a_picture_is_found_by_what_is_said_of_it_now,
    what_is_no_picture_is_refused,
);

pub fn picture() -> Vec<u8> {
    let image = image::RgbImage::from_fn(640, 320, |x, y| {
        image::Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub async fn upload(member: &Member, bytes: Vec<u8>, description: &str) -> crate::harness::Answer {
    let part = Part::bytes(bytes).file_name("tap.png").mime_str("image/png").unwrap();
    let form = Form::new().part("file", part).text("description", description.to_owned());
    let request = member.api.request(Method::POST, "/api/v2/media").multipart(form);
    member.api.send(request).await
}

/// Asks as masto.js does, until the picture has a URL.
pub async fn ready(member: &Member, media: &Value) -> Value {
    let path = format!("/api/v1/media/{}", id(media));
    eventually("the picture is ready", || async {
        let media = member.api.get(&path).await;
        media["url"].is_string().then_some(media)
    })
    .await
}

async fn a_described_picture_travels_with_its_post(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    ben.joins(&ana.handle).await;
    let media = upload(&ana, picture(), "A dripping tap").await.ok();
    let media = ready(&ana, &media).await;
    is_shaped(&media, "MediaAttachment");
    assert_eq!(media["type"], "image");
    assert_eq!(media["description"], "A dripping tap");
    assert_eq!(media["meta"]["original"]["width"], 640);
    assert_eq!(media["meta"]["original"]["height"], 320);
    assert!(media["blurhash"].is_string() && media["preview_url"].is_string(), "{media}");
    for url in [&media["url"], &media["preview_url"]] {
        let shown = a.public().try_get(url.as_str().unwrap()).await;
        assert!(shown.status.is_success() && shown.header("content-type").starts_with("image/"));
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
    }
    let path = format!("/api/v1/media/{}", id(&media));
    let change = json!({"description": "A dripping kitchen tap", "focus": "0.5,-0.25"});
    let media = ana.api.send(ana.api.request(Method::PUT, &path).json(&change)).await.ok();
    assert_eq!(media["description"], "A dripping kitchen tap");
    assert_eq!(media["meta"]["focus"], json!({"x": 0.5, "y": -0.25}));

    // A post may be a picture alone; forms repeat `media_ids[]`.
    let form = [("status", ""), ("media_ids[]", media["id"].as_str().unwrap())];
    let post = ana.api.try_form("/api/v1/statuses", &form).await.ok();
    is_shaped(&post, "Status");
    assert_eq!(post["media_attachments"][0]["description"], "A dripping kitchen tap");
    let there = eventually("the picture arrives", || async {
        let home = ben.home().await;
        let found = home.iter().find(|status| status["uri"] == post["uri"])?;
        found["media_attachments"].get(0).cloned()
    })
    .await;
    is_shaped(&there, "MediaAttachment");
    assert_eq!(there["type"], "image");
    assert_eq!(there["description"], "A dripping kitchen tap");
}

async fn what_is_no_picture_is_refused(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let script =
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    upload(&ana, script, "").await.refused(422);
    upload(&ana, Vec::new(), "").await.refused(422);
    let bomb = {
        // A header that claims 60,000 by 60,000 points.
        let mut bytes = picture();
        bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes
    };
    upload(&ana, bomb, "").await.refused(422);
}

async fn a_picture_is_found_by_what_is_said_of_it_now(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let media = upload(&ana, picture(), "A dripping tap").await.ok();
    let media = ready(&ana, &media).await;
    ana.api.post("/api/v1/statuses", json!({"status": "Look", "media_ids": [media["id"]]})).await;
    let found = async |word: &str| {
        let found = ana.api.get(&format!("/api/v2/search?type=statuses&q={word}")).await;
        found["statuses"].as_array().unwrap().len()
    };
    assert_eq!((found("dripping").await, found("kettle").await), (1, 0));
    let path = format!("/api/v1/media/{}", id(&media));
    let change = json!({"description": "A leaking kettle"});
    ana.api.send(ana.api.request(Method::PUT, &path).json(&change)).await.ok();
    assert_eq!((found("dripping").await, found("kettle").await), (0, 1));
}

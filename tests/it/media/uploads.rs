//! From a member's machine: every kind of file, with ffmpeg and without.
use std::io::Cursor;

use serde_json::json;

use super::{
    PLACE, bytes_at, film, header, holds, made, patient_ffmpeg, sends, sound, uploads, worked_on,
};
use crate::harness::{Database, Node, Setup, id, is_shaped};

stories!(
    film_and_sound_are_looked_into,
    without_ffmpeg_they_stay_as_they_are,
    a_post_waits_for_its_film,
    the_older_method_waits,
    photographs_stand_upright_and_tell_nothing,
);

async fn film_and_sound_are_looked_into(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    for ending in ["mp4", "mov", "webm"] {
        let taken = uploads(&ana, film(ending)).await;
        assert_eq!(taken.status, 202, "{ending}: {}", taken.text);
        let waiting = taken.json();
        is_shaped(&waiting, "MediaAttachment");
        assert!(waiting["url"].is_null() && waiting["preview_url"].is_null(), "{waiting}");
        let media = worked_on(&ana, &waiting).await.ok();
        is_shaped(&media, "MediaAttachment");
        assert_eq!((&media["id"], &media["type"]), (&waiting["id"], &json!("video")), "{media}");
        let original = &media["meta"]["original"];
        assert_eq!((&original["width"], &original["height"]), (&json!(320), &json!(240)));
        assert_eq!(original["frame_rate"], "25/1", "{media}");
        let seconds = original["duration"].as_f64().unwrap();
        assert!((1.8..2.5).contains(&seconds), "{ending}: {media}");
        assert!(media["blurhash"].is_string() && original["bitrate"].is_i64(), "{media}");
        assert!(media["preview_url"].to_string().contains(".jpg"), "{media}");
        let url = media["url"].as_str().unwrap();
        let (answer, bytes) = bytes_at(&node, url, None).await;
        let kind = if ending == "mov" { "quicktime" } else { ending };
        assert_eq!(header(&answer, "content-type"), format!("video/{kind}"));
        assert!(!holds(&bytes, PLACE), "{ending}: where it was made is in it");
        let post = json!({"status": ending, "media_ids": [media["id"]]});
        let post = ana.api.post("/api/v1/statuses", post).await;
        assert_eq!(post["media_attachments"][0]["url"], url);
        let page = node.page(&format!("/@ana/{}", id(&post))).await;
        assert!(page.text.contains("<video controls"), "{}", page.text);
        let note = node.public().activity(&format!("/p/{}", id(&post))).await;
        assert_eq!(note["attachment"][0]["mediaType"], format!("video/{kind}"), "{note}");
    }
    for ending in ["mp3", "ogg", "opus", "flac", "wav", "m4a"] {
        let taken = uploads(&ana, sound(2, ending)).await;
        assert_eq!(taken.status, 202, "{ending}: {}", taken.text);
        let media = worked_on(&ana, &taken.json()).await.ok();
        is_shaped(&media, "MediaAttachment");
        assert_eq!(media["type"], "audio", "{ending}: {media}");
        assert!(media["preview_url"].is_null(), "{media}");
        let seconds = media["meta"]["original"]["duration"].as_f64().unwrap();
        assert!((1.8..2.5).contains(&seconds), "{ending}: {media}");
        let (answer, bytes) = bytes_at(&node, media["url"].as_str().unwrap(), None).await;
        assert!(header(&answer, "content-type").starts_with("audio/") && bytes.len() > 1_000);
    }
    let avif =
        made("-f lavfi -i testsrc=s=64x48 -frames:v 1 -c:v libaom-av1 -still-picture 1", "avif");
    let media = worked_on(&ana, &uploads(&ana, avif).await.ok()).await.ok();
    assert_eq!(
        (&media["type"], &media["meta"]["original"]["width"]),
        (&json!("image"), &json!(64))
    );
    assert!(media["url"].to_string().contains(".jpg"), "{media}");
    let instance = node.public().get("/api/v2/instance").await;
    let limits = &instance["configuration"]["media_attachments"];
    assert_eq!(limits["video_size_limit"], 104_857_600);
    let kinds = limits["supported_mime_types"].as_array().unwrap();
    for kind in ["image/avif", "video/mp4", "video/quicktime", "audio/mpeg", "audio/flac"] {
        assert!(kinds.contains(&json!(kind)), "{kind} is not in {kinds:?}");
    }
}

async fn without_ffmpeg_they_stay_as_they_are(database: Database) {
    let node = Setup::new(database).with("FFMPEG", "off").start().await;
    let ana = node.member("ana").await;
    for (ending, bytes) in [("mp4", film("mp4")), ("mov", film("mov")), ("m4a", sound(2, "m4a"))] {
        let media = worked_on(&ana, &uploads(&ana, bytes.clone()).await.ok()).await.ok();
        is_shaped(&media, "MediaAttachment");
        assert_eq!(media["type"], if ending == "m4a" { "audio" } else { "video" });
        assert!(media["preview_url"].is_null() && media["meta"]["original"].is_null(), "{media}");
        let (_, kept) = bytes_at(&node, media["url"].as_str().unwrap(), None).await;
        assert_eq!(kept.len(), bytes.len(), "{ending}: nothing moved");
        assert!(!holds(&kept, PLACE), "{ending}: where it was made is in it");
    }
    assert!(holds(&film("mov"), PLACE), "or nothing was shown by that");
    for bytes in [sound(2, "mp3"), sound(2, "ogg"), sound(2, "flac"), sound(2, "wav")] {
        let media = worked_on(&ana, &uploads(&ana, bytes.clone()).await.ok()).await.ok();
        let (_, kept) = bytes_at(&node, media["url"].as_str().unwrap(), None).await;
        assert!(kept == bytes, "as it came");
    }
    let avif =
        made("-f lavfi -i testsrc=s=64x48 -frames:v 1 -c:v libaom-av1 -still-picture 1", "avif");
    assert!(uploads(&ana, avif).await.refused(422).contains("JPEG"));
    let instance = node.public().get("/api/v2/instance").await;
    let kinds = &instance["configuration"]["media_attachments"]["supported_mime_types"];
    assert!(!kinds.to_string().contains("avif") && kinds.to_string().contains("video/mp4"));
}

async fn a_post_waits_for_its_film(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let ffmpeg = patient_ffmpeg(folder.path());
    let node = Setup::new(database).with("FFMPEG", &ffmpeg).start().await;
    let ana = node.member("ana").await;
    let waiting = uploads(&ana, film("mp4")).await;
    assert_eq!(waiting.status, 202);
    let media = waiting.json();
    let shown = ana.api.try_get(&format!("/api/v1/media/{}", id(&media))).await;
    assert_eq!(shown.status, 206);
    assert!(shown.json()["url"].is_null());
    let post = json!({"status": "A film", "media_ids": [media["id"]]});
    let why = ana.api.try_post("/api/v1/statuses", post.clone()).await.refused(422);
    assert!(why.contains("not finished processing"), "{why}");
    // In the middle of the work the power fails; when it is back the film is worked on.
    node.restart().await;
    std::fs::write(folder.path().join("go"), "").unwrap();
    let done = worked_on(&ana, &media).await.ok();
    assert_eq!((&done["type"], done["url"].is_string()), (&json!("video"), true), "{done}");
    let post = ana.api.post("/api/v1/statuses", post).await;
    assert_eq!(post["media_attachments"][0]["id"], media["id"]);
}

async fn the_older_method_waits(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let taken = sends(&ana.api, "/api/v1/media", film("mp4"), "film.mp4").await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    assert!(taken.json()["url"].is_string(), "{}", taken.text);
    let cut = film("mp4")[..2_000].to_vec();
    sends(&ana.api, "/api/v1/media", cut, "film.mp4").await.refused(422);
}

async fn photographs_stand_upright_and_tell_nothing(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let image = image::RgbImage::from_fn(80, 40, |x, _| {
        if x < 40 { image::Rgb([200, 0, 0]) } else { image::Rgb([0, 0, 200]) }
    });
    let mut jpeg = Cursor::new(Vec::new());
    image.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    let jpeg = jpeg.into_inner();
    // "Turn me a quarter to the right", and who made it.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    exif.extend([0x0f, 0x01, 2, 0, 7, 0, 0, 0, 38, 0, 0, 0]);
    exif.extend(b"\0\0\0\0SECRET\0");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let photo = [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat();
    let taken = uploads(&ana, photo).await;
    assert_eq!(taken.status, 200, "a picture is ready at once");
    let media = taken.json();
    for url in [&media["url"], &media["preview_url"]] {
        let (_, bytes) = bytes_at(&node, url.as_str().unwrap(), None).await;
        let seen = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert_eq!((seen.width(), seen.height()), (40, 80));
        assert!(seen.get_pixel(20, 5).0[0] > 150, "what was left is on top");
        assert!(!holds(&bytes, "SECRET") && !holds(&bytes, "Exif"));
    }
}

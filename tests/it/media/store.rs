//! Files in a store that speaks S3.
use serde_json::json;

use super::{bytes_at, header, sound, uploads, worked_on};
use crate::{
    client_api::media::picture,
    harness::{Bucket, Database, Setup, id},
};

stories!(files_live_in_a_bucket, a_store_that_is_down_is_said_and_nothing_is_kept);

async fn files_live_in_a_bucket(database: Database) {
    let bucket = Bucket::start().await;
    let node = bucket.holds_files_of(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    let drawn = uploads(&ana, picture()).await.ok();
    for url in [&drawn["url"], &drawn["preview_url"]] {
        let (answer, bytes) = bytes_at(&node, url.as_str().unwrap(), None).await;
        assert_eq!(answer.status(), 200);
        image::load_from_memory(&bytes).unwrap();
    }
    let name = drawn["url"].as_str().unwrap().split("/media/").nth(1).unwrap();
    assert!(
        bucket.names().await.contains(&format!("nodes/one/{name}")),
        "the same names as on disk"
    );
    // Large enough to be sent in pieces.
    let wav = sound(80, "wav");
    assert!(wav.len() > 6_000_000);
    let media = worked_on(&ana, &uploads(&ana, wav).await.ok()).await.ok();
    let url = media["url"].as_str().unwrap();
    let (answer, whole) = bytes_at(&node, url, None).await;
    assert_eq!(header(&answer, "content-length"), whole.len().to_string());
    assert!(whole.starts_with(b"RIFF") && whole.len() > 6_000_000);
    let (answer, piece) = bytes_at(&node, url, Some("bytes=5242870-5242889")).await;
    assert_eq!((answer.status().as_u16(), piece.as_slice()), (206, &whole[5_242_870..5_242_890]));
    // The picture, its preview and the sound; what was only uploaded is gone.
    bucket.comes_to_hold(3).await;
    for gone in [&drawn, &media] {
        let path = format!("/api/v1/media/{}", id(gone));
        ana.api.send(ana.api.request(reqwest::Method::DELETE, &path)).await.ok();
    }
    bucket.comes_to_hold(0).await;
    assert_eq!(node.public().try_get(url).await.status, 404);
    let doctor = node.run_with(&["doctor"], "");
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("files are kept, read and deleted in the bucket oak"), "{said}");
    assert!(bucket.names().await.is_empty(), "and it leaves nothing there");
    let checked = node.run(&["config", "check"]);
    for text in [checked, said, node.log()] {
        assert!(!text.contains(Bucket::SECRET), "{text}");
    }
}

async fn a_store_that_is_down_is_said_and_nothing_is_kept(database: Database) {
    let bucket = Bucket::start().await;
    let node = bucket.holds_files_of(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    let before = uploads(&ana, picture()).await.ok();
    bucket.goes_down();
    let why = uploads(&ana, picture()).await.refused(503);
    assert!(why.contains("Try again later"), "{why}");
    let shown = node.public().try_get(before["url"].as_str().unwrap()).await;
    assert_eq!(shown.status, 503);
    ana.posts("Words need no store").await;
    let post = json!({"status": "Nor does what is there", "media_ids": [before["id"]]});
    ana.api.post("/api/v1/statuses", post).await;
    let doctor = node.run_with(&["doctor"], "");
    assert!(!doctor.status.success());
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("the bucket oak") && said.contains("s3_endpoint"), "{said}");
    assert!(node.log().contains("the store for files failed"), "{}", node.log());
    assert!(!node.log().contains(Bucket::SECRET));
}

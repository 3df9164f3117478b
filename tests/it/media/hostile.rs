//! Files that are not what they say, or are made to break something.
use reqwest::{Method, multipart::Form};

use super::{film, made, sends, sound, uploads, worked_on};
use crate::{
    client_api::media::picture,
    harness::{Database, Member, Node, Setup, id},
};

stories!(
    hostile_files_are_refused_and_break_nothing,
    files_have_a_largest_size,
    damaged_files_break_nothing,
);

fn a_box(name: &[u8], inside: &[u8]) -> Vec<u8> {
    let size = u32::try_from(inside.len() + 8).unwrap().to_be_bytes();
    [&size, name, inside].concat()
}

/// Uploads it and waits; whether it was refused, which must not be by a failure of ours.
async fn is_refused(ana: &Member, what: &str, bytes: Vec<u8>) -> bool {
    let taken = uploads(ana, bytes).await;
    assert!(taken.status.as_u16() < 500, "{what}: {} {}", taken.status, taken.text);
    if taken.status != 202 {
        return !taken.status.is_success();
    }
    let done = worked_on(ana, &taken.json()).await;
    assert!(done.status.as_u16() < 500, "{what}: {} {}", done.status, done.text);
    !done.status.is_success()
}

async fn hostile_files_are_refused_and_break_nothing(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let page = b"<!doctype html><script>alert(1)</script>".as_slice();
    let brand = a_box(b"ftyp", b"isom\0\0\x02\0isommp41");
    let mut bomb = picture();
    bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n";
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    for (what, bytes) in [
        ("a page", page.to_vec()),
        ("a page as film", [&brand, page].concat()),
        ("a page in a film without an index", [brand.clone(), a_box(b"mdat", page)].concat()),
        ("a picture that goes on as a page", [b"GIF89a", page].concat()),
        ("a script as sound", [b"ID3\x04\0\0\0\0\0\0", page].concat()),
        ("a playlist", playlist.to_vec()),
        ("a playlist as film", [brand.as_slice(), playlist].concat()),
        ("a drawing that acts", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>".to_vec()),
        ("60,000 by 60,000 points", bomb),
        ("half a film", cut(film("mp4"))),
        ("half a picture", cut(picture())),
        ("Matroska", made("-f lavfi -i testsrc=d=1:s=64x48 -c:v libvpx", "mkv")),
        ("nothing but a name", brand),
        ("a program", b"\x7fELF\x02\x01\x01\0".repeat(100)),
    ] {
        assert!(is_refused(&ana, what, bytes).await, "{what} is taken");
    }
    for name in ["film.mp4", "page.html", "../../etc/passwd", "a\u{202e}4pm.exe"] {
        sends(&ana.api, "/api/v2/media", page.to_vec(), name).await.refused(422);
    }
    // What really is a film is one, whatever it is called and whatever comes behind it.
    let both = [film("mp4"), a_box(b"free", page)].concat();
    let taken = sends(&ana.api, "/api/v2/media", both, "page.html").await.ok();
    let media = worked_on(&ana, &taken).await.ok();
    let shown = node.public().request(Method::GET, media["url"].as_str().unwrap());
    let shown = shown.send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "video/mp4");
    assert_eq!(shown.headers()["x-content-type-options"], "nosniff");
    assert!(shown.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let empty =
        ana.api.request(Method::POST, "/api/v2/media").multipart(Form::new().text("x", "y"));
    ana.api.send(empty).await.refused(422);
    ana.posts("Still here").await;
}

async fn files_have_a_largest_size(database: Database) {
    let setup = Setup::new(database).with("MAX_VIDEO_BYTES", "500000");
    let node = setup.with("MAX_UPLOAD_BYTES", "200000").start().await;
    let ana = node.member("ana").await;
    let taken = uploads(&ana, sound(5, "wav")).await; // 441 kB
    assert_eq!(taken.status, 202, "{}", taken.text);
    let large = uploads(&ana, sound(8, "wav")).await; // 705 kB
    assert!([413, 422].contains(&large.status.as_u16()), "{} {}", large.status, large.text);
    let mut png = picture();
    png.resize(300_000, 0);
    uploads(&ana, png).await.refused(422);
}

/// A few bytes here and there are others: whatever becomes of it, nothing falls over.
async fn damaged_files_break_nothing(database: Database) {
    let node = Setup::new(database).with("FFMPEG", "off").start().await;
    let ana = node.member("ana").await;
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut dice = move |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(sides).unwrap()).unwrap()
    };
    let whole = [film("mp4"), picture(), sound(1, "mp3"), sound(1, "m4a")];
    for round in 0..24 {
        let mut bytes = whole[round % whole.len()].clone();
        for _ in 0..8 {
            // Most of what matters is near the ends.
            let span = bytes.len().min(4_000);
            let at = if dice(2) == 0 { dice(span) } else { bytes.len() - 1 - dice(span) };
            bytes[at] = u8::try_from(dice(256)).unwrap();
        }
        is_refused(&ana, &format!("damaged file {round}"), bytes).await;
    }
    let last = ana.posts("Still here").await;
    assert!(!id(&last).is_empty());
}

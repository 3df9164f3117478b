//! The pictures of those who have not chosen one yet, drawn once when they are first asked for.
use std::{io::Cursor, sync::LazyLock};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// Where the picture of a person without one is served, below the node's address.
pub const DEFAULT_AVATAR: &str = "/media/default/person.png";
/// Where the picture of a group without one is served.
pub const DEFAULT_GROUP_AVATAR: &str = "/media/default/group.png";
/// Where the wide picture above a profile without one is served.
pub const DEFAULT_HEADER: &str = "/media/default/header.png";

/// A person without a picture: a PNG of 400 x 400 pixels.
pub fn default_avatar() -> &'static [u8] {
    static PNG: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let (ground, figure) = ([222, 233, 224], [110, 148, 122]);
        draw(400, 400, |x, y| over(ground, figure, person(x, y, 200, 150, 70)))
    });
    &PNG
}

/// A group without a picture: a PNG of 400 x 400 pixels.
pub fn default_group_avatar() -> &'static [u8] {
    static PNG: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let (ground, behind, front) = ([240, 230, 211], [206, 178, 128], [166, 128, 66]);
        draw(400, 400, |x, y| {
            let sides = person(x, y, 105, 165, 46).max(person(x, y, 295, 165, 46));
            let gap = person(x, y, 200, 180, 68);
            let colour = over(over(ground, behind, sides), ground, gap);
            over(colour, front, person(x, y, 200, 185, 58))
        })
    });
    &PNG
}

/// The header of a profile without one: a PNG of 1500 x 500 pixels, quiet hills.
pub fn default_header() -> &'static [u8] {
    static PNG: LazyLock<Vec<u8>> = LazyLock::new(|| {
        draw(1500, 500, |x, y| {
            let sky = over([238, 241, 232], [214, 228, 216], share(y, 500));
            let far = over(sky, [190, 212, 196], disc(x, y, 350, 1_080, 760));
            let near = over(far, [166, 196, 175], disc(x, y, 1_180, 1_300, 960));
            over(near, [146, 181, 157], disc(x, y, 620, 1_640, 1_190))
        })
    });
    &PNG
}

/// The default picture served at a path below the node's address.
pub fn default_picture(path: &str) -> Option<&'static [u8]> {
    match path {
        DEFAULT_AVATAR => Some(default_avatar()),
        DEFAULT_GROUP_AVATAR => Some(default_group_avatar()),
        DEFAULT_HEADER => Some(default_header()),
        _ => None,
    }
}

type Colour = [u8; 3];
/// How much of a pixel a shape covers, of 255.
type Cover = u8;

fn draw(width: u32, height: u32, colour: impl Fn(i64, i64) -> Colour) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| Rgb(colour(x.into(), y.into())));
    let mut png = Cursor::new(Vec::new());
    // Writing to memory cannot fail; were it to, an empty picture is the mildest answer.
    let _ = DynamicImage::from(image).write_to(&mut png, ImageFormat::Png);
    png.into_inner()
}

/// Head and shoulders; `x0`, `y0` is the middle of the head.
fn person(x: i64, y: i64, x0: i64, y0: i64, radius: i64) -> Cover {
    let body = disc(x, y, x0, y0 + radius * 3, radius * 9 / 5);
    disc(x, y, x0, y0, radius).max(body)
}

/// A disc with a soft edge: each pixel is asked at 16 places.
fn disc(x: i64, y: i64, x0: i64, y0: i64, radius: i64) -> Cover {
    let (dx, dy) = ((x - x0) * 8, (y - y0) * 8);
    let from_middle = dx * dx + dy * dy;
    if from_middle > (radius + 2) * (radius + 2) * 64 {
        return 0;
    }
    if from_middle < (radius - 2) * (radius - 2) * 64 {
        return u8::MAX;
    }
    let inside = |i: i64| {
        let (px, py) = (dx + 1 + (i % 4) * 2, dy + 1 + (i / 4) * 2);
        px * px + py * py <= radius * radius * 64
    };
    let hits = (0..16).filter(|i| inside(*i)).count();
    u8::try_from(hits * 255 / 16).unwrap_or(u8::MAX)
}

fn share(part: i64, whole: i64) -> Cover {
    u8::try_from(part * 255 / whole.max(1)).unwrap_or(u8::MAX)
}

fn over(ground: Colour, paint: Colour, cover: Cover) -> Colour {
    let mut mixed = ground;
    for (to, from) in mixed.iter_mut().zip(paint) {
        let sum = u32::from(*to) * u32::from(u8::MAX - cover) + u32::from(from) * u32::from(cover);
        *to = u8::try_from(sum / 255).unwrap_or(u8::MAX);
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_no_picture_gets_one() {
        for (path, size) in [
            (DEFAULT_AVATAR, (400, 400)),
            (DEFAULT_GROUP_AVATAR, (400, 400)),
            (DEFAULT_HEADER, (1500, 500)),
        ] {
            let png = default_picture(path).unwrap();
            if let Ok(folder) = std::env::var("COMMONHOLD_TEST_PICTURES") {
                std::fs::write(format!("{folder}/{}", path.rsplit('/').next().unwrap()), png)
                    .unwrap();
            }
            let image = image::load_from_memory(png).unwrap();
            assert_eq!((image.width(), image.height()), size);
            assert!(png.len() < 40_000, "{path} is {} bytes", png.len());
        }
    }
}

//! Reads the colours out of the style sheet and holds every pair to its contrast (WCAG 2.2).
use crate::web::assets::STYLE;

/// Lightness, chroma, hue (degrees).
type Oklch = (f64, f64, f64);

fn tokens(css: &str) -> Vec<(String, Oklch)> {
    let token = |line: &str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(':')?;
        let inner = value.trim().strip_prefix("oklch(")?.split(')').next()?;
        let mut parts = inner.split_whitespace().map(|part| part.parse().unwrap());
        Some((name.to_owned(), (parts.next()?, parts.next()?, parts.next()?)))
    };
    css.lines().filter_map(token).collect()
}

/// The tokens of the light set and of the dark one.
fn sets() -> [Vec<(String, Oklch)>; 2] {
    let (light, rest) = STYLE.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let (dark, _) = rest.split_once("/* ---- Elements").unwrap();
    [tokens(light), tokens(dark)]
}

/// [Oklab](https://bottosson.github.io/posts/oklab/) to relative luminance, cut to sRGB.
fn luminance((light, chroma, hue): Oklch) -> f64 {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = light;
    let l_ = (l + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m_ = (l - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s_ = (l - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let red = 4.076_741_662_1 * l_ - 3.307_711_591_3 * m_ + 0.230_969_929_2 * s_;
    let green = -1.268_438_004_6 * l_ + 2.609_757_401_1 * m_ - 0.341_319_396_5 * s_;
    let blue = -0.004_196_086_3 * l_ - 0.703_418_614_7 * m_ + 1.707_614_701_0 * s_;
    0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
}

fn contrast(one: Oklch, other: Oklch) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn black_on_white_is_twenty_one() {
    assert!((contrast((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)) - 21.0).abs() < 0.05);
}

#[test]
fn every_pair_of_text_and_ground_can_be_read_in_light_and_dark() {
    let grounds = ["paper", "raised", "sunk"];
    let mut pairs: Vec<(&str, &str, f64)> = vec![
        ("on-button", "button", 4.5),
        ("on-button", "button-strong", 4.5),
        ("on-danger", "danger-button", 4.5),
        ("ink", "accent-soft", 4.5),
        ("ink", "help-soft", 4.5),
        ("muted", "accent-soft", 4.5),
        ("help", "help-soft", 4.5),
        ("decide", "decide-soft", 4.5),
        ("danger", "danger-soft", 4.5),
        ("accent", "accent-soft", 4.5),
        ("accent", "help-soft", 4.5),
        ("edge", "paper", 3.0),
        ("edge", "raised", 3.0),
        ("help-line", "paper", 1.5),
    ];
    for text in ["ink", "muted", "accent", "accent-strong", "help", "decide", "danger"] {
        pairs.extend(grounds.map(|ground| (text, ground, 4.5)));
    }
    for (set, theme) in sets().iter().zip(["light", "dark"]) {
        let colour = |name: &str| {
            set.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}?")).1
        };
        for (text, ground, least) in &pairs {
            let ratio = contrast(colour(text), colour(ground));
            assert!(ratio >= *least, "{theme}: {text} on {ground} has only {ratio:.2}");
        }
    }
}

#[test]
fn both_sets_name_the_same_colours() {
    let names = |set: Vec<(String, Oklch)>| {
        let mut names: Vec<String> = set.into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    };
    let [light, dark] = sets().map(names);
    assert_eq!(light, dark);
}

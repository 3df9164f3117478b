//! The web of help.
use std::fmt::Write as _;

use super::{
    super::words::Message,
    place::{Dot, Kind, Web},
    svg::{Svg, float},
};

// Small, so that its words can still be read on a phone.
const SIZE: f64 = 440.0;
const KEY: f64 = 60.0;

/// The web of help as SVG. `id` is unique on its page.
#[must_use]
pub fn web(web: &Web, id: &str) -> String {
    let alone = web.dots.iter().filter(|dot| dot.ties == 0).count();
    let you = web.dots.iter().any(|dot| dot.kind == Kind::You);
    let operators = web.dots.iter().filter(|dot| dot.kind == Kind::Operator).count();
    let desc = described(web, alone, operators, you);
    let title = Message::new("web.title");
    let mut svg = Svg::new(id, "web", (SIZE, SIZE + KEY), &title, &desc);
    if web.dots.is_empty() {
        svg.words("label middle", (SIZE / 2.0, SIZE / 2.0), &Message::new("web.empty").english());
        return svg.finish();
    }
    let radius = radius(web.dots.len());
    let middle = SIZE / 2.0;
    let scale = middle - radius.max(4.0) * 2.0;
    let at = |dot: &Dot| (middle + dot.place.0 * scale, middle + dot.place.1 * scale);
    svg.dot("rim", (middle, middle), scale);
    svg.open(crowd(web));
    let mut lines = String::new();
    for (a, b) in &web.ties {
        if let (Some(a), Some(b)) = (web.dots.get(*a), web.dots.get(*b)) {
            let ((x1, y1), (x2, y2)) = (at(a), at(b));
            // A string takes whatever is written to it.
            let _ = write!(lines, "M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}");
        }
    }
    svg.put(format_args!("<path class=\"tie\" d=\"{lines}\"/>"));
    svg.close();
    for dot in web.dots.iter().filter(|dot| dot.kind == Kind::You) {
        let mine =
            web.ties.iter().filter_map(|(a, b)| Some((web.dots.get(*a)?, web.dots.get(*b)?)));
        for (a, b) in mine.filter(|(a, b)| a.kind == Kind::You || b.kind == Kind::You) {
            svg.line("tie mine", at(a), at(b));
        }
        svg.dot("ring", at(dot), radius + 3.0);
    }
    for dot in &web.dots {
        mark(&mut svg, dot.kind, at(dot), radius);
    }
    key(&mut svg, alone > 0, operators > 0, you);
    svg.finish()
}

fn mark(svg: &mut Svg, kind: Kind, at: (f64, f64), radius: f64) {
    match kind {
        Kind::Person => svg.dot("dot", at, radius),
        Kind::You => svg.dot("dot you", at, radius),
        Kind::Operator => {
            let half = radius.max(3.2) * 1.3;
            svg.rect("staff", (at.0 - half, at.1 - half), (half * 2.0, half * 2.0));
        }
    }
}

/// The more there are, the smaller they are: at ten they can be counted, at a thousand they make a
/// cloud.
fn radius(count: usize) -> f64 {
    let count = float(count.try_into().unwrap_or(u64::MAX)).max(1.0);
    (39.0 / count.sqrt()).clamp(1.7, 8.0)
}

/// Many lines are drawn fainter, so that the dots stay in sight.
fn crowd(web: &Web) -> &'static str {
    match web.ties.len() {
        0..60 => "ties few",
        60..250 => "ties some",
        250..900 => "ties many",
        900..3_000 => "ties crowd",
        3_000.. => "ties swarm",
    }
}

fn described(web: &Web, alone: usize, operators: usize, you: bool) -> String {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let message = Message::new("web.desc")
        .number("people", number(web.dots.len() - operators))
        .number("ties", number(web.ties.len()))
        .number("alone", number(alone));
    let mut desc = message.english();
    if operators > 0 {
        let staff = Message::new("web.desc.staff").number("operators", number(operators));
        desc = format!("{desc} {}", staff.english());
    }
    if you {
        desc = format!("{desc} {}", Message::new("web.you").english());
    }
    desc
}

/// What the marks mean: only those that occur, two in a line.
fn key(svg: &mut Svg, alone: bool, staff: bool, you: bool) {
    let entries = [
        (true, Some(Kind::Person), "web.key.person"),
        (you, Some(Kind::You), "web.key.you"),
        (staff, Some(Kind::Operator), "web.key.staff"),
        (alone, None, "web.key.alone"),
    ];
    let mut place = (16.0, SIZE + 24.0);
    for (_, kind, words) in entries.into_iter().filter(|(there, ..)| *there) {
        let words = Message::new(words).english();
        let wide = 26.0 + 8.0 * float(words.chars().count().try_into().unwrap_or(0));
        if place.0 + wide > SIZE {
            place = (16.0, place.1 + 26.0);
        }
        if kind == Some(Kind::You) {
            svg.dot("ring", (place.0, place.1 - 5.5), 9.0);
        }
        let mut start = place.0 - 6.0;
        if let Some(kind) = kind {
            mark(svg, kind, (place.0, place.1 - 5.5), 6.0);
            start = place.0 + 15.0;
        }
        svg.words("label", (start, place.1), &words);
        place.0 += wide + 18.0;
    }
}

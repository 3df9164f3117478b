//! How a share went over twelve windows, as a band.
use super::{
    super::{
        report::{Rate, Trend},
        words::Message,
    },
    svg::{Svg, float},
};

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;

/// The shares that have a trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// See [`Trend::participation`].
    Participation,
    /// See [`Trend::received`].
    Received,
    /// See [`Trend::gave`].
    Gave,
    /// See [`Trend::asks_confirmed`].
    AsksConfirmed,
    /// See [`Trend::first_posts_answered`].
    FirstPostsAnswered,
}

impl Course {
    /// All of them, what matters most first.
    pub const ALL: [Self; 5] = [
        Self::AsksConfirmed,
        Self::Gave,
        Self::Received,
        Self::Participation,
        Self::FirstPostsAnswered,
    ];

    /// What it is called.
    #[must_use]
    pub fn title(self) -> Message {
        Message::new(match self {
            Self::Participation => "trend.participation",
            Self::Received => "trend.received",
            Self::Gave => "trend.gave",
            Self::AsksConfirmed => "trend.asks_confirmed",
            Self::FirstPostsAnswered => "trend.first_posts_answered",
        })
    }

    /// Whether there is a course to draw: one point is none.
    #[must_use]
    pub fn is_known(self, trends: &[Trend]) -> bool {
        trends.iter().filter(|trend| self.rate(trend).share.is_some()).count() > 1
    }

    fn rate(self, trend: &Trend) -> Rate {
        match self {
            Self::Participation => trend.participation,
            Self::Received => trend.received,
            Self::Gave => trend.gave,
            Self::AsksConfirmed => trend.asks_confirmed,
            Self::FirstPostsAnswered => trend.first_posts_answered,
        }
    }
}

/// The trend of one share as SVG: a band from the lower to the upper end of each range, and the
/// share in it.
#[must_use]
pub fn trend(trends: &[Trend], course: Course, id: &str) -> String {
    let rates: Vec<Rate> = trends.iter().map(|trend| course.rate(trend)).collect();
    let mut svg =
        Svg::new(id, "trend", (WIDTH, HEIGHT), &course.title(), &described(trends, &rates));
    for bp in [0, 5_000, 10_000] {
        svg.line("grid", (LEFT, y(bp)), (WIDTH - RIGHT, y(bp)));
        let words = Message::new("trend.percent").share("share", bp).english();
        svg.words("label end", (LEFT - 6.0, y(bp) + 4.0), &words);
    }
    let step = (WIDTH - LEFT - RIGHT)
        / float(trends.len().saturating_sub(1).try_into().unwrap_or(1)).max(1.0);
    let mut x = LEFT;
    let mut points = Vec::new();
    for rate in &rates {
        points.push(rate.share.map(|range| (x, range)));
        x += step;
    }
    if points.iter().all(Option::is_none) {
        let words = Message::new("trend.none").english();
        svg.words("label middle", ((LEFT + WIDTH - RIGHT) / 2.0, y(2_500) + 4.0), &words);
    }
    for run in points.split(Option::is_none).filter(|run| !run.is_empty()) {
        let known = || run.iter().flatten();
        // A window alone is a band too, a narrow one.
        let broad = if run.len() == 1 { 3.0 } else { 0.0 };
        let mut band: Vec<(f64, f64)> =
            known().map(|(x, range)| (x - broad, y(range.high))).collect();
        if broad > 0.0 {
            band.extend(known().map(|(x, range)| (x + broad, y(range.high))));
            band.extend(known().map(|(x, range)| (x + broad, y(range.low))));
        }
        band.extend(known().rev().map(|(x, range)| (x - broad, y(range.low))));
        svg.path("band", &band, true);
        let line: Vec<(f64, f64)> = known().map(|(x, range)| (*x, y(range.bp))).collect();
        svg.path("course", &line, false);
        for (x, range) in known() {
            svg.dot("point", (*x, y(range.bp)), 2.2);
        }
    }
    let month = |trend: Option<&Trend>| {
        let date = trend.map(|trend| trend.window.to.date()).unwrap_or_default();
        date.get(..7).unwrap_or_default().to_owned()
    };
    svg.words("label", (LEFT, HEIGHT - 8.0), &month(trends.first()));
    svg.words("label end", (WIDTH - RIGHT, HEIGHT - 8.0), &month(trends.last()));
    svg.finish()
}

fn y(bp: u64) -> f64 {
    HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * float(bp) / 10_000.0
}

fn described(trends: &[Trend], rates: &[Rate]) -> String {
    let (Some(first), Some(last)) = (trends.first(), trends.last()) else { return String::new() };
    let desc = Message::new("trend.desc").day("from", first.window.from).day("to", last.window.to);
    let mut text = desc.english();
    if rates.iter().any(|rate| rate.share.is_none()) {
        text = format!("{text} {}", Message::new("trend.gap").english());
    }
    let now = rates.last().map(|rate| rate.message("rate.now", "rate.now.plain").english());
    format!("{text} {}", now.unwrap_or_default())
}

//! Who carries the help, and who could take the group away.
use super::{
    super::{
        concentration::Concentration,
        held::{Held, Hold},
        ratio::WHOLE_BP,
        words::Message,
    },
    svg::{Svg, float},
};

const WIDTH: f64 = 340.0;
/// Dots in a row.
const ROW: u64 = 30;
/// No more dots than this; from there on each stands for several people.
const MOST_DOTS: u64 = 150;
/// At most so many holders are drawn.
const MOST_HOLDERS: usize = 3;

/// Everybody as dots, as many of them filled as give half of all help.
#[must_use]
pub fn concentration(concentration: &Concentration, people: u64, id: &str) -> String {
    let each = people.div_ceil(MOST_DOTS).max(1);
    let (dots, filled) = (people.div_ceil(each), concentration.by_person.give_half.div_ceil(each));
    let rows = float(dots.div_ceil(ROW).max(1));
    let half = Message::new("concentration.half")
        .number("half", concentration.by_person.give_half)
        .number("people", people);
    let dot_words = if each == 1 {
        Message::new("concentration.dots")
    } else {
        Message::new("concentration.dots.many").number("each", each)
    };
    let desc = format!("{} {}", half.english(), dot_words.english());
    let step = (WIDTH - 4.0) / float(ROW);
    let height = rows * step + 4.0;
    let title = Message::new("concentration.title");
    let mut svg = Svg::new(id, "concentration", (WIDTH, height), &title, &desc);
    for dot in 0..dots {
        let at = (float(dot % ROW), float(dot / ROW));
        let place = (2.0 + (at.0 + 0.5) * step, 2.0 + (at.1 + 0.5) * step);
        svg.dot(if dot < filled { "giver" } else { "other" }, place, step * 0.34);
    }
    svg.finish()
}

const BAR_LEFT: f64 = 132.0;
const BAR_WIDTH: f64 = 146.0;
const LINE: f64 = 24.0;
const GAP: f64 = 18.0;

/// For those who hold most, the five parts as bars, with the mark from which a part is too large.
#[must_use]
pub fn held(held: &Held, id: &str) -> String {
    let holders: Vec<&Hold> =
        held.holders.iter().filter(|hold| shown(hold)).take(MOST_HOLDERS).collect();
    let roll = if held.roll_is_members { "held.part.members" } else { "held.part.roll" };
    let desc: Vec<String> = holders.iter().map(|hold| told(hold, roll)).collect();
    let lines = |hold: &Hold| if hold.mean_bp.is_some() { 6.0 } else { 2.0 };
    let height = holders.iter().map(|hold| lines(hold) * LINE + GAP).sum::<f64>().max(GAP);
    let title = Message::new("held.title");
    let mut svg = Svg::new(id, "held", (WIDTH, height), &title, &desc.join(" "));
    let mut top = 0.0;
    for hold in holders {
        svg.words("label strong", (2.0, top + 17.0), &hold.holder.english());
        let mean = hold.mean_bp.map(|_| {
            let words = Message::new("held.mean").english();
            format!("{words} {}", percent(hold.mean_bp))
        });
        svg.words("label end", (WIDTH - 2.0, top + 17.0), &mean.unwrap_or_default());
        let mut y = top + LINE;
        for Part { key, share, limit, said } in parts(hold, roll) {
            svg.words("label", (2.0, y + 16.0), &Message::new(key).english());
            svg.words("label end", (WIDTH - 2.0, y + 16.0), &said);
            // Of fewer than 12 people nothing is drawn large or small.
            if hold.mean_bp.is_some() {
                bar(&mut svg, y, share, limit);
            }
            y += LINE;
        }
        top += lines(hold) * LINE + GAP;
    }
    svg.finish()
}

/// A bar on its track, with a mark where the part begins to be too large.
fn bar(svg: &mut Svg, y: f64, share: Option<u64>, limit: Option<u64>) {
    svg.rect("track", (BAR_LEFT, y + 6.0), (BAR_WIDTH, 12.0));
    let width = |bp| BAR_WIDTH * float(bp) / 10_000.0;
    if let Some(share) = share {
        let much = limit.is_some_and(|limit| share >= limit);
        let class = if much { "bar much" } else { "bar" };
        svg.rect(class, (BAR_LEFT, y + 6.0), (width(share), 12.0));
    }
    if let Some(limit) = limit {
        let x = BAR_LEFT + width(limit);
        svg.line("limit", (x, y + 3.0), (x, y + 21.0));
    }
}

/// One of the five parts, ready to be drawn and said.
struct Part {
    key: &'static str,
    share: Option<u64>,
    /// From where on it is too large.
    limit: Option<u64>,
    said: String,
}

/// The five parts; of fewer than 12 people only what is no share of them.
fn parts(hold: &Hold, roll: &'static str) -> Vec<Part> {
    let share = |key, share, limit| Part { key, share, limit, said: percent(share) };
    let existence = Message::new(match hold.existence_bp {
        0 => "held.existence.no",
        1..WHOLE_BP => "held.existence.half",
        WHOLE_BP.. => "held.existence.alone",
    });
    let existence = Part {
        key: "held.part.existence",
        share: Some(hold.existence_bp),
        limit: Some(WHOLE_BP),
        said: existence.english(),
    };
    if hold.mean_bp.is_none() {
        return vec![existence];
    }
    vec![
        share(roll, hold.roll_bp, None),
        share("held.part.help", hold.help_bp, Some(5_000)),
        share("held.part.moderation", hold.moderation_bp, Some(6_700)),
        share("held.part.ballots", hold.ballots_bp, Some(5_000)),
        existence,
    ]
}

fn told(hold: &Hold, roll: &'static str) -> String {
    let said: Vec<String> = parts(hold, roll)
        .iter()
        .map(|part| format!("{}: {}", Message::new(part.key).english(), part.said))
        .collect();
    format!("{}: {}.", hold.holder.english(), said.join(", "))
}

/// Whoever holds nothing is not drawn.
fn shown(hold: &Hold) -> bool {
    hold.existence_bp > 0 || hold.mean_bp.is_some_and(|mean| mean >= 100)
}

fn percent(part: Option<u64>) -> String {
    part.map_or(Message::new("held.part.none"), |bp| {
        Message::new("held.percent").share("share", bp)
    })
    .english()
}

//! Numbers and times in words.
use super::pieces::{Avatar, Help, When};
use crate::{
    db::submissions::SubmissionState,
    domain::{account_news::What, media::size, quotes::Sight},
    types::Time,
};

/// How many people must be active before a figure may carry a colour.
const ENOUGH_PEOPLE: u64 = 12;

/// `1 reply`, `3 replies`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(n)) }
}

/// A number with thin spaces between thousands.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// `212 members on 9 servers`, `1 member`.
pub fn members(people: u64, servers: u64) -> String {
    let people = count(people, "member", "members");
    if servers > 1 { format!("{people} on {servers} servers") } else { people }
}

/// What holds a post back elsewhere; `reason` is what was said to a no, or empty.
pub fn waits(state: SubmissionState, judge: &str, is_group: bool, reason: &str) -> String {
    let said = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    match (state, is_group) {
        (SubmissionState::Confirmed, _) => String::new(),
        (SubmissionState::Pending, true) => format!("Pending: {judge} has not passed it on yet"),
        (SubmissionState::Pending, false) => format!("Pending: {judge} has not approved it yet"),
        (SubmissionState::Refused, true) => format!("{judge} did not take it{said}"),
        (SubmissionState::Refused, false) => format!("{judge} did not approve it{said}"),
        (SubmissionState::Unanswered, true) => {
            format!("{judge} never passed it on; only this server shows it there")
        }
        (SubmissionState::Unanswered, false) => format!("{judge} never approved it"),
    }
}

/// A moment as it reads at `now`.
pub fn when(at: Time, now: Time) -> When {
    let date = at.date_time();
    When {
        iso: at.rfc3339(),
        words: ago(at, now),
        full: date.format("%-d %B %Y, %H:%M UTC").to_string(),
    }
}

/// `3 hours ago`, or the date once a month has passed.
pub fn ago(at: Time, now: Time) -> String {
    let secs = (now.secs() - at.secs()).max(0);
    let since = |n: i64, one: &str, many: &str| {
        format!("{} ago", count(u64::try_from(n).unwrap_or_default(), one, many))
    };
    match secs {
        0..60 => "just now".to_owned(),
        60..3_600 => since(secs / 60, "minute", "minutes"),
        3_600..86_400 => since(secs / 3_600, "hour", "hours"),
        86_400..2_592_000 => since(secs / 86_400, "day", "days"),
        2_592_000..26_000_000 => at.date_time().format("%-d %B").to_string(),
        _ => at.date_time().format("%-d %B %Y").to_string(),
    }
}

/// `6 December 2026`.
pub fn day(at: Time) -> String {
    at.date_time().format("%-d %B %Y").to_string()
}

/// `in 3 days`, as far as `at` lies ahead of `now`.
pub fn until(at: Time, now: Time) -> String {
    let secs = u64::try_from(at.secs() - now.secs()).unwrap_or_default();
    match secs {
        0..3_600 => format!("in {}", count(secs.div_ceil(60).max(1), "minute", "minutes")),
        3_600..172_800 => format!("in {}", count(secs / 3_600, "hour", "hours")),
        _ => format!("in {}", count(secs / 86_400, "day", "days")),
    }
}

/// A browser in plain words, `Firefox on Windows`, by what it says of itself.
pub fn browser(agent: &str) -> String {
    let says = |word: &&(&str, &'static str)| agent.contains(word.0);
    let name = BROWSERS.iter().find(says).map(|(_, name)| *name);
    let system = SYSTEMS.iter().find(says).map(|(_, name)| *name);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => {
            let word: String =
                agent.split(['/', ' ']).next().unwrap_or_default().chars().take(30).collect();
            if word.is_empty() { "A browser that does not say which".to_owned() } else { word }
        }
    }
}

/// What tells browsers apart; each pretends to be those that come after it.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrom", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// What happened to an account, as a sentence; `detail` is a browser's or an app's word for itself.
pub fn happened(what: What, detail: &str) -> String {
    match what {
        What::SignedIn => format!("Signed in with {}.", browser(detail)),
        What::AppLetIn => format!("The app {detail} was let in."),
        What::PasswordChanged => "The password was changed.".to_owned(),
        What::AddressChanged => "The e-mail address was changed.".to_owned(),
        What::SecondStepOn => "Two-factor was switched on.".to_owned(),
        What::SecondStepOff => "Two-factor was switched off.".to_owned(),
        What::RecoveryCodeUsed => "A recovery code was used.".to_owned(),
        What::RecoveryCodesMade => "New recovery codes were made.".to_owned(),
    }
}

/// How much room somebody's files take, of how much; both in bytes.
pub fn room(used: i64, quota: Option<i64>) -> String {
    let used = size(used);
    match quota {
        Some(quota) => format!(
            "Your pictures, sound and film take {used} of the {} you have here. What hangs on a post \
             goes with it when you delete it.",
            size(quota)
        ),
        None => format!("Your pictures, sound and film take {used} here."),
    }
}

/// The letter and colour that stand in for a picture.
pub fn avatar(name: &str, display: &str, url: &str, group: bool) -> Avatar {
    let initial = display.chars().chain(name.chars()).find(|c| c.is_alphanumeric());
    let sum = name.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    Avatar {
        url: url.to_owned(),
        initial: initial.map(|c| c.to_uppercase().to_string()).unwrap_or_default(),
        tint: u8::try_from(sum % 6 + 1).unwrap_or(1),
        group,
    }
}

/// The help counted in a group within a window, to be said in words.
#[derive(Clone, Copy, Debug, Default)]
pub struct HelpCounts {
    /// The window, in days.
    pub window_days: u64,
    /// Counted receipts, without staff's.
    pub receipts: u64,
    /// People who helped.
    pub helpers: u64,
    /// People who were helped.
    pub helped: u64,
    /// Receipts between people of different servers.
    pub across_nodes: u64,
    /// Receipts for help by staff, counted apart.
    pub by_staff: u64,
}

/// The sentence at the head of a group: people before numbers.
pub fn help(counts: HelpCounts) -> Help {
    let HelpCounts { window_days, helpers, helped, across_nodes, by_staff, receipts } = counts;
    let sentence = if receipts == 0 {
        "Nobody has said \u{201c}This helped me\u{201d} here yet. It counts when the one who asked \
         says so about an answer."
            .to_owned()
    } else {
        let people = count(helpers, "person", "people");
        let others = count(helped, "other", "others");
        let across = match across_nodes {
            0 => String::new(),
            n if n == receipts && n == 1 => ", across servers".to_owned(),
            1 => ", once across servers".to_owned(),
            2 => ", twice across servers".to_owned(),
            n => {
                format!(", {} times in all, {} times across servers", grouped(receipts), grouped(n))
            }
        };
        format!("In the last {window_days} days {people} helped {others} here{across}.")
    };
    let aside = match by_staff {
        0 => String::new(),
        1 => "People who run this server helped once; that is counted apart.".to_owned(),
        n => format!(
            "People who run this server helped {} times; that is counted apart.",
            grouped(n)
        ),
    };
    Help { sentence, aside, coloured: helpers.max(helped) >= ENOUGH_PEOPLE }
}

/// Why what a post quotes is not to be seen; empty where it is.
pub fn not_quoted(sight: Sight) -> &'static str {
    match sight {
        Sight::Shown => "",
        Sight::Pending => "It quotes a post whose author has not agreed to that yet.",
        Sight::Rejected | Sight::Revoked => "It quotes a post whose author does not want that.",
        Sight::Deleted => "It quotes a post that was deleted.",
        Sight::Unauthorized => "It quotes a post that is not for you.",
        Sight::Blocked => "It quotes somebody whom you block.",
        Sight::Muted => "It quotes somebody whom you mute.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_said_in_a_sentence_a_child_understands() {
        let counts = HelpCounts {
            window_days: 90,
            receipts: 20,
            helpers: 14,
            helped: 9,
            across_nodes: 6,
            ..HelpCounts::default()
        };
        let help = super::help(counts);
        assert_eq!(
            help.sentence,
            "In the last 90 days 14 people helped 9 others here, 20 times in all, 6 times across servers."
        );
        assert!(help.coloured);
    }

    #[test]
    fn the_first_thanks_reads_well_and_has_no_colour() {
        let counts = HelpCounts {
            window_days: 90,
            receipts: 1,
            helpers: 1,
            helped: 1,
            across_nodes: 1,
            by_staff: 2,
        };
        let help = super::help(counts);
        assert_eq!(
            help.sentence,
            "In the last 90 days 1 person helped 1 other here, across servers."
        );
        assert_eq!(help.aside, "People who run this server helped 2 times; that is counted apart.");
        assert!(!help.coloured);
    }

    #[test]
    fn times_are_near_in_words_and_far_in_dates() {
        let now = Time::parse("2026-11-21T12:00:00Z").unwrap();
        assert_eq!(ago(now, now), "just now");
        assert_eq!(ago(now.plus_secs(-90), now), "1 minute ago");
        assert_eq!(ago(now.plus_days(-2), now), "2 days ago");
        assert_eq!(ago(now.plus_days(-40), now), "12 October");
        assert_eq!(ago(now.plus_days(-400), now), "17 October 2025");
        assert_eq!(ago(now.plus_days(3), now), "just now");
    }

    #[test]
    fn what_lies_ahead_is_said_in_the_unit_that_matters() {
        let now = Time::parse("2026-11-21T12:00:00Z").unwrap();
        assert_eq!(until(now.plus_secs(20), now), "in 1 minute");
        assert_eq!(until(now.plus_secs(86_400), now), "in 24 hours");
        assert_eq!(until(now.plus_days(5), now), "in 5 days");
        assert_eq!(until(now.plus_days(-5), now), "in 1 minute");
    }

    #[test]
    fn browsers_have_the_names_that_people_know() {
        let windows =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1";
        let android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
        for (agent, name) in [
            (windows, "Firefox on Windows"),
            (edge, "Edge on Mac"),
            (phone, "Safari on iPhone"),
            (android, "Chrome on Android"),
            ("curl/8.5.0", "curl"),
            ("", "A browser that does not say which"),
        ] {
            assert_eq!(browser(agent), name);
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234), "1\u{202f}234");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}

//! Links in profiles: whether the page that a field leads to says that it is the same person's.
//!
//! A page says so by a link with `rel="me"` to the profile
//! (<https://docs.joinmastodon.org/user/profile/#verification>). It is read when the field is new, and
//! again from time to time.
use url::Url;

use crate::{
    db::actors::Actor,
    domain::{
        Fact, Tx,
        actors::{Field, fields},
    },
    error::{Error, Result},
    text,
    types::{ActorId, Time},
};

/// After how many days a page that links back is read again; of somebody elsewhere at the next
/// occasion after that.
const AGAIN_DAYS: i64 = 7;
const AGAIN_ELSEWHERE_DAYS: i64 = 30;
/// After how many misses in a row a link loses its mark: a page may be out of order for a day.
const MISSES: u8 = 3;
/// How long after a miss a page that did link back is read again, seconds.
const MISSED_SECS: i64 = 86_400;
/// How long after each miss a page that never linked back is read again, seconds: people write their
/// profile first and their page then. After that they save their profile again.
const TRY_AGAIN_SECS: [i64; 3] = [3_600, 86_400, 7 * 86_400];
/// How long what is too much at once waits, seconds.
const PUT_OFF_SECS: i64 = 3_600;
/// Most fields of one profile whose links are looked at.
const MOST: usize = 8;

/// What came of reading a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It links back.
    LinksBack,
    /// It does not, or there is no page.
    Missed,
    /// It was not read: its host was asked enough for now.
    PutOff,
}

/// The page that a field leads to, where all of the field is its address: `https`, without a user's
/// name in it, and with a host that is written as it is.
pub fn link_of(field: &Field, local: bool) -> Option<Url> {
    let text =
        if local { Some(field.source.trim().to_owned()) } else { text::only_link(&field.value) };
    let text = text?;
    let url = Url::parse(&text).ok()?;
    let host = url.host_str()?;
    // Letters that look like others are turned into `xn--` by the parser.
    let plain = text.to_ascii_lowercase().starts_with(&format!("https://{host}"));
    (plain && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// Takes over what is known of links that stay in a profile; new ones are to be read.
pub fn carry_over(fields: &mut [Field], before: &[Field], local: bool, now: Time) {
    for (index, field) in fields.iter_mut().enumerate() {
        let Some(link) = link_of(field, local).filter(|_| index < MOST) else { continue };
        match before.iter().find(|known| link_of(known, local).as_ref() == Some(&link)) {
            Some(known) if known.verified_at.is_some() || !local => {
                field.verified_at = known.verified_at;
                field.misses = known.misses;
                field.check_at = known.check_at;
            }
            // A member who says the same again wants it looked at again.
            Some(_) | None => field.check_at = Some(now),
        }
    }
}

/// Has the pages read that are due in somebody's profile.
pub fn read_soon(tx: &mut Tx, actor: &Actor) {
    let now = tx.now();
    for field in fields(actor) {
        let Some(due) = field.check_at.filter(|at| *at <= now) else { continue };
        if let Some(link) = link_of(&field, actor.local) {
            tx.record(Fact::LinkDue { actor: actor.id, link: link.into(), due });
        }
    }
}

/// Whether this page is to be read for somebody's profile now.
pub fn is_due(actor: &Actor, link: &str, now: Time) -> bool {
    actor.is_active()
        && fields(actor).iter().any(|field| {
            let leads_there = link_of(field, actor.local).is_some_and(|url| url.as_str() == link);
            leads_there && field.check_at.is_some_and(|at| at <= now)
        })
}

/// Notes what came of reading a page that somebody's profile leads to, and when that is done again.
/// Who said the link again after the reading had begun gets one of their own: their page may be
/// another by now.
///
/// # Errors
/// `Internal` from the database.
pub fn note(tx: &mut Tx, id: ActorId, link: &str, (began, outcome): (Time, Outcome)) -> Result<()> {
    let (mut actor, now) = (tx.actor(id)?, tx.now());
    let (mut all, mut next) = (fields(&actor), None);
    for field in &mut all {
        let waited = field.check_at.is_some_and(|at| at <= began);
        if waited && link_of(field, actor.local).is_some_and(|url| url.as_str() == link) {
            judge(field, outcome, actor.local, now);
            next = next.max(field.check_at);
        }
    }
    actor.fields = serde_json::to_string(&all).map_err(Error::internal)?;
    tx.save_actor(&actor)?;
    // Of somebody elsewhere only when they are read anew.
    if let Some(due) = next.filter(|_| actor.local) {
        tx.record(Fact::LinkDue { actor: id, link: link.to_owned(), due });
    }
    Ok(())
}

fn judge(field: &mut Field, outcome: Outcome, local: bool, now: Time) {
    match outcome {
        Outcome::LinksBack => {
            field.verified_at = field.verified_at.or(Some(now));
            field.misses = 0;
            let days = if local { AGAIN_DAYS } else { AGAIN_ELSEWHERE_DAYS };
            field.check_at = Some(now.plus_days(days));
        }
        Outcome::PutOff => field.check_at = Some(now.plus_secs(PUT_OFF_SECS)),
        Outcome::Missed => {
            field.misses = field.misses.saturating_add(1);
            let wait = if field.verified_at.is_some() {
                (field.misses < MISSES).then_some(MISSED_SECS)
            } else {
                let again = TRY_AGAIN_SECS.get(usize::from(field.misses) - 1).copied();
                again.filter(|_| local)
            };
            if wait.is_none() {
                field.verified_at = None;
                field.misses = 0;
            }
            field.check_at = wait.map(|secs| now.plus_secs(secs));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(source: &str) -> Field {
        Field { name: "Home".into(), source: source.into(), ..Field::default() }
    }

    fn link(source: &str) -> Option<String> {
        link_of(&field(source), true).map(String::from)
    }

    #[test]
    fn only_a_whole_plain_https_address_is_looked_at() {
        assert_eq!(link(" https://ana.example/x ").as_deref(), Some("https://ana.example/x"));
        assert_eq!(link("https://ana.example").as_deref(), Some("https://ana.example/"));
        for other in [
            "",
            "ana.example",
            "http://ana.example",
            "see https://ana.example",
            "[bank](https://ana.example)",
            "https://ana@ana.example",
            "https://:secret@ana.example",
            "https://аna.example", // the first letter is Cyrillic
            "mailto:ana@ana.example",
        ] {
            assert_eq!(link(other), None, "{other}");
        }
    }

    #[test]
    fn a_mark_ends_after_three_misses_in_a_row() {
        let (mut one, day) = (field("https://ana.example"), |n: i64| Time(0).plus_days(n));
        judge(&mut one, Outcome::LinksBack, true, day(0));
        assert_eq!((one.verified_at, one.check_at), (Some(day(0)), Some(day(7))));
        for now in [7, 8] {
            judge(&mut one, Outcome::Missed, true, day(now));
            assert_eq!((one.verified_at, one.check_at), (Some(day(0)), Some(day(now + 1))));
        }
        judge(&mut one, Outcome::PutOff, true, day(9));
        judge(&mut one, Outcome::LinksBack, true, day(9));
        assert_eq!((one.verified_at, one.check_at), (Some(day(0)), Some(day(16))));
        for now in 16..19 {
            judge(&mut one, Outcome::Missed, true, day(now));
        }
        assert_eq!((one.verified_at, one.check_at), (None, None));
    }

    #[test]
    fn a_page_that_never_linked_back_is_tried_a_few_times_and_elsewhere_once() {
        let mut one = field("https://ana.example");
        let mut waits = Vec::new();
        for _ in 0..4 {
            judge(&mut one, Outcome::Missed, true, Time(0));
            waits.push(one.check_at.map(Time::secs));
        }
        assert_eq!(waits, [Some(3_600), Some(86_400), Some(604_800), None]);
        let mut one = field("https://ana.example");
        judge(&mut one, Outcome::Missed, false, Time(0));
        assert_eq!(one.check_at, None);
    }

    #[test]
    fn what_is_known_of_a_link_stays_while_it_stays() {
        let now = Time(5_000);
        let known = Field {
            verified_at: Some(Time(1)),
            check_at: Some(Time(9_000)),
            ..field("https://a.example")
        };
        let given_up = field("https://b.example");
        let mut after = [
            Field { name: "Site".into(), ..known.clone() },
            given_up.clone(),
            field("https://c.example"),
            field("words"),
        ];
        after[0].verified_at = None;
        carry_over(&mut after, &[known, given_up], true, now);
        assert_eq!((after[0].verified_at, after[0].check_at), (Some(Time(1)), Some(Time(9_000))));
        assert_eq!((after[1].verified_at, after[1].check_at), (None, Some(now)));
        assert_eq!((after[2].check_at, after[3].check_at), (Some(now), None));
    }
}

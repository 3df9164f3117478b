//! A group sums up its month, where its charter wants that: in a post of its own, on the first of the
//! next month at 09:00 UTC, or as soon as the node is up after it.
use chrono::{Datelike as _, Months, NaiveDate};

use crate::{
    db::{self, actors::Actor, posts::Post},
    domain::{
        Fact, Tx, ledger,
        posts::{self, Letter},
    },
    error::{Error, Result},
    health::words::{Message, Month},
    text,
    types::{ActorId, Time},
};

/// The hour at which months are summed up, UTC.
const HOUR: u32 = 9;
/// So many asks that wait are named.
const ASKS: i64 = 3;
/// Older ones are not, days.
const ASK_DAYS: i64 = 90;
/// Most groups of a node that are planned for at once.
const MOST_GROUPS: i64 = 10_000;
/// So much of an ask stands for it, characters.
const ASK_CHARS: usize = 80;

/// The first day of the month of `at`.
fn first_of_month(at: Time) -> NaiveDate {
    let day = at.date_time().date_naive();
    day.with_day(1).unwrap_or(day)
}

fn at_hour(day: NaiveDate, hour: u32) -> Time {
    Time(day.and_hms_opt(hour, 0, 0).unwrap_or_default().and_utc().timestamp_millis())
}

fn months_before(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(day)
}

/// When the last month that is over was to be summed up.
pub fn last_due(now: Time) -> Time {
    let first = first_of_month(now);
    let due = at_hour(first, HOUR);
    if due <= now { due } else { at_hour(months_before(first, 1), HOUR) }
}

/// When a month is summed up next.
pub fn next_due(now: Time) -> Time {
    let after = first_of_month(last_due(now)).checked_add_months(Months::new(1));
    after.map_or(now, |day| at_hour(day, HOUR))
}

/// A group here sums up its months from now on, or no longer; `false` where it is so already. A charter
/// says it: the ledger has the new one.
///
/// # Errors
/// `NotFound` for what is no group here.
pub fn set(tx: &mut Tx, by: Option<ActorId>, id: ActorId, on: bool) -> Result<bool> {
    let group = tx.actor(id)?;
    let mut row = db::groups::by_id(tx, id)?.ok_or(Error::NotFound)?;
    if row.monthly_summary == on {
        return Ok(false);
    }
    row.monthly_summary = on;
    db::groups::update(tx, &row)?;
    ledger::charter_changed(tx, &group)?;
    let (entry, now) = (tx.new_id(), tx.now());
    let act = if on { "monthly summary on" } else { "monthly summary off" };
    db::members::audit(tx, entry, by, act, &group.name, now)?;
    if on {
        plan(tx, id);
    }
    Ok(true)
}

/// A group will sum up the month that goes on.
pub fn plan(tx: &mut Tx, group: ActorId) {
    let at = next_due(tx.now());
    tx.record(Fact::SummaryPlanned { group, at });
}

/// Plans anew for every group that sums up its months: a task that failed too often is given up, and
/// with it the ones that it would have planned. What is planned already stays as it is.
///
/// # Errors
/// `Internal` from the database.
pub fn plan_all(tx: &mut Tx) -> Result<()> {
    for group in db::groups::with_summaries(tx, MOST_GROUPS)? {
        plan(tx, group);
    }
    Ok(())
}

/// The last month that is over is summed up, if it was not yet and there is something to say; then the
/// next one is planned. `lead` is what leads the report of how the group is doing.
///
/// # Errors
/// `Internal` from the database.
pub fn publish(tx: &mut Tx, id: ActorId, lead: Option<&Message>) -> Result<Option<Post>> {
    let group = tx.actor(id)?;
    let wanted = db::groups::by_id(tx, id)?.is_some_and(|row| row.monthly_summary);
    if !wanted || !group.is_active() {
        return Ok(None);
    }
    plan(tx, id);
    let due = last_due(tx.now());
    if !db::summaries::begin(tx, id, due)? {
        return Ok(None);
    }
    let to = first_of_month(due);
    let (from, to) = (months_before(to, 1), to);
    let sums = sums(tx, id, at_hour(from, 0), at_hour(to, 0))?;
    if sums.is_empty() {
        return Ok(None);
    }
    let letter =
        Letter { title: from.format("%B %Y").to_string(), html: html(tx, &group, lead, &sums)? };
    let post = posts::by_group(tx, &group, letter)?;
    db::summaries::said(tx, id, due, post.id)?;
    Ok(Some(post))
}

fn sums(tx: &mut Tx, group: ActorId, from: Time, to: Time) -> Result<Month> {
    let asks = db::summaries::asks(tx, group, from, to)?;
    let help = db::summaries::help(tx, group, from, to)?;
    let size = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Ok(Month {
        asks: size(asks.len()),
        answered: size(asks.iter().filter(|answered| **answered).count()),
        receipts: size(help.receipts),
        helpers: size(help.helpers),
        helped: size(help.helped),
        by_staff: size(help.by_staff),
    })
}

/// Everything in it that people wrote is escaped: it names and tags nobody.
fn html(tx: &mut Tx, group: &Actor, lead: Option<&Message>, sums: &Month) -> Result<String> {
    let node = tx.node();
    let mut html = String::new();
    if let Some(lead) = lead {
        html.push_str(&paragraph(&text::escape(&lead.english())));
    }
    let sentences: Vec<String> = sums.sentences().iter().map(Message::english).collect();
    html.push_str(&paragraph(&text::escape(&sentences.join(" "))));
    let since = tx.now().plus_days(-ASK_DAYS);
    let private = group.is_private_group();
    let asks = db::summaries::unanswered(tx, group.id, private, since, ASKS)?;
    if !asks.is_empty() {
        html.push_str(&paragraph("Still waiting for a hand:"));
        let line = |post: &Post| {
            let page = node.url(&format!("@{}/{}", group.name, post.id));
            format!("<li>{}</li>", link(&page, &called(post)))
        };
        let lines: String = asks.iter().map(line).collect();
        html.extend(["<ul>", &lines, "</ul>"]);
    }
    let health = node.url(&format!("@{}/health", group.name));
    html.push_str(&paragraph(&link(&health, "How the group is doing")));
    Ok(html)
}

fn paragraph(html: &str) -> String {
    format!("<p>{html}</p>")
}

fn link(url: &str, words: &str) -> String {
    format!("<a href=\"{}\">{}</a>", text::escape(url), text::escape(words))
}

/// What an ask is called: its title, its warning, or how it begins.
fn called(post: &Post) -> String {
    let title = post.title.as_deref().unwrap_or_default().trim();
    if !title.is_empty() {
        return title.to_owned();
    }
    if !post.spoiler_text.is_empty() {
        return post.spoiler_text.clone();
    }
    let words = text::clean_line(&text::excerpt(&post.content, ASK_CHARS), ASK_CHARS + 1);
    if words.is_empty() { "A picture".to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_due_on_the_first_at_nine() {
        let at = |text: &str| Time::parse(text).unwrap();
        let dues = |now: &str| (last_due(at(now)).rfc3339(), next_due(at(now)).rfc3339());
        let both = |last: &str, next: &str| (at(last).rfc3339(), at(next).rfc3339());
        assert_eq!(
            dues("2026-11-22T12:00:00Z"),
            both("2026-11-01T09:00:00Z", "2026-12-01T09:00:00Z")
        );
        assert_eq!(
            dues("2026-12-01T08:59:59Z"),
            both("2026-11-01T09:00:00Z", "2026-12-01T09:00:00Z")
        );
        assert_eq!(
            dues("2026-12-01T09:00:00Z"),
            both("2026-12-01T09:00:00Z", "2027-01-01T09:00:00Z")
        );
        assert_eq!(
            dues("2028-03-31T23:00:00Z"),
            both("2028-03-01T09:00:00Z", "2028-04-01T09:00:00Z")
        );
    }
}

//! Telling members' devices what they are told here: [RFC 8030](https://www.rfc-editor.org/rfc/rfc8030).
//!
//! What is to be sent is a row, written with the notification itself; it goes when the push service
//! has it. Hosts are called side by side, and one that does not answer waits for itself alone.
mod message;

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt as _, stream};
use url::Url;

use crate::{
    app::App,
    db::{
        self,
        pushes::{Push, Subscription},
    },
    domain::pushes,
    error::{Error, Result},
    fetch::Answer,
    keys::push::{Coding, Receiver, Vapid},
    types::Time,
};
use message::Message;

/// Hosts that are called at the same time.
pub const HOSTS_AT_ONCE: usize = 16;
/// Calls of one host under way at the same time.
const CALLS_AT_ONCE: usize = 4;
/// Pushes between two notes of how far we are.
const BATCH: i64 = 16;
/// How long a push that was begun is hidden from other workers, seconds: longer than a batch takes.
const LEASE_SECS: i64 = 120;
/// How long a push is worth anything, seconds: two days, as Mastodon has it.
const TTL_SECS: i64 = 172_800;
/// How long our word to a push service holds, seconds; a day at most is allowed.
const WORD_SECS: i64 = 43_200;
/// Longest wait between two tries, seconds.
const MAX_WAIT_SECS: i64 = 3_600;
/// Longest wait that a push service may ask for, seconds.
const MAX_ASKED_SECS: i64 = 21_600;

/// What became of one push.
enum Verdict {
    /// The push service has it, or there is nothing to tell any more.
    Done,
    /// The push service does not know the subscription any more.
    Gone,
    /// It will never be taken.
    Refused(u16),
    /// It may be taken later; the host asks for a pause of so many seconds, or not.
    Later(String, Option<u64>),
    /// The same, and so it is with everything for the host.
    Halt(String, Option<u64>),
    /// It was not tried: the host does not answer.
    Untried,
}

/// Sends a host every push whose time has come, until none is left or it stops answering.
///
/// # Errors
/// `Internal` from the database.
pub async fn to_host(app: &App, host: &str) -> Result<()> {
    loop {
        let batch = claim(app, host).await?;
        if batch.is_empty() {
            return Ok(());
        }
        let vapid = app.read(pushes::vapid).await?;
        let vapid = vapid.ok_or_else(|| Error::internal("there is no key for pushes"))?;
        let halted = AtomicBool::new(false);
        let (vapid, stop) = (&vapid, &halted);
        let calls = batch.into_iter().map(|(push, to)| async move {
            if stop.load(Ordering::Relaxed) {
                return (push, to, Verdict::Untried);
            }
            let verdict = match one(app, vapid, &push, &to).await {
                Ok(verdict) => verdict,
                Err(error) => Verdict::Later(error.cause().to_string(), None),
            };
            if matches!(verdict, Verdict::Halt(..)) {
                stop.store(true, Ordering::Relaxed);
            }
            (push, to, verdict)
        });
        let verdicts: Vec<_> = stream::iter(calls).buffer_unordered(CALLS_AT_ONCE).collect().await;
        note(app, host, verdicts).await?;
        if halted.load(Ordering::Relaxed) {
            return Ok(());
        }
    }
}

async fn claim(app: &App, host: &str) -> Result<Vec<(Push, Subscription)>> {
    let host = host.to_owned();
    app.write(move |tx| {
        let now = tx.now();
        Ok(db::pushes::claim(tx, &host, now, now.plus_secs(LEASE_SECS), BATCH)?)
    })
    .await
}

/// Writes down what became of a batch, and only then says so: who reads the log can rely on it.
async fn note(app: &App, host: &str, done: Vec<(Push, Subscription, Verdict)>) -> Result<()> {
    let of = host.to_owned();
    let done = app
        .write(move |tx| {
            let now = tx.now();
            let mut pause = None;
            for (push, to, verdict) in &done {
                match verdict {
                    Verdict::Done | Verdict::Refused(_) => {
                        db::pushes::delete(tx, push)?;
                    }
                    Verdict::Gone => {
                        db::pushes::forget(tx, to.id)?;
                    }
                    Verdict::Later(_, asked_secs) => {
                        let until = now.plus_secs(wait_secs(push.attempts, *asked_secs));
                        db::pushes::postpone(tx, push, until)?;
                    }
                    Verdict::Halt(_, asked_secs) => {
                        let until = now.plus_secs(wait_secs(push.attempts, *asked_secs));
                        db::pushes::postpone(tx, push, until)?;
                        pause = pause.max(Some(until));
                    }
                    Verdict::Untried => {
                        db::pushes::postpone(tx, push, now)?;
                    }
                }
            }
            if let Some(until) = pause {
                db::pushes::postpone_host(tx, &of, until)?;
            }
            Ok(done)
        })
        .await?;
    for (push, to, verdict) in &done {
        tell(host, push, to, verdict);
    }
    Ok(())
}

/// Says what became of a push. The endpoints are not logged: who knows one can use it.
fn tell(host: &str, push: &Push, to: &Subscription, verdict: &Verdict) {
    match verdict {
        Verdict::Done => metrics::counter!("pushes_done").increment(1),
        Verdict::Gone => {
            tracing::info!(host, subscription.id = %to.id, "an app has unsubscribed");
        }
        Verdict::Refused(status) => {
            tracing::info!(host, status, subscription.id = %to.id, "a push was refused");
        }
        Verdict::Later(why, asked_secs) => {
            let wait = wait_secs(push.attempts, *asked_secs);
            tracing::info!(host, why, wait, "a push will be tried again");
        }
        Verdict::Halt(why, asked_secs) => {
            let wait = wait_secs(push.attempts, *asked_secs);
            tracing::info!(host, why, wait, "a push service will be tried again");
        }
        Verdict::Untried => {}
    }
}

/// Seconds until the next try after a number of tries before: 2, 8, 32 .., or as long as was asked
/// for if that is longer.
fn wait_secs(attempts: i32, asked_secs: Option<u64>) -> i64 {
    let exponent = u32::try_from(attempts.clamp(0, 10)).unwrap_or(0);
    let wait = 2_i64.saturating_mul(4_i64.saturating_pow(exponent)).min(MAX_WAIT_SECS);
    let asked = asked_secs.and_then(|secs| i64::try_from(secs).ok()).unwrap_or(0);
    wait.max(asked.min(MAX_ASKED_SECS))
}

async fn one(app: &App, vapid: &Vapid, push: &Push, to: &Subscription) -> Result<Verdict> {
    let left_secs = push.created_at.plus_secs(TTL_SECS).secs() - app.now().secs();
    if left_secs <= 0 {
        return Ok(Verdict::Done);
    }
    let (origin, id, recipient) = (app.origin().clone(), push.notification_id, to.actor_id);
    let copies = app.config().media.proxy;
    let message =
        app.read(move |conn| message::compose(conn, (&origin, copies), recipient, id)).await?;
    let Some(message) = message else { return Ok(Verdict::Done) };
    let Ok(endpoint) = Url::parse(&to.endpoint) else { return Ok(Verdict::Gone) };
    let call = Call { app, vapid, to, endpoint: &endpoint, left_secs };
    let mut answer = call.send(&message).await;
    if matches!(answer, Ok(Answer { status: 413, .. })) {
        answer = call.send(&message.without_body()).await;
    }
    Ok(match answer {
        Ok(answer) => judge(&answer),
        Err(Error::Invalid(_)) => Verdict::Refused(0),
        Err(Error::Unreachable(why)) => Verdict::Halt(why, None),
        Err(error) => return Err(error),
    })
}

fn judge(answer: &Answer) -> Verdict {
    let why = || format!("it answered {}", answer.status);
    match answer.status {
        200..=299 => Verdict::Done,
        404 | 410 => Verdict::Gone,
        429 | 502 | 503 | 504 => Verdict::Halt(why(), answer.retry_after_secs),
        408 | 425 | 500..=599 => Verdict::Later(why(), answer.retry_after_secs),
        status => Verdict::Refused(status),
    }
}

/// One call of a push service.
struct Call<'a> {
    app: &'a App,
    vapid: &'a Vapid,
    to: &'a Subscription,
    endpoint: &'a Url,
    left_secs: i64,
}

impl Call<'_> {
    async fn send(&self, message: &Message) -> Result<Answer> {
        let coding = if self.to.standard { Coding::Aes128Gcm } else { Coding::AesGcm };
        let sealed =
            Receiver::read(&self.to.p256dh, &self.to.auth)?.seal(coding, &message.json()?)?;
        let word = self.vapid.token(
            &self.endpoint.origin().ascii_serialization(),
            &self.subject(),
            self.app.now().plus_secs(WORD_SECS),
        )?;
        let key = self.vapid.public().trim_end_matches('=');
        let mut headers = vec![
            ("content-type", "application/octet-stream".to_owned()),
            ("ttl", self.left_secs.to_string()),
            ("urgency", message.urgency.to_owned()),
        ];
        headers.extend(message.topic(&self.to.auth).map(|topic| ("topic", topic)));
        match coding {
            Coding::Aes128Gcm => headers.extend([
                ("content-encoding", "aes128gcm".to_owned()),
                ("authorization", format!("vapid t={word},k={key}")),
            ]),
            Coding::AesGcm => headers.extend([
                ("content-encoding", "aesgcm".to_owned()),
                ("encryption", format!("salt={}", sealed.salt)),
                ("crypto-key", format!("dh={};p256ecdsa={key}", sealed.sender)),
                ("authorization", format!("WebPush {word}")),
            ]),
        }
        self.app.fetcher().post_push(self.endpoint, sealed.body, &headers).await
    }

    /// Whom a push service may write to.
    fn subject(&self) -> String {
        match &self.app.config().contact_email {
            Some(email) => format!("mailto:{email}"),
            None => self.app.origin().to_string(),
        }
    }
}

/// Forgets what nobody took in time.
///
/// # Errors
/// `Internal` from the database.
pub fn give_up(conn: &mut db::Conn, now: Time) -> Result<()> {
    db::pushes::give_up(conn, now.plus_secs(-TTL_SECS))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_heed_what_was_asked_for() {
        let waits: Vec<i64> = (0..7).map(|attempts| wait_secs(attempts, None)).collect();
        assert_eq!(waits, [2, 8, 32, 128, 512, 2_048, MAX_WAIT_SECS]);
        assert_eq!(wait_secs(0, Some(90)), 90);
        assert_eq!(wait_secs(3, Some(1)), 128);
        assert_eq!(wait_secs(i32::MAX, Some(u64::MAX)), MAX_WAIT_SECS, "no such number of seconds");
        assert_eq!(wait_secs(0, Some(1_000_000)), MAX_ASKED_SECS);
    }

    #[test]
    fn answers_say_what_to_do() {
        let says = |status| {
            let answer = Answer { status, retry_after_secs: None, text: String::new() };
            match judge(&answer) {
                Verdict::Done => "done",
                Verdict::Gone => "gone",
                Verdict::Refused(_) => "refused",
                Verdict::Later(..) => "later",
                Verdict::Halt(..) => "halt",
                Verdict::Untried => "untried",
            }
        };
        let statuses = [200, 201, 301, 400, 403, 404, 410, 413, 429, 500, 503, 700];
        assert_eq!(
            statuses.map(says),
            [
                "done", "done", "refused", "refused", "refused", "gone", "gone", "refused", "halt",
                "later", "halt", "refused"
            ]
        );
    }
}

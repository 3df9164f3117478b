//! Sending what waits: in order within a host, hosts side by side.
//!
//! A row goes only after its answer, so what was not answered is sent again after a crash; receivers
//! know activities by their id. A server that does not answer is tried again after a minute, two,
//! four .. up to eight hours, and what has waited for seven days is given up.
use rand::Rng as _;
use url::Url;

use super::followers;
use crate::{
    activitypub::PUBLIC,
    app::{App, Habit, Key, Signing},
    db::{self, deliveries::Delivery, keys::SignatureForm},
    domain::{moderation, submissions},
    error::{Error, Result},
    fetch::Answer,
    signature,
    types::Time,
};

/// Deliveries between two notes of how far we are.
const BATCH: i64 = 20;
/// Longest wait between two tries, seconds.
const MAX_WAIT_SECS: i64 = 8 * 3_600;
/// What has waited this long is given up, days.
const GIVE_UP_DAYS: i64 = 7;
/// A dead server is tried once a day.
const DAY_SECS: i64 = 86_400;

/// What became of one delivery.
enum Verdict {
    /// It arrived, or there is nothing to send.
    Final,
    /// It was refused for good, which is final too; with what was said.
    Refused(String),
    /// It may arrive later; the server asks for a pause of so many seconds, or not.
    Later(String, Option<u64>),
    /// The server fell over it (500): the fault may be in this one, so others go before it from now on.
    Stumbled(String),
}

/// Why a server is left alone for a while.
struct Trouble {
    why: String,
    /// For so long, if it said so.
    wait_secs: Option<u64>,
    /// What it fell over.
    aside: Option<i64>,
}

/// Sends a host everything that waits for it, until nothing is left or it stops answering.
///
/// # Errors
/// `Internal` from the database.
pub async fn to_host(app: &App, host: &str) -> Result<()> {
    loop {
        let name = host.to_owned();
        let batch =
            app.read(move |conn| Ok(db::deliveries::next_of_host(conn, &name, BATCH)?)).await?;
        if batch.is_empty() {
            let name = host.to_owned();
            let more = app.write(move |tx| {
                let now = tx.now();
                Ok(db::deliveries::leave(tx, &name, now)?)
            });
            if more.await? {
                continue;
            }
            return Ok(());
        }
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        let mut trouble = None;
        for (delivery, body) in batch {
            match one(app, host, &delivery, body).await {
                Verdict::Final => done.push(delivery.id),
                Verdict::Refused(why) => {
                    done.push(delivery.id);
                    refused.push((delivery, why));
                }
                Verdict::Later(why, wait_secs) => {
                    trouble = Some(Trouble { why, wait_secs, aside: None });
                    break;
                }
                Verdict::Stumbled(why) => {
                    let aside = Some(delivery.id);
                    trouble = Some(Trouble { why, wait_secs: None, aside });
                    break;
                }
            }
        }
        tell_authors(app, refused).await?;
        if !note(app, host, done, trouble).await? {
            return Ok(());
        }
    }
}

/// Whoever wrote for a group whose server refuses it gets to know.
async fn tell_authors(app: &App, refused: Vec<(Delivery, String)>) -> Result<()> {
    if refused.is_empty() {
        return Ok(());
    }
    app.write(move |tx| {
        for (delivery, why) in refused {
            submissions::not_taken(tx, delivery.activity_id, &delivery.inbox, &why)?;
            moderation::not_taken(tx, delivery.activity_id, &why)?;
        }
        Ok(())
    })
    .await
}

/// Writes down what arrived and, where the server stopped answering, when to try again. Says whether
/// there is more to send now.
async fn note(app: &App, host: &str, done: Vec<i64>, trouble: Option<Trouble>) -> Result<bool> {
    let (host, development) = (host.to_owned(), app.config().development);
    metrics::counter!("deliveries_done").increment(u64::try_from(done.len()).unwrap_or(0));
    app.write(move |tx| {
        let now = tx.now();
        db::deliveries::delete(tx, &done)?;
        if !done.is_empty() {
            db::servers::meet(tx, &host, now)?;
            db::servers::succeeded(tx, &host, now)?;
        }
        let Some(Trouble { why, wait_secs, aside }) = trouble else {
            return Ok(db::deliveries::leave(tx, &host, now)?);
        };
        let server = db::servers::meet(tx, &host, now)?;
        let wait = wait_secs
            .and_then(|secs| i64::try_from(secs).ok())
            .unwrap_or_else(|| wait_secs_after(&server, now, development))
            .clamp(1, DAY_SECS);
        db::servers::failed(tx, &host, &why, now, now.plus_secs(wait))?;
        if let Some(aside) = aside {
            db::deliveries::put_aside(tx, aside)?;
        }
        db::deliveries::postpone(tx, &host, now.plus_secs(wait))?;
        let dropped = db::deliveries::give_up(tx, &host, now.plus_days(-GIVE_UP_DAYS))?;
        if dropped > 0 {
            db::deliveries::leave(tx, &host, now)?;
            tracing::warn!(host, dropped, "gave up deliveries that waited for a week");
        }
        tracing::info!(host, wait, why, "will try a server again");
        Ok(false)
    })
    .await
}

/// Seconds until the next try: doubling from a minute (from a second in development), with jitter so
/// that many nodes do not come back in step.
fn wait_secs_after(server: &db::servers::Server, now: Time, development: bool) -> i64 {
    if server.is_dead(now) {
        return DAY_SECS;
    }
    let (first, most) = if development { (1, 30) } else { (60, MAX_WAIT_SECS) };
    let doublings = u32::try_from(server.failures.clamp(0, 16)).unwrap_or(0);
    let wait = first * 2_i64.pow(doublings);
    let wait = wait.min(most);
    wait + rand::rng().random_range(0..=wait / 10)
}

async fn one(app: &App, host: &str, delivery: &Delivery, body: String) -> Verdict {
    let Ok(inbox) = Url::parse(&delivery.inbox) else { return Verdict::Final };
    let signing = match app.signing(delivery.signer_id).await {
        Ok(signing) => signing,
        Err(Error::NotFound) => return Verdict::Final,
        Err(error) => return Verdict::Later(error.cause().to_string(), None),
    };
    let extra = match synchronization(app, delivery, &body).await {
        Ok(extra) => extra,
        Err(error) => return Verdict::Later(error.cause().to_string(), None),
    };
    let letter = Letter {
        inbox: &inbox,
        body: &body,
        extra: extra.as_deref(),
        on_its_way: delivery.created_at,
    };
    let answer = signed_post(app, host, &signing, &letter).await;
    let id = delivery.activity_id;
    match answer {
        Ok(answer) if answer.is_success() => {
            tracing::debug!(activity.id = %id, inbox = %inbox, "delivered");
            Verdict::Final
        }
        Ok(answer) if answer.status == 500 => {
            Verdict::Stumbled(format!("{} {}", answer.status, answer.text))
        }
        Ok(answer) if is_passing(answer.status) => {
            Verdict::Later(format!("{} {}", answer.status, answer.text), answer.retry_after_secs)
        }
        Ok(answer) => {
            tracing::info!(activity.id = %id, inbox = %inbox, status = answer.status,
                text = answer.text, "a server refused an activity");
            Verdict::Refused(format!("{host} answered {} {}", answer.status, answer.text))
        }
        Err(Error::Invalid(why)) => {
            tracing::info!(activity.id = %id, inbox = %inbox, why, "may not deliver there");
            Verdict::Final
        }
        Err(error) => Verdict::Later(error.cause().to_string(), None),
    }
}

/// What goes along with what is for followers only.
async fn synchronization(app: &App, delivery: &Delivery, body: &str) -> Result<Option<String>> {
    if body.contains(PUBLIC) {
        return Ok(None);
    }
    let (signer, host, body) = (delivery.signer_id, delivery.host.clone(), body.to_owned());
    app.read(move |conn| followers::header(conn, signer, &host, &body)).await
}

/// What is to be delivered.
struct Letter<'a> {
    inbox: &'a Url,
    body: &'a str,
    /// What goes along with it as a header.
    extra: Option<&'a str>,
    /// Since when.
    on_its_way: Time,
}

/// Delivers a letter; where the signature is refused once more, with another key or in another
/// form. The form that a server took is remembered.
async fn signed_post(
    app: &App,
    host: &str,
    signing: &Signing,
    letter: &Letter<'_>,
) -> Result<Answer> {
    let habit = app.habit(host).await?;
    if let Some(former) = signing.former.as_ref().filter(|_| letter.on_its_way <= signing.since) {
        let answer = post(app, former, habit.form, letter).await;
        if !matches!(answer, Ok(Answer { status: 400 | 401, .. })) {
            return answer;
        }
        // It knows the new key already.
        return post(app, key(signing, habit.form), habit.form, letter).await;
    }
    let answer = post(app, key(signing, habit.form), habit.form, letter).await;
    let worked = answer.as_ref().is_ok_and(Answer::is_success);
    let other = match (&answer, habit) {
        (Ok(_), Habit { shown: false, .. }) if worked => {
            app.guessed_well(host);
            return answer;
        }
        // By 400 one who took this form before means the activity.
        (Ok(Answer { status: 401, .. }), Habit { form, .. })
        | (Ok(Answer { status: 400, .. }), Habit { form, shown: false }) => another(form),
        _ => return answer,
    };
    let again = post(app, key(signing, other), other, letter).await;
    if !again.as_ref().is_ok_and(Answer::is_success) {
        return answer;
    }
    app.takes(host, other).await?;
    again
}

/// What to try after a form was refused.
fn another(form: SignatureForm) -> SignatureForm {
    match form {
        SignatureForm::Cavage => SignatureForm::Rfc9421,
        SignatureForm::Rfc9421 | SignatureForm::Ed25519 => SignatureForm::Cavage,
    }
}

fn key(signing: &Signing, form: SignatureForm) -> &Key {
    match form {
        SignatureForm::Cavage | SignatureForm::Rfc9421 => &signing.main,
        SignatureForm::Ed25519 => &signing.ed25519,
    }
}

/// Answers after which a later try may do better.
fn is_passing(status: u16) -> bool {
    matches!(status, 401 | 408 | 425 | 429 | 300..=399 | 500..=599)
}

async fn post(app: &App, key: &Key, form: SignatureForm, letter: &Letter<'_>) -> Result<Answer> {
    let (inbox, body) = (letter.inbox, letter.body);
    let sign = match form {
        SignatureForm::Cavage => signature::sign_post,
        SignatureForm::Rfc9421 | SignatureForm::Ed25519 => signature::sign_post_rfc9421,
    };
    let mut headers = sign(&key.id, &key.key, inbox, body.as_bytes(), app.now())?;
    headers.extend(letter.extra.map(|extra| (followers::HEADER, extra.to_owned())));
    app.fetcher().post_activity(inbox, body.to_owned(), &headers).await
}

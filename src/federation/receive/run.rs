//! From an activity that is proven to its consequences: at once, or by a task with what it needs.
use std::sync::{Arc, OnceLock};

use super::{Fetched, Found, Need, Received, Stop, apply};
use crate::{
    activitypub::{Incoming, activity, json},
    app::App,
    db::{
        activities::{self, Activity},
        actors::{self, Actor},
    },
    domain::{self, Tx},
    error::{Error, Result},
    federation::actors as others,
    tasks::{self, Task},
    types::{ActivityId, Uri},
};

/// Most things that are fetched for one activity.
const MOST_FETCHES: usize = 64;
/// How long an activity waits for servers that do not answer, seconds; then it does without them.
const PATIENCE_SECS: i64 = 900;

/// What became of an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was acted on.
    Done,
    /// Nothing follows from it here; says why.
    Ignored(&'static str),
    /// It was here before.
    Duplicate,
    /// It waits for something to be fetched.
    Waits(Need),
}

/// An activity and its sender, proven.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The activity.
    pub incoming: Arc<Incoming>,
    /// Who did it.
    pub actor: Actor,
    /// Its text as it came.
    pub body: Arc<str>,
}

/// Stores an activity, once, and acts on it: in the same change where nothing must be fetched, else
/// by a task.
///
/// # Errors
/// What the sender is told; nothing has happened then.
pub async fn arrive(app: &App, arrival: Arrival) -> Result<Attempt> {
    let outcome = attempt(app, &arrival, Found::default(), true).await?;
    if let Attempt::Waits(need) = &outcome {
        tracing::debug!(?need, "an activity waits");
        let kept = arrival.clone();
        let new = app
            .write(move |tx| {
                let row = row(tx, &kept);
                let new = activities::insert(tx, &row)?;
                if new {
                    tasks::enqueue(tx, &Task::Receive { activity: row.id })?;
                }
                Ok(new)
            })
            .await?;
        return Ok(if new { outcome } else { Attempt::Duplicate });
    }
    Ok(outcome)
}

/// One try: all or nothing.
async fn attempt(app: &App, arrival: &Arrival, found: Found, store: bool) -> Result<Attempt> {
    let arrival = arrival.clone();
    let need = Arc::new(OnceLock::new());
    let needed = Arc::clone(&need);
    let outcome = app
        .write(move |tx| {
            if store {
                let row = row(tx, &arrival);
                if !activities::insert(tx, &row)? {
                    return Ok(Attempt::Duplicate);
                }
                domain::actors::used(tx, &arrival.actor)?;
            }
            let received = Received {
                incoming: &arrival.incoming,
                actor: &arrival.actor,
                body: &arrival.body,
                found: &found,
            };
            match apply(tx, &received) {
                Ok(()) => Ok(Attempt::Done),
                Err(Stop::Ignore(why)) => Ok(Attempt::Ignored(why)),
                Err(Stop::Error(error)) => Err(error),
                Err(Stop::Need(need)) => {
                    // The error undoes what was done so far; it goes no further than this function.
                    let _ = needed.set(need);
                    Err(Error::Conflict("something has to be fetched first".into()))
                }
            }
        })
        .await;
    match need.get() {
        Some(need) => Ok(Attempt::Waits(need.clone())),
        None => outcome,
    }
}

/// The row of an activity. One without an id gets a name of ours: it is known by what it says, and
/// saying it twice is harmless.
fn row(tx: &Tx, arrival: &Arrival) -> Activity {
    let id = ActivityId(tx.new_id());
    let incoming = &arrival.incoming;
    let named = incoming.id.as_ref().map(Uri::to_string);
    Activity {
        id,
        ap_id: named.unwrap_or_else(|| format!("{}#{}-{id}", incoming.actor, incoming.kind())),
        kind: incoming.kind().to_owned(),
        actor_id: arrival.actor.id,
        object_uri: json::id(&incoming.raw, "object").map(|uri| uri.to_string()),
        local: false,
        open: false,
        body: arrival.body.to_string(),
        created_at: tx.now(),
    }
}

/// Acts on a stored activity, fetching what it needs. Doing it twice changes nothing.
///
/// # Errors
/// `Unreachable` or `Internal` when it is to be tried again; any other ends it.
pub async fn run(app: &App, id: ActivityId) -> Result<()> {
    let stored = app
        .read(move |conn| {
            let Some(row) = activities::by_id(conn, id)? else { return Err(Error::NotFound) };
            let actor = actors::by_id(conn, row.actor_id)?;
            Ok((row, actor))
        })
        .await?;
    let (row, actor) = stored;
    let incoming = Arc::new(activity::read(&json::parse(row.body.as_bytes())?)?);
    let arrival = Arrival { incoming, actor, body: row.body.into() };
    let patient = row.created_at.plus_secs(PATIENCE_SECS) > app.now();
    let mut found = Found::default();
    for _ in 0..MOST_FETCHES {
        match attempt(app, &arrival, found.clone(), false).await? {
            Attempt::Waits(need) => {
                let (uri, fetched) = fetched(app, &need, patient).await?;
                found.insert(uri, fetched);
            }
            Attempt::Ignored(why) => {
                tracing::debug!(activity.id = row.ap_id, why, "ignored an activity");
                return Ok(());
            }
            Attempt::Done | Attempt::Duplicate => return Ok(()),
        }
    }
    Err(Error::invalid("it needs more than one activity may ask for"))
}

/// Fetches what is needed. A server that does not answer is waited for only while `patient`.
///
/// # Errors
/// `Unreachable`, `TooMany` or `Internal` when it is to be tried again.
pub async fn fetched(app: &App, need: &Need, patient: bool) -> Result<(Uri, Fetched)> {
    let there = || Fetched::Document(Box::default());
    let (uri, outcome) = match need {
        Need::Actor(uri) => (uri, others::resolve(app, uri).await.map(|_| there())),
        Need::Refresh(uri) => (uri, others::refresh(app, uri).await.map(|_| there())),
        Need::Document(uri) => {
            let document = others::document(app, uri).await;
            (uri, document.map(|document| Fetched::Document(Box::new(document))))
        }
    };
    let fetched = match outcome {
        Ok(fetched) => fetched,
        Err(Error::Gone | Error::NotFound) => Fetched::Gone,
        Err(error @ (Error::Unreachable(_) | Error::TooMany(_))) if patient => return Err(error),
        Err(error @ Error::Internal(_)) => return Err(error),
        Err(error) => {
            tracing::info!(uri = %uri, cause = %error.cause(), "could not fetch what is needed");
            Fetched::Never
        }
    };
    Ok((uri.clone(), fetched))
}

//! What activities of others do here: one file for each.
//!
//! Acting is a plain function on a transaction. Where it needs something that is not here it stops
//! and says what ([`Need`]); nothing has happened then, the need is fetched and it is tried again.
//! Most activities need nothing and are acted on while their sender still waits for the answer.
mod acknowledged;
mod announce;
mod answer;
mod approval;
mod block;
mod chosen;
mod create;
mod delete;
mod flag;
mod follow;
mod forget;
mod hint;
mod like;
mod moderation;
mod moves;
mod post;
mod quote;
mod reply_request;
mod run;
mod stamp;
mod thread;
mod undo;
mod update;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    activitypub::{Activity, Incoming, Refusal},
    db::{
        self,
        actors::{self, Actor},
        posts::{self, Post},
    },
    domain::Tx,
    error::Error,
    types::Uri,
};

use moderation::Way;
pub use run::{Arrival, Attempt, arrive, fetched, run};
pub use thread::ensure;

/// Why acting on an activity stopped.
#[derive(Debug)]
pub enum Stop {
    /// Something has to be fetched first.
    Need(Need),
    /// Nothing follows from it here; says why.
    Ignore(&'static str),
    /// It must not be, or cannot be just now.
    Error(Error),
}

/// What acting on an activity may produce.
pub type Step<T = ()> = Result<T, Stop>;

/// Something elsewhere that has to be known first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// An actor that is not known here.
    Actor(Uri),
    /// An actor that is known, as it is now.
    Refresh(Uri),
    /// A document as its own server shows it.
    Document(Uri),
}

/// What was fetched for one activity.
#[derive(Clone, Debug, Default)]
pub struct Found(BTreeMap<Uri, Fetched>);

/// What came of fetching something.
#[derive(Clone, Debug)]
pub enum Fetched {
    /// The document, from its own server. Of an actor: it is stored.
    Document(Box<Value>),
    /// It is there no more, as its server says.
    Gone,
    /// It cannot be had.
    Never,
}

impl Found {
    /// Remembers what came of fetching.
    pub fn insert(&mut self, uri: Uri, fetched: Fetched) {
        self.0.insert(uri, fetched);
    }

    /// What came of fetching this, if it was tried.
    pub fn get(&self, uri: &Uri) -> Option<&Fetched> {
        self.0.get(uri)
    }
}

/// One activity whose sender is proven, and all that is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The activity.
    pub incoming: &'a Incoming,
    /// Who did it: proven by signature.
    pub actor: &'a Actor,
    /// Its text as it came.
    pub body: &'a str,
    /// What was fetched for it.
    pub found: &'a Found,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}
impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Error(error.into())
    }
}
impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Error(refusal.into())
    }
}

impl Received<'_> {
    /// An actor: of ours, known, or to be fetched.
    fn actor_of(&self, tx: &mut Tx, uri: &Uri) -> Step<Actor> {
        match actors::by_ap_id(tx, uri.as_str())? {
            Some(actor) if actor.is_active() => Ok(actor),
            Some(_) => Err(Stop::Ignore("it is about somebody who is gone")),
            None if tx.node().owns(uri) => Err(nobody_here()),
            None => match self.found.get(uri) {
                None => Err(Stop::Need(Need::Actor(uri.clone()))),
                Some(_) => Err(Stop::Ignore("it is about somebody who cannot be found")),
            },
        }
    }

    /// A document as its own server shows it.
    fn document(&self, uri: &Uri) -> Step<&Value> {
        match self.found.get(uri) {
            Some(Fetched::Document(document)) => Ok(document),
            Some(Fetched::Gone) => Err(Stop::Ignore("it is about something that is gone")),
            Some(Fetched::Never) => Err(Stop::Ignore("it is about something that cannot be had")),
            None => Err(Stop::Need(Need::Document(uri.clone()))),
        }
    }

    /// A post that is here.
    fn known_post(tx: &mut Tx, uri: &Uri) -> Step<Post> {
        match posts::by_ap_id(tx, uri.as_str())? {
            Some(post) if post.deleted_at.is_some() => Err(Stop::Ignore("the post is deleted")),
            Some(post) => Ok(post),
            None if tx.node().owns(uri) => Err(nobody_here()),
            None => Err(Stop::Ignore("it is about a post that is not known here")),
        }
    }

    /// The same, where the sender must be allowed to read it too.
    fn readable_post(&self, tx: &mut Tx, uri: &Uri) -> Step<Post> {
        let post = Self::known_post(tx, uri)?;
        let reader = self.actor.id;
        if post.visibility.is_open() || db::timelines::may_read(tx, Some(reader), post.id)? {
            Ok(post)
        } else {
            Err(Stop::Error(Error::NotFound))
        }
    }
}

fn nobody_here() -> Stop {
    Stop::Ignore("there is no such thing here")
}

fn forbidden(why: &str) -> Stop {
    Stop::Error(Error::forbidden(why))
}

/// Acts on an activity.
fn apply(tx: &mut Tx, received: &Received) -> Step {
    match &received.incoming.activity {
        Activity::Follow { object } | Activity::Join { object } => {
            follow::receive(tx, received, object)
        }
        Activity::Accept { object } => answer::receive(tx, received, object, answer::Says::Yes),
        Activity::Reject { object } => answer::receive(tx, received, object, answer::Says::No),
        Activity::Undo { object } => undo::receive(tx, received, object),
        Activity::Create { objects } => create::receive(tx, received, objects),
        Activity::Update { object } => update::receive(tx, received, object),
        Activity::Delete(delete) => delete::receive(tx, received, delete),
        Activity::Like(like) => {
            let (content, result) = (like.content.as_deref(), like.result.as_ref());
            like::receive(tx, received, &like.object, content, result)
        }
        Activity::EmojiReact { object, content } => {
            like::receive(tx, received, object, Some(content), None)
        }
        Activity::Announce { objects } => announce::receive(tx, received, objects),
        Activity::Block(block) => block::receive(tx, received, block),
        Activity::PollVote { object, choice } => create::vote(tx, received, object, choice),
        act @ (Activity::Add { object, target } | Activity::Remove { object, target }) => {
            if let Some(above) = hint::listed_under(tx, target.as_ref())? {
                let added = matches!(act, Activity::Add { .. });
                return hint::receive(tx, received, object, &above, added);
            }
            moderation::receive(tx, received, act, Way::Direct, false)
        }
        act @ Activity::Lock { .. } => moderation::receive(tx, received, act, Way::Direct, false),
        Activity::ChooseAnswer { object } => chosen::receive(tx, received, object, false),
        Activity::Forget { object } => forget::receive(tx, received, object),
        Activity::Move { object, target } => moves::receive(tx, received, object, target.as_ref()),
        Activity::Dislike { object } => like::dislike(tx, received, object),
        Activity::Flag { objects, comment } => {
            flag::receive(tx, received, objects, comment.as_deref())
        }
        Activity::Resolve { object } => flag::resolve(tx, received, object),
        Activity::Leave { object } => undo::unfollow(tx, received, object),
        Activity::QuoteRequest { object, instrument } => {
            quote::receive(tx, received, object, instrument.as_ref())
        }
        Activity::ReplyRequest { object, instrument } => {
            reply_request::receive(tx, received, object, instrument.as_ref())
        }
        Activity::Unknown { .. } => Err(Stop::Ignore("nothing we act on")),
    }
}

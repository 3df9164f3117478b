//! Letting others quote what was written here ([FEP-044f](https://w3id.org/fep/044f)).
use crate::{
    db::{self, Conn, actors::Actor, policies::Policy, posts::Post, quotes::Stamp},
    domain::{Fact, Tx, posts},
    error::{Error, Result},
    types::{PostId, Uri},
};

/// Who may quote a post of ours. What is not for everyone nobody quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quoters {
    /// Whoever asks.
    #[default]
    Everyone,
    /// Who follows its author.
    Followers,
    /// Nobody else.
    Nobody,
}

impl Quoters {
    /// Those that the policy of a post here lets quote it.
    pub fn of(policy: Option<&Policy>, author: &Actor) -> Self {
        let Some(who) = policy.and_then(|policy| policy.can_quote.as_deref()) else {
            return Self::Everyone;
        };
        let who: Vec<String> = serde_json::from_str(who).unwrap_or_default();
        if who.contains(&followers_of(author)) { Self::Followers } else { Self::Nobody }
    }

    /// The same as a list of ids; nothing means everyone.
    fn ids(self, author: &Actor) -> Option<[String; 1]> {
        match self {
            Self::Everyone => None,
            Self::Followers => Some([followers_of(author)]),
            Self::Nobody => Some([author.ap_id.to_string()]),
        }
    }
}

fn followers_of(author: &Actor) -> String {
    author.followers_uri.clone().unwrap_or_else(|| format!("{}/followers", author.ap_id))
}

/// Writes down who may quote a post of `author`.
///
/// # Errors
/// `Internal` from the database.
pub fn allow(tx: &mut Tx, author: &Actor, post: PostId, who: Quoters) -> Result<()> {
    let Some(ids) = who.ids(author) else {
        db::policies::forget(tx, post)?;
        return Ok(());
    };
    let can_quote = serde_json::to_string(&ids).map_err(Error::internal)?;
    let policy =
        Policy { post_id: post, can_reply: None, can_announce: None, can_quote: Some(can_quote) };
    Ok(db::policies::set(tx, &policy)?)
}

/// The author lets others quote a post from now on, or no longer. What was allowed stays.
///
/// # Errors
/// `NotFound` for a post of somebody else.
pub fn change(tx: &mut Tx, author: &Actor, id: PostId, who: Quoters) -> Result<Post> {
    let post = posts::own(tx, author, id)?;
    allow(tx, author, id, who)?;
    tx.record(Fact::QuotersChanged {
        post: Box::new(post.clone()),
        author: Box::new(author.clone()),
    });
    Ok(post)
}

fn may_quote(conn: &mut Conn, asker: &Actor, post: &Post, author: &Actor) -> Result<bool> {
    if !post.visibility.is_open()
        || !author.is_active()
        || db::relations::blocked_either_way(conn, asker.id, author.id)?
    {
        return Ok(false);
    }
    let policy = db::policies::of(conn, post.id)?;
    match Quoters::of(policy.as_ref(), author) {
        Quoters::Everyone => Ok(true),
        Quoters::Followers => Ok(db::follows::exists(conn, asker.id, author.id)?),
        Quoters::Nobody => Ok(false),
    }
}

/// Somebody elsewhere asks to quote a post of ours. What is for everyone may be quoted by those its
/// author lets, unless one of the two blocks the other; anything else may not. `request` is the
/// activity, JSON.
///
/// # Errors
/// `Internal` from the database.
pub fn ask(tx: &mut Tx, asker: &Actor, post: &Post, quote: &Uri, request: &str) -> Result<()> {
    let author = tx.actor(post.author_id)?;
    let stamp = if may_quote(tx, asker, post, &author)? {
        let stamp = Stamp {
            id: tx.new_id(),
            post_id: post.id,
            quote_uri: quote.to_string(),
            created_at: tx.now(),
        };
        Some(db::quotes::give(tx, &stamp)?)
    } else {
        None
    };
    tx.record(Fact::QuoteAnswered {
        stamp,
        author: Box::new(author),
        asker: Box::new(asker.clone()),
        request: request.to_owned(),
    });
    Ok(())
}

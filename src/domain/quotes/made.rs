//! What members here quote: whether they may, and whom that is asked.
use super::{Verdict, give, settle, verdict};
use crate::{
    db::{
        self,
        actors::Actor,
        posts::Post,
        quotes::{Quote, QuoteState},
    },
    domain::{Fact, Tx, posts},
    error::{Error, Result},
    types::{PostId, Visibility},
};

/// A post that a member wants to quote, and may.
#[derive(Clone, Debug)]
pub struct Quoted {
    /// The post.
    pub post: Post,
    /// Who wrote it.
    pub author: Actor,
}

/// What `author` quotes. To quote a boost is to quote what it boosts.
///
/// # Errors
/// `NotFound` for what they may not read, `Invalid` for what its author lets nobody quote.
pub fn quotable(tx: &mut Tx, author: &Actor, id: PostId) -> Result<Quoted> {
    let mut post = posts::readable(tx, Some(author.id), id)?;
    if let Some(original) = post.boost_of_id {
        post = posts::readable(tx, Some(author.id), original)?;
    }
    let by = tx.actor(post.author_id)?;
    if verdict(tx, author, &post, &by)? == Verdict::Denied {
        return Err(Error::invalid(
            "Validation failed: its author does not let you quote this post",
        ));
    }
    Ok(Quoted { post, author: by })
}

impl Quoted {
    /// Whom a post may be for that quotes this one: no more than what it quotes.
    ///
    /// # Errors
    /// `Invalid` where the two do not go together.
    pub fn narrow(
        &self,
        by: &Actor,
        visibility: Visibility,
        group: Option<&Actor>,
        mentioned: &[crate::types::ActorId],
    ) -> Result<Visibility> {
        let own = self.author.id == by.id;
        let closed = !self.post.visibility.is_open();
        if closed && group.is_some() {
            return Err(Error::invalid(
                "Validation failed: what is for your followers is not quoted in a group",
            ));
        }
        if !own && visibility == Visibility::Direct && !mentioned.contains(&self.author.id) {
            return Err(Error::invalid(
                "Validation failed: in a post between a few only those are quoted who are \
                 mentioned in it",
            ));
        }
        // Who is asked elsewhere gets to see the post.
        if !own && !self.author.local && group.is_some_and(Actor::is_private_group) {
            return Err(Error::invalid(
                "Validation failed: who wrote this would have to see what is said in a private \
                 group; link to the post instead",
            ));
        }
        Ok(if closed && visibility.is_open() { Visibility::Followers } else { visibility })
    }
}

/// A new post of a member quotes another one: here its author's yes is known at once, elsewhere
/// the author is asked.
///
/// # Errors
/// `Internal` from the database.
pub fn begin(tx: &mut Tx, post: &Post, quoted: &Quoted) -> Result<()> {
    let mut quote = Quote {
        post_id: post.id,
        quoted_id: Some(quoted.post.id),
        quoted_uri: quoted.post.ap_id.to_string(),
        state: QuoteState::Pending,
        legacy: false,
        stamp: None,
        created_at: tx.now(),
    };
    if quoted.author.local {
        let stamp = give(tx, &quoted.post, &post.ap_id)?;
        quote.state = QuoteState::Accepted;
        quote.stamp = Some(super::address(tx, &stamp)?.to_string());
    }
    db::quotes::set(tx, &quote)?;
    let (post, quoted) = (Box::new(post.clone()), Box::new(quoted.post.clone()));
    tx.record(match quote.state {
        QuoteState::Accepted => Fact::Quoted { post, quoted },
        QuoteState::Pending | QuoteState::Rejected | QuoteState::Revoked => {
            Fact::QuoteAsked { post, quoted }
        }
    });
    Ok(())
}

/// Whether an answer to the request to quote in `post` is `by`'s to give.
///
/// # Errors
/// `Internal` from the database.
pub fn asked_of(tx: &mut Tx, by: &Actor, post: &Post) -> Result<Option<Quote>> {
    let Some(quote) = db::quotes::of_post(tx, post.id)? else { return Ok(None) };
    let Some(quoted) = quote.quoted_id else { return Ok(None) };
    let author = db::posts::by_id(tx, quoted)?.author_id;
    Ok((post.local && author == by.id).then_some(quote))
}

/// Who wrote what a post of ours quotes says yes, with a permission that was looked up, or no.
///
/// # Errors
/// `Internal` from the database.
pub fn answered(tx: &mut Tx, quote: &Quote, stamp: Option<String>) -> Result<()> {
    let state = if stamp.is_some() { QuoteState::Accepted } else { QuoteState::Rejected };
    settle(tx, quote, state, stamp)
}

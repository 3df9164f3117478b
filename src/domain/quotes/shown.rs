//! What a reader sees of what posts quote: never more than they may read, and nothing of whom they
//! do not want to see.
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    db::{
        self, Conn,
        posts::Post,
        quotes::{Quote, QuoteState},
    },
    error::Result,
    types::{ActorId, PostId, Time},
};

/// What there is to see where a post quotes another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// What it quotes.
    Shown,
    /// Who wrote that has not said yes.
    Pending,
    /// They said no.
    Rejected,
    /// They said no after a yes.
    Revoked,
    /// It is deleted.
    Deleted,
    /// It is not for the reader.
    Unauthorized,
    /// The reader blocks who wrote it.
    Blocked,
    /// The reader mutes who wrote it.
    Muted,
}

/// What a reader sees of a quote.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What there is to see.
    pub sight: Sight,
    /// What is quoted, where the reader could see it if they wanted to.
    pub post: Option<Post>,
}

/// What a reader sees of what each of `posts` quotes, of those that do. Whatever was quoted without
/// asking, and without a yes, is as if it was not quoted.
///
/// # Errors
/// `Internal` from the database.
pub fn shown(
    conn: &mut Conn,
    reader: Option<ActorId>,
    posts: &[PostId],
    now: Time,
) -> Result<BTreeMap<PostId, Shown>> {
    let mut quotes =
        if posts.is_empty() { BTreeMap::new() } else { db::quotes::of_posts(conn, posts)? };
    quotes.retain(|_, quote| quote.state == QuoteState::Accepted || !quote.legacy);
    if quotes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let eyes = Eyes::of(conn, reader, &quotes, now)?;
    Ok(quotes.into_iter().map(|(id, quote)| (id, eyes.see(&quote))).collect())
}

/// What a reader may and wants to see of some quoted posts.
struct Eyes {
    posts: BTreeMap<PostId, Post>,
    readable: BTreeSet<PostId>,
    shut_out: BTreeSet<ActorId>,
    blocked: BTreeSet<ActorId>,
    muted: BTreeSet<ActorId>,
}

impl Eyes {
    fn of(
        conn: &mut Conn,
        reader: Option<ActorId>,
        quotes: &BTreeMap<PostId, Quote>,
        now: Time,
    ) -> Result<Self> {
        let accepted = quotes.values().filter(|quote| quote.state == QuoteState::Accepted);
        let ids: BTreeSet<PostId> = accepted.filter_map(|quote| quote.quoted_id).collect();
        let ids: Vec<PostId> = ids.into_iter().collect();
        let posts = db::posts::by_ids(conn, &ids)?;
        let authors: BTreeSet<ActorId> = posts.iter().map(|post| post.author_id).collect();
        let authors: Vec<ActorId> = authors.into_iter().collect();
        let (mut shut_out, mut blocked, mut muted) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        if let Some(reader) = reader {
            shut_out.extend(db::relations::blocking_among(conn, reader, &authors)?);
            blocked.extend(db::relations::blocked_among(conn, reader, &authors)?);
            let silenced = db::relations::muted_among(conn, reader, &authors, now)?;
            muted.extend(silenced.into_iter().map(|mute| mute.target_id));
        }
        Ok(Self {
            readable: db::timelines::readable_among(conn, reader, &ids)?.into_iter().collect(),
            posts: posts.into_iter().map(|post| (post.id, post)).collect(),
            shut_out,
            blocked,
            muted,
        })
    }

    fn see(&self, quote: &Quote) -> Shown {
        let none = |sight| Shown { sight, post: None };
        match quote.state {
            QuoteState::Pending => return none(Sight::Pending),
            QuoteState::Rejected => return none(Sight::Rejected),
            QuoteState::Revoked => return none(Sight::Revoked),
            QuoteState::Accepted => {}
        }
        let Some(post) = quote.quoted_id.and_then(|id| self.posts.get(&id)) else {
            return none(Sight::Deleted);
        };
        if !self.readable.contains(&post.id) || self.shut_out.contains(&post.author_id) {
            return none(Sight::Unauthorized);
        }
        let sight = if self.blocked.contains(&post.author_id) {
            Sight::Blocked
        } else if self.muted.contains(&post.author_id) {
            Sight::Muted
        } else {
            Sight::Shown
        };
        Shown { sight, post: Some(post.clone()) }
    }
}

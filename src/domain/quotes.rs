//! Letting others quote what was written here ([FEP-044f](https://w3id.org/fep/044f)).
use crate::{
    db::{self, actors::Actor, posts::Post, quotes::Stamp},
    domain::{Fact, Tx},
    error::Result,
    types::Uri,
};

/// Somebody elsewhere asks to quote a post of ours. What is for everyone may be quoted, unless one of
/// the two blocks the other; anything else may not. `request` is the activity, JSON.
///
/// # Errors
/// `Internal` from the database.
pub fn ask(tx: &mut Tx, asker: &Actor, post: &Post, quote: &Uri, request: &str) -> Result<()> {
    let author = tx.actor(post.author_id)?;
    let blocked = db::relations::blocked_either_way(tx, asker.id, author.id)?;
    let stamp = if post.visibility.is_open() && author.is_active() && !blocked {
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

//! Quoting one another, where who is quoted agrees ([FEP-044f](https://w3id.org/fep/044f)).
mod made;
mod policy;
mod shown;

pub use made::{Quoted, answered, asked_of, begin, quotable};
pub use policy::{
    EVERYONE, Party, Quoters, Standing, Verdict, allow, change, foresee, parties, verdict,
};
pub use shown::{Shown, Sight, shown};

use crate::{
    db::{
        self, Conn,
        actors::Actor,
        posts::Post,
        quotes::{Quote, QuoteState, Stamp},
    },
    domain::{Fact, Tx, posts},
    error::{Error, Result},
    types::{ActorId, PostId, Uri},
};

/// The address of a permission that was given here.
///
/// # Errors
/// `Internal` where there can be none.
pub fn address(tx: &Tx, stamp: &Stamp) -> Result<Uri> {
    tx.node().uri(&format!("p/{}/quotes/{}", stamp.post_id, stamp.id))
}

fn give(tx: &mut Tx, post: &Post, quote: &Uri) -> Result<Stamp> {
    let stamp = Stamp {
        id: tx.new_id(),
        post_id: post.id,
        quote_uri: quote.to_string(),
        created_at: tx.now(),
    };
    Ok(db::quotes::give(tx, &stamp)?)
}

/// Somebody elsewhere asks to quote a post of ours. What is for everyone may be quoted by those its
/// author lets, unless one of the two blocks the other; anything else may not, nor what the author
/// took out of this quote before. `request` is the activity, JSON.
///
/// # Errors
/// `Internal` from the database.
pub fn ask(tx: &mut Tx, asker: &Actor, post: &Post, quote: &Uri, request: &str) -> Result<()> {
    let author = tx.actor(post.author_id)?;
    let known = match db::posts::by_ap_id(tx, quote.as_str())? {
        Some(quoting) => db::quotes::of_post(tx, quoting.id)?,
        None => None,
    };
    let another = known.as_ref().is_some_and(|known| {
        known.quoted_uri != post.ap_id.as_str() || known.state == QuoteState::Revoked
    });
    let stamp = if !another && verdict(tx, asker, post, &author)? == Verdict::Automatic {
        Some(give(tx, post, quote)?)
    } else {
        None
    };
    let permission = stamp.map(|stamp| address(tx, &stamp)).transpose()?;
    if let (Some(known), Some(permission)) = (known, &permission) {
        settle(tx, &known, QuoteState::Accepted, Some(permission.to_string()))?;
    }
    tx.record(Fact::RequestAnswered {
        permission,
        author: Box::new(author),
        asker: Box::new(asker.clone()),
        request: request.to_owned(),
    });
    Ok(())
}

/// What a post from elsewhere quotes, as far as it could be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteQuote {
    /// The id of what it quotes.
    pub uri: Uri,
    /// Said in words that ask nobody.
    pub legacy: bool,
    /// Whether who wrote that agrees.
    pub seen: Seen,
}

/// Whether somebody agrees to be quoted, as far as that could be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// They do: they quote themselves, or there is a permission.
    Agreed(Option<String>),
    /// Nothing says so.
    Nothing,
    /// What was said to be the permission is none.
    False,
    /// It could not be looked up just now.
    Unknown,
}

/// Who wrote what a post quotes: they have seen it when they were asked.
///
/// # Errors
/// `Internal` from the database.
pub fn author_quoted_in(conn: &mut Conn, post: PostId) -> Result<Option<ActorId>> {
    let quoted = db::quotes::of_post(conn, post)?.and_then(|quote| quote.quoted_id);
    Ok(quoted.map(|id| db::posts::by_id(conn, id)).transpose()?.map(|quoted| quoted.author_id))
}

/// Writes down what a post from elsewhere quotes, in place of what it quoted before. With `news` who is
/// quoted here hears of it.
///
/// # Errors
/// `Internal` from the database.
pub fn receive(tx: &mut Tx, post: &Post, remote: Option<&RemoteQuote>, news: bool) -> Result<()> {
    let Some(remote) = remote else { return Ok(()) };
    let quoted = db::posts::by_ap_id(tx, remote.uri.as_str())?;
    if quoted.as_ref().is_some_and(|quoted| quoted.is_boost() || quoted.id == post.id) {
        return Ok(());
    }
    let known = db::quotes::of_post(tx, post.id)?;
    let before = known.as_ref().filter(|known| known.quoted_uri == remote.uri.as_str());
    let before = before.map(|known| (known.state, known.stamp.clone()));
    let (state, stamp) = match (&remote.seen, before) {
        (Seen::Agreed(stamp), _) => (QuoteState::Accepted, stamp.clone()),
        (Seen::Unknown, Some(before)) => before,
        (Seen::Nothing | Seen::False, Some((QuoteState::Accepted | QuoteState::Revoked, _))) => {
            (QuoteState::Revoked, None)
        }
        (Seen::Nothing, Some((state, _))) => (state, None),
        (Seen::Nothing | Seen::Unknown, None) => (QuoteState::Pending, None),
        (Seen::False, _) => (QuoteState::Rejected, None),
    };
    let quote = Quote {
        post_id: post.id,
        quoted_id: quoted.map(|quoted| quoted.id),
        quoted_uri: remote.uri.to_string(),
        state,
        legacy: remote.legacy,
        stamp,
        created_at: known.as_ref().map_or_else(|| tx.now(), |known| known.created_at),
    };
    if known.as_ref() == Some(&quote) {
        return Ok(());
    }
    db::quotes::set(tx, &quote)?;
    let was_accepted = known.is_some_and(|known| known.state == QuoteState::Accepted);
    if news && state == QuoteState::Accepted && !was_accepted {
        tell(tx, post, quote.quoted_id)?;
    }
    Ok(())
}

/// The quoted author hears of it, where they live here.
fn tell(tx: &mut Tx, post: &Post, quoted: Option<PostId>) -> Result<()> {
    let Some(quoted) = quoted else { return Ok(()) };
    let quoted = db::posts::by_id(tx, quoted)?;
    if quoted.local {
        tx.record(Fact::Quoted { post: Box::new(post.clone()), quoted: Box::new(quoted) });
    }
    Ok(())
}

/// A quote becomes another one: a no after a yes is its end.
fn settle(tx: &mut Tx, quote: &Quote, state: QuoteState, stamp: Option<String>) -> Result<()> {
    let state = match (quote.state, state) {
        (QuoteState::Accepted | QuoteState::Revoked, QuoteState::Rejected) => QuoteState::Revoked,
        (_, state) => state,
    };
    let new = Quote { state, stamp, ..quote.clone() };
    if new == *quote {
        return Ok(());
    }
    db::quotes::set(tx, &new)?;
    let post = db::posts::by_id(tx, new.post_id)?;
    if post.deleted_at.is_some() {
        return Ok(());
    }
    if state == QuoteState::Accepted && quote.state != QuoteState::Accepted {
        tell(tx, &post, new.quoted_id)?;
    }
    tx.record(Fact::QuoteSettled { post: Box::new(post) });
    Ok(())
}

/// Who gave a permission took it back; `false` where it is for no quote that is known here.
///
/// # Errors
/// `Internal` from the database.
pub fn receive_end(tx: &mut Tx, by: &Actor, stamp: &Uri) -> Result<bool> {
    let mut known = false;
    for quote in db::quotes::by_stamp(tx, stamp.as_str())? {
        let Some(quoted) = quote.quoted_id else { continue };
        if db::posts::by_id(tx, quoted)?.author_id == by.id {
            settle(tx, &quote, QuoteState::Revoked, None)?;
            known = true;
        }
    }
    Ok(known)
}

/// A member takes a post of theirs out of another that quotes it; that one, as it is now.
///
/// # Errors
/// `NotFound` for a quote that there is not, `Forbidden` for a post of somebody else.
pub fn revoke(tx: &mut Tx, author: &Actor, quoted: PostId, quoting: PostId) -> Result<Post> {
    let quoted = posts::readable(tx, Some(author.id), quoted)?;
    if quoted.author_id != author.id {
        return Err(Error::forbidden("This action is not allowed"));
    }
    let post = posts::readable(tx, Some(author.id), quoting)?;
    let quote =
        db::quotes::of_post(tx, post.id)?.filter(|quote| quote.quoted_id == Some(quoted.id));
    let quote = quote.ok_or(Error::NotFound)?;
    if quote.state == QuoteState::Revoked {
        return Ok(post);
    }
    let stamp = db::quotes::stamp_for(tx, quoted.id, post.ap_id.as_str())?;
    settle(tx, &quote, QuoteState::Revoked, None)?;
    if let Some(stamp) = &stamp {
        db::quotes::take_back(tx, stamp.id)?;
    }
    tx.record(Fact::QuoteRevoked {
        stamp,
        quoted: Box::new(quoted),
        author: Box::new(author.clone()),
        post: Box::new(post.clone()),
    });
    Ok(post)
}

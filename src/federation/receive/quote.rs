//! Quotes, and asking for them ([FEP-044f](https://w3id.org/fep/044f)).
use serde_json::Value;

use super::{Fetched, Received, Step, Stop, answer::Says, forbidden, post, thread};
use crate::{
    activitypub::{Object, Reference, json},
    db::{
        self,
        actors::Actor,
        posts::Post,
        quotes::{QuoteState, stamp_for},
    },
    domain::{
        Tx, posts,
        quotes::{self, RemoteQuote, Seen},
    },
    error::Error,
    types::Uri,
};

/// Somebody asks to quote a post of ours: answered at once, by what its author lets others do. The
/// post that quotes is kept where it came along, or can be had, and is for everyone.
pub fn receive(
    tx: &mut Tx,
    received: &Received,
    object: &Uri,
    instrument: Option<&Reference>,
) -> Step {
    let instrument = instrument.filter(|quote| quote.id.is_some());
    let instrument = instrument.ok_or(Stop::Ignore("a request to quote in nothing"))?;
    let quote = instrument.require_id()?;
    if !quote.same_origin(&received.actor.ap_id) {
        return Err(forbidden("everyone asks for what they wrote themselves"));
    }
    let quoted = Received::known_post(tx, object)?;
    if !quoted.local {
        return Err(Stop::Ignore("its author is asked elsewhere"));
    }
    if quoted.visibility.is_open() {
        keep(tx, received, instrument, quote, &quoted)?;
    }
    quotes::ask(tx, received.actor, &quoted, quote, received.body)?;
    Ok(())
}

/// Stores the post in which somebody wants to quote, if it may be; who is quoted wants to see it.
fn keep(tx: &mut Tx, received: &Received, instrument: &Reference, id: &Uri, quoted: &Post) -> Step {
    if db::posts::by_ap_id(tx, id.as_str())?.is_some()
        || db::posts::has_tombstone(tx, id.as_str())?
        || db::relations::blocked_either_way(tx, quoted.author_id, received.actor.id)?
    {
        return Ok(());
    }
    let document = match &instrument.embedded {
        Some(document) if document.get("content").is_some() => document,
        Some(_) | None => match received.document(id) {
            Ok(document) => document,
            Err(Stop::Ignore(_)) => return Ok(()),
            Err(stop) => return Err(stop),
        },
    };
    let Ok(object) = Object::read(document) else { return Ok(()) };
    let quotes_it = object.quote.as_ref() == Some(&quoted.ap_id);
    let by_asker = post::must_be_by(&object, &received.actor.ap_id).is_ok();
    // An answer comes by its thread, where it may be judged.
    let shown = object.visibility(&[]).is_open() && object.in_reply_to.is_none();
    if object.id != *id || !quotes_it || !by_asker || !shown {
        return Ok(());
    }
    let mut remote = post::remote_post(tx, received.actor, &object, None)?;
    if !remote.groups.is_empty() {
        // What is for a group comes by its Create, which the group passes on.
        return Ok(());
    }
    remote.quote = seen(tx, received, &object, received.actor, false)?;
    match posts::receive(tx, received.actor, remote) {
        Ok(_) | Err(Error::Gone | Error::Forbidden(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What a post quotes, and whether who wrote that agrees. What is not here is looked up only where
/// `look` says so: else a chain of quotes would have us read all of it.
pub fn seen(
    tx: &mut Tx,
    received: &Received,
    object: &Object,
    author: &Actor,
    look: bool,
) -> Step<Option<RemoteQuote>> {
    let Some(uri) = object.quote.clone().filter(|uri| *uri != object.id) else { return Ok(None) };
    let mut quoted = db::posts::by_ap_id(tx, uri.as_str())?;
    if quoted.is_none() && look && object.visibility(&[]).is_open() {
        thread::ensure(tx, received, &uri, &mut vec![object.id.clone()])?;
        quoted = db::posts::by_ap_id(tx, uri.as_str())?;
    }
    let seen = match &quoted {
        Some(quoted) => agreement(tx, received, object, (author, quoted), look)?,
        None => Seen::Unknown,
    };
    Ok(Some(RemoteQuote { uri, legacy: object.quote_is_legacy, seen }))
}

fn agreement(
    tx: &mut Tx,
    received: &Received,
    object: &Object,
    (author, quoted): (&Actor, &Post),
    look: bool,
) -> Step<Seen> {
    if quoted.author_id == author.id {
        return Ok(Seen::Agreed(None));
    }
    if quoted.local {
        let stamp = stamp_for(tx, quoted.id, object.id.as_str())?;
        let stamp = stamp.map(|stamp| quotes::address(tx, &stamp)).transpose()?;
        return Ok(match stamp {
            Some(stamp) => Seen::Agreed(Some(stamp.to_string())),
            None => Seen::Nothing,
        });
    }
    let Some(stamp) = &object.quote_authorization else { return Ok(Seen::Nothing) };
    let giver = tx.actor(quoted.author_id)?.ap_id;
    if !stamp.same_origin(&giver) {
        return Ok(Seen::False);
    }
    if is_known(tx, object, stamp)? {
        return Ok(Seen::Agreed(Some(stamp.to_string())));
    }
    if !look && received.found.get(stamp).is_none() {
        return Ok(Seen::Unknown);
    }
    Ok(match received.document(stamp) {
        Ok(document) if permits(document, stamp, &giver, &object.id, &quoted.ap_id) => {
            Seen::Agreed(Some(stamp.to_string()))
        }
        Ok(_) => Seen::False,
        Err(Stop::Ignore(_)) => match received.found.get(stamp) {
            Some(Fetched::Gone) => Seen::False,
            Some(_) | None => Seen::Unknown,
        },
        Err(stop) => return Err(stop),
    })
}

/// Whether this permission was looked up before; its end is told.
fn is_known(tx: &mut Tx, object: &Object, stamp: &Uri) -> Step<bool> {
    let Some(post) = db::posts::by_ap_id(tx, object.id.as_str())? else { return Ok(false) };
    let known = db::quotes::of_post(tx, post.id)?;
    Ok(known.is_some_and(|known| {
        known.state == QuoteState::Accepted && known.stamp.as_deref() == Some(stamp.as_str())
    }))
}

/// Whether a document is this permission: by `giver`, to quote `quoted` in `quote`.
pub fn permits(document: &Value, id: &Uri, giver: &Uri, quote: &Uri, quoted: &Uri) -> bool {
    json::is(document, "QuoteAuthorization")
        && json::id_of(document).as_ref() == Some(id)
        && json::id(document, "attributedTo").as_ref() == Some(giver)
        && json::id(document, "interactingObject").as_ref() == Some(quote)
        && json::id(document, "interactionTarget").as_ref() == Some(quoted)
}

/// Who wrote what a post of ours quotes says yes, with a permission that everyone can look up, or no.
pub fn answered(tx: &mut Tx, received: &Received, post: &Post, says: Says) -> Step {
    let quote = quotes::asked_of(tx, received.actor, post)?;
    let quote = quote.ok_or(Stop::Ignore("an answer to what was asked of somebody else"))?;
    if says == Says::No {
        return Ok(quotes::answered(tx, &quote, None)?);
    }
    let stamp = json::id(&received.incoming.raw, "result");
    let stamp = stamp.ok_or(Stop::Ignore("a yes without a permission"))?;
    let giver = &received.actor.ap_id;
    if !stamp.same_origin(giver) {
        return Err(Stop::Ignore("a permission of somebody elsewhere"));
    }
    let quoted = Uri::parse(&quote.quoted_uri).map_err(Error::from)?;
    if !permits(received.document(&stamp)?, &stamp, giver, &post.ap_id, &quoted) {
        return Err(Stop::Ignore("a permission for something else"));
    }
    Ok(quotes::answered(tx, &quote, Some(stamp.to_string()))?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_permission_is_for_one_post_in_one_other_by_who_wrote_it() {
        let uri = |text: &str| Uri::parse(text).unwrap();
        let (id, giver) = (uri("https://m.example/s/1"), uri("https://m.example/u/mia"));
        let (quote, quoted) = (uri("https://oak.example/p/1"), uri("https://m.example/n/1"));
        let whole = json!({"id": id, "type": "QuoteAuthorization", "attributedTo": giver,
            "interactingObject": quote, "interactionTarget": quoted});
        assert!(permits(&whole, &id, &giver, &quote, &quoted));
        for key in ["id", "type", "attributedTo", "interactingObject", "interactionTarget"] {
            let mut other = whole.clone();
            other[key] = json!("https://m.example/other");
            assert!(!permits(&other, &id, &giver, &quote, &quoted), "{key}");
        }
    }
}

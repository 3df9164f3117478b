use super::{Received, Step, Stop, forbidden};
use crate::{
    activitypub::Reference,
    domain::{Tx, quotes},
    types::Uri,
};

/// Somebody asks to quote a post of ours: answered at once, by what its author lets others do
/// ([FEP-044f](https://w3id.org/fep/044f)).
pub fn receive(
    tx: &mut Tx,
    received: &Received,
    object: &Uri,
    instrument: Option<&Reference>,
) -> Step {
    let quote = instrument.and_then(|quote| quote.id.as_ref());
    let quote = quote.ok_or(Stop::Ignore("a request to quote in nothing"))?;
    if !quote.same_origin(&received.actor.ap_id) {
        return Err(forbidden("everyone asks for what they wrote themselves"));
    }
    let post = Received::known_post(tx, object)?;
    if !post.local {
        return Err(Stop::Ignore("its author is asked elsewhere"));
    }
    quotes::ask(tx, received.actor, &post, quote, received.body)?;
    Ok(())
}

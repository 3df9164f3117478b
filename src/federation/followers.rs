//! Both sides keep the same list of who follows whom, where more than counting hangs on it:
//! [FEP-8fcf](https://w3id.org/fep/8fcf).
//!
//! What is only for followers carries a digest of those who live on the receiver's server. Where it
//! does not fit, that server asks for the list of its own people, and for no one else's.
use std::collections::BTreeMap;

use actix_web::http::header::HeaderMap;
use sha2::{Digest as _, Sha256};

use super::actors as others;
use crate::{
    activitypub::{PUBLIC, collection::Collection},
    app::App,
    db::{self, Conn, actors::Actor},
    domain::follows,
    error::{Error, Result},
    tasks::{self, Task},
    types::{ActorId, Uri},
};

/// The header, in both directions.
pub const HEADER: &str = "collection-synchronization";
/// Most followers of one actor here whose follows are compared.
const MOST_FOLLOWERS: i64 = 100_000;

/// The digest of a list: SHA-256 of each id, all of them combined by exclusive or, as hex.
pub fn digest<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let mut sum = [0_u8; 32];
    for id in ids {
        for (byte, other) in sum.iter_mut().zip(Sha256::digest(id)) {
            *byte ^= other;
        }
    }
    hex::encode(sum)
}

/// What the header says on a delivery of `body` by `signer` to `host`; nothing on what is for
/// everyone, or not for the signer's followers.
///
/// # Errors
/// `Internal` from the database.
pub fn header(conn: &mut Conn, signer: ActorId, host: &str, body: &str) -> Result<Option<String>> {
    if body.contains(PUBLIC) {
        return Ok(None);
    }
    let signer = db::actors::by_id(conn, signer)?;
    let collection = format!("{}/followers", signer.ap_id);
    if !body.contains(&format!("\"{collection}\"")) {
        return Ok(None);
    }
    let ids = db::follows::followers_on(conn, signer.id, host)?;
    let digest = digest(ids.iter().map(String::as_str));
    Ok(Some(format!(
        "collectionId=\"{collection}\", url=\"{collection}/synchronization\", digest=\"{digest}\""
    )))
}

/// Compares what an actor's server says of its followers here, and has the list looked at where it
/// does not fit.
///
/// # Errors
/// `Internal` from the database.
pub async fn compare(app: &App, headers: &HeaderMap, actor: &Actor) -> Result<()> {
    let said = headers.get(HEADER).and_then(|value| value.to_str().ok()).map(parameters);
    let Some((url, said)) = said.and_then(|said| claim(&said, actor)) else { return Ok(()) };
    let id = actor.id;
    app.write(move |tx| {
        let known = db::follows::local_followers(tx, id, MOST_FOLLOWERS)?;
        let ids = known.iter().map(|(_, follower)| follower.ap_id.as_str());
        if digest(ids) == said {
            return Ok(());
        }
        tasks::enqueue(tx, &Task::CompareFollowers { actor: id, url })
    })
    .await
}

/// `key="value"` pairs, by their keys.
fn parameters(header: &str) -> BTreeMap<String, String> {
    let pairs = header.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (key.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

/// Where the list is and what its digest is, if it is about the actor's own followers and kept on
/// the actor's own server.
fn claim(said: &BTreeMap<String, String>, actor: &Actor) -> Option<(Uri, String)> {
    if said.get("collectionId") != actor.followers_uri.as_ref() {
        return None;
    }
    let url = Uri::parse(said.get("url")?).ok()?;
    let digest = said.get("digest")?.to_ascii_lowercase();
    url.same_origin(&actor.ap_id).then_some((url, digest))
}

/// Ends follows here that the followed's server does not know, and there those that are not known
/// here.
///
/// # Errors
/// `Internal` or `Unreachable` when it is to be tried again.
pub async fn agree(app: &App, actor: ActorId, url: &Uri) -> Result<()> {
    let list = Collection::read(&others::document(app, url).await?)?;
    if list.more.is_some() {
        return Err(Error::invalid("a list of followers in pages says too little"));
    }
    app.write(move |tx| {
        let known = db::follows::local_followers(tx, actor, MOST_FOLLOWERS)?;
        for (follow, follower) in &known {
            if !list.items.contains(&follower.ap_id) {
                follows::reject(tx, actor, follow.follower_id)?;
            }
        }
        let node = tx.node();
        for id in list.items.iter().filter(|id| node.owns(id)) {
            if known.iter().any(|(_, follower)| follower.ap_id == *id) {
                continue;
            }
            if let Some(follower) = db::actors::by_ap_id(tx, id.as_str())? {
                follows::deny(tx, follower.id, actor)?;
            }
        }
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_list_in_any_order() {
        // The example of FEP-8fcf.
        let ids = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"];
        let said = "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f";
        assert_eq!(digest(ids), said);
        assert_eq!(digest(ids.into_iter().rev()), said);
        assert_eq!(digest([]), "0".repeat(64));
    }

    #[test]
    fn a_header_is_read_in_pairs() {
        let header =
            r#"collectionId="https://a.example/f", url="https://a.example/s", digest="00""#;
        let read = parameters(header);
        assert_eq!(read.get("url").map(String::as_str), Some("https://a.example/s"));
        assert_eq!(read.len(), 3);
        assert_eq!(parameters("nothing of the kind").len(), 0);
    }
}

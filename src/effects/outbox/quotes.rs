//! Asking others to be quoted, or to be answered, and answering those who ask.
use serde_json::Value;

use crate::{
    activitypub::{
        json, rows,
        write::{self, Permission},
    },
    db::{actors::Actor, posts::Post, quotes::Stamp},
    domain::{Tx, quotes},
    effects::send::{Inboxes, followers_of, here, inbox_of, new_uri, send},
    error::{Error, Result},
    types::Uri,
};

/// A member's post quotes what was written elsewhere: its author is asked.
pub(in crate::effects) fn quote_asked(tx: &mut Tx, post: &Post, quoted: &Post) -> Result<()> {
    request(tx, Permission::Quote, post, quoted)
}

/// The post of a member with the question whether it may quote, or answer, another one.
pub(super) fn request(tx: &mut Tx, of: Permission, post: &Post, about: &Post) -> Result<()> {
    let (author, asked) = (tx.actor(post.author_id)?, tx.actor(about.author_id)?);
    let node = tx.node();
    let instrument = rows::post(tx, here(&node), post)?;
    let request = write::request(of, &author.ap_id, &about.ap_id, &asked.ap_id, &instrument);
    let request = request.ok_or_else(|| Error::internal("a post of ours without id"))?;
    send(tx, &author, &request, inbox_of(&asked).into_iter().collect())
}

/// Yes, with the permission that others may look up, or no.
pub(in crate::effects) fn request_answered(
    tx: &mut Tx,
    permission: Option<&Uri>,
    author: &Actor,
    asker: &Actor,
    request: &str,
) -> Result<()> {
    let request: Value = serde_json::from_str(request)?;
    let id = new_uri(tx)?;
    let answer = match permission {
        Some(permission) => write::accept_with(&id, &author.ap_id, &request, permission),
        None if json::is(&request, "ReplyRequest") => write::refuse(&id, &author.ap_id, &request),
        None => write::reject(&id, &author.ap_id, &request),
    };
    send(tx, author, &answer, inbox_of(asker).into_iter().collect())
}

/// The end of a permission: to who has it and, where that is no secret, to all who may have seen the
/// two posts together.
pub(in crate::effects) fn quote_revoked(
    tx: &mut Tx,
    stamp: &Stamp,
    quoted: &Post,
    author: &Actor,
    post: &Post,
) -> Result<()> {
    let (address, id) = (quotes::address(tx, stamp)?, new_uri(tx)?);
    let (by, open) = (tx.actor(post.author_id)?, post.visibility.is_open());
    let permission = write::authorization(
        Permission::Quote,
        &address,
        &author.ap_id,
        &quoted.ap_id,
        &stamp.quote_uri,
    );
    let told = if open { None } else { Some(&by.ap_id) };
    let gone = write::authorization_gone(&id, &author.ap_id, &permission, told);
    let mut to: Inboxes = inbox_of(&by).into_iter().collect();
    if open {
        to.extend(followers_of(tx, author.id)?);
        to.extend(followers_of(tx, by.id)?);
    }
    send(tx, author, &gone, to)
}

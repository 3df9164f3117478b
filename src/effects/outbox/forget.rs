//! Wishes to be forgotten: heard at once where the group lives here, else told to its server.
use super::super::{
    proof::signed,
    send::{inbox_of, new_uri, send},
};
use crate::{
    activitypub::write,
    db::{self, actors::Actor},
    domain::{Tx, ledger},
    error::{Error, Result},
    types::ActorId,
};

pub(in crate::effects) fn forget_asked(tx: &mut Tx, person: ActorId, group: &Actor) -> Result<()> {
    let person = tx.actor(person)?;
    let document = write::forget(&new_uri(tx)?, &person.ap_id, &group.ap_id, tx.now());
    let document = signed(tx, &person, document)?;
    if !group.local {
        ledger::copy::forget(tx, group.id, person.id)?;
        return send(tx, &person, &document, inbox_of(group).into_iter().collect());
    }
    let serde_json::Value::Object(document) = document else {
        return Err(Error::internal("a request is an object"));
    };
    let key = Some(db::actors::keys(tx, person.id)?.ed25519_public);
    ledger::forget(tx, group, &person, Some(ledger::Stamp { document, key })).map(drop)
}

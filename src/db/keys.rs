//! Public keys beside the main ones, former keys of our own, and how servers want to be signed for.
use diesel::prelude::*;

use super::{
    Conn,
    actors::{Actor, ActorKeys},
    schema::{actor_keys, actors, former_keys, public_keys, servers},
    servers::ServerClass,
};
use crate::{
    insert_new, text_enum,
    types::{ActorId, Time},
};

text_enum! {
    /// How requests to a server are signed.
    SignatureForm {
        /// draft-cavage with RSA: what everybody takes.
        Cavage = "cavage",
        /// RFC 9421 with RSA.
        Rfc9421 = "rfc9421",
        /// RFC 9421 with Ed25519: a thirtieth of the work. Our own kind takes it.
        Ed25519 = "ed25519",
    }
}

/// A row of `public_keys`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = public_keys)]
pub struct PublicKey {
    /// What a signature names it by.
    pub key_id: String,
    /// Whose.
    pub actor_id: ActorId,
    /// PEM, or multibase.
    pub material: String,
    /// Of a local actor: shown until then.
    pub until: Option<Time>,
}

/// A row of `former_keys`: the secret half of a main key that was replaced.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = former_keys)]
pub struct FormerKey {
    /// Whose.
    pub actor_id: ActorId,
    /// What signatures named it by.
    pub key_id: String,
    /// PKCS#8 PEM.
    pub rsa_private: String,
}

/// The actor that signs with a key, and the key: its main one, or another that it lists.
pub fn owner(conn: &mut Conn, key_id: &str) -> QueryResult<Option<(Actor, String)>> {
    if let Some(actor) = super::actors::by_key_id(conn, key_id)? {
        let material = actor.public_key.clone();
        return Ok(Some((actor, material)));
    }
    public_keys::table
        .inner_join(actors::table)
        .filter(public_keys::key_id.eq(key_id))
        .select((Actor::as_select(), public_keys::material))
        .first(conn)
        .optional()
}

/// The keys of an actor beside its main one, the newest first.
pub fn others(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<PublicKey>> {
    public_keys::table
        .filter(public_keys::actor_id.eq(actor))
        .order((public_keys::until.desc(), public_keys::key_id.desc()))
        .select(PublicKey::as_select())
        .load(conn)
}

/// Writes down which keys an actor lists beside its main one. A key that another actor of its
/// server lists already stays that one's.
pub fn set_others(conn: &mut Conn, actor: ActorId, keys: &[(String, String)]) -> QueryResult<()> {
    let known: Vec<(String, String)> = public_keys::table
        .filter(public_keys::actor_id.eq(actor))
        .order(public_keys::key_id.asc())
        .select((public_keys::key_id, public_keys::material))
        .load(conn)?;
    let mut wanted = keys.to_vec();
    wanted.sort();
    if known == wanted {
        return Ok(());
    }
    diesel::delete(public_keys::table.filter(public_keys::actor_id.eq(actor))).execute(conn)?;
    for (key_id, material) in wanted {
        add(conn, &PublicKey { key_id, actor_id: actor, material, until: None })?;
    }
    Ok(())
}

/// One more key; `false` where its id is taken.
pub fn add(conn: &mut Conn, key: &PublicKey) -> QueryResult<bool> {
    insert_new!(conn, public_keys::table, key)
}

/// Forgets keys of a local actor that were shown until now, or all.
pub fn drop_shown_until(conn: &mut Conn, actor: ActorId, until: Time) -> QueryResult<usize> {
    diesel::delete(
        public_keys::table
            .filter(public_keys::actor_id.eq(actor).and(public_keys::until.le(until))),
    )
    .execute(conn)
}

/// Replaces the secret halves of a local actor's keys.
pub fn replace(conn: &mut Conn, keys: &ActorKeys) -> QueryResult<usize> {
    diesel::delete(actor_keys::table.find(keys.actor_id)).execute(conn)?;
    super::actors::insert_keys(conn, keys)
}

/// The main key a local actor had before, if it still signs.
pub fn former(conn: &mut Conn, actor: ActorId) -> QueryResult<Option<FormerKey>> {
    former_keys::table.find(actor).select(FormerKey::as_select()).first(conn).optional()
}

/// Remembers, or forgets, the main key a local actor had before.
pub fn set_former(
    conn: &mut Conn,
    actor: ActorId,
    former: Option<&FormerKey>,
) -> QueryResult<usize> {
    diesel::delete(former_keys::table.find(actor)).execute(conn)?;
    match former {
        Some(key) => diesel::insert_into(former_keys::table).values(key).execute(conn),
        None => Ok(0),
    }
}

/// What a server is, and which form of signatures it takes, as far as it showed.
pub fn signature_form(
    conn: &mut Conn,
    host: &str,
) -> QueryResult<Option<(ServerClass, Option<SignatureForm>)>> {
    let known = servers::table.find(host).select((servers::class, servers::signatures));
    known.first(conn).optional()
}

/// Writes down which form of signatures a server takes.
pub fn set_signature_form(conn: &mut Conn, host: &str, form: SignatureForm) -> QueryResult<usize> {
    diesel::update(servers::table.find(host)).set(servers::signatures.eq(Some(form))).execute(conn)
}

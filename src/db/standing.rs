//! What else a member says of others, for themselves: notes, endorsements, servers they want nothing
//! of, threads they have heard enough of.
use diesel::prelude::*;

use super::{
    Conn,
    actors::Actor,
    among::Among as _,
    page::Page,
    schema::{actors, domain_blocks, endorsements, private_notes, thread_mutes},
};
use crate::{
    insert_new, on,
    types::{ActorId, PostId},
};

/// Keeps a note about somebody; an empty one is none.
pub fn set_note(conn: &mut Conn, actor: ActorId, target: ActorId, note: &str) -> QueryResult<()> {
    diesel::delete(private_notes::table.find((actor, target))).execute(conn)?;
    if note.is_empty() {
        return Ok(());
    }
    diesel::insert_into(private_notes::table)
        .values((
            private_notes::actor_id.eq(actor),
            private_notes::target_id.eq(target),
            private_notes::note.eq(note),
        ))
        .execute(conn)
        .map(drop)
}

/// The notes of a member about any of `others`.
pub fn notes_among(
    conn: &mut Conn,
    actor: ActorId,
    others: &[ActorId],
) -> QueryResult<Vec<(ActorId, String)>> {
    on!(conn, c => private_notes::table
        .filter(private_notes::actor_id.eq(actor))
        .filter(private_notes::target_id.among(others.iter().copied()))
        .select((private_notes::target_id, private_notes::note))
        .load(c))
}

/// Endorses somebody; `false` if they are already.
pub fn endorse(conn: &mut Conn, id: i64, actor: ActorId, target: ActorId) -> QueryResult<bool> {
    insert_new!(
        conn,
        endorsements::table,
        (
            endorsements::id.eq(id),
            endorsements::actor_id.eq(actor),
            endorsements::target_id.eq(target),
        )
    )
}

/// Endorses somebody no longer.
pub fn unendorse(conn: &mut Conn, actor: ActorId, target: ActorId) -> QueryResult<usize> {
    diesel::delete(
        endorsements::table
            .filter(endorsements::actor_id.eq(actor).and(endorsements::target_id.eq(target))),
    )
    .execute(conn)
}

/// Whom somebody endorses, each with the id by which it is paged.
pub fn endorsed(conn: &mut Conn, actor: ActorId, page: &Page) -> QueryResult<Vec<(i64, Actor)>> {
    let query = endorsements::table
        .inner_join(actors::table.on(actors::id.eq(endorsements::target_id)))
        .filter(endorsements::actor_id.eq(actor).and(actors::deleted_at.is_null()))
        .select((endorsements::id, Actor::as_select()))
        .into_boxed();
    crate::paged!(query, endorsements::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// Which of `others` a member endorses.
pub fn endorsed_among(
    conn: &mut Conn,
    actor: ActorId,
    others: &[ActorId],
) -> QueryResult<Vec<ActorId>> {
    on!(conn, c => endorsements::table
        .filter(endorsements::actor_id.eq(actor))
        .filter(endorsements::target_id.among(others.iter().copied()))
        .select(endorsements::target_id)
        .load(c))
}

/// A member wants nothing of a server; `false` if that is known.
pub fn block_domain(conn: &mut Conn, id: i64, actor: ActorId, host: &str) -> QueryResult<bool> {
    insert_new!(
        conn,
        domain_blocks::table,
        (domain_blocks::id.eq(id), domain_blocks::actor_id.eq(actor), domain_blocks::host.eq(host))
    )
}

/// Ends that.
pub fn unblock_domain(conn: &mut Conn, actor: ActorId, host: &str) -> QueryResult<usize> {
    diesel::delete(
        domain_blocks::table
            .filter(domain_blocks::actor_id.eq(actor).and(domain_blocks::host.eq(host))),
    )
    .execute(conn)
}

/// The servers a member wants nothing of, each with the id by which it is paged.
pub fn blocked_domains(
    conn: &mut Conn,
    actor: ActorId,
    page: &Page,
) -> QueryResult<Vec<(i64, String)>> {
    let query = domain_blocks::table
        .filter(domain_blocks::actor_id.eq(actor))
        .select((domain_blocks::id, domain_blocks::host))
        .into_boxed();
    crate::paged!(query, domain_blocks::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// Which of `hosts` a member wants nothing of.
pub fn blocked_domains_among(
    conn: &mut Conn,
    actor: ActorId,
    hosts: &[String],
) -> QueryResult<Vec<String>> {
    on!(conn, c => domain_blocks::table
        .filter(domain_blocks::actor_id.eq(actor))
        .filter(domain_blocks::host.among(hosts.iter().map(String::as_str)))
        .select(domain_blocks::host)
        .load(c))
}

/// A member hears no more of a thread.
pub fn mute_thread(conn: &mut Conn, actor: ActorId, thread: PostId) -> QueryResult<bool> {
    insert_new!(
        conn,
        thread_mutes::table,
        (thread_mutes::actor_id.eq(actor), thread_mutes::thread_id.eq(thread))
    )
}

/// Or hears of it again.
pub fn unmute_thread(conn: &mut Conn, actor: ActorId, thread: PostId) -> QueryResult<usize> {
    diesel::delete(thread_mutes::table.find((actor, thread))).execute(conn)
}

/// Which of `threads` a member wants to hear no more of.
pub fn muted_threads_among(
    conn: &mut Conn,
    actor: ActorId,
    threads: &[PostId],
) -> QueryResult<Vec<PostId>> {
    on!(conn, c => thread_mutes::table
        .filter(thread_mutes::actor_id.eq(actor))
        .filter(thread_mutes::thread_id.among(threads.iter().copied()))
        .select(thread_mutes::thread_id)
        .load(c))
}

/// All of this by and about somebody who is gone.
pub fn forget(conn: &mut Conn, actor: ActorId) -> QueryResult<()> {
    diesel::delete(
        private_notes::table
            .filter(private_notes::actor_id.eq(actor).or(private_notes::target_id.eq(actor))),
    )
    .execute(conn)?;
    diesel::delete(
        endorsements::table
            .filter(endorsements::actor_id.eq(actor).or(endorsements::target_id.eq(actor))),
    )
    .execute(conn)?;
    diesel::delete(domain_blocks::table.filter(domain_blocks::actor_id.eq(actor))).execute(conn)?;
    diesel::delete(thread_mutes::table.filter(thread_mutes::actor_id.eq(actor)))
        .execute(conn)
        .map(drop)
}

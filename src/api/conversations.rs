//! Direct messages: <https://docs.joinmastodon.org/methods/conversations/>
use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Json;

use super::{
    access::{Ctx, Member, PathId, scope},
    describe::{Api, Empty},
    entities::{Conversation, Id, Status, View},
    page::{Edges, Listing, Paged},
};
use crate::{
    db::{self, Conn, conversations::Conversation as Row, posts::Post},
    domain::conversations,
    error::{Error, Result},
    types::{ActorId, ConversationId, PostId},
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/conversations", all, "Your direct messages, by conversation")
        .delete("/api/v1/conversations/{id}", put_away, "Puts a conversation away")
        .post("/api/v1/conversations/{id}/read", read, "Marks a conversation as read")
        .post("/api/v1/conversations/{id}/unread", unread, "Marks a conversation as unread")
        .get("/api/v1/timelines/direct", posts, "The last post of each conversation");
}

impl View {
    /// The entities of conversations, in their order.
    pub(super) fn conversations(&self, conn: &mut Conn, rows: &[Row]) -> Result<Vec<Conversation>> {
        let ids: Vec<_> = rows.iter().map(|row| row.last_post_id).collect();
        let posts = db::posts::by_ids(conn, &ids)?;
        let named = db::posts::mentions_of(conn, &ids)?;
        let statuses = self.statuses(conn, &posts)?;
        let people = rows.iter().map(|row| people_in(row, &posts, &named));
        let people: Vec<Vec<ActorId>> = people.collect();
        let everyone: BTreeSet<ActorId> = people.iter().flatten().copied().collect();
        let everyone: Vec<ActorId> = everyone.into_iter().collect();
        let actors = db::actors::by_ids(conn, &everyone)?;
        let account = |id: &ActorId| {
            let actor = actors.iter().find(|actor| actor.id == *id)?;
            Some(self.account(actor))
        };
        let entity = |(row, people): (&Row, &Vec<ActorId>)| {
            let last = statuses.iter().find(|status| status.id == Id::from(row.last_post_id));
            Conversation {
                id: Id::from(row.id),
                unread: row.unread,
                accounts: people.iter().filter_map(account).collect(),
                last_status: last.cloned(),
            }
        };
        Ok(rows.iter().zip(&people).map(entity).collect())
    }
}

/// With whom a conversation is; a note to oneself is with oneself.
fn people_in(row: &Row, posts: &[Post], named: &BTreeMap<PostId, Vec<ActorId>>) -> Vec<ActorId> {
    let mut people: Vec<ActorId> = named.get(&row.last_post_id).cloned().unwrap_or_default();
    people.extend(posts.iter().find(|post| post.id == row.last_post_id).map(|post| post.author_id));
    people.sort_unstable();
    people.dedup();
    people.retain(|id| *id != row.actor_id);
    if people.is_empty() {
        people.push(row.actor_id);
    }
    people
}

async fn all(
    member: Member<scope::ReadStatuses>,
    listing: Listing,
) -> Result<Paged<Vec<Conversation>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let rows = db::conversations::list(conn, member.id, &page.rows(20, 40))?;
            let edges = Edges::of(rows.iter().map(|row| row.last_post_id.0));
            Ok((edges, view.conversations(conn, &rows)?))
        })
        .await
}

async fn marked(
    member: Member<scope::WriteConversations>,
    id: ConversationId,
    unread: bool,
    ctx: Ctx,
) -> Result<Json<Conversation>> {
    let view = member.view(&ctx);
    ctx.write(move |tx| {
        let row = conversations::mark(tx, member.id, id, unread)?;
        view.conversations(tx, &[row])?.pop().map(Json).ok_or(Error::NotFound)
    })
    .await
}

async fn read(
    member: Member<scope::WriteConversations>,
    id: PathId<ConversationId>,
    ctx: Ctx,
) -> Result<Json<Conversation>> {
    marked(member, id.0, false, ctx).await
}

async fn unread(
    member: Member<scope::WriteConversations>,
    id: PathId<ConversationId>,
    ctx: Ctx,
) -> Result<Json<Conversation>> {
    marked(member, id.0, true, ctx).await
}

async fn put_away(
    member: Member<scope::WriteConversations>,
    id: PathId<ConversationId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        conversations::put_away(tx, member.id, id.0)?;
        Ok(Json(Empty {}))
    })
    .await
}

/// The last post of each conversation; what clients before 2.6 asked for.
async fn posts(
    member: Member<scope::ReadStatuses>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let rows = db::conversations::list(conn, member.id, &page.rows(20, 40))?;
            let edges = Edges::of(rows.iter().map(|row| row.last_post_id.0));
            let ids: Vec<_> = rows.iter().map(|row| row.last_post_id).collect();
            let mut posts = db::posts::by_ids(conn, &ids)?;
            posts.sort_by_key(|post| std::cmp::Reverse(post.id));
            Ok((edges, view.statuses(conn, &posts)?))
        })
        .await
}

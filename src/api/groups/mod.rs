//! Groups, for clients that know them: shaped as the clients of Soapbox and Truth Social have it, with
//! what is ours (charter, help, health) under each. A group's id is its account's.
mod help;
mod people;

use actix_web::web::{self, Json};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, Viewer, scope},
    accounts::find,
    describe::Api,
    entities::{Account, At, Group, GroupOwner, GroupRelationship, GroupSource, Id, Status, View},
    page::{Edges, Listing, Page, Paged},
    params::{self, Params},
    resolve,
};
use crate::{
    db::{self, Conn, actors::Actor},
    domain::{
        follows,
        groups::{self, NewGroup},
        moderation,
    },
    error::{Error, Result},
    keys::KeyPair,
    text,
    types::ActorId,
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/groups", joined, "Groups you are in")
        .post("/api/v1/groups", found, "Founds a group")
        .may_refuse(&[409])
        .get("/api/v1/groups/relationships", relationships, "How you stand to groups")
        .get("/api/v1/groups/lookup", lookup, "A group by its handle")
        .get("/api/v1/groups/search", search, "Finds groups")
        .get("/api/v1/timelines/group/{id}", timeline, "Threads of a group")
        .part(help::routes)
        .part(people::routes)
        .get("/api/v1/groups/{id}", one, "One group")
        .post("/api/v1/groups/{id}/join", join, "Joins a group, or asks to")
        .post("/api/v1/groups/{id}/leave", leave, "Leaves a group");
}

/// A group, here or elsewhere.
///
/// # Errors
/// `NotFound` for anything else.
pub(super) fn group(conn: &mut Conn, id: ActorId) -> Result<Actor> {
    let group = find(conn, id)?;
    if group.is_group() { Ok(group) } else { Err(Error::NotFound) }
}

impl View {
    /// The entities of groups, in their order.
    fn groups(&self, conn: &mut Conn, actors: &[Actor]) -> Result<Vec<Group>> {
        let ids: Vec<ActorId> = actors.iter().map(|actor| actor.id).collect();
        let rows = db::groups::by_ids(conn, &ids)?;
        let accounts = self.accounts(conn, actors)?;
        let entity = |(actor, account): (&Actor, Account)| {
            let row = rows.iter().find(|row| row.actor_id == actor.id);
            let note = match row {
                Some(row) if account.note.is_empty() => text::paragraphs(&row.purpose),
                Some(_) | None => account.note.clone(),
            };
            Group {
                id: account.id,
                slug: account.acct.clone(),
                domain: if actor.local { self.domain.clone() } else { actor.host.clone() },
                display_name: if account.display_name.is_empty() {
                    account.username
                } else {
                    account.display_name
                },
                source: GroupSource { note: text::plain(&note) },
                note,
                purpose: row.map(|row| row.purpose.clone()),
                avatar: account.avatar,
                avatar_static: account.avatar_static,
                header: account.header,
                header_static: account.header_static,
                created_at: At(actor.created_at),
                deleted_at: None,
                locked: actor.locked,
                group_visibility: if actor.is_private_group() {
                    "members_only"
                } else {
                    "everyone"
                },
                statuses_visibility: if actor.is_private_group() { "private" } else { "public" },
                membership_required: true,
                discoverable: actor.discoverable,
                members_count: account.followers_count,
                owner: row.map(|row| GroupOwner { id: Id::from(row.founder_id) }),
                tags: Vec::new(),
                emojis: account.emojis,
                uri: account.uri,
                url: account.url,
            }
        };
        Ok(actors.iter().zip(accounts).map(entity).collect())
    }

    fn group(&self, conn: &mut Conn, actor: &Actor) -> Result<Json<Group>> {
        let mut entities = self.groups(conn, std::slice::from_ref(actor))?;
        entities.pop().map(Json).ok_or(Error::NotFound)
    }

    /// How the reader stands to groups, in their order; what is no group is left out.
    fn group_relationships(
        &self,
        conn: &mut Conn,
        ids: &[ActorId],
    ) -> Result<Vec<GroupRelationship>> {
        let Some(me) = self.reader else { return Ok(Vec::new()) };
        let me = db::actors::by_id(conn, me)?;
        let mut all = Vec::new();
        for id in ids {
            let Ok(group) = group(conn, *id) else { continue };
            let follow = db::follows::between(conn, me.id, group.id)?;
            let member = follow.as_ref().is_some_and(|follow| follow.accepted_at.is_some());
            let founded =
                db::groups::by_id(conn, group.id)?.is_some_and(|row| row.founder_id == me.id);
            let steward = moderation::is_steward(conn, &group, &me)?;
            let banned = db::moderation::ban_of(conn, group.id, me.id, self.now)?.is_some();
            let waiting = steward
                && !db::follows::requests(conn, &[group.id], &db::page::Page::newest(1))?
                    .is_empty();
            let muting =
                !db::relations::muted_among(conn, me.id, &[group.id], self.now)?.is_empty();
            all.push(GroupRelationship {
                id: Id::from(group.id),
                member,
                requested: follow.as_ref().is_some_and(|follow| follow.accepted_at.is_none()),
                role: match (founded, steward) {
                    (true, _) => "owner",
                    (false, true) => "admin",
                    (false, false) => "user",
                },
                blocked_by: banned,
                notifying: follow.is_some_and(|follow| follow.notify),
                muting,
                pending_requests: waiting,
            });
        }
        Ok(all)
    }

    fn group_relationship(&self, conn: &mut Conn, id: ActorId) -> Result<Json<GroupRelationship>> {
        self.group_relationships(conn, &[id])?.pop().map(Json).ok_or(Error::NotFound)
    }
}

/// The groups that the member is in, by name where a `q` is given.
async fn joined(
    member: Member<scope::ReadGroups>,
    form: Params<Query>,
    ctx: Ctx,
) -> Result<Json<Vec<Group>>> {
    let (view, query) = (member.view(&ctx), form.into_inner().q.to_lowercase());
    ctx.read(move |conn| {
        let mut groups = db::timelines::joined_groups(conn, member.id)?;
        if !query.is_empty() {
            groups.retain(|group| {
                group.name.contains(&query) || group.display_name.to_lowercase().contains(&query)
            });
        }
        Ok(Json(view.groups(conn, &groups)?))
    })
    .await
}

async fn one(
    viewer: Viewer<scope::ReadGroups>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Group>> {
    let view = viewer.view(&ctx);
    ctx.read(move |conn| {
        let group = group(conn, id.0)?;
        view.group(conn, &group)
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NewGroupForm {
    /// Its handle; made of the display name where it is not given.
    name: Option<String>,
    #[serde(default)]
    display_name: String,
    /// Why it exists, one sentence.
    #[serde(default)]
    note: String,
    #[serde(default)]
    rules: String,
    #[schemars(extend("enum" = ["everyone", "members_only"]))]
    group_visibility: Option<String>,
}

impl NewGroupForm {
    fn new_group(self) -> NewGroup {
        let spelled = |text: &str| -> String {
            let lower = text.trim().to_lowercase();
            let plain = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
            let name: String = plain.take(30).collect();
            name.trim_matches('_').to_owned()
        };
        NewGroup {
            name: self
                .name
                .filter(|name| !name.trim().is_empty())
                .unwrap_or_else(|| spelled(&self.display_name)),
            title: self.display_name,
            purpose: text::plain(&self.note),
            rules: self.rules,
            private: self.group_visibility.as_deref() == Some("members_only"),
            ..NewGroup::default()
        }
    }
}

async fn found(
    member: Member<scope::WriteGroups>,
    form: Params<NewGroupForm>,
    ctx: Ctx,
) -> Result<Json<Group>> {
    let (view, new) = (member.view(&ctx), form.into_inner().new_group());
    let keys = web::block(KeyPair::generate).await.map_err(Error::internal)??;
    let id = ctx.write(move |tx| Ok(groups::found(tx, &member.actor, new, keys)?.id)).await?;
    // Read anew: its founder is counted last of all.
    ctx.read(move |conn| {
        let group = group(conn, id)?;
        view.group(conn, &group)
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Ids {
    #[serde(default, deserialize_with = "params::ids")]
    id: Vec<ActorId>,
}

async fn relationships(
    member: Member<scope::ReadGroups>,
    form: Params<Ids>,
    ctx: Ctx,
) -> Result<Json<Vec<GroupRelationship>>> {
    let (view, mut ids) = (member.view(&ctx), form.into_inner().id);
    ids.truncate(40);
    ctx.read(move |conn| Ok(Json(view.group_relationships(conn, &ids)?))).await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Name {
    #[serde(default)]
    name: String,
}

/// A group by its handle, as far as this node knows it.
async fn lookup(
    viewer: Viewer<scope::ReadGroups>,
    form: Params<Name>,
    ctx: Ctx,
) -> Result<Json<Group>> {
    let (view, name) = (viewer.view(&ctx), form.into_inner().name);
    let domain = ctx.domain().to_owned();
    ctx.read(move |conn| {
        let handle = resolve::handle(&name, &domain).ok_or(Error::NotFound)?;
        let actor = resolve::known_handle(conn, &handle)?.ok_or(Error::NotFound)?;
        let group = group(conn, actor.id)?;
        view.group(conn, &group)
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Query {
    #[serde(default)]
    q: String,
}

async fn search(
    viewer: Viewer<scope::ReadGroups>,
    form: Params<Query>,
    page: Page,
    ctx: Ctx,
) -> Result<Json<Vec<Group>>> {
    let (view, query) = (viewer.view(&ctx), form.into_inner().q);
    let domain = ctx.domain().to_owned();
    // Only who lives here has us ask elsewhere.
    let far = resolve::account(&ctx, &query, viewer.id.is_some()).await?;
    let wanted = resolve::Accounts {
        limit: page.limit(20, 40),
        offset: page.offset.unwrap_or(0).max(0),
        following: None,
    };
    ctx.read(move |conn| {
        let mut found = resolve::search_accounts(conn, &query, &domain, far, wanted)?;
        found.retain(Actor::is_group);
        Ok(Json(view.groups(conn, &found)?))
    })
    .await
}

async fn join(
    member: Member<scope::WriteGroups>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<GroupRelationship>> {
    let view = member.view(&ctx);
    ctx.write(move |tx| {
        let group = group(tx, id.0)?;
        follows::follow(tx, member.id, &group, follows::Options::default())?;
        view.group_relationship(tx, id.0)
    })
    .await
}

async fn leave(
    member: Member<scope::WriteGroups>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<GroupRelationship>> {
    let view = member.view(&ctx);
    ctx.write(move |tx| {
        group(tx, id.0)?;
        follows::unfollow(tx, member.id, id.0)?;
        view.group_relationship(tx, id.0)
    })
    .await
}

/// The threads of a group: the posts themselves, own ones too.
async fn timeline(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let view = viewer.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let group = group(conn, id.0)?;
            let page = page.rows(20, 40);
            let posts = db::timelines::group(conn, view.reader, group.id, &page, view.now)?;
            let edges = Edges::of(posts.iter().map(|post| post.id.0));
            Ok((edges, view.statuses(conn, &posts)?))
        })
        .await
}

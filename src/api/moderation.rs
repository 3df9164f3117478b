//! What stewards do in their groups; ours. A group's id is its account's.
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, PathIds, Viewer, scope},
    describe::{Api, Empty},
    entities::{Account, Act, At, Ban, Id, Status, View},
    groups::group,
    page::{Edges, Listing, Paged},
    params::Params,
};
use crate::{
    db::{self, Conn, actors::Actor, posts::Post},
    domain::{
        Tx,
        moderation::{self, Order},
    },
    error::{Error, Result},
    types::{ActorId, PostId, Time},
};

/// Most bans that are listed.
const MOST_BANS: i64 = 200;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post("/api/v1/statuses/{id}/remove", remove, "Takes a post out of its group")
        .post("/api/v1/statuses/{id}/restore", restore, "Puts a post back into its group")
        .post("/api/v1/statuses/{id}/lock", lock, "Closes a thread of a group to answers")
        .post("/api/v1/statuses/{id}/unlock", unlock, "Opens a thread of a group to answers")
        .post("/api/v1/statuses/{id}/feature", feature, "Shows a thread first in its group")
        .post("/api/v1/statuses/{id}/unfeature", unfeature, "Shows a thread first no longer")
        .get("/api/v1/groups/{id}/bans", bans, "Who is banned from a group, for its stewards")
        .post("/api/v1/groups/{id}/bans", ban, "Bans somebody from a group")
        .delete("/api/v1/groups/{id}/bans/{account}", unban, "Ends a ban")
        .get("/api/v1/groups/{id}/stewards", stewards, "Who looks after a group, its founder first")
        .post("/api/v1/groups/{id}/stewards", appoint, "Makes somebody a steward")
        .delete(
            "/api/v1/groups/{id}/stewards/{account}",
            dismiss,
            "Ends that somebody is a steward",
        )
        .get("/api/v1/groups/{id}/log", log, "Every act of moderation in a group");
}

/// Why.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Why {
    #[serde(default)]
    reason: String,
}

/// What a steward, who must be one, orders about a post of their group.
fn order(tx: &mut Tx, steward: &Actor, post: &Post, why: &Why) -> Result<Order> {
    let group = post.group_id.ok_or_else(|| Error::invalid("This post is in no group"))?;
    let group = db::actors::by_id(tx, group)?;
    moderation::require_steward(tx, &group, steward)?;
    Ok(Order::new(group, steward.clone(), &why.reason))
}

/// The post, or what it passes on; hidden ones too.
fn post(conn: &mut Conn, id: PostId) -> Result<Post> {
    let post = db::posts::by_id(conn, id)?;
    match post.boost_of_id {
        Some(original) => Ok(db::posts::by_id(conn, original)?),
        None => Ok(post),
    }
}

type Deed = fn(&mut Tx, &Order, &Post) -> Result<()>;

/// Does one thing to a post of a group.
async fn act(
    member: &Member<scope::WriteStatuses>,
    id: PathId<PostId>,
    why: Params<Why>,
    ctx: &Ctx,
    deed: Deed,
) -> Result<Post> {
    let (steward, why) = (member.actor.clone(), why.into_inner());
    ctx.write(move |tx| {
        let post = post(tx, id.0)?;
        let order = order(tx, &steward, &post, &why)?;
        deed(tx, &order, &post)?;
        Ok(post)
    })
    .await
}

/// The same, answered with the post.
async fn act_and_show(
    member: Member<scope::WriteStatuses>,
    id: PathId<PostId>,
    why: Params<Why>,
    ctx: Ctx,
    deed: Deed,
) -> Result<Json<Status>> {
    let view = member.view(&ctx);
    let post = act(&member, id, why, &ctx, deed).await?;
    ctx.read(move |conn| {
        let post = db::posts::by_id(conn, post.id)?;
        Ok(Json(view.status(conn, &post)?))
    })
    .await
}

/// Takes a post out of its group.
async fn remove(
    member: Member<scope::WriteStatuses>,
    id: PathId<PostId>,
    why: Params<Why>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    act(&member, id, why, &ctx, moderation::remove).await?;
    Ok(Json(Empty {}))
}

/// A handler that does one thing to a post of a group: `name => deed`.
macro_rules! deeds {
    ($($name:ident => $deed:expr),+ $(,)?) => {$(
        async fn $name(
            member: Member<scope::WriteStatuses>,
            id: PathId<PostId>,
            why: Params<Why>,
            ctx: Ctx,
        ) -> Result<Json<Status>> {
            act_and_show(member, id, why, ctx, $deed).await
        }
    )+};
}

deeds! {
    restore => moderation::restore,
    lock => moderation::lock,
    unlock => moderation::unlock,
    // The group shows a thread first. (`pin` is for one's own profile.)
    feature => moderation::pin,
    unfeature => moderation::unpin,
}

/// What a steward orders about a person.
fn order_in(tx: &mut Tx, id: ActorId, steward: &Actor, why: &str) -> Result<Order> {
    let group = group(tx, id)?;
    moderation::require_steward(tx, &group, steward)?;
    Ok(Order::new(group, steward.clone(), why))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NewBan {
    account_id: ActorId,
    #[serde(default)]
    reason: String,
    /// RFC 3339; for ever, if not said.
    ends_at: Option<String>,
    /// What they wrote in the group goes too.
    #[serde(default)]
    remove_posts: bool,
}

async fn ban(
    member: Member<scope::WriteBlocks>,
    id: PathId<ActorId>,
    form: Params<NewBan>,
    ctx: Ctx,
) -> Result<Json<Ban>> {
    let (view, form) = (member.view(&ctx), form.into_inner());
    let ends_at = match form.ends_at.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => {
            Some(Time::parse(text).ok_or_else(|| Error::invalid("ends_at is not a time"))?)
        }
        None => None,
    };
    ctx.write(move |tx| {
        let order = order_in(tx, id.0, &member.actor, &form.reason)?;
        let person = super::accounts::find(tx, form.account_id)?;
        moderation::ban(tx, &order, &person, ends_at, form.remove_posts)?;
        let now = tx.now();
        let ban = db::moderation::ban_of(tx, order.group.id, person.id, now)?;
        let mut ban = entity(&view, &ban.ok_or(Error::NotFound)?, &person, &member.actor);
        view.with_emojis(tx, std::slice::from_mut(&mut ban))?;
        Ok(Json(ban))
    })
    .await
}

fn entity(view: &View, ban: &db::moderation::Ban, person: &Actor, by: &Actor) -> Ban {
    Ban {
        account: view.account(person),
        by: view.account(by),
        reason: ban.reason.clone(),
        ends_at: ban.ends_at.map(At),
        created_at: At(ban.created_at),
    }
}

async fn unban(
    member: Member<scope::WriteBlocks>,
    ids: PathIds<ActorId, ActorId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    end(member, ids, &ctx, moderation::unban).await
}

/// Ends what a group has to do with somebody, both named in the path.
async fn end<S>(
    member: Member<S>,
    PathIds(group, person): PathIds<ActorId, ActorId>,
    ctx: &Ctx,
    deed: fn(&mut Tx, &Order, &Actor) -> Result<()>,
) -> Result<Json<Empty>> {
    let steward = member.actor;
    ctx.write(move |tx| {
        let order = order_in(tx, group, &steward, "")?;
        let person = db::actors::by_id(tx, person)?;
        deed(tx, &order, &person)
    })
    .await?;
    Ok(Json(Empty {}))
}

/// For stewards only: who is banned is nobody else's business.
async fn bans(
    member: Member<scope::ReadBlocks>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Vec<Ban>>> {
    let view = member.view(&ctx);
    ctx.write(move |tx| {
        let order = order_in(tx, id.0, &member.actor, "")?;
        let now = tx.now();
        let rows = db::moderation::bans_of_group(tx, order.group.id, now, MOST_BANS)?;
        let named: Vec<ActorId> = rows.iter().flat_map(|row| [row.actor_id, row.by_id]).collect();
        let actors = db::actors::by_ids(tx, &named)?;
        let find = |id| actors.iter().find(|actor| actor.id == id);
        let one = |row: &db::moderation::Ban| {
            Some(entity(&view, row, find(row.actor_id)?, find(row.by_id)?))
        };
        let mut all: Vec<Ban> = rows.iter().filter_map(one).collect();
        view.with_emojis(tx, &mut all)?;
        Ok(Json(all))
    })
    .await
}

async fn stewards(
    viewer: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Vec<Account>>> {
    let view = viewer.view(&ctx);
    ctx.read(move |conn| {
        let group = group(conn, id.0)?;
        let founder = match db::groups::by_id(conn, group.id)? {
            Some(row) => Some(db::actors::by_id(conn, row.founder_id)?),
            None => None,
        };
        let uris = db::moderation::moderators_of(conn, group.id)?;
        let listed = db::actors::by_ap_ids(conn, &uris)?;
        let all: Vec<Actor> = founder.into_iter().chain(listed).filter(Actor::is_active).collect();
        Ok(Json(view.accounts(conn, &all)?))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Whom {
    account_id: ActorId,
}

async fn appoint(
    member: Member<scope::WriteAccounts>,
    id: PathId<ActorId>,
    form: Params<Whom>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    let form = form.into_inner();
    ctx.write(move |tx| {
        let order = order_in(tx, id.0, &member.actor, "")?;
        let person = super::accounts::find(tx, form.account_id)?;
        moderation::appoint(tx, &order, &person)
    })
    .await?;
    Ok(Json(Empty {}))
}

async fn dismiss(
    member: Member<scope::WriteAccounts>,
    ids: PathIds<ActorId, ActorId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    end(member, ids, &ctx, moderation::dismiss).await
}

/// Every act of moderation in a group, the newest first. Of a private group for its members.
async fn log(
    viewer: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<Paged<Vec<Act>>> {
    let view = viewer.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let group = group(conn, id.0)?;
            let inside = match viewer.id {
                Some(reader) => db::follows::exists(conn, reader, group.id)?,
                None => false,
            };
            if group.is_private_group() && !inside {
                return Err(Error::NotFound);
            }
            let rows = db::moderation::entries(conn, group.id, &page.rows(20, 80))?;
            let edges = Edges::of(rows.iter().map(|row| row.id));
            let mut named: Vec<ActorId> = rows.iter().map(|row| row.by_id).collect();
            named.extend(rows.iter().filter_map(|row| row.person_id));
            let actors = db::actors::by_ids(conn, &named)?;
            let account = |id: ActorId| {
                actors.iter().find(|actor| actor.id == id).map(|actor| view.account(actor))
            };
            let one = |row: &db::moderation::Entry| {
                Some(Act {
                    id: Id(row.id),
                    deed: row.deed.as_str(),
                    by: account(row.by_id)?,
                    account: row.person_id.and_then(account),
                    status_id: row.post_id.map(Id::from),
                    reason: row.reason.clone(),
                    ends_at: row.ends_at.map(At),
                    created_at: At(row.created_at),
                })
            };
            let mut all: Vec<Act> = rows.iter().filter_map(one).collect();
            view.with_emojis(conn, &mut all)?;
            Ok((edges, all))
        })
        .await
}

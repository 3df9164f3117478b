//! Who is in a group, who asks to come in, who is kept out.
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::group;
use crate::{
    api::{
        access::{Ctx, Member, PathId, PathIds, Viewer, scope},
        accounts::find,
        describe::{Api, Empty},
        entities::{Account, GroupMembership, Id},
        page::{Edges, Listing, Page, Paged},
        params::{self, Params},
    },
    db::{self, Conn, actors::Actor},
    domain::{
        Tx, follows, groups,
        moderation::{self, Order},
    },
    error::{Error, Result},
    types::ActorId,
};

/// Most accounts that one request names.
const MAX_AT_ONCE: usize = 40;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    let requests = "/api/v1/groups/{id}/membership_requests";
    api.get("/api/v1/groups/{id}/memberships", memberships, "Who is in a group, with their roles")
        .get(requests, waiting, "Who asks to come in, for stewards")
        .post(&format!("{requests}/{{account}}/authorize"), let_in, "Lets somebody in")
        .post(&format!("{requests}/{{account}}/reject"), turn_away, "Turns somebody away")
        .post("/api/v1/groups/{id}/kick", kick, "Takes people out of a group")
        .post("/api/v1/groups/{id}/promote", promote, "Makes people stewards")
        .post("/api/v1/groups/{id}/demote", demote, "Ends that people are stewards")
        .get("/api/v1/groups/{id}/blocks", banned, "Who is kept out, for stewards")
        .post("/api/v1/groups/{id}/blocks", ban, "Keeps people out")
        .delete("/api/v1/groups/{id}/blocks", unban, "Lets people come again");
}

/// The stewards of a group, its founder first.
fn stewards(conn: &mut Conn, group: &Actor) -> Result<Vec<(Actor, &'static str)>> {
    let mut all = Vec::new();
    let mut founder = None;
    if let Some(row) = db::groups::by_id(conn, group.id)? {
        founder = Some(row.founder_id);
        all.push((db::actors::by_id(conn, row.founder_id)?, "owner"));
    }
    let uris = db::moderation::moderators_of(conn, group.id)?;
    let listed = db::actors::by_ap_ids(conn, &uris)?;
    all.extend(listed.into_iter().filter(|a| Some(a.id) != founder).map(|actor| (actor, "admin")));
    all.retain(|(actor, _)| actor.is_active());
    Ok(all)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Roles {
    #[schemars(extend("enum" = ["owner", "admin", "user"]))]
    role: Option<String>,
}

/// The members with their roles. Of a private group it is for members.
async fn memberships(
    viewer: Viewer<scope::ReadGroups>,
    id: PathId<ActorId>,
    form: Params<Roles>,
    listing: Listing,
) -> Result<Paged<Vec<GroupMembership>>> {
    let (view, role) = (viewer.view(&listing.ctx), form.into_inner().role);
    listing
        .answer(move |conn, page| {
            let group = group(conn, id.0)?;
            let inside = match view.reader {
                Some(reader) => db::follows::exists(conn, reader, group.id)?,
                None => false,
            };
            if group.is_private_group() && !inside {
                return Err(Error::NotFound);
            }
            let stewards = stewards(conn, &group)?;
            let role_of = |actor: &Actor| {
                stewards.iter().find(|(steward, _)| steward.id == actor.id).map_or("user", |s| s.1)
            };
            let entity = |id: i64, actor: &Actor| GroupMembership {
                id: Id(id),
                account: view.account(actor),
                role: role_of(actor),
            };
            if let Some(role) = role.as_deref().filter(|role| matches!(*role, "owner" | "admin")) {
                let those = stewards.iter().filter(|(_, theirs)| *theirs == role);
                let those = those.map(|(actor, _)| entity(actor.id.0, actor));
                let mut those: Vec<GroupMembership> = those.collect();
                view.with_emojis(conn, &mut those)?;
                return Ok((None, those));
            }
            let rows = db::follows::followers(conn, group.id, &page.rows(40, 80))?;
            let edges = Edges::of(rows.iter().map(|(id, _)| *id));
            let wanted = |actor: &Actor| role.is_none() || role_of(actor) == "user";
            let members = rows.iter().filter(|(_, actor)| wanted(actor));
            let members = members.map(|(id, actor)| entity(*id, actor));
            let mut members: Vec<GroupMembership> = members.collect();
            view.with_emojis(conn, &mut members)?;
            Ok((edges, members))
        })
        .await
}

/// Who asks to come in; for stewards.
async fn waiting(
    member: Member<scope::ReadGroups>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let view = member.view(&listing.ctx);
    let rows = move |conn: &mut Conn, page: Page| {
        let group = group(conn, id.0)?;
        moderation::require_steward(conn, &group, &member.actor)?;
        Ok(db::follows::requests(conn, &[group.id], &page.rows(40, 80))?)
    };
    listing.accounts(view, rows).await
}

async fn answered(
    member: Member<scope::WriteGroups>,
    PathIds(id, account): PathIds<ActorId, ActorId>,
    let_in: bool,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        let group = group(tx, id)?;
        groups::answer(tx, member.id, group.id, account, let_in)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn let_in(
    member: Member<scope::WriteGroups>,
    path: PathIds<ActorId, ActorId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    answered(member, path, true, ctx).await
}

async fn turn_away(
    member: Member<scope::WriteGroups>,
    path: PathIds<ActorId, ActorId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    answered(member, path, false, ctx).await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Accounts {
    #[serde(default, deserialize_with = "params::ids")]
    account_ids: Vec<ActorId>,
    #[serde(default)]
    reason: String,
}

/// Does one thing to each account that a steward names: all or none.
async fn each(
    member: Member<scope::WriteGroups>,
    id: PathId<ActorId>,
    form: Params<Accounts>,
    ctx: Ctx,
    deed: fn(&mut Tx, &Order, &Actor) -> Result<()>,
) -> Result<Json<Empty>> {
    let mut form = form.into_inner();
    form.account_ids.truncate(MAX_AT_ONCE);
    ctx.write(move |tx| {
        let group = group(tx, id.0)?;
        moderation::require_steward(tx, &group, &member.actor)?;
        let order = Order::new(group, member.actor.clone(), &form.reason);
        for account in &form.account_ids {
            let person = find(tx, *account)?;
            deed(tx, &order, &person)?;
        }
        Ok(Json(Empty {}))
    })
    .await
}

/// A handler that does one thing to each account: `name => deed`.
macro_rules! deeds {
    ($($name:ident => $deed:expr),+ $(,)?) => {$(
        async fn $name(
            member: Member<scope::WriteGroups>,
            id: PathId<ActorId>,
            form: Params<Accounts>,
            ctx: Ctx,
        ) -> Result<Json<Empty>> {
            each(member, id, form, ctx, $deed).await
        }
    )+};
}

deeds! {
    kick => |tx, order, person| follows::reject(tx, order.group.id, person.id),
    promote => moderation::appoint,
    demote => moderation::dismiss,
    ban => |tx, order, person| moderation::ban(tx, order, person, None, false),
    unban => moderation::unban,
}

/// Who is kept out.
async fn banned(
    member: Member<scope::ReadGroups>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let group = group(conn, id.0)?;
            moderation::require_steward(conn, &group, &member.actor)?;
            let limit = page.limit(40, 80);
            let bans = db::moderation::bans_of_group(conn, group.id, view.now, limit)?;
            let ids: Vec<ActorId> = bans.iter().map(|ban| ban.actor_id).collect();
            Ok((None, view.accounts_by_ids(conn, &ids)?))
        })
        .await
}

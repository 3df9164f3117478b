//! Every joined group is a list, so that any client can pin it as a tab:
//! <https://docs.joinmastodon.org/methods/lists/>
use actix_web::{
    HttpResponse,
    web::{self, Json},
};
use serde_json::Value;

use super::{
    access::{Ctx, Member, PathId, scope},
    entities::{Account, Id, List},
    page::{Listing, Page},
};
use crate::{
    db::{self, Conn, actors::Actor},
    error::{Error, Result},
    types::ActorId,
};

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/timelines/list/{id}", web::get().to(timeline))
        .route("/api/v1/lists", web::get().to(all))
        .route("/api/v1/lists", web::post().to(refuse))
        .route("/api/v1/lists/{id}", web::get().to(one))
        .route("/api/v1/lists/{id}", web::put().to(refuse))
        .route("/api/v1/lists/{id}", web::delete().to(refuse))
        .route("/api/v1/lists/{id}/accounts", web::get().to(accounts))
        .route("/api/v1/lists/{id}/accounts", web::post().to(refuse))
        .route("/api/v1/lists/{id}/accounts", web::delete().to(refuse));
}

/// The list of a group; it has the group's id.
pub(super) fn entity(group: &Actor) -> List {
    let title = if group.display_name.is_empty() { &group.name } else { &group.display_name };
    List { id: Id::from(group.id), title: title.clone(), replies_policy: "list", exclusive: false }
}

/// A group that the member is in.
fn joined(conn: &mut Conn, member: ActorId, id: ActorId) -> Result<Actor> {
    let group = super::accounts::find(conn, id)?;
    if group.is_group() && db::follows::exists(conn, member, id)? {
        Ok(group)
    } else {
        Err(Error::NotFound)
    }
}

async fn all(member: Member<scope::ReadLists>, ctx: Ctx) -> Result<Json<Vec<List>>> {
    let groups = ctx.read(move |conn| Ok(db::timelines::joined_groups(conn, member.id)?)).await?;
    Ok(Json(groups.iter().map(entity).collect()))
}

async fn one(
    member: Member<scope::ReadLists>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<List>> {
    ctx.read(move |conn| Ok(Json(entity(&joined(conn, member.id, id.0)?)))).await
}

/// Who is in the list: the group, whose posts it shows.
async fn accounts(
    member: Member<scope::ReadLists>,
    id: PathId<ActorId>,
    page: Page,
    ctx: Ctx,
) -> Result<Json<Vec<Account>>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| {
        let group = joined(conn, member.id, id.0)?;
        let is_first = page.max_id.is_none() && page.since_id.is_none() && page.min_id.is_none();
        Ok(Json(if is_first { vec![view.account(&group)] } else { Vec::new() }))
    })
    .await
}

async fn timeline(
    member: Member<scope::ReadLists>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<HttpResponse> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let group = joined(conn, member.id, id.0)?;
            let page = page.rows(20, 40);
            let posts = db::timelines::group(conn, Some(member.id), group.id, &page, view.now)?;
            view.statuses_page(conn, &posts)
        })
        .await
}

async fn refuse(_: Member<scope::WriteLists>) -> Result<Json<Value>> {
    Err(Error::invalid("Lists are your groups: join or leave a group to change them"))
}

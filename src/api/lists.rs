//! Lists of accounts, and every joined group as one more, so that any client can pin it as a tab:
//! <https://docs.joinmastodon.org/methods/lists/>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, scope},
    describe::{Api, Empty},
    entities::{Account, Id, List, Status},
    page::{Listing, Paged},
    params::{self, Params},
};
use crate::{
    db::{
        self, Conn,
        actors::Actor,
        lists::{List as Row, Replies},
    },
    domain::{
        Tx,
        lists::{self, ListChange, MAX_LISTS},
    },
    error::{Error, Result},
    types::{ActorId, ListId},
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/timelines/list/{id}", timeline, "Posts of a list, or of a group you joined")
        .get("/api/v1/lists", all, "Your lists, and each group you joined as one more")
        .post("/api/v1/lists", create, "Makes a list")
        .get("/api/v1/lists/{id}", one, "One list")
        .put("/api/v1/lists/{id}", change, "Changes a list")
        .delete("/api/v1/lists/{id}", delete, "Deletes a list")
        .get("/api/v1/lists/{id}/accounts", accounts, "Who is in a list")
        .post("/api/v1/lists/{id}/accounts", add, "Puts accounts into a list")
        .delete("/api/v1/lists/{id}/accounts", remove, "Takes accounts out of a list");
}

/// The list that a group is; it has the group's id.
pub(super) fn of_group(group: &Actor) -> List {
    let title = if group.display_name.is_empty() { &group.name } else { &group.display_name };
    List { id: Id::from(group.id), title: title.clone(), replies_policy: "list", exclusive: false }
}

/// A list that the member made.
pub(super) fn made(row: &Row) -> List {
    List {
        id: Id::from(row.id),
        title: row.title.clone(),
        replies_policy: row.replies.as_str(),
        exclusive: row.exclusive,
    }
}

/// What a list's id stands for.
enum Kind {
    Group(Box<Actor>),
    Made(Row),
}

fn find(conn: &mut Conn, member: ActorId, id: ListId) -> Result<Kind> {
    if let Some(row) = db::lists::by_id(conn, member, id)? {
        return Ok(Kind::Made(row));
    }
    let group = super::accounts::find(conn, ActorId(id.0))?;
    if group.is_group() && db::follows::exists(conn, member, group.id)? {
        Ok(Kind::Group(Box::new(group)))
    } else {
        Err(Error::NotFound)
    }
}

/// A list that the member made, for a change.
fn changeable(tx: &mut Tx, member: ActorId, id: ListId) -> Result<Row> {
    match find(tx, member, id)? {
        Kind::Made(row) => Ok(row),
        Kind::Group(_) => Err(Error::invalid(
            "Validation failed: this list is a group; leave the group and it goes with it",
        )),
    }
}

async fn all(member: Member<scope::ReadLists>, ctx: Ctx) -> Result<Json<Vec<List>>> {
    ctx.read(move |conn| {
        let groups = db::timelines::joined_groups(conn, member.id)?;
        let own = db::lists::of_owner(conn, member.id, MAX_LISTS)?;
        Ok(Json(own.iter().map(made).chain(groups.iter().map(of_group)).collect()))
    })
    .await
}

async fn one(member: Member<scope::ReadLists>, id: PathId<ListId>, ctx: Ctx) -> Result<Json<List>> {
    ctx.read(move |conn| {
        Ok(Json(match find(conn, member.id, id.0)? {
            Kind::Group(group) => of_group(&group),
            Kind::Made(row) => made(&row),
        }))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ListForm {
    title: Option<String>,
    #[schemars(extend("enum" = Replies::WORDS))]
    replies_policy: Option<String>,
    exclusive: Option<bool>,
}

impl ListForm {
    fn change(self) -> Result<ListChange> {
        let replies = |word: &str| {
            Replies::from_word(word).ok_or_else(|| {
                Error::invalid("Validation failed: Replies policy is not included in the list")
            })
        };
        Ok(ListChange {
            title: self.title,
            replies: self.replies_policy.as_deref().map(replies).transpose()?,
            exclusive: self.exclusive,
        })
    }
}

async fn create(
    member: Member<scope::WriteLists>,
    form: Params<ListForm>,
    ctx: Ctx,
) -> Result<Json<List>> {
    let change = form.into_inner().change()?;
    ctx.write(move |tx| Ok(Json(made(&lists::create(tx, member.id, change)?)))).await
}

async fn change(
    member: Member<scope::WriteLists>,
    id: PathId<ListId>,
    form: Params<ListForm>,
    ctx: Ctx,
) -> Result<Json<List>> {
    let change = form.into_inner().change()?;
    ctx.write(move |tx| {
        let row = changeable(tx, member.id, id.0)?;
        Ok(Json(made(&lists::change(tx, member.id, row.id, change)?)))
    })
    .await
}

async fn delete(
    member: Member<scope::WriteLists>,
    id: PathId<ListId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        let row = changeable(tx, member.id, id.0)?;
        lists::delete(tx, member.id, row.id)?;
        Ok(Json(Empty {}))
    })
    .await
}

/// Who is in the list; of a group, the group, whose posts it shows.
async fn accounts(
    member: Member<scope::ReadLists>,
    id: PathId<ListId>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| match find(conn, member.id, id.0)? {
            Kind::Made(row) => {
                // Zero is all of them, in Mastodon's words.
                let limit = if page.limit == Some(0) { 1_000 } else { page.limit(40, 80) };
                let page = db::page::Page { limit, ..page.rows(40, 80) };
                let rows = db::lists::accounts(conn, row.id, &page)?;
                view.account_page(conn, &rows)
            }
            Kind::Group(group) => {
                let first =
                    page.max_id.is_none() && page.since_id.is_none() && page.min_id.is_none();
                let group =
                    if first { vec![view.whole_account(conn, &group)?] } else { Vec::new() };
                Ok((None, group))
            }
        })
        .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Accounts {
    #[serde(default, deserialize_with = "params::ids")]
    account_ids: Vec<ActorId>,
}

async fn add(
    member: Member<scope::WriteLists>,
    id: PathId<ListId>,
    form: Params<Accounts>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    let accounts = form.into_inner().account_ids;
    ctx.write(move |tx| {
        let row = changeable(tx, member.id, id.0)?;
        lists::add(tx, member.id, row.id, &accounts)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn remove(
    member: Member<scope::WriteLists>,
    id: PathId<ListId>,
    form: Params<Accounts>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    let accounts = form.into_inner().account_ids;
    ctx.write(move |tx| {
        let row = changeable(tx, member.id, id.0)?;
        lists::remove(tx, member.id, row.id, &accounts)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn timeline(
    member: Member<scope::ReadLists>,
    id: PathId<ListId>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let page = page.rows(20, 40);
            let posts = match find(conn, member.id, id.0)? {
                Kind::Group(group) => {
                    db::timelines::group(conn, Some(member.id), group.id, &page, view.now)?
                }
                Kind::Made(row) => db::timelines::list(conn, member.id, &row, &page, view.now)?,
            };
            view.statuses_page(conn, &posts)
        })
        .await
}

/// The member's lists that an account is in: of a joined group its own, too.
pub(super) fn with(conn: &mut Conn, member: ActorId, account: ActorId) -> Result<Vec<List>> {
    let own = db::lists::with(conn, member, account)?;
    let joined = db::timelines::joined_groups(conn, member)?;
    let its = joined.iter().filter(|group| group.id == account).map(of_group);
    Ok(own.iter().map(made).chain(its).collect())
}

//! Tags: looking at one, following it, showing it on one's profile:
//! <https://docs.joinmastodon.org/methods/tags/>
use actix_web::web::{self, Json};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, Viewer, scope},
    accounts::find,
    describe::{Api, Empty, Nothing},
    entities::{FeaturedTag, Id, Tag, View, render::tag_url},
    page::{Edges, Listing, Paged},
    params::Params,
};
use crate::{
    db::{self, Conn, actors::Actor, tags::Featured},
    domain::{
        Tx,
        tags::{self, MAX_FEATURED},
    },
    error::{Error, Result},
    types::{ActorId, FeaturedTagId, Time},
};

/// How many of somebody's last posts are looked at to suggest what they may show.
const RECENT: i64 = 200;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/tags/{tag}", one, "A tag, and how you stand to it")
        .post("/api/v1/tags/{tag}/follow", follow, "Follows a tag")
        .post("/api/v1/tags/{tag}/unfollow", unfollow, "Unfollows a tag")
        .post("/api/v1/tags/{tag}/feature", feature_one, "Shows a tag on your profile")
        .post(
            "/api/v1/tags/{tag}/unfeature",
            unfeature_one,
            "Shows a tag on your profile no longer",
        )
        .get("/api/v1/followed_tags", followed, "Tags you follow")
        .get("/api/v1/featured_tags", own, "Tags you show on your profile")
        .post("/api/v1/featured_tags", feature, "Shows a tag on your profile, by its name")
        .get("/api/v1/featured_tags/suggestions", suggestions, "Tags you use and might show")
        .delete("/api/v1/featured_tags/{id}", unfeature, "Shows a tag no longer, by its id")
        .get(
            "/api/v1/accounts/{id}/featured_tags",
            of_account,
            "Tags somebody shows on their profile",
        );
}

impl View {
    /// The entities of tags, in their order.
    pub(super) fn tags_of(&self, conn: &mut Conn, names: &[String]) -> Result<Vec<Tag>> {
        let (followed, shown) = match self.reader {
            Some(reader) => (
                db::tags::followed_among(conn, reader, names)?,
                db::tags::featured(conn, reader)?.into_iter().map(|row| row.tag).collect(),
            ),
            None => (Vec::new(), Vec::new()),
        };
        let tag = |name: &String| Tag {
            id: name.clone(),
            name: name.clone(),
            url: tag_url(&self.origin, name),
            history: Nothing,
            following: self.reader.map(|_| followed.contains(name)),
            featuring: self.reader.map(|_| shown.contains(name)),
        };
        Ok(names.iter().map(tag).collect())
    }

    fn tag(&self, conn: &mut Conn, name: String) -> Result<Json<Tag>> {
        self.tags_of(conn, &[name])?.pop().map(Json).ok_or(Error::NotFound)
    }
}

fn entity(conn: &mut Conn, actor: &Actor, row: &Featured) -> Result<FeaturedTag> {
    let (count, last) = db::tags::used_by(conn, row.actor_id, &row.tag)?;
    Ok(FeaturedTag {
        id: Id::from(row.id),
        name: row.written.clone(),
        url: format!("{}/tagged/{}", actor.url, row.tag),
        statuses_count: count.to_string(),
        last_status_at: last.map(Time::date),
    })
}

async fn one(
    viewer: Viewer<scope::ReadFollows>,
    tag: web::Path<String>,
    ctx: Ctx,
) -> Result<Json<Tag>> {
    let (view, tag) = (viewer.view(&ctx), tags::normal(&tag)?);
    ctx.read(move |conn| view.tag(conn, tag)).await
}

/// Changes how the member stands to a tag, and answers the tag.
async fn changed<S>(
    member: Member<S>,
    tag: web::Path<String>,
    ctx: Ctx,
    change: impl FnOnce(&mut Tx, ActorId, &str) -> Result<()> + Send + 'static,
) -> Result<Json<Tag>> {
    let (view, me, tag) = (member.view(&ctx), member.id, tags::normal(&tag)?);
    ctx.write(move |tx| {
        change(tx, me, &tag)?;
        view.tag(tx, tag)
    })
    .await
}

async fn follow(
    member: Member<scope::WriteFollows>,
    tag: web::Path<String>,
    ctx: Ctx,
) -> Result<Json<Tag>> {
    changed(member, tag, ctx, tags::follow).await
}

async fn unfollow(
    member: Member<scope::WriteFollows>,
    tag: web::Path<String>,
    ctx: Ctx,
) -> Result<Json<Tag>> {
    changed(member, tag, ctx, tags::unfollow).await
}

async fn feature_one(
    member: Member<scope::WriteAccounts>,
    tag: web::Path<String>,
    ctx: Ctx,
) -> Result<Json<Tag>> {
    changed(member, tag, ctx, |tx, me, tag| tags::feature(tx, me, tag).map(drop)).await
}

async fn unfeature_one(
    member: Member<scope::WriteAccounts>,
    tag: web::Path<String>,
    ctx: Ctx,
) -> Result<Json<Tag>> {
    let change = |tx: &mut Tx, me: ActorId, tag: &str| {
        let shown = db::tags::featured(tx, me)?;
        match shown.into_iter().find(|row| row.tag == tag) {
            Some(row) => tags::unfeature(tx, me, row.id),
            None => Ok(()),
        }
    };
    changed(member, tag, ctx, change).await
}

async fn followed(member: Member<scope::ReadFollows>, listing: Listing) -> Result<Paged<Vec<Tag>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let rows = db::tags::followed(conn, member.id, &page.rows(100, 200))?;
            let edges = Edges::of(rows.iter().map(|(id, _)| *id));
            let names: Vec<String> = rows.into_iter().map(|(_, tag)| tag).collect();
            Ok((edges, view.tags_of(conn, &names)?))
        })
        .await
}

/// The hashtags that somebody shows on their profile.
pub(super) fn shown_by(conn: &mut Conn, id: ActorId) -> Result<Vec<FeaturedTag>> {
    let actor = find(conn, id)?;
    let rows = db::tags::featured(conn, id)?;
    rows.iter().map(|row| entity(conn, &actor, row)).collect()
}

async fn own(member: Member<scope::ReadAccounts>, ctx: Ctx) -> Result<Json<Vec<FeaturedTag>>> {
    ctx.read(move |conn| Ok(Json(shown_by(conn, member.id)?))).await
}

async fn of_account(
    _: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Vec<FeaturedTag>>> {
    ctx.read(move |conn| Ok(Json(shown_by(conn, id.0)?))).await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Named {
    #[serde(default)]
    name: String,
}

async fn feature(
    member: Member<scope::WriteAccounts>,
    form: Params<Named>,
    ctx: Ctx,
) -> Result<Json<FeaturedTag>> {
    let name = form.into_inner().name;
    ctx.write(move |tx| {
        let row = tags::feature(tx, member.id, &name)?;
        Ok(Json(entity(tx, &member.actor, &row)?))
    })
    .await
}

async fn unfeature(
    member: Member<scope::WriteAccounts>,
    id: PathId<FeaturedTagId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        tags::unfeature(tx, member.id, id.0)?;
        Ok(Json(Empty {}))
    })
    .await
}

/// What the member writes of most, and does not show yet.
async fn suggestions(member: Member<scope::ReadAccounts>, ctx: Ctx) -> Result<Json<Vec<Tag>>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| {
        let shown = db::tags::featured(conn, member.id)?;
        let mut used = db::tags::recent_of(conn, member.id, RECENT)?;
        used.retain(|tag| shown.iter().all(|row| row.tag != *tag));
        used.truncate(MAX_FEATURED);
        Ok(Json(view.tags_of(conn, &used)?))
    })
    .await
}

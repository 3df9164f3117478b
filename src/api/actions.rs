//! What a member does with posts: favourites, boosts, bookmarks, pins, votes, and thanks, which is
//! ours: <https://docs.joinmastodon.org/methods/statuses/#favourite>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, Viewer, scope},
    describe::Api,
    entities::{Poll, Status, Thanks, View},
    params::Params,
    resolve,
};
use crate::{
    db::{self, Conn},
    domain::{
        Tx,
        help::{self, Outcome},
        polls, posts, reactions, standing,
    },
    error::{Error, Result},
    types::{ActorId, PollId, PostId, Visibility},
};

/// Most posts a member pins.
const MAX_PINS: usize = 5;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post("/api/v1/statuses/{id}/favourite", favourite, "Favourites a post")
        .post("/api/v1/statuses/{id}/unfavourite", unfavourite, "Takes a favourite back")
        .post("/api/v1/statuses/{id}/reblog", reblog, "Boosts a post")
        .post("/api/v1/statuses/{id}/unreblog", unreblog, "Takes a boost back")
        .post("/api/v1/statuses/{id}/bookmark", bookmark, "Bookmarks a post")
        .post("/api/v1/statuses/{id}/unbookmark", unbookmark, "Takes a bookmark away")
        .post("/api/v1/statuses/{id}/mute", mute, "Hears no more of a thread")
        .post("/api/v1/statuses/{id}/unmute", unmute, "Hears of a thread again")
        .post("/api/v1/statuses/{id}/pin", pin, "Pins a post of your own to your profile")
        .post("/api/v1/statuses/{id}/unpin", unpin, "Unpins a post")
        .post(
            "/api/v1/statuses/{id}/dislike",
            dislike,
            "Votes a post down; it is a number beside it",
        )
        .post("/api/v1/statuses/{id}/undislike", undislike, "Takes a downvote back")
        .post("/api/v1/statuses/{id}/thanks", thanks, "Says that an answer helped you")
        .post("/api/v1/statuses/{id}/unthanks", unthanks, "Takes thanks back")
        .get("/api/v1/polls/{id}", poll, "One poll")
        .post("/api/v1/polls/{id}/votes", vote, "Votes in a poll");
}

/// What a boost passes on, else the post itself: a client may act on either.
fn original(conn: &mut Conn, reader: ActorId, id: PostId) -> Result<PostId> {
    let post = resolve::readable_post(conn, Some(reader), id)?;
    Ok(post.boost_of_id.unwrap_or(post.id))
}

fn answer(view: &View, conn: &mut Conn, id: PostId) -> Result<Json<Status>> {
    let post = resolve::readable_post(conn, view.reader, id)?;
    Ok(Json(view.status(conn, &post)?))
}

/// Does one thing to a post and answers with the post as it is then.
async fn act<S: 'static>(
    member: Member<S>,
    id: PathId<PostId>,
    ctx: Ctx,
    deed: fn(&mut Tx, ActorId, PostId) -> Result<()>,
) -> Result<Json<Status>> {
    let (view, me) = (member.view(&ctx), member.id);
    ctx.write(move |tx| {
        let id = original(tx, me, id.0)?;
        deed(tx, me, id)?;
        answer(&view, tx, id)
    })
    .await
}

async fn favourite(
    member: Member<scope::WriteFavourites>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, reactions::like).await
}

async fn unfavourite(
    member: Member<scope::WriteFavourites>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, |tx, me, id| reactions::unlike(tx, me, id, None)).await
}

/// A downvote; ours. It is a number beside the post, and never shown as a favourite.
async fn dislike(
    member: Member<scope::WriteFavourites>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, reactions::dislike).await
}

async fn undislike(
    member: Member<scope::WriteFavourites>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, |tx, me, id| reactions::undislike(tx, me, id, None)).await
}

async fn reblog(
    member: Member<scope::WriteStatuses>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    let view = member.view(&ctx);
    ctx.write(move |tx| {
        let boost = posts::boost(tx, &member.actor, id.0)?;
        Ok(Json(view.status(tx, &boost)?))
    })
    .await
}

async fn unreblog(
    member: Member<scope::WriteStatuses>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, posts::unboost).await
}

async fn bookmark(
    member: Member<scope::WriteBookmarks>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, reactions::bookmark).await
}

async fn unbookmark(
    member: Member<scope::WriteBookmarks>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, reactions::unbookmark).await
}

/// The member hears no more of the thread that the post is in.
async fn mute(
    member: Member<scope::WriteMutes>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, standing::mute_thread).await
}

async fn unmute(
    member: Member<scope::WriteMutes>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, standing::unmute_thread).await
}

async fn pin(
    member: Member<scope::WriteAccounts>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, |tx, me, id| {
        let post = db::posts::by_id(tx, id)?;
        if post.author_id != me {
            return Err(Error::invalid("Validation failed: Someone else's post cannot be pinned"));
        }
        if post.visibility == Visibility::Direct {
            return Err(Error::invalid(
                "Validation failed: Posts that are only visible to mentioned users cannot be pinned",
            ));
        }
        if db::posts::pinned(tx, me)?.len() >= MAX_PINS {
            return Err(Error::invalid(
                "Validation failed: You have already pinned the maximum number of posts",
            ));
        }
        let now = tx.now();
        db::posts::pin(tx, me, id, now)?;
        Ok(())
    })
    .await
}

async fn unpin(
    member: Member<scope::WriteAccounts>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, |tx, me, id| {
        db::posts::unpin(tx, me, id)?;
        Ok(())
    })
    .await
}

/// "This helped me" (R2c). The answer says under `thanks` whether it counts, and if not, why.
async fn thanks(
    member: Member<scope::WriteFavourites>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    let view = member.view(&ctx);
    ctx.write(move |tx| {
        let id = original(tx, member.id, id.0)?;
        let outcome = help::by_button(tx, member.id, id)?;
        let Json(status) = answer(&view, tx, id)?;
        Ok(Json(Status { thanks: Some(said(&outcome)), ..status }))
    })
    .await
}

fn said(outcome: &Outcome) -> Thanks {
    match outcome {
        Outcome::Counted => Thanks { counted: true, reason: None },
        Outcome::NotCounted(reason) => Thanks { counted: false, reason: Some(reason.to_string()) },
        Outcome::Elsewhere => Thanks { counted: false, reason: Some("counted_elsewhere".into()) },
    }
}

async fn unthanks(
    member: Member<scope::WriteFavourites>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    act(member, id, ctx, help::take_back).await
}

/// The poll of an id, if the reader may see its post.
fn readable_poll(view: &View, conn: &mut Conn, id: PollId) -> Result<Json<Poll>> {
    let poll = db::polls::by_id(conn, id)?.ok_or(Error::NotFound)?;
    let Json(status) = answer(view, conn, poll.post_id)?;
    status.poll.map(Json).ok_or(Error::NotFound)
}

async fn poll(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<PollId>,
    ctx: Ctx,
) -> Result<Json<Poll>> {
    let view = viewer.view(&ctx);
    ctx.read(move |conn| readable_poll(&view, conn, id.0)).await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Votes {
    #[serde(default)]
    choices: Vec<usize>,
}

async fn vote(
    member: Member<scope::WriteStatuses>,
    id: PathId<PollId>,
    form: Params<Votes>,
    ctx: Ctx,
) -> Result<Json<Poll>> {
    let (view, choices) = (member.view(&ctx), form.into_inner().choices);
    ctx.write(move |tx| {
        readable_poll(&view, tx, id.0)?;
        polls::vote(tx, member.id, id.0, &choices)?;
        readable_poll(&view, tx, id.0)
    })
    .await
}

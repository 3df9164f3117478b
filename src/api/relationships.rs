//! How the member stands to others, and changing it:
//! <https://docs.joinmastodon.org/methods/accounts/#follow>
use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, scope},
    accounts::{Ids, find},
    describe::{Api, Empty},
    entities::{Account, At, Id, Relationship, View, Worded, Words},
    page::{Edges, Listing, Page, Paged},
    params::Params,
};
use crate::{
    db::{self, Conn, actors::Actor, follows::Follow, relations::Mute},
    domain::{Tx, follows, groups, relations, standing},
    error::{Error, Result},
    types::ActorId,
};

/// As good as for ever, and still a time that can be written down.
const A_CENTURY_SECS: i64 = 3_200_000_000;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/accounts/relationships", several, "How you stand to accounts")
        .post("/api/v1/accounts/{id}/follow", follow, "Follows a person, or joins a group")
        .post("/api/v1/accounts/{id}/unfollow", unfollow, "Unfollows a person, or leaves a group")
        .post(
            "/api/v1/accounts/{id}/remove_from_followers",
            remove_follower,
            "Ends that somebody follows you",
        )
        .post("/api/v1/accounts/{id}/block", block, "Blocks an account")
        .post("/api/v1/accounts/{id}/unblock", unblock, "Unblocks an account")
        .post("/api/v1/accounts/{id}/mute", mute, "Mutes an account")
        .post("/api/v1/accounts/{id}/unmute", unmute, "Unmutes an account")
        .post("/api/v1/accounts/{id}/note", note, "Writes a note on an account, for yourself")
        .post("/api/v1/accounts/{id}/pin", endorse, "Shows an account on your profile")
        .post(
            "/api/v1/accounts/{id}/unpin",
            unendorse,
            "Shows an account on your profile no longer",
        )
        .post("/api/v1/accounts/{id}/endorse", endorse, "Shows an account on your profile")
        .post(
            "/api/v1/accounts/{id}/unendorse",
            unendorse,
            "Shows an account on your profile no longer",
        )
        .get("/api/v1/domain_blocks", domain_blocks, "Servers you want nothing of")
        .post("/api/v1/domain_blocks", block_domain, "Blocks a server for yourself")
        .delete("/api/v1/domain_blocks", unblock_domain, "Unblocks a server")
        .get("/api/v1/blocks", blocks, "Whom you block")
        .get("/api/v1/mutes", mutes, "Whom you mute")
        .get(
            "/api/v1/follow_requests",
            requests,
            "Who asks to follow you, or to join a group that you are a steward of",
        )
        .post(
            "/api/v1/follow_requests/{id}/authorize",
            authorize,
            "Lets somebody follow you, or into your group",
        )
        .post("/api/v1/follow_requests/{id}/reject", reject, "Turns somebody away");
}

impl View {
    /// How the reader stands to each of `ids`, in their order; unknown ones left out.
    fn relationships(&self, conn: &mut Conn, ids: &[ActorId]) -> Result<Vec<Relationship>> {
        let Some(me) = self.reader else { return Ok(Vec::new()) };
        let known: BTreeMap<ActorId, Actor> =
            db::actors::by_ids(conn, ids)?.into_iter().map(|actor| (actor.id, actor)).collect();
        let hosts: Vec<String> =
            known.values().filter(|actor| !actor.local).map(|actor| actor.host.clone()).collect();
        let shut: BTreeSet<String> =
            db::standing::blocked_domains_among(conn, me, &hosts)?.into_iter().collect();
        let mut notes: BTreeMap<ActorId, String> =
            db::standing::notes_among(conn, me, ids)?.into_iter().collect();
        let endorsed = db::standing::endorsed_among(conn, me, ids)?;
        let to: BTreeMap<ActorId, Follow> =
            db::follows::towards(conn, me, ids)?.into_iter().map(|f| (f.target_id, f)).collect();
        let from: BTreeMap<ActorId, Follow> =
            db::follows::from(conn, me, ids)?.into_iter().map(|f| (f.follower_id, f)).collect();
        let blocked = db::relations::blocked_among(conn, me, ids)?;
        let blocking = db::relations::blocking_among(conn, me, ids)?;
        let mutes: BTreeMap<ActorId, Mute> = db::relations::muted_among(conn, me, ids, self.now)?
            .into_iter()
            .map(|mute| (mute.target_id, mute))
            .collect();
        let accepted = |f: Option<&Follow>| f.is_some_and(|f| f.accepted_at.is_some());
        let waiting = |f: Option<&Follow>| f.is_some_and(|f| f.accepted_at.is_none());
        let entity = |id: &ActorId| {
            let (to, from, mute) = (to.get(id), from.get(id), mutes.get(id));
            Relationship {
                id: Id::from(*id),
                following: accepted(to),
                showing_reblogs: to.is_some_and(|f| f.show_boosts),
                notifying: to.is_some_and(|f| f.notify),
                languages: to.map(languages).filter(|codes| !codes.is_empty()),
                followed_by: accepted(from),
                blocking: blocked.contains(id),
                blocked_by: blocking.contains(id),
                muting: mute.is_some(),
                muting_notifications: mute.is_some_and(|mute| mute.notifications),
                muting_expires_at: mute.and_then(|mute| mute.expires_at).map(At),
                requested: waiting(to),
                requested_by: waiting(from),
                domain_blocking: known
                    .get(id)
                    .is_some_and(|actor| !actor.local && shut.contains(&actor.host)),
                endorsed: endorsed.contains(id),
                note: notes.remove(id).unwrap_or_default(),
            }
        };
        Ok(ids.iter().filter(|id| known.contains_key(id)).map(entity).collect())
    }

    fn relationship(&self, conn: &mut Conn, id: ActorId) -> Result<Json<Relationship>> {
        self.relationships(conn, &[id])?.pop().map(Json).ok_or(Error::NotFound)
    }
}

async fn several(
    member: Member<scope::ReadFollows>,
    form: Params<Ids>,
    ctx: Ctx,
) -> Result<Json<Vec<Relationship>>> {
    let (view, mut ids) = (member.view(&ctx), form.into_inner().id);
    ids.truncate(100);
    ctx.read(move |conn| Ok(Json(view.relationships(conn, &ids)?))).await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Follows {
    reblogs: Option<bool>,
    notify: Option<bool>,
    languages: Option<Vec<String>>,
}

/// The languages of which a follow lets posts come home; none where it lets all.
fn languages(follow: &Follow) -> Vec<String> {
    follow.languages.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

async fn follow(
    member: Member<scope::WriteFollows>,
    id: PathId<ActorId>,
    form: Params<Follows>,
    ctx: Ctx,
) -> Result<Json<Relationship>> {
    let (view, form) = (member.view(&ctx), form.into_inner());
    let options = follows::Options {
        show_boosts: form.reblogs,
        notify: form.notify,
        languages: form.languages,
    };
    ctx.write(move |tx| {
        let target = find(tx, id.0)?;
        follows::follow(tx, member.id, &target, options)?;
        view.relationship(tx, id.0)
    })
    .await
}

/// Changes how the member stands to an account, and answers how it is then.
async fn changed<S>(
    member: Member<S>,
    id: PathId<ActorId>,
    ctx: Ctx,
    change: impl FnOnce(&mut Tx, ActorId, ActorId) -> Result<()> + Send + 'static,
) -> Result<Json<Relationship>> {
    let (view, me) = (member.view(&ctx), member.id);
    ctx.write(move |tx| {
        change(tx, me, id.0)?;
        view.relationship(tx, id.0)
    })
    .await
}

/// A handler that makes one change of the rules: `name: scope => change`.
macro_rules! handlers {
    ($($name:ident: $scope:ident => $change:expr),+ $(,)?) => {$(
        async fn $name(
            member: Member<scope::$scope>,
            id: PathId<ActorId>,
            ctx: Ctx,
        ) -> Result<Json<Relationship>> {
            changed(member, id, ctx, $change).await
        }
    )+};
}

handlers! {
    unfollow: WriteFollows => follows::unfollow,
    remove_follower: WriteFollows => |tx, me, id| match follows::reject(tx, me, id) {
        Ok(()) | Err(Error::NotFound) => Ok(()),
        Err(error) => Err(error),
    },
    authorize: WriteFollows => |tx, me, id| groups::decide(tx, me, id, true).map(drop),
    reject: WriteFollows => |tx, me, id| groups::decide(tx, me, id, false).map(drop),
    block: WriteBlocks => |tx, me, id| {
        find(tx, id)?;
        relations::block(tx, me, id)
    },
    unblock: WriteBlocks => relations::unblock,
    unmute: WriteMutes => relations::unmute,
    endorse: WriteAccounts => |tx, me, id| {
        find(tx, id)?;
        standing::endorse(tx, me, id)
    },
    unendorse: WriteAccounts => standing::unendorse,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Note {
    #[serde(default)]
    comment: String,
}

async fn note(
    member: Member<scope::WriteAccounts>,
    id: PathId<ActorId>,
    form: Params<Note>,
    ctx: Ctx,
) -> Result<Json<Relationship>> {
    let comment = form.into_inner().comment;
    changed(member, id, ctx, move |tx, me, id| {
        find(tx, id)?;
        standing::note(tx, me, id, &comment)
    })
    .await
}

/// Servers that the member wants nothing of: <https://docs.joinmastodon.org/methods/domain_blocks/>
async fn domain_blocks(
    member: Member<scope::ReadBlocks>,
    listing: Listing,
) -> Result<Paged<Vec<String>>> {
    listing
        .answer(move |conn, page| {
            let rows = db::standing::blocked_domains(conn, member.id, &page.rows(100, 200))?;
            let edges = Edges::of(rows.iter().map(|(id, _)| *id));
            Ok((edges, rows.into_iter().map(|(_, host)| host).collect()))
        })
        .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Domain {
    #[serde(default)]
    domain: String,
}

async fn block_domain(
    member: Member<scope::WriteBlocks>,
    form: Params<Domain>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    let domain = form.into_inner().domain;
    ctx.write(move |tx| {
        standing::block_domain(tx, member.id, &domain)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn unblock_domain(
    member: Member<scope::WriteBlocks>,
    form: Params<Domain>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    let domain = form.into_inner().domain;
    ctx.write(move |tx| {
        standing::unblock_domain(tx, member.id, &domain)?;
        Ok(Json(Empty {}))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Mutes {
    notifications: Option<bool>,
    /// Seconds; 0 is for ever.
    #[serde(default)]
    duration: i64,
}

async fn mute(
    member: Member<scope::WriteMutes>,
    id: PathId<ActorId>,
    form: Params<Mutes>,
    ctx: Ctx,
) -> Result<Json<Relationship>> {
    let (view, form) = (member.view(&ctx), form.into_inner());
    ctx.write(move |tx| {
        find(tx, id.0)?;
        let secs = form.duration.min(A_CENTURY_SECS);
        let until = (secs > 0).then(|| tx.now().plus_secs(secs));
        relations::mute(tx, member.id, id.0, form.notifications.unwrap_or(true), until)?;
        view.relationship(tx, id.0)
    })
    .await
}

async fn blocks(
    member: Member<scope::ReadBlocks>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let (view, me) = (member.view(&listing.ctx), member.id);
    listing
        .accounts(view, move |conn, page| {
            Ok(db::relations::list_blocks(conn, me, &page.rows(40, 80))?)
        })
        .await
}

async fn mutes(
    member: Member<scope::ReadMutes>,
    listing: Listing,
) -> Result<Paged<Vec<MutedAccount>>> {
    let view = member.view(&listing.ctx);
    let rows = move |conn: &mut Conn, page: Page| {
        let rows = db::relations::list_mutes(conn, member.id, &page.rows(40, 80), view.now)?;
        let edges = Edges::of(rows.iter().map(|(id, ..)| *id));
        let mut accounts: Vec<MutedAccount> = rows
            .iter()
            .map(|(_, until, actor)| MutedAccount {
                account: view.account(actor),
                mute_expires_at: until.map(At),
            })
            .collect();
        view.with_emojis(conn, &mut accounts)?;
        Ok((edges, accounts))
    };
    listing.answer(rows).await
}

/// <https://docs.joinmastodon.org/entities/Account/#MutedAccount>
#[derive(Debug, JsonSchema, serde::Serialize)]
struct MutedAccount {
    #[serde(flatten)]
    account: super::entities::Account,
    mute_expires_at: Option<At>,
}

impl Worded for MutedAccount {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        self.account.each(see);
    }
}

async fn requests(
    member: Member<scope::ReadFollows>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let (view, me) = (member.view(&listing.ctx), member.id);
    let rows = move |conn: &mut Conn, page: Page| {
        let mine = groups::decides_for(conn, me)?;
        Ok(db::follows::requests(conn, &mine, &page.rows(40, 80))?)
    };
    listing.accounts(view, rows).await
}

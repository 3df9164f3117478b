//! Which notifications are shown at once, and what waits to be asked for:
//! <https://docs.joinmastodon.org/methods/notifications/#get-policy>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        access::{Ctx, Member, PathId, scope},
        describe::{Api, Empty},
        entities::{
            At, Id, Merged, NotificationPolicy, NotificationRequest, PolicySummary,
            V1NotificationPolicy, View,
        },
        page::{Edges, Listing, Paged},
        params::{self, Params},
    },
    db::{
        self, Conn,
        notice_rules::{Policy, Request, Verdict},
    },
    domain::notices::{self, MAX_AT_ONCE},
    error::{Error, Result},
    types::{ActorId, NoticeRequestId, PostId},
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    let requests = "/api/v1/notifications/requests";
    api.get(
        "/api/v2/notifications/policy",
        policy,
        "Whose notifications are shown, wait, or are dropped",
    )
    .patch("/api/v2/notifications/policy", set_policy, "Changes whose notifications are shown")
    .put("/api/v2/notifications/policy", set_policy, "Changes whose notifications are shown")
    .get(
        "/api/v1/notifications/policy",
        policy_v1,
        "The same, as Mastodon 4.3 had it while it was new",
    )
    .put(
        "/api/v1/notifications/policy",
        set_policy_v1,
        "Changes it, as Mastodon 4.3 had it while it was new",
    )
    .get(requests, all, "From whom notifications wait")
    .get(&format!("{requests}/merged"), merged, "Whether what was let through is shown already")
    .post(
        &format!("{requests}/accept"),
        accept_many,
        "Lets through what waits from several accounts",
    )
    .post(&format!("{requests}/dismiss"), dismiss_many, "Drops what waits from several accounts")
    .get(&format!("{requests}/{{id}}"), one, "What waits from one account")
    .post(&format!("{requests}/{{id}}/accept"), accept, "Lets through what waits from one account")
    .post(&format!("{requests}/{{id}}/dismiss"), dismiss, "Drops what waits from one account");
}

fn entity(conn: &mut Conn, member: ActorId, policy: &Policy) -> Result<Json<NotificationPolicy>> {
    let (requests, notifications) = db::notice_rules::waiting(conn, member)?;
    Ok(Json(NotificationPolicy {
        for_not_following: policy.not_following.as_str(),
        for_not_followers: policy.not_followers.as_str(),
        for_new_accounts: policy.new_accounts.as_str(),
        for_private_mentions: policy.private_mentions.as_str(),
        for_limited_accounts: policy.limited_accounts.as_str(),
        summary: PolicySummary {
            pending_requests_count: requests,
            pending_notifications_count: notifications,
        },
    }))
}

async fn policy(
    member: Member<scope::ReadNotifications>,
    ctx: Ctx,
) -> Result<Json<NotificationPolicy>> {
    ctx.read(move |conn| {
        let policy = notices::policy(conn, member.id)?;
        entity(conn, member.id, &policy)
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "Mastodon's names")]
struct PolicyForm {
    #[schemars(extend("enum" = Verdict::WORDS))]
    for_not_following: Option<String>,
    #[schemars(extend("enum" = Verdict::WORDS))]
    for_not_followers: Option<String>,
    #[schemars(extend("enum" = Verdict::WORDS))]
    for_new_accounts: Option<String>,
    #[schemars(extend("enum" = Verdict::WORDS))]
    for_private_mentions: Option<String>,
    #[schemars(extend("enum" = Verdict::WORDS))]
    for_limited_accounts: Option<String>,
}

impl PolicyForm {
    fn over(self, known: &Policy) -> Result<Policy> {
        let said = |word: Option<String>, known: Verdict| match word {
            None => Ok(known),
            Some(word) => Verdict::from_word(&word).ok_or_else(|| {
                Error::invalid("Validation failed: a policy is accept, filter or drop")
            }),
        };
        Ok(Policy {
            actor_id: known.actor_id,
            not_following: said(self.for_not_following, known.not_following)?,
            not_followers: said(self.for_not_followers, known.not_followers)?,
            new_accounts: said(self.for_new_accounts, known.new_accounts)?,
            private_mentions: said(self.for_private_mentions, known.private_mentions)?,
            limited_accounts: said(self.for_limited_accounts, known.limited_accounts)?,
        })
    }
}

async fn set_policy(
    member: Member<scope::WriteNotifications>,
    form: Params<PolicyForm>,
    ctx: Ctx,
) -> Result<Json<NotificationPolicy>> {
    let form = form.into_inner();
    ctx.write(move |tx| {
        let policy = form.over(&notices::policy(tx, member.id)?)?;
        notices::set_policy(tx, &policy)?;
        entity(tx, member.id, &policy)
    })
    .await
}

/// As Mastodon 4.3 had it while it was new: yes or no.
fn entity_v1(
    conn: &mut Conn,
    member: ActorId,
    policy: &Policy,
) -> Result<Json<V1NotificationPolicy>> {
    let (requests, notifications) = db::notice_rules::waiting(conn, member)?;
    Ok(Json(V1NotificationPolicy {
        filter_not_following: policy.not_following != Verdict::Accept,
        filter_not_followers: policy.not_followers != Verdict::Accept,
        filter_new_accounts: policy.new_accounts != Verdict::Accept,
        filter_private_mentions: policy.private_mentions != Verdict::Accept,
        summary: PolicySummary {
            pending_requests_count: requests,
            pending_notifications_count: notifications,
        },
    }))
}

async fn policy_v1(
    member: Member<scope::ReadNotifications>,
    ctx: Ctx,
) -> Result<Json<V1NotificationPolicy>> {
    ctx.read(move |conn| {
        let policy = notices::policy(conn, member.id)?;
        entity_v1(conn, member.id, &policy)
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "Mastodon's names")]
struct PolicyFormV1 {
    filter_not_following: Option<bool>,
    filter_not_followers: Option<bool>,
    filter_new_accounts: Option<bool>,
    filter_private_mentions: Option<bool>,
}

async fn set_policy_v1(
    member: Member<scope::WriteNotifications>,
    form: Params<PolicyFormV1>,
    ctx: Ctx,
) -> Result<Json<V1NotificationPolicy>> {
    let form = form.into_inner();
    ctx.write(move |tx| {
        let said = |flag: Option<bool>, known: Verdict| match flag {
            None => known,
            Some(true) => Verdict::Filter,
            Some(false) => Verdict::Accept,
        };
        let known = notices::policy(tx, member.id)?;
        let policy = Policy {
            not_following: said(form.filter_not_following, known.not_following),
            not_followers: said(form.filter_not_followers, known.not_followers),
            new_accounts: said(form.filter_new_accounts, known.new_accounts),
            private_mentions: said(form.filter_private_mentions, known.private_mentions),
            ..known
        };
        notices::set_policy(tx, &policy)?;
        entity_v1(tx, member.id, &policy)
    })
    .await
}

impl View {
    fn notice_requests(
        &self,
        conn: &mut Conn,
        rows: &[Request],
    ) -> Result<Vec<NotificationRequest>> {
        let from: Vec<ActorId> = rows.iter().map(|row| row.from_id).collect();
        let accounts = self.accounts_by_ids(conn, &from)?;
        let last: Vec<PostId> = rows.iter().filter_map(|row| row.last_post_id).collect();
        let readable = db::timelines::readable_among(conn, self.reader, &last)?;
        let posts = db::posts::by_ids(conn, &readable)?;
        let statuses = self.statuses(conn, &posts)?;
        let entity = |row: &Request| {
            let account = accounts.iter().find(|account| account.id == Id::from(row.from_id))?;
            let last = row.last_post_id.map(Id::from);
            Some(NotificationRequest {
                id: Id::from(row.id),
                created_at: At(row.created_at),
                updated_at: At(row.updated_at),
                notifications_count: row.notifications_count.to_string(),
                account: account.clone(),
                last_status: statuses.iter().find(|status| Some(status.id) == last).cloned(),
            })
        };
        Ok(rows.iter().filter_map(entity).collect())
    }
}

async fn all(
    member: Member<scope::ReadNotifications>,
    listing: Listing,
) -> Result<Paged<Vec<NotificationRequest>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let rows = db::notice_rules::requests(conn, member.id, &page.rows(40, 80))?;
            let edges = Edges::of(rows.iter().map(|row| row.id.0));
            Ok((edges, view.notice_requests(conn, &rows)?))
        })
        .await
}

async fn one(
    member: Member<scope::ReadNotifications>,
    id: PathId<NoticeRequestId>,
    ctx: Ctx,
) -> Result<Json<NotificationRequest>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| {
        let row = db::notice_rules::request(conn, member.id, id.0)?.ok_or(Error::NotFound)?;
        view.notice_requests(conn, &[row])?.pop().map(Json).ok_or(Error::NotFound)
    })
    .await
}

/// What waited is shown in the same change in which it is let through.
async fn merged(_: Member<scope::ReadNotifications>) -> Json<Merged> {
    Json(Merged { merged: true })
}

async fn answer(
    member: Member<scope::WriteNotifications>,
    ids: Vec<NoticeRequestId>,
    accept: bool,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        for id in ids {
            notices::answer(tx, member.id, id, accept)?;
        }
        Ok(Json(Empty {}))
    })
    .await
}

async fn accept(
    member: Member<scope::WriteNotifications>,
    id: PathId<NoticeRequestId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    answer(member, vec![id.0], true, ctx).await
}

async fn dismiss(
    member: Member<scope::WriteNotifications>,
    id: PathId<NoticeRequestId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    answer(member, vec![id.0], false, ctx).await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Ids {
    #[serde(default, deserialize_with = "params::ids")]
    id: Vec<NoticeRequestId>,
}

impl Ids {
    fn some(mut self) -> Vec<NoticeRequestId> {
        self.id.truncate(MAX_AT_ONCE);
        self.id
    }
}

async fn accept_many(
    member: Member<scope::WriteNotifications>,
    form: Params<Ids>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    answer(member, form.into_inner().some(), true, ctx).await
}

async fn dismiss_many(
    member: Member<scope::WriteNotifications>,
    form: Params<Ids>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    answer(member, form.into_inner().some(), false, ctx).await
}

//! What a member is told of: <https://docs.joinmastodon.org/methods/notifications/>
use actix_web::{
    HttpResponse,
    web::{self, Json},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::{Ctx, Member, PathId, scope},
    entities::Notification,
    page::{Edges, Listing, Page},
    params::{self, Params},
};
use crate::{
    db::{
        self,
        notifications::NotificationKind::{self, Like, Thanks},
    },
    error::{Error, Result},
    types::{ActorId, NotificationId},
};

/// The most that an unread count says.
const MAX_COUNT: i64 = 1_000;

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/notifications", web::get().to(list))
        .route("/api/v1/notifications/unread_count", web::get().to(unread_count))
        .route("/api/v1/notifications/clear", web::post().to(clear))
        .route("/api/v1/notifications/requests", web::get().to(no_requests))
        .route("/api/v1/notifications/requests/merged", web::get().to(merged))
        .route("/api/v1/notifications/policy", web::get().to(policy))
        .route("/api/v2/notifications/policy", web::get().to(policy))
        .route("/api/v2/notifications/policy", web::patch().to(set_policy))
        .route("/api/v1/notifications/{id}", web::get().to(one))
        .route("/api/v1/notifications/{id}/dismiss", web::post().to(dismiss));
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    exclude_types: Vec<String>,
    #[serde(default, deserialize_with = "params::blank_or")]
    account_id: Option<ActorId>,
}

impl Wanted {
    /// The kinds that are asked for. A thank-you goes as a favourite, so it comes and goes with it.
    fn kinds(&self) -> Vec<NotificationKind> {
        let named = |words: &[String], kind: NotificationKind| {
            let word = if kind == Thanks { Like } else { kind }.as_str();
            words.iter().any(|named| named == word)
        };
        let wanted = |kind: &NotificationKind| {
            (self.types.is_empty() || named(&self.types, *kind))
                && !named(&self.exclude_types, *kind)
        };
        NotificationKind::ALL.iter().copied().filter(wanted).collect()
    }
}

async fn list(
    member: Member<scope::ReadNotifications>,
    form: Params<Wanted>,
    listing: Listing,
) -> Result<HttpResponse> {
    let (view, form) = (member.view(&listing.ctx), form.into_inner());
    listing
        .answer(move |conn, page| {
            let (kinds, page) = (form.kinds(), page.rows(40, 80));
            let rows = db::notifications::list(conn, member.id, &kinds, form.account_id, &page)?;
            let edges = Edges::of(rows.iter().map(|row| row.id.0));
            Ok((edges, view.notifications(conn, &rows)?))
        })
        .await
}

async fn one(
    member: Member<scope::ReadNotifications>,
    id: PathId<NotificationId>,
    ctx: Ctx,
) -> Result<Json<Notification>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| {
        let row = db::notifications::by_id(conn, member.id, id.0)?.ok_or(Error::NotFound)?;
        view.notifications(conn, &[row])?.pop().map(Json).ok_or(Error::NotFound)
    })
    .await
}

async fn unread_count(
    member: Member<scope::ReadNotifications>,
    page: Page,
    ctx: Ctx,
) -> Result<Json<Value>> {
    let most = page.limit(100, MAX_COUNT);
    ctx.read(move |conn| {
        let marked = db::notifications::markers(conn, member.id, &["notifications".to_owned()])?;
        let since = marked.first().and_then(|marker| marker.last_read_id.parse().ok());
        let since = since.unwrap_or(NotificationId(0));
        let count = db::notifications::count_since(conn, member.id, since, most)?;
        Ok(Json(json!({ "count": count })))
    })
    .await
}

async fn clear(member: Member<scope::WriteNotifications>, ctx: Ctx) -> Result<Json<Value>> {
    ctx.write(move |tx| {
        db::notifications::clear(tx, member.id)?;
        Ok(Json(json!({})))
    })
    .await
}

async fn dismiss(
    member: Member<scope::WriteNotifications>,
    id: PathId<NotificationId>,
    ctx: Ctx,
) -> Result<Json<Value>> {
    ctx.write(move |tx| {
        db::notifications::dismiss(tx, member.id, id.0)?;
        Ok(Json(json!({})))
    })
    .await
}

async fn no_requests(_: Member<scope::ReadNotifications>) -> Json<[(); 0]> {
    Json([])
}

async fn merged(_: Member<scope::ReadNotifications>) -> Json<Value> {
    Json(json!({ "merged": true }))
}

/// Everything is accepted: <https://docs.joinmastodon.org/entities/NotificationPolicy/>
async fn policy(_: Member<scope::ReadNotifications>) -> Json<Value> {
    Json(accept_everything())
}

async fn set_policy(_: Member<scope::WriteNotifications>) -> Json<Value> {
    Json(accept_everything())
}

fn accept_everything() -> Value {
    json!({
        "for_not_following": "accept",
        "for_not_followers": "accept",
        "for_new_accounts": "accept",
        "for_private_mentions": "accept",
        "for_limited_accounts": "accept",
        "summary": { "pending_requests_count": 0, "pending_notifications_count": 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_come_and_go_with_favourites() {
        let of = |types: &[&str], exclude: &[&str]| {
            let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            Wanted { types: words(types), exclude_types: words(exclude), account_id: None }.kinds()
        };
        assert_eq!(of(&[], &[]), NotificationKind::ALL);
        assert_eq!(of(&["favourite"], &[]), [Like, Thanks]);
        assert!(!of(&[], &["favourite"]).contains(&Thanks));
        assert_eq!(of(&["admin.sign_up"], &[]), []);
    }
}

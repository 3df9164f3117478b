//! What a member is told of: <https://docs.joinmastodon.org/methods/notifications/>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

mod grouped;
mod policy;

use super::{
    access::{Ctx, Member, PathId, scope},
    describe::{Api, Empty},
    entities::{Count, Notification},
    page::{Edges, Listing, Page, Paged},
    params::{self, Params},
};
use crate::{
    db::{
        self, Conn,
        notifications::NotificationKind::{self, Like, Thanks},
    },
    error::{Error, Result},
    types::{ActorId, NotificationId},
};

/// The most that an unread count says.
const MAX_COUNT: i64 = 1_000;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/notifications", list, "What you are told of")
        .get(
            "/api/v1/notifications/unread_count",
            unread_count,
            "How much of that you have not read",
        )
        .post("/api/v1/notifications/clear", clear, "Puts all notifications away")
        .part(policy::routes)
        .part(grouped::routes)
        .get("/api/v1/notifications/{id}", one, "One notification")
        .post("/api/v1/notifications/{id}/dismiss", dismiss, "Puts a notification away");
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Wanted {
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    exclude_types: Vec<String>,
    #[serde(default, deserialize_with = "params::blank_or")]
    account_id: Option<ActorId>,
    #[serde(default)]
    include_filtered: bool,
    /// Of the second version: which kinds come in groups; all that can, where nothing is said.
    #[serde(default)]
    grouped_types: Vec<String>,
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

    fn rows(&self) -> db::notifications::Wanted {
        db::notifications::Wanted {
            kinds: self.kinds(),
            from: self.account_id,
            filtered: self.include_filtered || self.account_id.is_some(),
        }
    }
}

async fn list(
    member: Member<scope::ReadNotifications>,
    form: Params<Wanted>,
    listing: Listing,
) -> Result<Paged<Vec<Notification>>> {
    let (view, form) = (member.view(&listing.ctx), form.into_inner());
    listing
        .answer(move |conn, page| {
            let page = page.rows(40, 80);
            let rows = db::notifications::list(conn, member.id, &form.rows(), &page)?;
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
) -> Result<Json<Count>> {
    let most = page.limit(100, MAX_COUNT);
    ctx.read(move |conn| {
        let since = last_read(conn, member.id)?;
        let count = db::notifications::count_since(conn, member.id, since, most)?;
        Ok(Json(Count { count }))
    })
    .await
}

/// How far the member has read.
fn last_read(conn: &mut Conn, member: ActorId) -> Result<NotificationId> {
    let marked = db::notifications::markers(conn, member, &["notifications".to_owned()])?;
    let since = marked.first().and_then(|marker| marker.last_read_id.parse().ok());
    Ok(since.unwrap_or(NotificationId(0)))
}

async fn clear(member: Member<scope::WriteNotifications>, ctx: Ctx) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        db::notifications::clear(tx, member.id)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn dismiss(
    member: Member<scope::WriteNotifications>,
    id: PathId<NotificationId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        db::notifications::dismiss(tx, member.id, id.0)?;
        Ok(Json(Empty {}))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_come_and_go_with_favourites() {
        let of = |types: &[&str], exclude: &[&str]| {
            let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            let (types, exclude_types) = (words(types), words(exclude));
            Wanted { types, exclude_types, ..Wanted::default() }.kinds()
        };
        assert_eq!(of(&[], &[]), NotificationKind::ALL);
        assert_eq!(of(&["favourite"], &[]), [Like, Thanks]);
        assert!(!of(&[], &["favourite"]).contains(&Thanks));
        assert_eq!(of(&["admin.sign_up"], &[]), []);
    }
}

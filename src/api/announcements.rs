//! What the operator tells every member: <https://docs.joinmastodon.org/methods/announcements/>
use actix_web::web::{self, Json};

use super::{
    access::{Ctx, Member, PathId, scope},
    describe::{Api, Empty, Nothing},
    entities::{Announcement, At, Id, Reaction, View},
};
use crate::{
    db::{self, Conn, announcements::Announcement as Row},
    domain::announcements::{self, MAX_SHOWN},
    error::Result,
    text,
    types::AnnouncementId,
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    let reaction = "/api/v1/announcements/{id}/reactions/{name}";
    api.get("/api/v1/announcements", all, "What the operator tells every member")
        .post("/api/v1/announcements/{id}/dismiss", dismiss, "Puts an announcement away")
        .put(reaction, react, "Reacts to an announcement with an emoji")
        .delete(reaction, unreact, "Takes a reaction back");
}

impl View {
    /// The entities of announcements, in their order.
    pub(super) fn announcements(
        &self,
        conn: &mut Conn,
        rows: Vec<Row>,
    ) -> Result<Vec<Announcement>> {
        let ids: Vec<AnnouncementId> = rows.iter().map(|row| row.id).collect();
        let mut reactions = db::announcements::reactions(conn, self.reader, &ids)?;
        let read = match self.reader {
            Some(reader) => db::announcements::read_among(conn, reader, &ids)?,
            None => Vec::new(),
        };
        let entity = |row: Row| Announcement {
            id: Id::from(row.id),
            starts_at: row.starts_at.map(At),
            ends_at: row.ends_at.map(At),
            all_day: row.all_day,
            published_at: At(row.created_at),
            updated_at: At(row.updated_at),
            read: self.reader.map(|_| read.contains(&row.id)),
            mentions: Vec::new(),
            statuses: Nothing,
            tags: Vec::new(),
            emojis: Vec::new(),
            reactions: reactions
                .remove(&row.id)
                .unwrap_or_default()
                .into_iter()
                .map(Reaction::from)
                .collect(),
            content: row.content,
        };
        let mut all: Vec<Announcement> = rows.into_iter().map(entity).collect();
        self.with_emojis(conn, &mut all)?;
        self.with_pictures(conn, &mut all)?;
        Ok(all)
    }
}

impl View {
    /// Shows reactions with emoji of ours as pictures.
    fn with_pictures(&self, conn: &mut Conn, all: &mut [Announcement]) -> Result<()> {
        let reactions = || all.iter().flat_map(|one| &one.reactions);
        let names = reactions().map(|reaction| reaction.name.clone());
        let names = names.filter(|name| text::is_own_shortcode(name)).collect();
        let rows = db::emojis::named(conn, "", &names)?;
        for reaction in all.iter_mut().flat_map(|one| &mut one.reactions) {
            if let Some(row) = rows.iter().find(|row| row.shortcode == reaction.name) {
                let emoji = self.emoji(row);
                reaction.url = Some(emoji.url);
                reaction.static_url = Some(emoji.static_url);
            }
        }
        Ok(())
    }
}

/// Those that are put away come too: their `read` says so.
async fn all(member: Member<scope::ReadAccounts>, ctx: Ctx) -> Result<Json<Vec<Announcement>>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| {
        let rows = db::announcements::current(conn, view.now, MAX_SHOWN)?;
        Ok(Json(view.announcements(conn, rows)?))
    })
    .await
}

async fn dismiss(
    member: Member<scope::WriteAccounts>,
    id: PathId<AnnouncementId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        announcements::put_away(tx, member.id, id.0)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn reacted(
    member: Member<scope::WriteFavourites>,
    (id, name): (AnnouncementId, String),
    undone: bool,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        announcements::react(tx, member.id, id, &name, undone)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn react(
    member: Member<scope::WriteFavourites>,
    id: PathId<AnnouncementId>,
    path: web::Path<(String, String)>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    reacted(member, (id.0, path.into_inner().1), false, ctx).await
}

async fn unreact(
    member: Member<scope::WriteFavourites>,
    id: PathId<AnnouncementId>,
    path: web::Path<(String, String)>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    reacted(member, (id.0, path.into_inner().1), true, ctx).await
}
